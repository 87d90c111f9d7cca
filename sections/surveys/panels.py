"""What the section contributes to menu, home page and the record of duties."""

from __future__ import annotations

from datetime import date

from flask_babel import lazy_gettext as _

from hoitu.core.extensions import platform
from hoitu.core.requirements import Requirement
from hoitu.core.units import Unit
from hoitu.core.web import MenuEntry, Panel, today
from hoitu.sections.surveys.types import OTHER


def menu(unit: Unit) -> list[MenuEntry]:
    """Return one heading: the survey's questions are parts of one page, not pages."""
    if not platform.switchboard.section_on(unit, "surveys"):
        return []
    place = {"_anchor": OTHER}
    children = (
        MenuEntry(_("Results"), "surveys.results"),
        MenuEntry(_("Other requests"), "surveys.index", requirement=OTHER, arguments=place),
        MenuEntry(_("Surveys of this unit"), "surveys.survey_index"),
    )
    title, under = _("Satisfaction survey"), "questions"
    return [MenuEntry(title, "surveys.index", weight=85, children=children, under=under)]


def invitation(unit: Unit) -> list[Panel]:
    """Return the block that leads to the survey; none at a unit that no longer exists."""
    if not unit.exists_on(today()):
        return []
    title = _("How do you like this site?")
    return [Panel("survey", title, "surveys/panel.html", weight=85, place="side")]


def fulfilled_on(unit: Unit, requirement: Requirement) -> list[date]:
    """Return today, or a dissolved unit's last day, while the question is asked: all the time."""
    if not platform.switchboard.section_on(unit, "surveys", requirement.id):
        return []
    return [unit.living_day(platform.clock.today())]
