"""``/lien-ket``: all groups of links on one page."""

from __future__ import annotations

from typing import Any

from hoitu.core.web import Listing, SectionPages, active_unit
from hoitu.sections.links.groups import shown


def list_values(_listing: Listing) -> dict[str, Any]:
    """Return the groups of the unit whose site is shown."""
    return {"groups": shown(active_unit())}


pages = SectionPages(
    "links", __name__, path="/lien-ket", content_type="portal_link", extend_list=list_values
)
