"""Rules of the agency's entries: pure functions, tested as tables of cases."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping

from flask_babel import gettext as _

from hoitu.core.content import File, Item, Problem
from hoitu.core.geojson import Layer, LayerError
from hoitu.sections.agency.models import (
    ContactPoint,
    Dated,
    Department,
    HeritageSite,
    Hotline,
    LeadershipAssignment,
    MapLayer,
    StaffMember,
)
from hoitu.sections.agency.vocabularies import POSITIONS

#: Superior of each department of the unit, published or not.
Superiors = Mapping[int, int | None]

_DIALLED = re.compile(r"\+?[\d\s.()-]+", re.ASCII)
_EMERGENCY = 3


def problems(
    item: Item,
    superiors: Callable[[], Superiors] = dict,
    others: Callable[[], Iterable[LeadershipAssignment]] = tuple,
    layer_of: Callable[[MapLayer], Layer | None] = lambda layer: None,
) -> list[Problem]:
    """Return everything that is wrong; the functions are asked for what their rule needs only."""
    found: list[Problem] = []
    if isinstance(item, Department) and is_circular(item.id, item.parent, superiors()):
        found.append(Problem("parent", _("A department cannot stand under one of its own parts.")))
    if isinstance(item, ContactPoint) and not (item.phone or item.email):
        found.append(Problem("phone", _("Give a telephone number or an e-mail address.")))
    if isinstance(item, ContactPoint | Department | Hotline | StaffMember):
        found += _phone(item.phone or "")
    if isinstance(item, Dated) and item.period[0] > item.period[1]:
        found.append(Problem("valid_until", _("The last day lies before the first.")))
    if isinstance(item, MapLayer):
        found += _map(item, layer_of)
    if isinstance(item, HeritageSite):
        found += _captions(item)
    if isinstance(item, LeadershipAssignment):
        found += _heads(item, others)
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


def pictures(item: HeritageSite) -> list[File]:
    """Return the attached pictures, in order."""
    files = (row.file for row in item.attachment_rows)
    return [file for file in files if file.media_type.startswith("image/")]


def _phone(phone: str) -> list[Problem]:
    if phone and sum(sign.isdigit() for sign in phone) < _EMERGENCY:
        return [Problem("phone", _("Not a telephone number, for example 0234 000 0000."))]
    return []


def _map(item: MapLayer, layer_of: Callable[[MapLayer], Layer | None]) -> list[Problem]:
    try:
        layer = layer_of(item)
    except LayerError as error:
        return [Problem("attachments", str(error))]
    if layer is None and not item.places:
        text = _("Attach the map as a .geojson file, or write the list of places.")
        return [Problem("attachments", text)]
    return []


def _captions(item: HeritageSite) -> list[Problem]:
    if len(item.captions or ()) >= (count := len(pictures(item))):
        return []
    text = _("Say what each of the %(n)d pictures shows, for those who cannot see them.", n=count)
    return [Problem("captions", text)]


def _heads(
    item: LeadershipAssignment, others: Callable[[], Iterable[LeadershipAssignment]]
) -> list[Problem]:
    heads = [key for key, position in POSITIONS.terms.items() if position.heads]
    first, last = item.period
    for other in others() if item.position in heads else ():
        meet = first <= other.period[1] and other.period[0] <= last
        if meet and other.position in heads and other.id != item.id:
            text = _("%(name)s heads the committee then. End that entry first.", name=other.title)
            return [Problem("valid_from", text)]
    return []
