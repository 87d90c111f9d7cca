"""Addresses of a unit's own site: which item or file each of them shows."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from urllib.parse import SplitResult, urlsplit, urlunsplit

from flask import current_app
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from hoitu.core.content import Item
from hoitu.core.content.linked import file_id_in
from hoitu.core.extensions import platform
from hoitu.core.i18n import LANGUAGES
from hoitu.core.units import Unit

_LANGUAGE = re.compile(rf"/(?:{'|'.join(LANGUAGES)})(?=/)")


def stored(session: Session, unit: Unit, addresses: Collection[str]) -> Mapping[str, str]:
    """Return those of the addresses that show an item or file of the unit, as texts keep them.

    An item is kept as ``/bai/<id>``, a file by its path; one statement for all.
    """
    found: dict[str, str] = {}
    pages: dict[str, tuple[str, str, int]] = {}
    for address in addresses:
        parts = _own(address, unit)
        if parts is None:
            continue
        if file_id_in(parts.path) is not None:
            found[address] = urlunsplit(("", "", parts.path, "", parts.fragment))
        elif (page := _page(parts)) is not None:
            pages[address] = page
    known = _sections_and_types(session, {item_id for _, _, item_id in pages.values()})
    for address, (endpoint, fragment, item_id) in pages.items():
        if item_id in known and _is_page_of(endpoint, *known[item_id]):
            found[address] = f"/bai/{item_id}{fragment}"
    return found


def _own(address: str, unit: Unit) -> SplitResult | None:
    """Return the parts of an address of the unit's own site, its path without the language."""
    try:
        parts = urlsplit(address.strip())
        host = parts.hostname
    except ValueError:
        return None
    if parts.scheme not in ("", "http", "https") or parts.query or not parts.path.startswith("/"):
        return None
    if bool(parts.netloc) != bool(parts.scheme):
        return None
    if host and platform.units.by_host(host) != unit:
        return None
    return parts._replace(path=_LANGUAGE.sub("", parts.path, count=1))


def _page(parts: SplitResult) -> tuple[str, str, int] | None:
    """Return (endpoint, fragment, item id) of an address that might be an item's page."""
    try:
        endpoint, values = current_app.url_map.bind("").match(parts.path, method="GET")
    except (HTTPException, RequestRedirect):
        return None
    item_id = values.get("item_id")
    if not isinstance(item_id, int):
        return None
    return endpoint, f"#{parts.fragment}" if parts.fragment else "", item_id


def _sections_and_types(session: Session, ids: set[int]) -> dict[int, tuple[str, str]]:
    if not ids:
        return {}
    rows = session.execute(select(Item.id, Item.section, Item.type).where(Item.id.in_(sorted(ids))))
    return {row.id: (row.section, row.type) for row in rows}


def _is_page_of(endpoint: str, section: str, type_name: str) -> bool:
    if endpoint == "permalinks.item":
        return True
    further = f"{section}.{type_name}_"
    prefix = further if f"{further}detail" in current_app.view_functions else f"{section}."
    return endpoint in {f"{prefix}{name}" for name in ("detail", "by_id", "print")}
