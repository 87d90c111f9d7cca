from __future__ import annotations

import csv
import io
from typing import Any

import pytest

from hoitu.sections.agency.chart import Node, in_order, tree, walk
from hoitu.sections.agency.directory import as_csv, grouped, matches
from hoitu.sections.agency.directory import in_order as people_in_order
from hoitu.sections.agency.models import Department, StaffMember


def department(
    key: int, title: str, parent: int | None = None, no: int | None = None
) -> Department:
    return Department(id=key, title=title, parent=parent, position_no=no)


def person(
    full_name: str, at: int | None = None, no: int | None = None, **more: Any
) -> StaffMember:
    values = {"post": "Chuyên viên", "phone": "", "email": "", **more}
    return StaffMember(full_name=full_name, department=at, position_no=no, **values)


def shape(nodes: tuple[Node, ...]) -> list[Any]:
    return [[n.department.title, shape(n.parts)] if n.parts else n.department.title for n in nodes]


def test_departments_by_position_then_vietnamese_alphabet() -> None:
    found = [
        department(1, "Ủy ban kiểm tra"),
        department(2, "Đội quản lý đô thị"),
        department(3, "Văn phòng", no=2),
        department(4, "Dân tộc"),
        department(5, "Lãnh đạo", no=1),
    ]
    assert [d.id for d in in_order(found)] == [5, 3, 4, 2, 1]


def test_people_by_position_then_given_name() -> None:
    found = [
        person("Trần Thị Ước"),
        person("Lê Văn Đức"),
        person("Phạm Văn Dũng"),
        person("Nguyễn Văn An"),
        person("Hồ Thị Bình", no=1),
    ]
    assert [p.full_name.split()[-1] for p in people_in_order(found)] == [
        "Bình", "An", "Dũng", "Đức", "Ước"
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        ([], []),
        ([department(1, "A"), department(2, "B", 1)], [["A", ["B"]]]),
        (
            [department(2, "B", 1), department(1, "A"), department(3, "C", 2)],
            [["A", [["B", ["C"]]]]],
        ),
        ([department(2, "B", 99)], ["B"]),
        ([department(1, "A", 2), department(2, "B", 1)], [["A", ["B"]]]),
        ([department(1, "A", 1), department(2, "B")], ["B", "A"]),
    ],
)
def test_tree_loses_nobody(found: list[Department], expected: list[Any]) -> None:
    nodes = tree(found)
    assert shape(nodes) == expected
    assert sorted(d.id for d in walk(nodes)) == sorted(d.id for d in found)


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ("", True),
        ("Nguyễn Văn Một", True),
        ("nguyen van mot", True),
        ("NGUYỄN", True),
        ("mot nguyen", True),
        ("truong phong", True),
        ("kinh te", True),
        ("0234 000 1731", True),
        ("02340001731", True),
        ("0001731", True),
        ("nguyen 1731", True),
        ("mot@hue", True),
        ("nguyen hai", False),
        ("02340001732", False),
    ],
)
def test_matches(wanted: str, found: bool) -> None:
    someone = person(
        "Nguyễn Văn Một", post="Trưởng phòng", phone="0234 000 1731", email="mot@hue.example"
    )
    assert matches(someone, "Phòng Kinh tế", wanted) is found


def test_groups_follow_the_chart_and_keep_people_without_department() -> None:
    found = [
        department(1, "Lãnh đạo", no=1),
        department(2, "Phòng Kinh tế", 1, no=2),
        department(3, "Phòng trống", 1, no=3),
    ]
    staff = [person("Lê Văn Ba", 2), person("Hồ Thị Tư", 77), person("Trần Văn Hai", 1)]
    groups = grouped(staff, found)
    assert [(g.department.id if g.department else None, len(g.members)) for g in groups] == [
        (1, 1), (2, 1), (None, 1)
    ]  # fmt: skip
    assert [g.members[0].full_name for g in grouped(staff, found, "kinh te")] == ["Lê Văn Ba"]


def test_csv_is_read_back() -> None:
    staff = [person('Trần "Ba", Thị', 1, phone="0234 000 1731")]
    text = as_csv(grouped(staff, [department(1, "Phòng Kinh tế")]))
    assert text.startswith("\ufeff")
    rows = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))
    assert len(rows[0]) == 5
    assert rows[1] == ["Phòng Kinh tế", 'Trần "Ba", Thị', "Chuyên viên", "0234 000 1731", ""]
