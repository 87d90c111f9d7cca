"""What a page tells machines: its address and languages, schema.org and Dublin Core."""

from __future__ import annotations

from hoitu.core.web.metadata.head import PageMetadata, init_app, page_metadata

__all__ = ["PageMetadata", "init_app", "page_metadata"]
