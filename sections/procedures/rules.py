"""Rules of procedures and services: pure functions, tested as tables of cases."""

from __future__ import annotations

import re
from collections.abc import Callable

from flask_babel import gettext as _

from hoitu.core.content import Item, Problem
from hoitu.sections.procedures.models import OnlineService, Procedure


def problems(item: Item, pattern: str, is_taken: Callable[[Item], bool]) -> list[Problem]:
    """Return everything that is wrong; ``pattern`` is the form of codes in the catalogue.

    ``is_taken`` says whether another live item of the type has the code of this one.
    """
    if not isinstance(item, Procedure | OnlineService):
        return []
    found = _code(item, pattern)
    if item.code and is_taken(item):
        found.append(Problem("code", _("Another entry has this code. Change that one instead.")))
    return [*found, *(_rows(item) if isinstance(item, Procedure) else [])]


def _code(item: Procedure | OnlineService, pattern: str) -> list[Problem]:
    if not item.code or re.fullmatch(pattern.strip("^$"), item.code, re.ASCII):
        return []
    return [Problem("code", _("Not a national code, for example 1.001234."))]


def _rows(procedure: Procedure) -> list[Problem]:
    wanted = {
        "ways": ("method", _("Say for each line how the dossier is filed.")),
        "dossier": ("name", _("Name the paper in each line of the dossier.")),
        "results": ("name", _("Name the result in each line.")),
    }
    found = [
        Problem(name, message)
        for name, (column, message) in wanted.items()
        if any(not row[column] for row in getattr(procedure, name))
    ]
    if any(row["time"] is not None and not row["time_unit"] for row in procedure.ways):
        found.append(Problem("ways", _("Choose the unit of time: working days, days, hours.")))
    if not procedure.ways:
        found.append(Problem("ways", _("Say how the dossier is filed, how long it takes.")))
    return found
