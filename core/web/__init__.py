"""The public web: sites of units, generic pages of content, search, feeds, API and errors."""

from __future__ import annotations

from hoitu.core.web.chrome import crumbs
from hoitu.core.web.contributions import HeadTag, MenuEntry, Panel
from hoitu.core.web.files import path_of as file_path
from hoitu.core.web.listing import Filter, Listing, listing
from hoitu.core.web.pages import SectionPages, pages_of
from hoitu.core.web.site import (
    active_unit,
    address_of,
    language,
    now,
    today,
    unit_address,
)
from hoitu.core.web.visibility import is_shown

__all__ = [
    "Filter",
    "HeadTag",
    "Listing",
    "MenuEntry",
    "Panel",
    "SectionPages",
    "active_unit",
    "address_of",
    "crumbs",
    "file_path",
    "is_shown",
    "language",
    "listing",
    "now",
    "pages_of",
    "today",
    "unit_address",
]
