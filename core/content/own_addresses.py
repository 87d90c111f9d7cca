"""Addresses of the unit's own site in a text that is saved: they become links by id.

Who writes pastes what the browser shows. The path of an entry changes with its title, and the host
of a site with the agency; its id does not. Which addresses are the site's own, whoever builds the
site tells.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

from sqlalchemy.orm import Session

from hoitu.core.content.fields import Rows
from hoitu.core.content.kinds import Kind, RichText
from hoitu.core.content.linked import file_id_in
from hoitu.core.content.markup import START, pieces, written
from hoitu.core.units import Unit

#: Returns, of the given addresses, those of the unit's own items and files as they are stored:
#: ``/bai/<id>`` and ``/tep/<id>/…``.
OwnAddresses = Callable[[Session, Unit, Collection[str]], Mapping[str, str]]


def none_known(_session: Session, _unit: Unit, _addresses: Collection[str]) -> Mapping[str, str]:
    """Return nothing: where no site is served, no address is its own."""
    return {}


def by_id(kind: Kind, value: Any, stored: Callable[[Collection[str]], Mapping[str, str]]) -> Any:
    """Return a value in which links to the unit's own pages are links by id.

    ``https://<host>/van-ban/123-ke-hoach`` and ``/van-ban/123-ke-hoach`` become ``/bai/123``; an
    address of a file loses its host. What names no item of the unit stays as it is.
    """
    if isinstance(kind, RichText) and value:
        return _rich_by_id(value, stored)
    if isinstance(kind, Rows) and any(isinstance(c.kind, RichText) for c in kind.columns):
        return [
            {c.name: by_id(c.kind, row.get(c.name), stored) for c in kind.columns}
            for row in value or ()
        ]
    return value


def _rich_by_id(html: str, stored: Callable[[Collection[str]], Mapping[str, str]]) -> str:
    if "<a " not in html and "<img " not in html:
        return html
    read = pieces(html)
    names = {"a": "href", "img": "src"}
    places = [
        (position, names[piece.tag], piece.attributes.get(names[piece.tag], ""))
        for position, piece in enumerate(read)
        if piece.kind == START and piece.tag in names
    ]
    known, changed = stored({address for _place, _name, address in places}), False
    for position, name, address in places:
        by_its_id = known.get(address, address)
        # No picture is a page.
        if by_its_id != address and (name == "href" or file_id_in(by_its_id) is not None):
            read[position], changed = read[position].rewritten(**{name: by_its_id}), True
    return written(read) if changed else html
