"""What belongs together by its code: the procedure, its service, its last refresh."""

from __future__ import annotations

from datetime import date
from typing import TypeVar

from sqlalchemy import func, select

from hoitu.core import clock
from hoitu.core.content import Item, queries
from hoitu.core.extensions import platform, session
from hoitu.core.requirements import Requirement
from hoitu.core.web import active_unit, now
from hoitu.sections.procedures.models import OnlineService, Procedure, ProcedureSource

T = TypeVar("T", Procedure, OnlineService)


def service_of(procedure: Procedure) -> OnlineService | None:
    """Return the public service for a procedure, if it is on: one statement."""
    on = platform.switchboard.section_on(active_unit(), "procedures", "online_services")
    return _public(OnlineService, procedure.code_key) if on else None


def procedure_of(service: OnlineService) -> Procedure | None:
    """Return the public procedure of a service, if it is on: one statement."""
    key = "administrative_procedures"
    on = platform.switchboard.section_on(active_unit(), "procedures", key)
    return _public(Procedure, service.code_key) if on else None


def source_of(procedure: Procedure) -> ProcedureSource | None:
    """Return where a procedure was mirrored from: one statement."""
    return session().get(ProcedureSource, (procedure.unit_id, procedure.code_key))


def is_taken(item: Item) -> bool:
    """Say whether another live item of the type has the code of this one: one statement.

    A translation has the code of its original.
    """
    assert isinstance(item, Procedure | OnlineService)
    model = type(item)
    others = select(model.id).where(
        model.code_key == item.code_key, Item.id != item.id, Item.state != "trashed"
    )
    if item.original_id is not None:
        others = others.where(Item.original_id.is_distinct_from(item.original_id))
    return session().scalar(others.limit(1)) is not None


def fresh_days(requirement: Requirement) -> list[date]:
    """Return the days of the newest item and of the last comparison with the source."""
    if requirement.id == "online_services":
        return queries.newest_day(OnlineService, requirement.id)
    days = queries.newest_day(Procedure, requirement.id)
    fetched = session().scalar(select(func.max(ProcedureSource.fetched_at)))
    return [*days, clock.local(fetched).date()] if fetched else days


def _public(model: type[T], key: str) -> T | None:
    chosen = queries.public(model, now()).where(model.code_key == key)
    return session().scalars(chosen.order_by(Item.id.desc())).first()
