"""Modules: sections and requirements of a unit, why each is on or off, and the switches.

What the law demands has no switch. Whatever else is switched off is first shown with all it would
hide; its content stays untouched.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import abort, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from sqlalchemy import select

from hoitu.core.access import requires
from hoitu.core.admin import work
from hoitu.core.admin.blueprint import blueprint
from hoitu.core.admin.flashes import PROBLEM
from hoitu.core.admin.simulation import simulate
from hoitu.core.content import Day, Field, Line, Paragraphs
from hoitu.core.extensions import platform, session
from hoitu.core.forms import EntryForm, form_of
from hoitu.core.requirements import Requirement
from hoitu.core.requirements.catalogue import PLATFORM
from hoitu.core.settings.switching import (
    SwitchContext,
    SwitchRefused,
    switch,
    waive,
    withdraw,
)
from hoitu.core.units import Decision, Source
from hoitu.core.units.switchboard import UnitSectionRow
from hoitu.core.web import language, today

#: Why something is on or off, by who decided.
REASONS = {
    Source.PLUGIN: lazy_gettext("Its module is not in use on this platform (%(detail)s)."),
    Source.UNIT_TYPE: lazy_gettext("Not meant for units of this type."),
    Source.WAIVER: lazy_gettext("The law demands it; this unit is excused (%(detail)s)."),
    Source.LAW: lazy_gettext("Demanded by law."),
    Source.CHOICE: lazy_gettext("Chosen by this unit. %(detail)s"),
    Source.NEEDED: lazy_gettext("Needed by another section that is on: %(detail)s."),
    Source.PROFILE: lazy_gettext("Set for units of this type."),
    Source.DEFAULT: lazy_gettext("The default; this unit has not chosen."),
}
#: Why a plugin is not in use, by its state.
PLUGIN_STATES = {
    "missing": lazy_gettext("not installed"),
    "blocked": lazy_gettext("blocked: it does not fit this version"),
    "quarantined": lazy_gettext("stopped after errors"),
    "retired": lazy_gettext("retired"),
    "not served": lazy_gettext("its section does not offer it"),
}
REASON = Field(
    Paragraphs(1000),
    lazy_gettext("Reason"),
    name="reason",
    help=lazy_gettext("Shown on the page of modules and kept in the log."),
)
SwitchForm = form_of([REASON])
WaiverForm = form_of(
    [
        Field(Paragraphs(1000), lazy_gettext("Reason"), name="reason"),
        Field(Line(80), lazy_gettext("Number of the decision"), name="decision_no"),
        Field(Day(), lazy_gettext("Excused until"), name="until"),
    ]
)


@dataclass(frozen=True, slots=True)
class Module:
    """One line of the page: a requirement of a section, or a section without any."""

    section: str
    requirement: str
    label: str
    decision: Decision
    duty: Requirement | None
    #: The law demands it of this unit, whoever decided.
    owed: bool

    @property
    def key(self) -> str:
        """What names it in an address."""
        return f"{self.section}.{self.requirement}".rstrip(".")

    @property
    def reason(self) -> str:
        """Why it is on or off."""
        detail: Any = self.decision.detail
        if self.decision.source is Source.PLUGIN:
            detail = PLUGIN_STATES.get(detail, detail)
            plugin = platform.plugins.get(self.section)
            # It may tell paths and versions: for those who can do something about it.
            if plugin and plugin.reason and _may_excuse():
                detail = f"{detail}: {plugin.reason}"
        elif self.decision.source is Source.NEEDED:
            detail = _title(detail)
        return str(REASONS[self.decision.source]) % {"detail": detail}

    @property
    def lacking(self) -> bool:
        """Whether the law demands what this installation does not provide."""
        return self.owed and self.decision.source is Source.PLUGIN

    @property
    def excusable(self) -> bool:
        """Whether the unit can be excused from it."""
        return self.decision.source is Source.LAW

    @property
    def own_choice(self) -> bool:
        """Whether the unit chose for itself."""
        return self.decision.source is Source.CHOICE


@dataclass(frozen=True, slots=True)
class ModuleGroup:
    """The lines of one section."""

    label: str
    modules: list[Module]


@blueprint.get("/chuyen-muc")
@requires("core.modules")
def modules() -> str:
    """Show every section and requirement with why it is on or off."""
    return render_template("desk/modules.html", groups=_groups())


@blueprint.get("/chuyen-muc/<key>")
@requires("core.modules")
def module(key: str) -> ResponseReturnValue:
    """Show one line with its legal basis, its switch, and what switching off would hide."""
    return _page(_module(key), SwitchForm(), WaiverForm())


@blueprint.post("/chuyen-muc/<key>/bat")
@requires("core.modules")
def switch_on(key: str) -> ResponseReturnValue:
    """Switch on."""
    return _switch(_module(key), True)


@blueprint.post("/chuyen-muc/<key>/tat")
@requires("core.modules")
def switch_off(key: str) -> ResponseReturnValue:
    """Switch off."""
    return _switch(_module(key), False)


@blueprint.post("/chuyen-muc/<key>/bo-lua-chon")
@requires("core.modules")
def forget_choice(key: str) -> ResponseReturnValue:
    """Remove the unit's choice, or as the platform's administrator its waiver."""
    found = _module(key)
    withdraw(_context(), found.section, found.requirement)
    session().commit()
    flash(_("Law, unit type and default decide again."))
    return redirect(url_for("desk.module", key=found.key), 303)


@blueprint.post("/chuyen-muc/<key>/mien")
@requires("core.modules")
def excuse(key: str) -> ResponseReturnValue:
    """Excuse the unit from what the law demands, for a time; the platform's administrators only."""
    found, form = _module(key), WaiverForm(request.form)
    if not _may_excuse():
        abort(403)
    if not found.excusable:
        abort(404)
    if not form.validate() or not form.demand(("reason", "decision_no", "until")):
        return _page(found, SwitchForm(), form, 422)
    values = {entry.short_name: entry.declared.kind.clean(entry.data) for entry in form.entries()}
    try:
        waive(_context(), found.section, found.requirement, **values)
    except SwitchRefused as refused:
        session().rollback()
        form.form_errors.append(str(refused))
        return _page(found, SwitchForm(), form, 422)
    session().commit()
    flash(_("The unit is excused."))
    return redirect(url_for("desk.module", key=found.key), 303)


