"""Switching sections and requirements on and off for a unit: a row, never code."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from hoitu.core import stamp
from hoitu.core.access import Actor, audit
from hoitu.core.clock import Clock
from hoitu.core.events import SectionSwitched, append
from hoitu.core.plugin import Dispatcher
from hoitu.core.units import Source, Switchboard, Unit
from hoitu.core.units.switchboard import UnitSectionRow

PERMISSION = "core.modules"


class SwitchRefused(Exception):
    """The switch cannot be moved; the message is translated and says why."""


@dataclass(frozen=True, slots=True)
class SwitchContext:
    """Who switches where."""

    session: Session
    actor: Actor
    unit: Unit
    hooks: Dispatcher
    switchboard: Switchboard
    clock: Clock


def switch(
    context: SwitchContext, section: str, requirement: str, on: bool, reason: str = ""
) -> None:
    """Switch one requirement of a section (or a section without any) on or off; caller commits.

    :raises PermissionDenied: the actor does not manage this unit's modules.
    :raises SwitchRefused: locked by law, by the unit's type or by another section, or a plugin
        objects.
    """
    context.actor.demand(PERMISSION, context.unit.id)
    decision = context.switchboard.explain(context.unit, section, requirement)
    if decision.source is Source.LAW:
        raise SwitchRefused(_("The law demands this section; it cannot be switched off."))
    if decision.source is Source.WAIVER:
        raise SwitchRefused(_("Only the platform's administrators can end a waiver."))
    if decision.locked:
        raise SwitchRefused(_("This unit cannot switch this section."))
    if on:
        problems = context.hooks.check_enable(context.unit, section, context.session.begin_nested)
        if problems:
            raise SwitchRefused("; ".join(str(p) for p in problems))
    _store(context, section, requirement, "on" if on else "off", reason)


def waive(
    context: SwitchContext,
    section: str,
    requirement: str,
    *,
    reason: str,
    decision_no: str,
    until: date,
) -> None:
    """Excuse the unit from a mandated requirement for a time; caller commits.

    Only the platform's administrators may; the waiver names its reason, the deciding document and
    its end.

    :raises SwitchRefused: reason, number or end is missing or past.
    """
    context.actor.demand("core.units", None)
    if not reason.strip() or not decision_no.strip():
        raise SwitchRefused(_("A waiver needs a reason and the number of the decision."))
    if until <= context.clock.today():
        raise SwitchRefused(_("The waiver must end in the future."))
    _store(context, section, requirement, "waived", reason, decision_no, until)


def withdraw(context: SwitchContext, section: str, requirement: str) -> None:
    """Remove the unit's choice or waiver: law, profile and default decide again; caller commits."""
    row = _row(context, section, requirement)
    if row is None:
        return
    needed = "core.units" if row.state == "waived" else PERMISSION
    context.actor.demand(needed, None if row.state == "waived" else context.unit.id)
    context.session.delete(row)
    _announce(context, section, requirement, "default", "")


def _store(
    context: SwitchContext, section: str, requirement: str, state: str, reason: str,
    decision_no: str = "", until: date | None = None,
) -> None:  # fmt: skip
    row = _row(context, section, requirement)
    if row is None:
        row = UnitSectionRow(unit_id=context.unit.id, section=section, requirement=requirement)
        context.session.add(row)
    row.state, row.reason, row.decision_no = state, reason, decision_no
    row.valid_from, row.valid_until = None, until
    row.changed_at = context.clock.now()
    _announce(context, section, requirement, state, reason)


def _row(context: SwitchContext, section: str, requirement: str) -> UnitSectionRow | None:
    return context.session.scalar(
        select(UnitSectionRow).where(
            UnitSectionRow.unit_id == context.unit.id,
            UnitSectionRow.section == section,
            UnitSectionRow.requirement == requirement,
        )
    )


def _announce(
    context: SwitchContext, section: str, requirement: str, state: str, reason: str
) -> None:
    now = context.clock.now()
    stamp.bump(context.session)
    event = SectionSwitched(context.unit.id, section, requirement, state == "on")
    append(context.session, event, now)
    audit.record(
        context.session,
        context.actor,
        f"section.{state}",
        object_type="section",
        object_id=f"{section}.{requirement}".rstrip("."),
        unit_id=context.unit.id,
        now=now,
        detail={"reason": reason},
    )
