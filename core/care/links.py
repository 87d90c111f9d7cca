"""What is broken: links in public texts that lead nowhere, each with the words it stands in.

An address elsewhere is broken when it failed twice, a day apart; a link inside the site when the
item it leads to is not public any more, or the file is gone.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext as _
from sqlalchemy import ColumnElement, Row, Select, and_, func, not_, or_, select
from sqlalchemy.orm import Session, aliased

from hoitu.core.care.models import LinkCheck
from hoitu.core.content import File, Item, ItemLink
from hoitu.core.content.item import PUBLISHED
from hoitu.core.content.linked import FILE, ITEM, URL, key_of

#: What is wrong, as editors read it; the keys of addresses are those of the checker.
PROBLEMS = {
    "name": _("The host name is not known"),
    "connection": _("No connection"),
    "timeout": _("No answer in time"),
    "certificate": _("The certificate is not valid"),
    "redirect": _("It leads on to no page"),
    "missing": _("The page is gone"),
    "error": _("The server reports an error"),
    "withdrawn": _("The entry it leads to is not public"),
    "no_item": _("The entry it leads to does not exist"),
    "no_file": _("The file does not exist any more"),
}


@dataclass(frozen=True, slots=True)
class BrokenLink:
    """A link in a public text that leads nowhere; ``title`` and so on are the text's."""

    item_id: int
    title: str
    type: str
    responsible_id: int | None
    #: Name of the field it stands in, and its words.
    field: str
    label: str
    #: The address, or where the link led inside the site.
    address: str
    problem: str
    since: datetime | None = None
    #: When the address was last asked.
    asked_at: datetime | None = None
    #: The item it leads to, where there is one still.
    target_id: int | None = None
    target_title: str = ""
    target_type: str = ""

    @property
    def key(self) -> str:
        """Key by which the address can be asked again; '' inside the site."""
        return key_of(self.address) if self.since is not None else ""

    @property
    def told(self) -> Any:
        """What is wrong, in words."""
        return PROBLEMS.get(self.problem, self.problem)


def broken(
    session: Session,
    now: datetime,
    within: ColumnElement[bool],
    *,
    mine: int | None = None,
    limit: int = 1000,
) -> list[BrokenLink]:
    """Return the broken links of the scoped unit's public texts: three statements.

    ``within`` says of which items; those that the account ``mine`` is responsible for come first,
    then by title, the links of an item together.
    """
    found = [
        *_elsewhere(session, within, limit),
        *_inside(session, now, within, limit),
        *_files(session, within, limit),
    ]
    own = mine if mine is not None else -1
    return sorted(
        found, key=lambda link: (link.responsible_id != own, link.title, link.item_id)
    )[:limit]  # fmt: skip


def broken_count(session: Session, account_id: int, now: datetime) -> int:
    """Return how many broken links stand in texts an account is responsible for: one statement."""
    own = Item.responsible_id == account_id
    counts = [
        chosen.with_only_columns(
            func.count(ItemLink.id), maintain_column_froms=True
        ).scalar_subquery()
        for chosen in (_to_urls(own), _to_items(own, now)[0], _to_files(own))
    ]
    return sum(session.execute(select(*counts)).one())


def addresses(session: Session, key: str) -> LinkCheck | None:
    """Return what is known of an address that a text of the scoped unit leads to, or None."""
    check = session.get(LinkCheck, key)
    if check is None:
        return None
    leads = select(ItemLink.id).where(ItemLink.kind == URL, ItemLink.key == key).limit(1)
    return check if session.scalar(leads) is not None else None


_OF_TEXT = (
    Item.id, Item.title, Item.type, Item.responsible_id, ItemLink.field, ItemLink.label,
)  # fmt: skip
#: How many columns each of the selects begins with.
_SHARED = len(_OF_TEXT)


def _links(within: ColumnElement[bool], *which: ColumnElement[bool]) -> Select[Any]:
    own = and_(Item.id == ItemLink.item_id, Item.unit_id == ItemLink.unit_id)
    chosen: Any = select(*_OF_TEXT).join_from(ItemLink, Item, own)
    public = (ItemLink.waiting.is_(False), Item.state == PUBLISHED)
    found: Select[Any] = chosen.where(*which, *public, within)
    return found


def _to_urls(within: ColumnElement[bool]) -> Select[Any]:
    # What is broken is little: first that, then the links that lead there. Only addresses have a
    # key; naming their kind besides would lead a database past the index.
    gone = select(LinkCheck.key).where(LinkCheck.broken_since.is_not(None))
    return _links(within, ItemLink.key.in_(gone))


def _to_items(within: ColumnElement[bool], now: datetime) -> tuple[Select[Any], Any]:
    """Return the select of links to items that are not public, and the item they lead to."""
    target = aliased(Item)
    public = and_(
        target.state == PUBLISHED,
        target.published_from <= now,
        or_(target.published_until.is_(None), target.published_until > now),
    )
    chosen = (
        _links(within, ItemLink.kind == ITEM)
        .outerjoin(target, and_(target.id == ItemLink.target, target.unit_id == ItemLink.unit_id))
        # A reference without words shows nothing where its target is not public.
        .where(ItemLink.label != "", or_(target.id.is_(None), not_(public)))
    )
    return chosen, target


def _to_files(within: ColumnElement[bool]) -> Select[Any]:
    return (
        _links(within, ItemLink.kind == FILE)
        .outerjoin(File, and_(File.id == ItemLink.target, File.unit_id == ItemLink.unit_id))
        .where(File.id.is_(None))
    )


def _elsewhere(session: Session, within: ColumnElement[bool], limit: int) -> Iterable[BrokenLink]:
    columns = (LinkCheck.url, LinkCheck.problem, LinkCheck.broken_since, LinkCheck.checked_at)
    chosen = _to_urls(within).join(LinkCheck, LinkCheck.key == ItemLink.key)
    for row in session.execute(chosen.add_columns(*columns).limit(limit)):
        yield BrokenLink(*_of_text(row), *row[_SHARED:])


def _inside(
    session: Session, now: datetime, within: ColumnElement[bool], limit: int
) -> Iterable[BrokenLink]:
    chosen, target = _to_items(within, now)
    columns = (ItemLink.target, target.id, target.title, target.type)
    for row in session.execute(chosen.add_columns(*columns).limit(limit)):
        wanted, target_id, title, type_name = row[_SHARED:]
        yield BrokenLink(
            *_of_text(row),
            f"/bai/{wanted}",
            "no_item" if target_id is None else "withdrawn",
            target_id=target_id,
            target_title=title or "",
            target_type=type_name or "",
        )


def _files(session: Session, within: ColumnElement[bool], limit: int) -> Iterable[BrokenLink]:
    chosen = _to_files(within).add_columns(ItemLink.target)
    for row in session.execute(chosen.limit(limit)):
        yield BrokenLink(*_of_text(row), f"/tep/{row[_SHARED]}", "no_file")


def _of_text(row: Row[Any]) -> tuple[int, str, str, int | None, str, str]:
    item_id, title, type_name, responsible_id, field, label = row[:_SHARED]
    return item_id, title, type_name, responsible_id, field, label
