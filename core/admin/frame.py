"""The frame of every desk page: who is signed in, where, and what they may open."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import g, request, url_for
from flask_babel import lazy_gettext as _
from flask_login import current_user

from hoitu.core.admin import work
from hoitu.core.admin.blueprint import blueprint
from hoitu.core.content import STATES, actions
from hoitu.core.web.access import current_actor
from hoitu.core.web.site import language, today


@dataclass(frozen=True, slots=True)
class Door:
    """An entry of the desk's navigation."""

    label: str
    path: str
    current: bool


@dataclass(frozen=True, slots=True)
class DeskFrame:
    """What the desk's layout shows around a page."""

    unit_name: str
    person: str
    content: list[Door]
    keeping: list[Door]


#: Pages that keep the unit in order: label, endpoint, permission.
KEEPING = (
    (_("Modules"), "desk.modules", "core.modules"),
    (_("People"), "desk.people", "core.accounts"),
    (_("Log"), "desk.audit_log", "core.audit"),
)


@blueprint.app_context_processor
def values() -> dict[str, Any]:
    """Give desk templates their frame."""
    if request.blueprint != blueprint.name:
        return {}
    return {"desk_frame": frame, "states": STATES, "work_state": actions.work_state}


def frame() -> DeskFrame | None:
    """Return the frame for the signed-in account; None while nobody is, or may enter."""
    if not current_user.is_authenticated or not current_actor().can("core.desk", g.unit.id):
        return None
    actor, path = current_actor(), request.path
    content = [_door(k.label_plural, "desk.items", path, type_name=k.name) for k in work.kinds()]
    keeping = [
        _door(label, endpoint, path)
        for label, endpoint, permission in KEEPING
        if actor.can(permission, g.unit.id)
    ]
    return DeskFrame(g.unit.name(today(), language()), actor.name, content, keeping)


def _door(label: Any, endpoint: str, here: str, **values: Any) -> Door:
    path = url_for(endpoint, **values)
    own = path.removeprefix(request.script_root)
    return Door(str(label), path, here == own or here.startswith(own + "/"))
