"""The staff directory: grouped by department, searched without marks, written as CSV."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from flask_babel import gettext as _

from hoitu.core import sheets, text
from hoitu.core.content import queries
from hoitu.core.extensions import session
from hoitu.core.web import in_language, now
from hoitu.sections.agency.chart import departments, rank, tree, walk
from hoitu.sections.agency.models import Department, StaffMember


@dataclass(frozen=True, slots=True)
class Group:
    """A department and its people, in order; None gathers those whose department is not public."""

    department: Department | None
    members: Sequence[StaffMember]


def search(wanted: str = "") -> list[Group]:
    """Return the directory of the unit, or the part that ``wanted`` finds: two statements."""
    staff = in_language(session().scalars(queries.public(StaffMember, now())).all())
    return grouped(staff, departments(), wanted)


def members_of(department: Department) -> list[StaffMember]:
    """Return the people of one department, in order: one statement."""
    chosen = queries.public(StaffMember, now()).where(StaffMember.department == department.id)
    return in_order(session().scalars(chosen))


def in_order(staff: Iterable[StaffMember]) -> list[StaffMember]:
    """Return people by position, then in Vietnamese alphabetical order of given names."""
    return sorted(staff, key=lambda m: (rank(m), text.person_sort_key(m.full_name)))


def grouped(
    staff: Iterable[StaffMember], found: Sequence[Department], wanted: str = ""
) -> list[Group]:
    """Return people by department, from the top of the chart down; empty groups are left out."""
    names = {d.id: d.title for d in found}
    members: dict[int | None, list[StaffMember]] = defaultdict(list)
    for person in staff:
        if matches(person, names.get(person.department or 0, ""), wanted):
            members[person.department if person.department in names else None].append(person)
    every: list[Department | None] = [*walk(tree(found)), None]
    groups = (Group(d, in_order(members[d.id if d else None])) for d in every)
    return [group for group in groups if group.members]


def matches(person: StaffMember, department: str, wanted: str) -> bool:
    """Say whether every word of ``wanted`` occurs in a person's entry, with marks or without.

    A telephone number may be written with other spaces than the entry has.
    """
    entry = text.fold(" ".join((person.full_name, person.post, department, person.email)))
    digits = text.number_key(person.phone)
    if (number := text.number_key(wanted)).isdigit():
        return number in digits
    return all(word in entry or word in digits for word in text.words(wanted))


def as_csv(groups: Iterable[Group]) -> str:
    """Return the directory as a file for spreadsheets, one line for each person."""
    header = (
        _("Department"), _("Full name"), _("Post"), _("Official telephone"), _("Official e-mail"),
    )  # fmt: skip
    rows = (
        (group.department.title if group.department else "", m.full_name, m.post, m.phone, m.email)
        for group in groups
        for m in group.members
    )
    return sheets.as_csv(header, rows)
