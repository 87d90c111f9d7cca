"""Rules of the agency's entries: pure functions, tested as tables of cases."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from flask_babel import gettext as _

from hoitu.core.content import Item, Problem
from hoitu.sections.agency.models import ContactPoint, Department, Hotline, StaffMember

#: Superior of each department of the unit, published or not.
Superiors = Mapping[int, int | None]

_DIALLED = re.compile(r"\+?[\d\s.()-]+", re.ASCII)
_EMERGENCY = 3


def problems(item: Item, superiors: Callable[[], Superiors]) -> list[Problem]:
    """Return everything that is wrong; ``superiors`` is asked for departments only."""
    found: list[Problem] = []
    if isinstance(item, Department) and is_circular(item.id, item.parent, superiors()):
        text = _("A department cannot stand under itself or under one of its own parts.")
        found.append(Problem("parent", text))
    if isinstance(item, ContactPoint) and not (item.phone or item.email):
        found.append(Problem("phone", _("Give a telephone number or an e-mail address.")))
    if isinstance(item, ContactPoint | Department | Hotline | StaffMember):
        found += _phone(item.phone or "")
    return found


def is_circular(department: int, parent: int | None, superiors: Superiors) -> bool:
    """Say whether going up from ``parent`` leads back to ``department`` or never ends."""
    seen = {department}
    while parent is not None:
        if parent in seen:
            return True
        seen.add(parent)
        parent = superiors.get(parent)
    return False


def dial(phone: str) -> str:
    """Return what a telephone dials, e.g. ``02340001731``; '' for anything but one number."""
    if not _DIALLED.fullmatch(phone.strip()):
        return ""
    return re.sub(r"[^\d+]", "", phone)


def _phone(phone: str) -> list[Problem]:
    if phone and sum(sign.isdigit() for sign in phone) < _EMERGENCY:
        return [Problem("phone", _("Not a telephone number, for example 0234 000 0000."))]
    return []
