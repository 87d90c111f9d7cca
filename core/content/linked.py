"""What items lead to: other items, files of the library, and addresses elsewhere.

A link to an item of the unit is stored as ``/bai/<id>``, so that it never rots: a page finds the
present path when it is drawn. The index below is written whenever a text changes, and answers what
would break when something goes, and where a file is used. Attachments have a table of their own;
those of a version that waits have not, and stand here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from sqlalchemy import ForeignKeyConstraint, Index, String, select
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, Session, mapped_column

from hoitu.core import text
from hoitu.core.content.fields import Rows
from hoitu.core.content.item import PUBLISHED, TRASHED, Item
from hoitu.core.content.kinds import Files, Kind, Reference, RichText, Url
from hoitu.core.content.markup import Element, tree
from hoitu.core.content.types import ContentType
from hoitu.core.db import Base, BigId
from hoitu.core.units import UnitScoped

ITEM, FILE, URL = "item", "file", "url"
#: Longest address that is kept, and longest words of a link.
URL_LIMIT, LABEL_LIMIT = 1000, 200
#: Most places that are listed for one item.
LISTED = 200

_ITEM_PATH = re.compile(r"/bai/(\d{1,18})(?:[#?].*)?")
_FILE_PATH = re.compile(r"/tep/(\d{1,18})(?:/.*)?")
_PORTS = {"http": 80, "https": 443}


class ItemLink(UnitScoped, Base):
    """One thing an item leads to, in its public text or in the version waiting behind it."""

    __tablename__ = "item_link"
    __table_args__ = (
        ForeignKeyConstraint(["item_id", "unit_id"], ["item.id", "item.unit_id"]),
        Index("ix_item_link_target", "unit_id", "kind", "target"),
        Index(
            "ix_item_link_key",
            "unit_id",
            "key",
            sqlite_where=sql("key is not null"),
            postgresql_where=sql("key is not null"),
        ),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    item_id: Mapped[int] = mapped_column(BigId, index=True)
    #: Whether it stands in the version that waits, not in the item itself.
    waiting: Mapped[bool] = mapped_column(default=False)
    kind: Mapped[str] = mapped_column(String(4))
    #: The item or file; None for an address.
    target: Mapped[int | None] = mapped_column(BigId)
    url: Mapped[str] = mapped_column(String(1000), default="")
    #: Key of the address, by which it is found: an address is longer than an index takes.
    key: Mapped[str | None] = mapped_column(String(64))
    #: Name of the field it stands in, and the words of the link.
    field: Mapped[str] = mapped_column(String(60), default="")
    label: Mapped[str] = mapped_column(String(200), default="")


@dataclass(frozen=True, slots=True)
class Link:
    """A link as it stands in a value: to an item, a file (``target``) or an address (``url``)."""

    kind: str
    target: int | None
    url: str
    field: str
    label: str = ""

    @property
    def leads_to(self) -> tuple[str, int | None, str, str]:
        """What makes it the same link as another one of the item."""
        return self.kind, self.target, self.url, self.field

    @property
    def key(self) -> str | None:
        """Key of the address; None inside the site."""
        return key_of(self.url) if self.url else None


@dataclass(frozen=True, slots=True)
class Place:
    """An item that leads somewhere; ``live``: its text, ``waiting``: the version behind it."""

    item_id: int
    title: str
    type: str
    state: str
    live: bool
    waiting: bool

    @property
    def is_public(self) -> bool:
        """Whether visitors meet the link."""
        return self.live and self.state == PUBLISHED


# -- reading --------------------------------------------------------------------------------------


def links_of(kind: ContentType, values: Mapping[str, Any]) -> list[Link]:
    """Return what the values of an item lead to, each once per field, in the order of the form."""
    found: dict[Any, Link] = {}
    for name, declared in kind.fields.items():
        for link in _links(declared.kind, values.get(name), name):
            found.setdefault(link.leads_to, link)
    return list(found.values())


def item_id_in(address: str) -> int | None:
    """Return the id of the item that a stored link leads to; None for any other address."""
    found = _ITEM_PATH.fullmatch(address)
    return int(found[1]) if found else None


def file_id_in(address: str) -> int | None:
    """Return the id of the file that a stored link or picture names; None for anything else."""
    found = _FILE_PATH.fullmatch(address)
    return int(found[1]) if found else None


def normal(address: str) -> str:
    """Return an external address in one form, without its fragment; '' when it is none.

    An address too long to be kept is none either: a part of it would be another one.
    """
    try:
        parts = urlsplit(address.strip())
        port = parts.port
    except ValueError:
        return ""
    if parts.scheme not in _PORTS or not parts.hostname:
        return ""
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname.rstrip(".")
    place = host if port in (None, _PORTS[parts.scheme]) else f"{host}:{port}"
    found = urlunsplit((parts.scheme, place, parts.path or "/", parts.query, ""))
    return found if len(found) <= URL_LIMIT else ""


def key_of(url: str) -> str:
    """Return the key of an address: its SHA-256 in hexadecimal digits."""
    return sha256(url.encode()).hexdigest()


def _links(kind: Kind, value: Any, field: str) -> Iterator[Link]:
    if not value:
        return
    if isinstance(kind, RichText):
        for element in tree(value).every("a", "img"):
            if link := _of_element(element, field):
                yield link
    elif isinstance(kind, Rows):
        for row in value:
            for column in kind.columns:
                yield from _links(column.kind, row.get(column.name), field)
    elif isinstance(kind, Reference):
        yield Link(ITEM, int(value), "", field)
    elif isinstance(kind, Url) and (address := normal(value)):
        yield Link(URL, None, address, field)


def _of_element(element: Element, field: str) -> Link | None:
    picture = element.tag == "img"
    address = element.attributes.get("src" if picture else "href", "").strip()
    words = element.attributes.get("alt", "") if picture else element.words
    label = text.excerpt(words, LABEL_LIMIT) if words else ""
    if (item_id := item_id_in(address)) is not None and not picture:
        return Link(ITEM, item_id, "", field, label)
    if (file_id := file_id_in(address)) is not None:
        return Link(FILE, file_id, "", field, label)
    found = normal(address)
    return Link(URL, None, found, field, label) if found else None


# -- the index ------------------------------------------------------------------------------------


def refresh(
    session: Session, kind: ContentType, item: Item, values: Mapping[str, Any], *, waiting: bool
) -> bool:
    """Make the index say what an item's text, or the version waiting behind it, leads to.

    Without values there is nothing of it. Only what changed is written; say whether anything did.
    """
    links = links_of(kind, values) + (_attached(kind, values) if waiting else [])
    wanted = {link.leads_to: link for link in links}
    rows = select(ItemLink).where(ItemLink.item_id == item.id, ItemLink.waiting == waiting)
    changed = False
    for row in session.scalars(rows):
        link = wanted.pop((row.kind, row.target, row.url, row.field), None)
        if link is None:
            session.delete(row)
            changed = True
        elif (row.label, row.key) != (link.label, link.key):
            row.label, row.key, changed = link.label, link.key, True
    for link in wanted.values():
        session.add(
            ItemLink(
                item_id=item.id,
                unit_id=item.unit_id,
                waiting=waiting,
                kind=link.kind,
                target=link.target,
                url=link.url,
                key=link.key,
                field=link.field,
                label=link.label,
            )
        )
    return changed or bool(wanted)


def _attached(kind: ContentType, values: Mapping[str, Any]) -> list[Link]:
    return [
        Link(FILE, int(file_id), "", name)
        for name, declared in kind.fields.items()
        if isinstance(declared.kind, Files)
        for file_id in values.get(name) or ()
    ]


def incoming(session: Session, item: Item) -> list[Place]:
    """Return the items of the unit that lead to an item, what visitors meet first: one statement.

    What lies in the trash leads nowhere. At most ``LISTED`` are returned.
    """
    chosen = (
        select(ItemLink.waiting, Item.id, Item.title, Item.type, Item.state)
        .join(Item, (Item.id == ItemLink.item_id) & (Item.unit_id == ItemLink.unit_id))
        .where(ItemLink.kind == ITEM, ItemLink.target == item.id)
        .where(Item.id != item.id, Item.state != TRASHED)
        .distinct()
        .order_by(Item.title, Item.id)
        .limit(2 * LISTED)
    )
    found: dict[int, Place] = {}
    for waiting, item_id, title, type_name, state in session.execute(chosen):
        known = found.get(item_id)
        live = not waiting or (known is not None and known.live)
        behind = waiting or (known is not None and known.waiting)
        found[item_id] = Place(item_id, title, type_name, state, live, behind)
    return sorted(found.values(), key=lambda place: not place.is_public)[:LISTED]
