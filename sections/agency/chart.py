"""The departments of a unit as a tree."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import inf

from sqlalchemy import select

from hoitu.core.content import queries
from hoitu.core.extensions import session
from hoitu.core.text import sort_key
from hoitu.core.web import now
from hoitu.sections.agency.models import Department, StaffMember


@dataclass(frozen=True, slots=True)
class Node:
    """A department and the parts below it, in order."""

    department: Department
    parts: tuple[Node, ...]


def departments() -> list[Department]:
    """Return the public departments of the unit, in order: one statement."""
    return in_order(session().scalars(queries.public(Department, now())))


def superiors() -> dict[int, int | None]:
    """Return the superior of every department of the unit, published or not: one statement."""
    rows = session().execute(select(Department.id, Department.parent))
    return {row.id: row.parent for row in rows}


def in_order(found: Iterable[Department]) -> list[Department]:
    """Return departments by position, then in Vietnamese alphabetical order."""
    return sorted(found, key=lambda d: (rank(d), sort_key(d.title)))


def rank(entry: Department | StaffMember) -> float:
    """Return the sort key of a position: entries without one come last."""
    return inf if entry.position_no is None else entry.position_no


def tree(found: Sequence[Department]) -> tuple[Node, ...]:
    """Return the trees that ``found`` make up; the order among equals is kept.

    A department whose superior is not among ``found`` is a root. So is one department of a circle,
    which the rules prevent and two simultaneous editors might still close: nobody gets lost.
    """
    known = {d.id for d in found}
    below: dict[int | None, list[Department]] = defaultdict(list)
    for department in found:
        below[department.parent if department.parent in known else None].append(department)
    seen: set[int] = set()

    def grow(department: Department) -> Node:
        seen.add(department.id)
        parts = (d for d in below[department.id] if d.id not in seen)
        return Node(department, tuple(grow(d) for d in parts))

    roots = [grow(d) for d in below[None]]
    roots += [grow(d) for d in found if d.id not in seen]
    return tuple(roots)


def walk(nodes: Iterable[Node]) -> Iterator[Department]:
    """Yield departments from the top down, each before its parts."""
    for node in nodes:
        yield node.department
        yield from walk(node.parts)
