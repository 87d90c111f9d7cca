"""The media library: files of a unit, where they are used, copies of pictures, their texts."""

from __future__ import annotations

from hoitu.core.media import library, pictures, rights, shared, texts, usage, variants
from hoitu.core.media.library import Description

__all__ = [
    "JOBS",
    "Description",
    "library",
    "pictures",
    "rights",
    "shared",
    "texts",
    "usage",
    "variants",
]

JOBS = (*variants.JOBS, *texts.JOBS)
