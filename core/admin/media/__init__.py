"""The library at the desk: upload, choose, describe, share, delete."""

from __future__ import annotations

from hoitu.core.admin.media import choosing, file_page, province, sending, shelves

__all__ = ["choosing", "file_page", "province", "sending", "shelves"]
