"""What the section contributes to menu, home page and desk."""

from __future__ import annotations

from flask import url_for
from flask_babel import lazy_gettext as _

from hoitu.core.access import Actor
from hoitu.core.content import Term, Vocabulary
from hoitu.core.units import Unit
from hoitu.core.web import MenuEntry, Panel
from hoitu.sections.links.groups import broken_links, shown

PROBLEMS = Vocabulary("hoitu.sections.links", "problems", Term)
#: Links that do not answer, on the desk.
LISTED = 10


def menu() -> list[MenuEntry]:
    """Return the entry "Links"."""
    return [MenuEntry(_("Links"), "links.index", weight=96, under="contact")]


def links(unit: Unit) -> list[Panel]:
    """Return the block of links; none while there are none."""
    groups = shown(unit)
    if not groups:
        return []
    template, more = "links/panel.html", url_for("links.index")
    values = {"groups": groups}
    return [Panel("links", _("Links"), template, values, weight=90, more=more, size="wide")]


def broken(unit: Unit, actor: Actor) -> list[Panel]:
    """Return the block of the desk: links of the unit that did not answer; none while all do."""
    if not actor.can("links.edit", unit.id):
        return []
    found = broken_links()
    values = {"count": len(found), "broken": found[:LISTED], "problems": dict(PROBLEMS.options())}
    title = _("Links that do not answer")
    return [Panel("broken-links", title, "links/desk.html", values, 90)] if found else []
