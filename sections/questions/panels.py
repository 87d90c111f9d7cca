"""What the section contributes to menu, home page and desk."""

from __future__ import annotations

from flask import url_for
from flask_babel import lazy_gettext as _

from hoitu.core.access import Actor
from hoitu.core.content import queries
from hoitu.core.extensions import platform
from hoitu.core.units import Unit
from hoitu.core.web import MenuEntry, Panel, now, today
from hoitu.sections.questions import figures
from hoitu.sections.questions.models import Question
from hoitu.sections.questions.settings import QuestionSettings
from hoitu.sections.questions.types import REQUIREMENT


def menu() -> list[MenuEntry]:
    """Return the heading "Questions and answers"."""
    children = (
        MenuEntry(_("Send a question"), "questions.ask"),
        MenuEntry(_("Look up an answer"), "questions.follow"),
        MenuEntry(_("How we answer"), "questions.statistics"),
    )
    label, under = _("Questions and answers"), "questions"
    return [MenuEntry(label, "questions.index", 80, REQUIREMENT, children, under=under)]


def newest(unit: Unit) -> list[Panel]:
    """Return the block of the newest answers and the way to ask; none where nobody can ask."""
    found = queries.newest(Question, [REQUIREMENT], size=4, now=now())
    is_open = unit.exists_on(today())
    if not (found or is_open):
        return []
    values = {"found": found, "is_open": is_open}
    more = url_for("questions.index") if found else ""
    title = _("Questions and answers")
    return [Panel("questions", title, "questions/panel.html", values, 80, more=more)]


def waiting(unit: Unit, actor: Actor) -> list[Panel]:
    """Return the block of the desk: how many questions wait, and which are due first."""
    if not actor.can("questions.edit", unit.id):
        return []
    soon_days = platform.settings.of(QuestionSettings, unit).soon_days
    found = figures.pressing(today(), soon_days)
    return [Panel("questions", _("Questions"), "questions/desk.html", {"pressing": found}, 80)]
