"""When a page that the law demands last changed, and was last looked at again.

Lists and pages of items tell it of themselves. For pages that a section draws in its own way, such
as a directory, the menu says which requirements they fulfil.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from flask import g, request
from sqlalchemy import func, select

from hoitu.core.content import Item, queries
from hoitu.core.extensions import platform, session
from hoitu.core.web.contributions import MenuEntry
from hoitu.core.web.site import kept, now

#: When something last changed, and the day on which it was last looked at; None = not known.
Dates = tuple[datetime | None, date | None]


def page_dates() -> Dates:
    """Return the dates of what the present page must show; one statement, then they are kept."""
    if "unit" not in g or request.endpoint is None:
        return None, None
    requirements = _requirements()
    return _dates(requirements) if requirements else (None, None)


def _requirements() -> frozenset[str]:
    """Return the requirements that the menu says are fulfilled here and that are on.

    The first page of a section stands for all of them where the menu names none.
    """
    section, _, view = (request.endpoint or "").partition(".")
    here = [
        entry
        for entry in kept("menu entries", _entries)
        if entry.endpoint == request.endpoint and entry.requirement
    ]
    # Of the parts of a page, the one that is asked for; places on it are all of it.
    asked = [entry for entry in here if _is_asked_for(entry)] or here
    if not asked and view == "index":
        return platform.switchboard.requirements_on(g.unit, section) - {""}
    on = platform.switchboard.section_on
    return frozenset(
        entry.requirement
        for entry in asked
        if entry.requirement and on(g.unit, section, entry.requirement)
    )


def _is_asked_for(entry: MenuEntry) -> bool:
    named = {name: value for name, value in entry.arguments.items() if not name.startswith("_")}
    return all(request.args.get(name) == value for name, value in named.items())


def _entries() -> list[MenuEntry]:
    return list(_flat(platform.hooks.menu_entries(g.unit)))


def _flat(entries: Iterable[MenuEntry]) -> Iterable[MenuEntry]:
    for entry in entries:
        yield entry
        yield from _flat(entry.children)


def _dates(requirements: frozenset[str]) -> Dates:
    def compute() -> Dates:
        figures = select(func.max(Item.revised_at), func.max(Item.reviewed_on)).where(
            Item.requirement.in_(sorted(requirements)), queries.is_public(now())
        )
        row = session().execute(figures).one()
        return row[0], row[1]

    return kept(("dates", requirements), compute)
