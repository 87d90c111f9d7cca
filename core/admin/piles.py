"""Piles of work: what waits in a unit, and for whom.

Whatever is pending is in a pile of somebody who can take it further: its author, whoever may take
the next step, or, where its author has left, whoever may publish there. What nobody of the unit can
take further is in a pile of the platform's administrators.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from flask_babel import lazy_gettext as _
from sqlalchemy import ColumnElement, case, func, literal, select, tuple_
from sqlalchemy.orm import Session

from hoitu.core.admin.colleagues import Colleagues
from hoitu.core.admin.shares import Share
from hoitu.core.content import ActionContext, Item
from hoitu.core.content.queries import COUNT_LIMIT

#: Piles in the order of the page, by the name in their addresses: title, and what is to be done.
TITLES: dict[str, tuple[Any, Any]] = {
    "tra-lai": (_("Returned to you"), ""),
    "cho-duyet": (_("Waiting for you to check or approve"), ""),
    "duyet-sau": (
        _("Published urgently: approve afterwards"),
        _("These are public without approval. Approve them, or take them off the site."),
    ),
    "tiep-nhan": (_("Sent by visitors, waiting for an answer"), ""),
    "hen-gio-loi": (
        _("Scheduled steps that could not be taken"),
        _("Open the entry, correct what is wrong and schedule it anew."),
    ),
    "khong-nguoi-phu-trach": (
        _("Without anybody responsible"),
        _("Whoever was responsible has left or may not edit any more."),
    ),
    "ngoai-quyen": (
        _("Nobody in this unit can take the next step"),
        _("Give somebody of the unit the role it needs, or take the step yourself."),
    ),
    "ban-nhap": (_("Your drafts"), ""),
    "ra-soat": (
        _("Due to be looked at again"),
        _("Is it still right? Correct it, confirm it, or take it off the site."),
    ),
    "da-trinh": (_("Submitted by you, waiting for others"), ""),
    "da-hen": (
        _("Approved, to be published at their time"),
        _("If the text is changed before, somebody has to approve it anew."),
    ),
}


@dataclass(frozen=True, slots=True)
class Key:
    """What a pile is sorted by, and how its value is read from an address."""

    expression: Any
    read: Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class Pile:
    """Entries that wait for the same thing."""

    name: str
    condition: ColumnElement[bool]
    order: tuple[Key, ...]
    newest_first: bool = False

    @property
    def title(self) -> Any:
        """What the pile is called."""
        return TITLES[self.name][0]

    @property
    def help(self) -> Any:
        """What is to be done with it; '' where the title says it."""
        return TITLES[self.name][1]

    @property
    def acts(self) -> bool:
        """Whether the account is to do something; otherwise it follows what others do."""
        return self.name not in ("da-trinh", "da-hen")


@dataclass(frozen=True, slots=True)
class Part:
    """Some entries of a pile, and the place after them; '' at the end."""

    items: Sequence[Item]
    after: str


def piles_of(context: ActionContext, colleagues: Colleagues | None = None) -> list[Pile]:
    """Return the piles the actor has in the unit, in the order of the page; some may be empty."""
    share = Share(context, colleagues)
    id_ = Key(Item.id, int)
    # Not the bare column: what waits is little and soon sorted, while the index of all changes of
    # a unit, which SQLite would follow for it, leads through all that does not wait.
    last_changed = func.coalesce(Item.updated_at, Item.created_at)
    changed = (Key(last_changed, _instant), id_)
    urgent_at = Key(Item.urgent_at, _instant)
    found = [
        Pile("tra-lai", share.returned(), changed, newest_first=True),
        Pile(
            "cho-duyet",
            share.waiting(),
            (*_urgency(context, share), *changed),
        ),
        Pile("duyet-sau", share.urgent(), (urgent_at, id_)),
        Pile("tiep-nhan", share.received(), _arrival(share)),
        Pile("hen-gio-loi", share.failed(), changed, newest_first=True),
        Pile(
            "khong-nguoi-phu-trach",
            share.ownerless(),
            changed,
        ),
        Pile("ban-nhap", share.drafts(), changed, newest_first=True),
        Pile("ra-soat", share.due(), (Key(Item.review_by, date.fromisoformat), id_)),
        Pile("da-trinh", share.sent(), changed, newest_first=True),
        Pile("da-hen", share.scheduled(), changed, newest_first=True),
    ]
    if context.actor.can("core.units", None):
        found.append(Pile("ngoai-quyen", share.stuck(), changed))
    return sorted(found, key=lambda pile: list(TITLES).index(pile.name))


def counts(session: Session, piles: Sequence[Pile]) -> dict[str, int]:
    """Return how many entries each pile has, up to a little above a thousand: one statement."""
    capped = [
        select(func.count())
        .select_from(select(Item.id).where(p.condition).limit(COUNT_LIMIT + 1).subquery())
        .scalar_subquery()
        for p in piles
    ]
    found = session.execute(select(*capped)).one()
    return {pile.name: int(number) for pile, number in zip(piles, found, strict=True)}


def part_of(session: Session, pile: Pile, *, size: int, after: str = "") -> Part:
    """Return some entries of a pile, from the beginning or after a place: one statement.

    A place that was tampered with is the beginning.
    """
    expressions = [key.expression for key in pile.order]
    ordered = [e.desc() if pile.newest_first else e.asc() for e in expressions]
    chosen = select(Item, *expressions).where(pile.condition).order_by(*ordered).limit(size + 1)
    if (place := _decode(pile, after)) is not None:
        here = tuple_(*expressions)
        there = tuple_(*(literal(v, e.type) for v, e in zip(place, expressions, strict=True)))
        chosen = chosen.where(here < there if pile.newest_first else here > there)
    rows = session.execute(chosen).all()
    more = len(rows) > size
    return Part([row[0] for row in rows[:size]], _encode(rows[size - 1][1:]) if more else "")


def _urgency(context: ActionContext, share: Share) -> tuple[Key, ...]:
    """Return the keys that put first what is overdue, then what was given to the actor by name."""
    overdue = case((Item.approve_by < context.clock.today(), 0), else_=1)
    named = case((Item.reviewer_id.in_(share.for_whom), 0), else_=1)
    day = func.coalesce(Item.approve_by, date.max)
    return Key(overdue, int), Key(named, int), Key(day, date.fromisoformat)


def _arrival(share: Share) -> tuple[Key, ...]:
    """Return the keys that put first what was given to the actor, then the oldest."""
    given = case((Item.responsible_id == share.me, 0), else_=1)
    created = Key(Item.created_at, _instant)
    return Key(given, int), created, Key(Item.id, int)


def _encode(values: Sequence[Any]) -> str:
    plain = [v.isoformat() if isinstance(v, date) else v for v in values]
    return base64.urlsafe_b64encode(json.dumps(plain).encode()).decode().rstrip("=")


def _decode(pile: Pile, place: str) -> list[Any] | None:
    try:
        raw = json.loads(base64.urlsafe_b64decode(place + "=" * (-len(place) % 4)))
        values = [key.read(value) for key, value in zip(pile.order, raw, strict=True)]
    except (ValueError, TypeError, OverflowError, RecursionError):
        return None
    fits = all(-(2**63) < v < 2**63 for v in values if isinstance(v, int))
    return values if fits else None


def _instant(told: Any) -> datetime:
    """Return an instant in UTC; ValueError or OverflowError when it is none that can be stored."""
    found = datetime.fromisoformat(told)
    if found.tzinfo is None:
        raise ValueError("an instant needs a time zone")
    return found.astimezone(UTC)
