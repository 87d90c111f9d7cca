"""The end of keeping: received items whose time is over lose what tells who sent them.

How long is said by the manifest of each section; a unit may keep less, never more. An item that
still waits for its answer keeps its sender, however old it is.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from flask_babel import lazy_gettext as _
from sqlalchemy import or_, select
from sqlalchemy.orm import undefer

from hoitu.core import clock
from hoitu.core.access import SYSTEM
from hoitu.core.content import ActionContext, Conflict, ContentType, Item, actions
from hoitu.core.content.item import DRAFT
from hoitu.core.content.workflow import RETURNED, REVIEWED, SUBMITTED
from hoitu.core.extensions import platform
from hoitu.core.jobs import Job, JobContext, enqueue
from hoitu.core.plugin.manifest import VISITOR, PersonalData
from hoitu.core.privacy import register, traces
from hoitu.core.settings import setting
from hoitu.core.units import Unit, unit_scope

log = logging.getLogger(__name__)

#: Owner of the setting in the registry.
NAME: Final = "core.privacy"
#: Entries of one type whose sender is forgotten in one run; the next day goes on.
AT_ONCE: Final = 500
#: Where an item still waits for somebody.
_WAITING: Final = (DRAFT, SUBMITTED, REVIEWED, RETURNED)


@dataclass(frozen=True)
class Keeping:
    """How long a unit keeps who sent it something."""

    most_days: int = setting(
        0,
        label=_("Most days for which it is kept who sent something"),
        help=_(
            "0: as long as the register of personal data says for each section. A unit may keep "
            "it for less, never for longer."
        ),
        largest=3650,
    )


def days_of(data: PersonalData, unit: Unit) -> int:
    """Return for how many days a unit keeps something; 0: as long as what it belongs to."""
    chosen = platform.settings.of(Keeping, unit).most_days if data.of == VISITOR else 0
    return min(filter(None, (data.kept_days, chosen)), default=0)


def end_of_keeping(kind: ContentType, unit: Unit) -> int:
    """Return after how many days the sender of an item is forgotten; 0: never by itself."""
    found = [days_of(data, unit) for _name, data in register.of_kind(kind, VISITOR)]
    return min(filter(None, found), default=0)


def forget_due(context: JobContext, unit: Unit) -> int:
    """Forget the senders whose time is over at a unit; return how many there were."""
    count = 0
    with unit_scope(unit.id):
        for kind in platform.types:
            days = end_of_keeping(kind, unit) if kind.receivable else 0
            if days:
                count += _forget(unit, kind, days, context)
    return count


def _forget(unit: Unit, kind: ContentType, days: int, context: JobContext) -> int:
    before = context.clock.now() - timedelta(days=days)
    held = or_(*(getattr(kind.model, name) != "" for name in actions.personal_fields(kind)))
    chosen = (
        select(kind.model)
        .where(Item.created_at < before, Item.state.not_in(_WAITING), held)
        .where(Item.draft_state.not_in(_WAITING))
        .order_by(Item.id)
        .limit(AT_ONCE)
        .options(undefer(Item.body))
    )
    work = ActionContext.of(platform, context.session, SYSTEM, unit)
    count = 0
    for item in context.session.scalars(chosen).all():
        try:
            with context.session.begin_nested():
                actions.forget_sender(work, item)
            count += 1
        except Conflict:
            # Somebody saved it at this moment; tomorrow is another day.
            log.info("%s %s is being worked on; it keeps its sender", kind.name, item.id)
    return count


def _queue(context: JobContext) -> None:
    """Queue the work of each unit: other writers have their turn in between."""
    day = clock.local(context.clock.now()).date()
    for unit in platform.units.all():
        key = f"{_AT_UNIT}#{day}#{unit.id}"
        enqueue(
            context.session, _AT_UNIT, {"unit_id": unit.id}, run_at=context.clock.now(), dedupe=key
        )


def _run(context: JobContext) -> None:
    """Forget at one unit."""
    unit = platform.units.by_id(context.payload["unit_id"])
    if unit is not None and forget_due(context, unit):
        traces.clear_later(context.session, context.clock.now())


_AT_UNIT: Final = "core.forget_senders_at"
JOBS: Final = (
    Job("forget_senders", _queue, every=timedelta(days=1)),
    Job("forget_senders_at", _run),
    *traces.JOBS,
)
