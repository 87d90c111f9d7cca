"""Catalogue files and the questions they answer.

A catalogue is one YAML file with the date from which it holds. The wheel ships the first;
``instance/catalogues/*.yaml`` adds later ones, so that a new decree changes what units owe from its
day on without a line of code. Every question therefore takes a date.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property, lru_cache
from importlib import resources
from pathlib import Path
from typing import Any

import yaml

#: Loader of libyaml when the wheel has it: ten times faster, same result.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
#: Marker of duties of the whole installation, not of a unit.
PLATFORM = "platform"


class CatalogueError(ValueError):
    """A catalogue file cannot be used; the message names file and entry."""


@dataclass(frozen=True, slots=True)
class UnitType:
    """A kind of agency, with the period in which the law knew it."""

    id: str
    label_vi: str
    level: str
    groups: frozenset[str]
    has_site: bool
    valid_from: date | None
    valid_until: date | None

    def matches(self, names: Iterable[str]) -> bool:
        """Say whether this type is named, by id or by one of its groups, in ``names``."""
        return not self.groups.union((self.id,)).isdisjoint(names)


@dataclass(frozen=True, slots=True)
class LegalBasis:
    """One act behind a requirement, with its status and how sure we are of it."""

    ref: str
    status: str
    evidence: str
    note: str = ""

    @property
    def expired(self) -> bool:
        """Say whether the catalogue records the act as no longer in force."""
        return self.status.startswith(("expired", "replaced"))


@dataclass(frozen=True, slots=True)
class Requirement:
    """One thing the law or the plan demands; an "item" of the plan."""

    id: str
    section: str
    group: str
    label_vi: str
    description_vi: str
    kind: str
    unit_types: frozenset[str]
    people_committee_only: bool
    legal_basis: tuple[LegalBasis, ...]
    fresh_days: int | None
    valid_from: date | None
    valid_until: date | None
    data: Mapping[str, Any]
    #: False = the law behind it was not read; a unit of the type named has it unless it declines.
    mandatory: bool = True

    def holds_on(self, day: date) -> bool:
        """Say whether the requirement exists on ``day``."""
        return _within(day, self.valid_from, self.valid_until)

    def binds(self, unit_type: UnitType, day: date) -> bool:
        """Say whether a unit of this type must fulfil the requirement on ``day``."""
        return self.mandatory and self.holds_on(day) and unit_type.matches(self.unit_types)

    def current_basis(self) -> tuple[LegalBasis, ...]:
        """Return the acts not known to have expired, or all of them when none is left."""
        return tuple(b for b in self.legal_basis if not b.expired) or self.legal_basis


@dataclass(frozen=True, slots=True)
class SectionGroup:
    """A lettered group of the plan and the section package that serves it."""

    group: str
    section: str
    label_vi: str
    requirements: tuple[Requirement, ...]


@dataclass(frozen=True)
class Catalogue:
    """The law as of one effective date."""

    effective_from: date
    source: str
    unit_types: Mapping[str, UnitType]
    groups: tuple[SectionGroup, ...]
    document_types: Mapping[str, tuple[Mapping[str, str], ...]]
    data: Mapping[str, Any]
    #: Duties of other laws that the plan does not list, by id.
    extras: Mapping[str, Requirement]

    @cached_property
    def requirements(self) -> Mapping[str, Requirement]:
        """Every requirement by id, in the order of the plan."""
        return {r.id: r for group in self.groups for r in group.requirements}

    @cached_property
    def duties(self) -> Mapping[str, Requirement]:
        """The requirements of the plan and the duties beyond it, by id."""
        return {**self.requirements, **self.extras}

    @cached_property
    def by_section(self) -> Mapping[str, tuple[Requirement, ...]]:
        """Requirements by the section package that serves them."""
        return {group.section: group.requirements for group in self.groups}

    def mandated(self, unit_type: str, day: date) -> tuple[Requirement, ...]:
        """Return what a unit of this type owes on ``day``, in the order of the plan."""
        found = self.unit_types.get(unit_type)
        if found is None:
            return ()
        return tuple(r for r in self.requirements.values() if r.binds(found, day))


class Catalogues:
    """All catalogues of the installation, asked by date."""

    def __init__(self, catalogues: Iterable[Catalogue]) -> None:
        self._all = sorted(catalogues, key=lambda c: c.effective_from)
        if not self._all:
            raise CatalogueError("no catalogue file was found")

    @classmethod
    def load(cls, instance: Path) -> Catalogues:
        """Return the shipped catalogues and those of ``instance/catalogues``.

        :raises CatalogueError: a file is not a catalogue.
        """
        shipped = resources.files("hoitu.core.requirements") / "data"
        texts = {f.name: f.read_text("utf-8") for f in shipped.iterdir() if f.name.endswith("yaml")}
        for path in sorted((instance / "catalogues").glob("*.yaml")):
            try:
                texts[str(path)] = path.read_text("utf-8")
            except (OSError, UnicodeDecodeError) as error:
                raise CatalogueError(f"{path} is not a catalogue: {error}") from error
        return cls(parse(name, text) for name, text in texts.items())

    def on(self, day: date) -> Catalogue:
        """Return the catalogue in force on ``day``; before the first, the first."""
        return next((c for c in reversed(self._all) if c.effective_from <= day), self._all[0])

    def unit_type(self, type_id: str) -> UnitType | None:
        """Return a unit type from the newest catalogue that knows it."""
        return next(
            (c.unit_types[type_id] for c in reversed(self._all) if type_id in c.unit_types), None
        )


@lru_cache(maxsize=16)
def parse(source: str, text: str) -> Catalogue:
    """Return the catalogue written in ``text``.

    :raises CatalogueError: not YAML, or an entry lacks what it needs.
    """
    try:
        data = yaml.load(text, Loader=_LOADER)  # noqa: S506 (a safe loader, see above)
        return Catalogue(
            effective_from=_day(data["meta"]["effective_from"]) or date.min,
            source=source,
            unit_types={entry["id"]: _unit_type(entry) for entry in data["unit_types"]},
            groups=tuple(_group(entry) for entry in data["sections"]),
            document_types={
                name: tuple(rows)
                for name, rows in data.get("document_types", {}).items()
                if isinstance(rows, list)
            },
            data=data,
            extras={entry["id"]: _extra(entry) for entry in data.get("legal_extras", ())},
        )
    except (yaml.YAMLError, KeyError, TypeError, ValueError, AttributeError) as error:
        raise CatalogueError(
            f"{source} is not a catalogue: {type(error).__name__} {error}. "
            "Correct or remove the file, then run: hoitu requirements --check"
        ) from error


def _unit_type(entry: Mapping[str, Any]) -> UnitType:
    return UnitType(
        id=entry["id"],
        label_vi=entry["label_vi"],
        level=entry["level"],
        groups=frozenset(entry["groups"]),
        has_site=entry["has_site"],
        valid_from=_day(entry.get("valid_from")),
        valid_until=_day(entry.get("valid_to")),
    )


def _group(entry: Mapping[str, Any]) -> SectionGroup:
    section = entry["plugin"]
    return SectionGroup(
        group=entry["group"],
        section=section,
        label_vi=entry["label_vi"],
        requirements=tuple(_requirement(r, section, entry["group"]) for r in entry["requirements"]),
    )


def _requirement(entry: Mapping[str, Any], section: str, group: str) -> Requirement:
    freshness = entry.get("freshness_default") or {}
    days = {"day": 1, "working_day": 1}.get(freshness.get("unit", ""))
    return Requirement(
        id=entry["id"],
        section=section,
        group=group,
        label_vi=entry["label_vi"],
        description_vi=entry["description_vi"],
        kind=entry["kind"],
        unit_types=frozenset(entry["unit_types"]),
        people_committee_only=entry["people_committee_only"],
        legal_basis=tuple(
            LegalBasis(b["ref"], b.get("status", ""), b.get("evidence", ""), b.get("note", ""))
            for b in entry["legal_basis"]
        ),
        fresh_days=freshness["value"] * days if days else None,
        valid_from=_day(entry.get("valid_from")),
        valid_until=_day(entry.get("valid_to")),
        data=entry,
    )


def _extra(entry: Mapping[str, Any]) -> Requirement:
    return Requirement(
        id=entry["id"],
        section="",
        group="",
        label_vi=entry["label_vi"],
        description_vi=entry["label_vi"],
        kind=entry["kind"],
        unit_types=frozenset(entry["unit_types"]),
        people_committee_only=False,
        legal_basis=(LegalBasis(entry["basis"], "", ""),),
        fresh_days=None,
        valid_from=_day(entry.get("valid_from")),
        valid_until=_day(entry.get("valid_to")),
        data=entry,
        mandatory=False,
    )


def _day(value: date | str | None) -> date | None:
    return date.fromisoformat(value) if isinstance(value, str) else value


def _within(day: date, start: date | None, end: date | None) -> bool:
    return (start is None or start <= day) and (end is None or day <= end)
