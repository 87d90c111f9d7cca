"""Doors of the desk that plugins bring: which pages they have there, and who may enter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import current_app, g, url_for

from hoitu.core.access import Actor
from hoitu.core.extensions import platform

_KEY = "hoitu_desk_doors"


@dataclass(frozen=True, slots=True)
class Place:
    """A page of a plugin that the navigation leads to."""

    plugin: str
    label: Any
    endpoint: str
    permission: str


def add(extensions: dict[str, Any], place: Place) -> None:
    """Have the navigation of an application lead to a page, while its plugin is in use."""
    extensions.setdefault(_KEY, []).append(place)


def places_of_plugins() -> Sequence[tuple[Any, str, str]]:
    """Return label, endpoint and permission of the pages that plugins bring."""
    found: list[Place] = current_app.extensions.get(_KEY, [])
    return [
        (place.label, place.endpoint, place.permission)
        for place in found
        if platform.plugins.is_active(place.plugin)
    ]


def first_page(actor: Actor) -> str:
    """Return where an account begins at this unit: its work, or the one page it has; else ''."""
    if actor.can("core.desk", g.unit.id):
        return url_for("desk.index")
    pages = (e for _label, e, permission in places_of_plugins() if actor.can(permission, g.unit.id))
    endpoint = next(pages, "")
    return url_for(endpoint) if endpoint else ""
