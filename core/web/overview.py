"""The parts of a section at a glance: what is published in each, and when it last changed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import func, select

from hoitu.core import clock
from hoitu.core.content import Item, queries
from hoitu.core.extensions import platform, session
from hoitu.core.web.site import active_unit, now


@dataclass(frozen=True, slots=True)
class Part:
    """One requirement, or one content type without any, of a section."""

    key: str
    label: Any
    path: str
    count: int
    changed_on: date | None


def parts_of(section: str, paths: Mapping[str, Callable[..., str]]) -> list[Part]:
    """Return the parts that are on for the unit, in the order of the types: one statement.

    ``paths`` gives, by content type, the function that builds the paths of its pages.
    """
    on = platform.switchboard.requirements_on(active_unit(), section)
    held = (
        select(Item.type, Item.requirement, func.count(), func.max(Item.revised_at))
        .where(Item.section == section, queries.is_public(now()), queries.is_original())
        .group_by(Item.type, Item.requirement)
    )
    figures = {(row[0], row[1]): (row[2], row[3]) for row in session().execute(held)}
    found = []
    for kind in platform.types.of_section(section):
        if kind.name not in paths:
            continue
        several = "requirement" in kind.fields
        for key, label in (kind.requirements or {"": kind.label_plural}).items():
            if key in on:
                count, changed = figures.get((kind.name, key), (0, None))
                path = paths[kind.name]("index", **({"nhom": key} if several else {}))
                day = clock.local(changed).date() if changed else None
                found.append(Part(key or kind.name, label, path, count, day))
    return found
