"""Pages that the law wants in a further language: which of them a unit lacks.

Which they are, for whom and since when is data of the catalogue: an entry of ``legal_extras`` with
a ``language`` and the ``requirements`` it is about (``english_minimum``).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from hoitu.core.content import ContentType, Item, queries
from hoitu.core.extensions import Platform
from hoitu.core.requirements import Requirement
from hoitu.core.units import Unit, unit_scope

#: Items of a requirement that are looked into for words in the language; the first one settles it.
LIMIT = 50


@dataclass(frozen=True, slots=True)
class MissingPage:
    """A requirement whose content the law wants in a language, and which is not there in it."""

    requirement: Requirement
    language: str
    #: The duty that says so.
    duty: Requirement
    #: Type of which such content is written.
    kind: ContentType


def missing_pages(parts: Platform, session: Session, unit: Unit, day: date) -> list[MissingPage]:
    """Return what a unit lacks on a day: one statement for each requirement that the law names.

    A translation counts once it is public, and so does a text that says so itself
    (``ContentType.languages``). Requirements that are off for the unit are not asked for.
    """
    with unit_scope(unit.id):
        return [
            wanted
            for wanted in _wanted(parts, unit, day)
            if not _is_there(session, wanted, parts.clock.now())
        ]


def _wanted(parts: Platform, unit: Unit, day: date) -> Iterator[MissingPage]:
    catalogue, unit_type = parts.catalogues.on(day), parts.catalogues.unit_type(unit.type)
    if unit_type is None or not unit.exists_on(day):
        return
    for duty in catalogue.extras.values():
        if not (duty.holds_on(day) and unit_type.matches(duty.unit_types)):
            continue
        for key in duty.data.get("requirements", ()):
            requirement = catalogue.duties.get(key)
            kind = next((kind for kind in parts.types if key in kind.requirements), None)
            if requirement is None or kind is None or not duty.data.get("language"):
                continue
            if parts.switchboard.section_on(unit, kind.section, key):
                yield MissingPage(requirement, str(duty.data["language"]), duty, kind)


def _is_there(session: Session, wanted: MissingPage, now: datetime) -> bool:
    chosen = queries.public(wanted.kind.model, now, [wanted.requirement.id], translations=True)
    newest = chosen.order_by(Item.sort_at.desc(), Item.id.desc()).limit(LIMIT)
    found: Iterable[Item] = session.scalars(newest)
    return any(wanted.language in wanted.kind.languages(item) for item in found)
