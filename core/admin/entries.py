"""Entries of piles: what is told about each, so that it need not be opened to see what it needs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import g
from flask_babel import gettext as _
from sqlalchemy import select

from hoitu.core import clock
from hoitu.core.access.audit import AuditEntry
from hoitu.core.admin import work
from hoitu.core.admin.colleagues import names_of
from hoitu.core.content import ContentType, Item
from hoitu.core.content.scheduling import FAILED, START, ScheduledStep
from hoitu.core.extensions import platform, session
from hoitu.core.web.access import current_actor
from hoitu.core.web.site import today

#: Steps whose reason is told, by the pile that tells it.
_REASONS = {"tra-lai": "item.return", "duyet-sau": "item.publish_urgently"}


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of a pile: the item, what is told about it, and words of whoever handed it on."""

    item: Item
    kind: ContentType
    facts: Sequence[str]
    note: str
    overdue: bool
    #: Whether the account can make it its own here and now.
    may_take_over: bool


#: Piles whose lines tell what was planned for an entry and could not be done.
_PLANNED = ("cho-duyet", "hen-gio-loi")


@dataclass(frozen=True, slots=True)
class Background:
    """What the lines tell beside the items: names, reasons of steps, and what is planned."""

    names: Mapping[int, str]
    #: By action of the log and item.
    reasons: Mapping[tuple[str, int], str]
    #: What was planned and could not be done, by item.
    failed: Mapping[int, ScheduledStep]


def entries_of(piles: Mapping[str, Sequence[Item]]) -> dict[str, list[Entry]]:
    """Return the lines of piles by their names: three statements, however many lines there are."""
    behind = Background(
        names=names_of(i for found in piles.values() for item in found for i in _people(item)),
        reasons=_reasons({p: found for p, found in piles.items() if p in _REASONS}),
        failed=_failed([i for p, found in piles.items() if p in _PLANNED for i in found]),
    )
    return {p: [_entry(p, item, behind) for item in found] for p, found in piles.items()}


def _entry(pile: str, item: Item, behind: Background) -> Entry:
    kind = platform.types[item.type]
    tell = _FACTS.get(pile, lambda _item, _names: [])
    facts, note = (
        tell(item, behind.names),
        behind.reasons.get((_REASONS.get(pile, ""), item.id), ""),
    )
    failed = behind.failed.get(item.id)
    if pile == "cho-duyet" and failed is not None and failed.step == START:
        at = clock.format_instant(failed.run_at)
        facts = [*facts, _("Was planned to be published at %(at)s, needs approval anew", at=at)]
    if pile == "hen-gio-loi" and failed is not None:
        note = failed.message
    day = item.review_by if pile == "ra-soat" else item.approve_by
    return Entry(
        item=item,
        kind=kind,
        facts=[str(fact) for fact in facts],
        note=note,
        overdue=day is not None and day < today(),
        may_take_over=pile in ("khong-nguoi-phu-trach", "ngoai-quyen")
        and item.responsible_id != current_actor().account_id
        and work.may(kind, "edit"),
    )


def _people(item: Item) -> tuple[int | None, ...]:
    return item.submitter_id, item.reviewer_id, item.responsible_id, item.urgent_by_id


def _handed_in(item: Item, names: Mapping[int, str]) -> list[Any]:
    """Tell who handed a text in, who was asked to look at it, and by when."""
    told = []
    if item.submitter_id in names:
        told.append(_("Submitted by %(who)s", who=names[item.submitter_id or 0]))
    told += _asked(item, names)
    return told


def _asked(item: Item, names: Mapping[int, str]) -> list[Any]:
    told = []
    actor = current_actor()
    if item.reviewer_id is not None and item.reviewer_id == actor.account_id:
        told.append(_("You were asked"))
    elif item.reviewer_id in actor.deputises:
        told.append(_("%(who)s was asked, whose deputy you are", who=names[item.reviewer_id or 0]))
    elif item.reviewer_id in names:
        told.append(_("%(who)s was asked", who=names[item.reviewer_id or 0]))
    if item.approve_by is not None:
        told.append(_("Needed by %(day)s", day=clock.format_date(item.approve_by)))
    return told


def _published_urgently(item: Item, names: Mapping[int, str]) -> list[Any]:
    if item.urgent_at is None:
        return []
    who = names.get(item.urgent_by_id or 0, "")
    at = clock.format_instant(item.urgent_at)
    return [_("Published by %(who)s, %(at)s", who=who, at=at) if who else at]


def _whose(item: Item, names: Mapping[int, str]) -> list[Any]:
    if item.responsible_id in names:
        return [_("Until now: %(who)s", who=names[item.responsible_id or 0])]
    return []


def _arrived(item: Item, names: Mapping[int, str]) -> list[Any]:
    told = [_("Received %(at)s", at=clock.format_instant(item.created_at))]
    if item.responsible_id in names:
        told.append(_("Given to %(who)s", who=names[item.responsible_id or 0]))
    return told


def _due(item: Item, _names: Mapping[int, str]) -> list[Any]:
    if item.review_by is None:
        return []
    return [_("To be looked at by %(day)s", day=clock.format_date(item.review_by))]


_FACTS: dict[str, Any] = {
    "cho-duyet": _handed_in,
    "da-trinh": _asked,
    "duyet-sau": _published_urgently,
    "khong-nguoi-phu-trach": _whose,
    "ngoai-quyen": _handed_in,
    "ra-soat": _due,
    "tiep-nhan": _arrived,
}


def _reasons(piles: Mapping[str, Sequence[Item]]) -> dict[tuple[str, int], str]:
    """Return the newest reason of a step by (action, item): one statement, or none."""
    items = {item.id: item.type for found in piles.values() for item in found}
    if not items:
        return {}
    entries = session().scalars(
        select(AuditEntry)
        .where(
            AuditEntry.unit_id == g.unit.id,
            AuditEntry.action.in_([_REASONS[pile] for pile in piles]),
            AuditEntry.object_type.in_(set(items.values())),
            AuditEntry.object_id.in_([str(item_id) for item_id in items]),
        )
        .order_by(AuditEntry.id)
    )
    return {(e.action, int(e.object_id)): str(e.detail.get("note", "")) for e in entries}


def _failed(items: Sequence[Item]) -> dict[int, ScheduledStep]:
    """Return what was planned for items and could not be done: one statement, or none."""
    if not items:
        return {}
    failed = (
        select(ScheduledStep)
        .where(ScheduledStep.item_id.in_([i.id for i in items]), ScheduledStep.state == FAILED)
        .order_by(ScheduledStep.run_at.desc(), ScheduledStep.id.desc())
    )
    return {step.item_id: step for step in session().scalars(failed)}
