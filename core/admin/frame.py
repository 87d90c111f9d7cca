"""The frame of every desk page: who is signed in, where, and what they may open."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from flask import g, request, url_for
from flask_babel import lazy_gettext as _
from flask_login import current_user

from hoitu.core.admin import work
from hoitu.core.admin.blueprint import blueprint
from hoitu.core.admin.colleagues import called
from hoitu.core.admin.doors import places_of_plugins
from hoitu.core.content import STATES, Item, actions
from hoitu.core.extensions import platform
from hoitu.core.forms import writing_days
from hoitu.core.web.access import current_actor
from hoitu.core.web.site import language, today


@dataclass(frozen=True, slots=True)
class Door:
    """An entry of the desk's navigation."""

    label: str
    path: str
    current: bool


@dataclass(frozen=True, slots=True)
class Corridor:
    """Doors under one heading; that of the page one is on stands open."""

    label: str
    doors: tuple[Door, ...]

    @property
    def current(self) -> bool:
        """Whether one of its doors is open."""
        return any(door.current for door in self.doors)


@dataclass(frozen=True, slots=True)
class DeskFrame:
    """What the desk's layout shows around a page."""

    unit_name: str
    person: str
    #: What belongs to the account itself.
    own: tuple[Door, ...]
    #: The sections with their types, then the tools, then what keeps the unit in order.
    sections: tuple[Corridor, ...]
    tools: Corridor
    keeping: Corridor


#: Pages of the account: label, endpoint, permission.
OWN = (
    (_("My work"), "desk.index", "core.desk"),
    (_("What I did"), "desk.own_log", "core.desk"),
    (_("Deputies"), "desk.deputies", "core.desk"),
    (_("Help"), "desk.guide", "core.desk"),
)
#: Pages that help with all types of content.
TOOLS: tuple[tuple[Any, str, str], ...] = (
    (_("Calendar"), "desk.calendar", "core.desk"),
    (_("Reviews"), "desk.reviews", "core.desk"),
    (_("Broken links"), "desk.broken_links", "core.desk"),
    (_("Searched, not found"), "desk.unfound_searches", "core.desk"),
    (_("Find and replace"), "desk.replace", "core.desk"),
    (_("Many at once"), "desk.own_batches", "core.desk"),
    (_("Trash"), "desk.trash", "core.desk"),
    (_("Media library"), "desk.media", "core.desk"),
)
#: Pages that keep the unit in order.
KEEPING = (
    (_("Modules"), "desk.modules", "core.modules"),
    (_("Settings"), "desk.unit_settings", "core.modules"),
    (_("Appearance"), "desk.appearance", "core.modules"),
    (_("Home page and footer"), "desk.home_page", "core.modules"),
    (_("People"), "desk.people", "core.accounts"),
    (_("Log"), "desk.audit_log", "core.audit"),
    (_("Personal data"), "desk.personal_data", "core.audit"),
    (_("Breaches of personal data"), "desk.breaches", "core.plugins"),
)


@blueprint.app_context_processor
def values() -> dict[str, Any]:
    """Give desk templates their frame."""
    if request.blueprint != blueprint.name:
        return {}
    return {
        "desk_frame": frame,
        "called": called,
        "state_label": state_label,
        "work_state": actions.work_state,
        "writing_days": writing_days,
    }


def state_label(item: Item, state: str) -> Any:
    """Return what a state of an item is called in its workflow."""
    kind = platform.types.get(item.type)
    return STATES[state] if kind is None else work.context().workflow_of(kind).label(state)


def frame() -> DeskFrame | None:
    """Return the frame for the signed-in account; None while nobody is, or may enter."""
    if not current_user.is_authenticated or current_user.owes:
        return None
    if not current_actor().can("core.desk", g.unit.id):
        return None
    actor = current_actor()
    return DeskFrame(
        unit_name=g.unit.name(today(), language()),
        person=actor.name,
        own=_doors(OWN),
        sections=_sections(),
        tools=Corridor(str(_("Tools")), _doors(TOOLS)),
        keeping=Corridor(str(_("The unit")), _doors((*KEEPING, *places_of_plugins()))),
    )


def _sections() -> tuple[Corridor, ...]:
    kinds = groupby(work.kinds(), key=lambda kind: kind.section)
    return tuple(
        Corridor(
            _title(section),
            tuple(_door(k.label_plural, "desk.items", type_name=k.name) for k in types),
        )
        for section, types in kinds
    )


def _title(section: str) -> str:
    plugin = platform.plugins.get(section)
    assert plugin is not None and plugin.manifest is not None
    return plugin.manifest.label(language())


def _doors(places: Iterable[tuple[Any, str, str]]) -> tuple[Door, ...]:
    actor = current_actor()
    return tuple(
        _door(label, endpoint)
        for label, endpoint, permission in places
        if actor.can(permission, g.unit.id)
    )


def _door(label: Any, endpoint: str, **values: Any) -> Door:
    path, here = url_for(endpoint, **values), request.path
    own = path.removeprefix(request.script_root)
    below = endpoint != "desk.index" and here.startswith(own + "/")
    return Door(str(label), path, here == own or below)
