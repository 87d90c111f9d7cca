"""The public web: sites of units, generic pages of content, search, feeds, API and errors."""

from __future__ import annotations

from hoitu.core.web.charts import Series, bars, lines, shares
from hoitu.core.web.chrome import crumbs
from hoitu.core.web.citations import cited
from hoitu.core.web.contributions import HeadTag, MenuEntry, Panel
from hoitu.core.web.covers import Cover, covers
from hoitu.core.web.facts import Table, facts, tables
from hoitu.core.web.files import path_of as file_path
from hoitu.core.web.listing import Filter, Listing, listing
from hoitu.core.web.pages import SectionPages, TypePages, pages_of, requirement_path
from hoitu.core.web.panels import newest_panel
from hoitu.core.web.site import (
    active_unit,
    address_of,
    kept,
    language,
    now,
    today,
    unit_address,
)
from hoitu.core.web.visibility import is_shown
from hoitu.core.web.visitors import VisitorForm, clean_code, receipt_code, visitor_context

__all__ = [
    "Cover",
    "Filter",
    "HeadTag",
    "Listing",
    "MenuEntry",
    "Panel",
    "SectionPages",
    "Series",
    "Table",
    "TypePages",
    "VisitorForm",
    "active_unit",
    "address_of",
    "bars",
    "cited",
    "clean_code",
    "covers",
    "crumbs",
    "facts",
    "file_path",
    "is_shown",
    "kept",
    "language",
    "lines",
    "listing",
    "newest_panel",
    "now",
    "pages_of",
    "receipt_code",
    "requirement_path",
    "shares",
    "tables",
    "today",
    "unit_address",
    "visitor_context",
]
