"""Care: what is published stays right. Reviews, broken links, replacing words, the trash."""

from __future__ import annotations

from hoitu.core.care.checking import Checker, NotAsked, is_sample, public_only
from hoitu.core.care.models import LinkCheck

__all__ = ["Checker", "LinkCheck", "NotAsked", "is_sample", "public_only"]
