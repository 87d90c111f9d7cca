"""Panels that most sections have: the newest of what they publish."""

from __future__ import annotations

from typing import Any

from flask import url_for

from hoitu.core.content import queries
from hoitu.core.extensions import platform
from hoitu.core.units import Unit
from hoitu.core.web.contributions import Panel
from hoitu.core.web.site import now
from hoitu.core.web.translations import in_language


def newest_panel(
    unit: Unit,
    type_name: str,
    title: Any,
    *,
    endpoint: str,
    weight: int,
    size: int = 5,
    template: str = "web/panel.html",
    **options: Any,
) -> list[Panel]:
    """Return one panel of the newest items of a type, none while there are none: one statement.

    Each is in the language of the request where it can be, for a second statement then.
    ``endpoint`` is where "all of these" leads; the template finds the items as
    ``panel["values"].found``.
    """
    kind = platform.types[type_name]
    on = platform.switchboard.requirements_on(unit, kind.section)
    if kind.requirements and on.isdisjoint(kind.requirements):
        return []
    wanted = on.intersection(kind.requirements) if kind.requirements else None
    found = in_language(queries.newest(kind.model, wanted, size=size, now=now()))
    if not found:
        return []
    values = {"found": found}
    more = url_for(endpoint)
    return [Panel(type_name, title, template, values, weight, more=more, **options)]
