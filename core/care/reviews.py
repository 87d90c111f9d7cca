"""Review dates: what is published is looked at again, and whose work that is learns of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy import ColumnElement, Row, Select, and_, false, func, not_, or_, select
from sqlalchemy.orm import Session

from hoitu.core import clock, i18n, mail
from hoitu.core.access import Account, Actor, Grant
from hoitu.core.access.staff import staff_of
from hoitu.core.content import Item
from hoitu.core.content.item import PUBLISHED
from hoitu.core.extensions import platform
from hoitu.core.jobs import Job, JobContext, enqueue
from hoitu.core.units import Unit

#: Whose review falls due within these days is told of it.
AHEAD: Final = timedelta(days=30)
#: Entries named in one mail; the list at the desk has all of them.
NAMED: Final = 30


def is_due(day: date) -> ColumnElement[bool]:
    """Return the condition that an item is to be looked at by ``day``, or was to be before."""
    return and_(Item.state == PUBLISHED, Item.review_by <= day)


def is_nobodys() -> ColumnElement[bool]:
    """Return the condition that nobody is responsible for a published item."""
    return and_(Item.state == PUBLISHED, Item.responsible_id.is_(None))


def due(day: date) -> Select[Any]:
    """Return a select of what is to be looked at by ``day``, the most urgent first."""
    return select(Item).where(is_due(day)).order_by(Item.review_by, Item.id)


def _remind_all(context: JobContext) -> None:
    """Queue the reminders of each unit that has a site."""
    for unit in platform.units.sites():
        payload = {"unit_id": unit.id}
        enqueue(
            context.session, "core.remind_of_reviews", payload,
            run_at=context.clock.now(), dedupe=f"core.remind_of_reviews#{unit.id}",
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Pile:
    """How many entries somebody has to look at, and those that a mail names."""

    total: int
    named: Sequence[Row[int, str, str, date | None]]


@dataclass(frozen=True, slots=True)
class _Desk:
    """A unit's staff of the day, and what is due there."""

    session: Session
    unit: Unit
    today: date
    staff: Sequence[tuple[Account, Actor]]

    def entrusted(self, account: Account, actor: Actor) -> ColumnElement[bool]:
        """Return the condition of what somebody has to look at: what they may write, no more."""
        return and_(
            is_due(self.today + AHEAD),
            Item.responsible_id == account.id,
            Item.type.in_(self.able(actor, "edit")),
        )

    def left(self, actor: Actor) -> ColumnElement[bool]:
        """Return the condition of what somebody has to give to others.

        That is what nobody is responsible for, to the unit's administrators; and what is due and
        was given to somebody who may write it no longer, to those who may publish it. Of what was
        brought in from elsewhere without a person or date nobody is reminded: there may be a lot.
        """
        lost = [
            and_(
                is_due(self.today + AHEAD),
                Item.type == name,
                Item.responsible_id.is_not(None),
                Item.responsible_id.not_in(self.writers(name)),
            )
            for name in self.able(actor, "publish")
        ]
        if not actor.can("core.accounts", self.unit.id):
            return or_(false(), *lost)
        brought_in = and_(Item.author_id.is_(None), Item.review_by.is_(None))
        types = Item.type.in_([kind.name for kind in platform.types])
        return or_(and_(is_nobodys(), types, not_(brought_in)), *lost)

    def pile(self, chosen: ColumnElement[bool]) -> _Pile:
        """Read the number of some entries and the most urgent of them; those without date last."""
        total = self.session.scalar(select(func.count()).where(chosen).select_from(Item)) or 0
        columns = select(Item.id, Item.type, Item.title, Item.review_by).where(chosen)
        order = Item.review_by.is_(None), Item.review_by, Item.id
        found = self.session.execute(columns.order_by(*order).limit(NAMED)).all() if total else []
        return _Pile(total, found)

    def able(self, actor: Actor, verb: str) -> list[str]:
        """Return the types with which somebody may do something here."""
        return [k.name for k in platform.types if actor.can(k.permission(verb), self.unit.id)]

    def writers(self, name: str) -> list[int]:
        """Return who may write entries of a type."""
        permission = platform.types[name].permission("edit")
        return [a.id for a, actor in self.staff if actor.can(permission, self.unit.id)]


def _remind(context: JobContext) -> None:
    """Write to everybody in one unit who has entries to look at, or none to give them to."""
    unit = platform.units.by_id(context.payload["unit_id"])
    if unit is None:
        return
    today = context.clock.today()
    desk = _Desk(context.session, unit, today, staff_of(context.session, unit.id, today))
    # Whoever has the same rights has the same entries left to give to others: read once.
    read: dict[frozenset[Grant], _Pile] = {}
    with force_locale(i18n.DEFAULT):
        for account, actor in desk.staff:
            if account.notices == "none":
                continue
            entrusted = desk.pile(desk.entrusted(account, actor))
            if actor.grants not in read:
                read[actor.grants] = desk.pile(desk.left(actor))
            left = read[actor.grants]
            if entrusted.total or left.total:
                _write(context, unit, account, entrusted, left)


def _write(
    context: JobContext, unit: Unit, account: Account, entrusted: _Pile, left: _Pile
) -> None:
    now, today = context.clock.now(), context.clock.today()
    parts = [_("Hello %(name)s,", name=account.name)]
    if entrusted.total:
        parts.append(
            _("Please look at these entries again: are they still right?")
            + "\n\n"
            + _lines(entrusted, today)
        )
    if left.total:
        parts.append(
            _("Nobody is responsible for these entries. Please give them to somebody:")
            + "\n\n"
            + _lines(left, today)
        )
    parts.append(_("All of them, with a button for each:") + "\n" + mail.link(unit, "desk.reviews"))
    mail.post(
        context.session, account,
        _("[%(unit)s] Entries to look at again: %(n)d", unit=unit.short_name(today),
          n=entrusted.total + left.total),
        "\n\n".join(parts),
        now=now, why=mail.WORK, unit=unit, key=f"reviews#{unit.id}#{account.id}#{today}",
    )  # fmt: skip


def _lines(pile: _Pile, today: date) -> str:
    lines = [
        f"- {_when(row.review_by, today)}: {platform.types[row.type].full_name_of(row)}"
        for row in pile.named
    ]
    if pile.total > len(pile.named):
        lines.append(_("- and %(n)d more", n=pile.total - len(pile.named)))
    return "\n".join(lines)


def _when(review_by: date | None, today: date) -> str:
    if review_by is None:
        return str(_("no date"))
    day = clock.format_date(review_by)
    return str(_("%(day)s (overdue)", day=day)) if review_by < today else day


JOBS: Final = (
    Job("remind_everybody_of_reviews", _remind_all, every=timedelta(weeks=1)),
    Job("remind_of_reviews", _remind),
)
