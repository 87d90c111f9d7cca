"""The departments of a unit as a tree."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import object_session

from hoitu.core.content import Item, queries
from hoitu.core.extensions import session
from hoitu.core.text import sort_key
from hoitu.core.web import now
from hoitu.sections.agency.models import Department

LAST = 2**31


@dataclass(frozen=True, slots=True)
class Node:
    """A department and the parts below it, in order."""

    department: Department
    parts: tuple[Node, ...]


def departments() -> list[Department]:
    """Return the public departments of the unit, in order: one statement."""
    return in_order(session().scalars(queries.public(Department, now())))


def superiors(item: Item) -> dict[int, int | None]:
    """Return the superior of every department of the unit, published or not: one statement.

    Read in the transaction that changes ``item``, so that what it has not committed counts.
    """
    inside = object_session(item)
    assert inside is not None
    rows = inside.execute(select(Department.id, Department.parent))
    return {row.id: row.parent for row in rows}


def in_order(found: Iterable[Department]) -> list[Department]:
    """Return departments by position, then in Vietnamese alphabetical order."""
    return sorted(found, key=lambda d: (place(d.position_no), sort_key(d.title)))


def place(position_no: int | None) -> int:
    """Return the sort key of a position: entries without one come last."""
    return LAST if position_no is None else position_no


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
