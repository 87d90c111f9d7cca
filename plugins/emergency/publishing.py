"""Putting banners up, extending them and taking them down: the only place that writes them.

Whoever may announce at the province may do so for every site; at any other unit, for that site
only. One pair of eyes is enough, since danger does not wait: each change is recorded in the log,
and administrators are told of it by a job afterwards.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from hoitu.core.access import Actor, audit
from hoitu.core.extensions import platform, session
from hoitu.core.jobs import enqueue
from hoitu.core.units import Unit, unit_scope
from hoitu.plugins.emergency.board import not_over
from hoitu.plugins.emergency.models import EmergencyBanner

PERMISSION: Final = "emergency.announce"
#: Name of the job that tells administrators.
TELL: Final = "emergency.tell"
#: Columns that the log keeps of a change.
_LOGGED: Final = ("severity", "headline", "below", "begins_at", "ends_at")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a banner is shown: on the site of a unit, or with those of all units below it."""

    unit: Unit
    below: bool


class NotYours(LookupError):
    """There is no such banner, it is over, or it can be changed elsewhere only."""


class Moved(Exception):
    """The end of a banner is not the one that somebody saw; ``ends_at`` is the present one."""

    def __init__(self, ends_at: datetime) -> None:
        super().__init__(ends_at)
        self.ends_at = ends_at


def is_everywhere(unit: Unit) -> bool:
    """Say whether banners of all sites are put up from the desk of a unit: the province's."""
    return unit == platform.units.province()


def changeable(at: Unit) -> Sequence[EmergencyBanner]:
    """Return what stands or will and can be changed from the desk of a unit, oldest first."""
    with unit_scope(*(unit.id for unit in platform.units.all())):
        chosen = select(EmergencyBanner).where(not_over(platform.clock.now()))
        if not is_everywhere(at):
            chosen = chosen.where(EmergencyBanner.issued_at_id == at.id)
        return session().scalars(chosen.order_by(EmergencyBanner.id)).all()


def put_up(
    actor: Actor, at: Unit, place: Place, uid: str, values: Mapping[str, Any], hours: int
) -> bool:
    """Put a banner up from the desk of ``at``; False when this very one was put up already.

    ``values`` has the columns of the text, and ``begins_at`` or None for now. The caller commits.

    :raises PermissionDenied: the actor may not announce there.
    """
    actor.demand(PERMISSION, at.id)
    if place.unit != at and not is_everywhere(at):
        raise NotYours(f"{place.unit.slug} is announced for at its own desk or the province's")
    now = platform.clock.now()
    begins_at = max(values["begins_at"] or now, now)
    row = EmergencyBanner(
        **{**values, "begins_at": begins_at},
        uid=uid, unit_id=place.unit.id, below=place.below, issued_at_id=at.id,
        ends_at=begins_at + timedelta(hours=hours),
        account_id=actor.account_id, created_at=now, changed_at=now,
    )  # fmt: skip
    with unit_scope(place.unit.id):
        try:
            with session().begin_nested():
                session().add(row)
        except IntegrityError:
            return False
        _record(actor, "emergency.publish", row, now)
    return True


def extend(actor: Actor, at: Unit, banner_id: int, hours: int, seen: str) -> EmergencyBanner:
    """Let a banner stand for so many hours more, and return it. The caller commits.

    ``seen`` is the end that the actor saw, in ISO 8601: pressed twice, it is put off once.

    :raises Moved: that is not its end any more.
    :raises NotYours: it is over, or another unit's.
    :raises PermissionDenied: the actor may not announce there.
    """
    now = platform.clock.now()
    row = _changing(actor, at, banner_id, now)
    if row.ends_at.isoformat() != seen:
        raise Moved(row.ends_at)
    row.ends_at += timedelta(hours=hours)
    _write(actor, "emergency.extend", row, now)
    return row


def withdraw(actor: Actor, at: Unit, banner_id: int) -> EmergencyBanner:
    """Take a banner down at once, and return it. The caller commits.

    :raises NotYours: it is over, or another unit's.
    :raises PermissionDenied: the actor may not announce there.
    """
    now = platform.clock.now()
    row = _changing(actor, at, banner_id, now)
    row.withdrawn_at = now
    _write(actor, "emergency.withdraw", row, now)
    return row


def _changing(actor: Actor, at: Unit, banner_id: int, now: datetime) -> EmergencyBanner:
    actor.demand(PERMISSION, at.id)
    with unit_scope(*(unit.id for unit in platform.units.all())):
        one = select(EmergencyBanner).where(EmergencyBanner.id == banner_id, not_over(now))
        row: EmergencyBanner | None = session().scalar(one.with_for_update())
    if row is None or not (row.issued_at_id == at.id or is_everywhere(at)):
        raise NotYours(str(banner_id))
    return row


def _write(actor: Actor, action: str, row: EmergencyBanner, now: datetime) -> None:
    row.changed_at = now
    with unit_scope(row.unit_id):
        _record(actor, action, row, now)


def _record(actor: Actor, action: str, row: EmergencyBanner, now: datetime) -> None:
    kept = {name: getattr(row, name) for name in _LOGGED}
    told = {n: v.isoformat() if isinstance(v, datetime) else v for n, v in kept.items()}
    audit.record(
        session(), actor, action, object_type="emergency_banner", object_id=row.id,
        unit_id=row.unit_id, now=now, detail={**told, "title": row.headline},
    )  # fmt: skip
    payload = {"banner_id": row.id, "action": action, "actor": actor.name}
    enqueue(session(), TELL, payload, run_at=now)