def _switch(found: Module, on: bool) -> ResponseReturnValue:
    form = SwitchForm(request.form)
    if not form.validate() or not (on or form.demand(("reason",))):
        return _page(found, form, WaiverForm(), 422)
    reason = REASON.kind.clean(form.entry("reason").data)
    try:
        switch(_context(), found.section, found.requirement, on, reason)
    except SwitchRefused as refused:
        session().rollback()
        flash(str(refused), PROBLEM)
    else:
        session().commit()
        flash(_("Switched on.") if on else _("Switched off. Nothing was deleted."))
    return redirect(url_for("desk.module", key=found.key), 303)


def _page(
    found: Module, form: EntryForm, waiver: EntryForm, code: int = 200
) -> ResponseReturnValue:
    switchable = not found.decision.locked and found.decision.source is not Source.WAIVER
    body = render_template(
        "desk/module.html",
        module=found,
        switchable=switchable,
        consequences=simulate(found.section, found.requirement) if switchable else None,
        stored=_stored(found),
        form=form,
        waiver=waiver if found.excusable and _may_excuse() else None,
        may_end_waiver=found.decision.source is Source.WAIVER and _may_excuse(),
        complaints=form.complaints() + waiver.complaints(),
    )
    return body, code


def _stored(found: Module) -> UnitSectionRow | None:
    """Return the unit's stored choice or waiver."""
    return session().scalar(
        select(UnitSectionRow).where(
            UnitSectionRow.unit_id == g.unit.id,
            UnitSectionRow.section == found.section,
            UnitSectionRow.requirement == found.requirement,
        )
    )


def _may_excuse() -> bool:
    return work.context().actor.can("core.units", None)


def _context() -> SwitchContext:
    context = work.context()
    return SwitchContext(
        session=context.session,
        actor=context.actor,
        unit=context.unit,
        hooks=context.hooks,
        switchboard=context.switchboard,
        clock=context.clock,
    )


# -- lines ---------------------------------------------------------------------------------------


def _groups() -> list[ModuleGroup]:
    """Return the duties of the catalogue in its order, then sections that serve none."""
    groups = []
    for group in platform.catalogues.on(today()).groups:
        duties = [duty for duty in group.requirements if PLATFORM not in duty.unit_types]
        if duties:
            lines = [_line(duty.section, duty.id, duty) for duty in duties]
            groups.append(ModuleGroup(group.label_vi, lines))
    others = [m for m in platform.plugins.sections() if not m.requirements]
    if others:
        lines = [_line(manifest.name, "", None) for manifest in others]
        groups.append(ModuleGroup(_("Beyond the plan"), lines))
    return groups


def _line(section: str, requirement: str, duty: Requirement | None) -> Module:
    decision = platform.switchboard.explain(g.unit, section, requirement)
    owed = platform.catalogues.on(today()).mandated(g.unit.type, g.unit.living_day(today()))
    label = duty.label_vi if duty else _title(section)
    return Module(section, requirement, label, decision, duty, duty is not None and duty in owed)


def _title(section: str) -> str:
    plugin = platform.plugins.get(section)
    return plugin.manifest.label(language()) if plugin and plugin.manifest else section


def _module(key: str) -> Module:
    """Return a line by the key of its address, or answer 404."""
    lines = (line for group in _groups() for line in group.modules)
    found = next((line for line in lines if line.key == key), None)
    return found or abort(404)
