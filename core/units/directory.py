"""The directory of units: every unit of the installation, immutable, in memory, asked by date."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Protocol, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from hoitu.core import text
from hoitu.core.clock import Clock
from hoitu.core.units.models import (
    HostRow,
    SuccessionRow,
    UnitNameRow,
    UnitParentRow,
    UnitRow,
)

#: Hosts that show the province in a demo; `<slug>.localhost` shows the unit.
LOOPBACK = ("127.0.0.1", "localhost", "[::1]")


class _Dated(Protocol):
    @property
    def valid_from(self) -> date | None: ...

    @property
    def valid_until(self) -> date | None: ...


D = TypeVar("D", bound=_Dated)


@dataclass(frozen=True, slots=True)
class Period:
    """Base of dated facts; both ends are included, None is open."""

    valid_from: date | None
    valid_until: date | None


@dataclass(frozen=True, slots=True)
class Name(Period):
    """A name in one language."""

    language: str
    name: str
    short: str


@dataclass(frozen=True, slots=True)
class Parent(Period):
    """The superior unit in one period."""

    unit_id: int


@dataclass(frozen=True, slots=True)
class Host(Period):
    """A host name in one period."""

    name: str


@dataclass(frozen=True, slots=True)
class Succession:
    """A unit continued by another from ``effective_on``."""

    predecessor_id: int
    successor_id: int
    kind: str
    partial: bool
    effective_on: date
    legal_document: str


@dataclass(frozen=True, slots=True)
class Unit:
    """One agency. Equal by id; questions about names and superiors take a date."""

    id: int
    uid: str = field(compare=False)
    slug: str = field(compare=False)
    code: str = field(compare=False)
    type: str = field(compare=False)
    has_site: bool = field(compare=False)
    website: str = field(compare=False)
    valid_from: date | None = field(compare=False)
    valid_until: date | None = field(compare=False)
    names: tuple[Name, ...] = field(compare=False)
    parents: tuple[Parent, ...] = field(compare=False)
    hosts: tuple[Host, ...] = field(compare=False)

    def exists_on(self, day: date) -> bool:
        """Say whether the unit exists on ``day``."""
        return holds(self, day)

    def living_day(self, day: date) -> date:
        """Return ``day``, or the last day of a dissolved unit: the law and name it ended under."""
        return min(day, self.valid_until) if self.valid_until else day

    def name(self, day: date, language: str = "vi") -> str:
        """Return the full name on ``day``, in Vietnamese where the language has none."""
        found = self._name(day, language)
        return found.name if found else self.slug

    def short_name(self, day: date, language: str = "vi") -> str:
        """Return the short name on ``day``, e.g. "Phong Điền"."""
        found = self._name(day, language)
        return (found.short or found.name) if found else self.slug

    def host(self, day: date) -> str | None:
        """Return the host name on ``day``, or the last one the unit had."""
        current = on_day(self.hosts, self.living_day(day))
        return current.name if current else (self.hosts[-1].name if self.hosts else None)

    def _name(self, day: date, language: str) -> Name | None:
        day = self.living_day(day)
        own = [n for n in self.names if n.language == language]
        return on_day(own, day) or on_day([n for n in self.names if n.language == "vi"], day)


class UnitDirectory:
    """Every unit, looked up by id, slug or host name; replaced whole when the stamp moves."""

    def __init__(self, clock: Clock, *, demo_hosts: bool = False) -> None:
        self._clock = clock
        self._demo_hosts = demo_hosts
        self._fill([], [])

    def reload(self, session: Session) -> None:
        """Read all units from the database."""
        names = _by_unit(session, UnitNameRow)
        parents = _by_unit(session, UnitParentRow)
        hosts = _by_unit(session, HostRow)
        units = [
            Unit(
                id=row.id,
                uid=row.uid,
                slug=row.slug,
                code=row.code,
                type=row.type,
                has_site=row.has_site,
                website=row.website,
                valid_from=row.valid_from,
                valid_until=row.valid_until,
                names=tuple(
                    Name(n.valid_from, n.valid_until, n.language, n.name, n.short)
                    for n in names[row.id]
                ),
                parents=tuple(
                    Parent(p.valid_from, p.valid_until, p.parent_id) for p in parents[row.id]
                ),
                hosts=tuple(Host(h.valid_from, h.valid_until, h.name) for h in hosts[row.id]),
            )
            for row in session.scalars(select(UnitRow).order_by(UnitRow.id))
        ]
        successions = [
            Succession(
                s.predecessor_id,
                s.successor_id,
                s.kind,
                s.partial,
                s.effective_on,
                s.legal_document,
            )
            for s in session.scalars(select(SuccessionRow).order_by(SuccessionRow.id))
        ]
        self._fill(units, successions)

    def by_id(self, unit_id: int) -> Unit | None:
        """Return the unit with this id."""
        return self._by_id.get(unit_id)

    def by_slug(self, slug: str) -> Unit | None:
        """Return the unit with this slug, unique over all time."""
        return self._by_slug.get(slug)

    def by_host(self, host: str) -> Unit | None:
        """Return the unit whose site answers on ``host`` (without port), or None.

        A host name that two units had at different times belongs to the one that has it now, else
        to the last. Of dissolved units the last host keeps answering.
        """
        host = host.lower().rstrip(".")
        if found := self._by_host.get(host):
            return found
        return self._demo_unit(host) if self._demo_hosts else None

    def all(self) -> Sequence[Unit]:
        """Return every unit of all times, by id."""
        return self._units

    def sites(self) -> list[Unit]:
        """Return the units that have a site, dissolved ones included."""
        return [u for u in self._units if u.has_site]

    def province(self) -> Unit | None:
        """Return the unit at the top: the first of the catalogue's type ``province``."""
        return next((u for u in self._units if u.type == "province"), None)

    def parent(self, unit: Unit, day: date) -> Unit | None:
        """Return the superior of a unit on ``day`` (for a dissolved unit: on its last day)."""
        found = on_day(unit.parents, unit.living_day(day))
        return self._by_id.get(found.unit_id) if found else None

    def children(self, unit: Unit, day: date) -> list[Unit]:
        """Return the units under ``unit`` that exist on ``day``, in Vietnamese order of names."""
        found = [
            self._by_id[child]
            for child in self._children.get(unit.id, ())
            if self._by_id[child].exists_on(day) and self.parent(self._by_id[child], day) == unit
        ]
        return self.in_order(found, day)

    def in_order(self, units: Iterable[Unit], day: date) -> list[Unit]:
        """Return units in Vietnamese order of their names on ``day``."""
        return sorted(units, key=lambda u: text.sort_key(u.name(day)))

    def successors(self, unit: Unit) -> list[tuple[Unit, Succession]]:
        """Return the units that continue ``unit``, with how."""
        rows = (s for s in self._successions if s.predecessor_id == unit.id)
        return [(self._by_id[s.successor_id], s) for s in rows]

    def predecessors(self, unit: Unit) -> list[tuple[Unit, Succession]]:
        """Return the units that ``unit`` continues, with how."""
        rows = (s for s in self._successions if s.successor_id == unit.id)
        return [(self._by_id[s.predecessor_id], s) for s in rows]

    def _demo_unit(self, host: str) -> Unit | None:
        if host in LOOPBACK:
            return self.province()
        slug, dot, rest = host.partition(".")
        return self._by_slug.get(slug) if dot and rest == "localhost" else None

    def _fill(self, units: list[Unit], successions: list[Succession]) -> None:
        today = self._clock.today()
        children: dict[int, set[int]] = defaultdict(set)
        for unit in units:
            for parent in unit.parents:
                children[parent.unit_id].add(unit.id)
        # The present holder of a host name is written last and so prevails.
        hosts = [
            (holds(h, today), h.valid_from or date.min, h.name, u) for u in units for h in u.hosts
        ]
        hosts.sort(key=lambda entry: entry[:2])
        self._units = tuple(units)
        self._by_id = {u.id: u for u in units}
        self._by_slug = {u.slug: u for u in units}
        self._by_host = {name: unit for _, _, name, unit in hosts}
        self._successions = tuple(successions)
        self._children = children


def holds(fact: _Dated, day: date) -> bool:
    """Say whether a dated fact holds on ``day``."""
    return (fact.valid_from is None or fact.valid_from <= day) and (
        fact.valid_until is None or day <= fact.valid_until
    )


def on_day(facts: Sequence[D], day: date) -> D | None:
    """Return the fact that holds on ``day``, if any."""
    return next((fact for fact in facts if holds(fact, day)), None)


R = TypeVar("R", UnitNameRow, UnitParentRow, HostRow)


def _by_unit(session: Session, row: type[R]) -> dict[int, list[R]]:
    grouped: dict[int, list[R]] = defaultdict(list)
    # Sorted here because the databases disagree on where NULL belongs.
    rows = sorted(session.scalars(select(row)), key=lambda r: (r.valid_from or date.min, r.id))
    for found in rows:
        grouped[found.unit_id].append(found)
    return grouped
