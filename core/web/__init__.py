"""The public web: sites of units, generic pages of content, search, feeds, API and errors."""

from __future__ import annotations

from hoitu.core.web.addresses import full as full_address
from hoitu.core.web.charts import Series, bars, lines, shares
from hoitu.core.web.chrome import crumbs
from hoitu.core.web.citations import cited
from hoitu.core.web.client import client_address, client_network, is_robot
from hoitu.core.web.contributions import HeadTag, MenuEntry, Panel, RichTextEditor
from hoitu.core.web.covers import Cover, covers
from hoitu.core.web.defence import Limit, spare
from hoitu.core.web.facts import Table, facts, tables
from hoitu.core.web.files import path_of as file_path
from hoitu.core.web.listing import Filter, Listing, listing
from hoitu.core.web.pages import SectionPages, TypePages, pages_of, requirement_path
from hoitu.core.web.panels import newest_panel
from hoitu.core.web.receipts import Receipts
from hoitu.core.web.site import (
    active_unit,
    address_of,
    content_state,
    is_local,
    is_own_host,
    kept,
    language,
    now,
    today,
    unit_address,
)
from hoitu.core.web.translations import in_language
from hoitu.core.web.visibility import is_shown
from hoitu.core.web.visitors import VisitorForm, clean_code, receipt_code, visitor_context

__all__ = [
    "Cover",
    "Filter",
    "HeadTag",
    "Limit",
    "Listing",
    "MenuEntry",
    "Panel",
    "Receipts",
    "RichTextEditor",
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
    "client_address",
    "client_network",
    "content_state",
    "covers",
    "crumbs",
    "facts",
    "file_path",
    "full_address",
    "in_language",
    "is_local",
    "is_own_host",
    "is_robot",
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
    "spare",
    "tables",
    "today",
    "unit_address",
    "visitor_context",
]
