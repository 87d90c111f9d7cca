"""Passing a page on: by plain links, without anything from a third party on the page."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from urllib.parse import quote

from flask import url_for
from flask_babel import gettext as _

from hoitu.core.content import Item, package_data
from hoitu.core.extensions import platform
from hoitu.core.units import Unit
from hoitu.core.web import Panel, full_address
from hoitu.plugins.reader_tools import printing
from hoitu.plugins.reader_tools.settings import ReaderToolSettings


@dataclass(frozen=True, slots=True)
class Way:
    """A link by which a page is passed on."""

    label: str
    address: str
    #: Leads to another site.
    is_external: bool = True


def tools(unit: Unit, item: Item) -> list[Panel]:
    """Return the tools of an item's page: the PDF, where one can be made, and sharing."""
    found = []
    if printing.can_print(item.type):
        path = url_for("reader_tools.pdf", item_id=item.id)
        found.append(
            Panel("pdf", _("Save as PDF"), "reader_tools/pdf.html", {"path": path}, weight=40)
        )
    # The address that never changes, in the language of the page.
    address = full_address(url_for("permalinks.item", item_id=item.id))
    values = {"address": address, "title": item.title, "ways": ways(unit, address, item.title)}
    return [*found, Panel("share", _("Share"), "reader_tools/share.html", values, weight=50)]


def ways(unit: Unit, address: str, title: str) -> list[Way]:
    """Return the links that pass a page on: by mail, and to the networks the operator named."""
    body = quote(f"{title}\r\n{address}", safe="")
    by_mail = f"mailto:?subject={quote(title, safe='')}&body={body}"
    found = [Way(_("By mail"), by_mail, is_external=False)]
    known = _networks()
    for name in platform.settings.of(ReaderToolSettings, unit).networks.split():
        if name in known:
            label, pattern = known[name]
            parts = {"url": quote(address, safe=""), "title": quote(title, safe="")}
            found.append(Way(label, pattern.format(**parts)))
    return found


@cache
def _networks() -> dict[str, tuple[str, str]]:
    known = package_data("hoitu.plugins.reader_tools", "networks")
    return {name: (told["label"], told["address"]) for name, told in known.items()}
