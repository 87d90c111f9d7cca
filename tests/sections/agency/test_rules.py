from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from hoitu.core.content import Item
from hoitu.sections.agency.models import ContactPoint, Department, Hotline, StaffMember
from hoitu.sections.agency.rules import dial, is_circular, problems


@pytest.mark.parametrize(
    ("parent", "superiors", "circular"),
    [
        (None, {}, False),
        (2, {2: None}, False),
        (2, {2: 3, 3: None}, False),
        (2, {}, False),
        (1, {}, True),
        (2, {2: 1}, True),
        (2, {2: 3, 3: 4, 4: 1}, True),
        (2, {2: 3, 3: 2}, True),
    ],
)
def test_is_circular(
    parent: int | None, superiors: Mapping[int, int | None], circular: bool
) -> None:
    assert is_circular(1, parent, superiors) is circular


@pytest.mark.parametrize(
    ("item", "fields"),
    [
        (Department(id=1, parent=2, phone="0234 000 1001"), []),
        (Department(id=1, parent=1), ["parent"]),
        (Department(id=2, parent=1), ["parent"]),
        (Department(id=1, parent=None, phone="đang lắp"), ["phone"]),
        (ContactPoint(phone="0234 000 1000", email=""), []),
        (ContactPoint(phone="", email="lienhe@hue.example"), []),
        (ContactPoint(phone="", email=""), ["phone"]),
        (ContactPoint(phone="12", email=""), ["phone"]),
        (Hotline(phone="113"), []),
        (Hotline(phone="0234.3822.538 - máy lẻ 12"), []),
        (Hotline(phone="(chưa có)"), ["phone"]),
        (StaffMember(phone=""), []),
        (StaffMember(phone="--"), ["phone"]),
    ],
)
def test_problems(item: Item, fields: list[str]) -> None:
    superiors: dict[int, int | None] = {1: 2, 2: None}
    assert [problem.field for problem in problems(item, lambda: superiors)] == fields


def test_superiors_are_asked_for_departments_only() -> None:
    def asked() -> Any:
        raise AssertionError("asked")

    assert problems(StaffMember(phone="113"), asked) == []
    with pytest.raises(AssertionError):
        problems(Department(id=1, parent=2), asked)


@pytest.mark.parametrize(
    ("phone", "dialled"),
    [
        ("0234 000 1731", "02340001731"),
        ("(0234) 3.822-538", "02343822538"),
        ("+84 234 3822538", "+842343822538"),
        ("113", "113"),
        ("0234 000 1731, 0234 000 1732", ""),
        ("0234 000 1731 (máy lẻ 12)", ""),
        ("", ""),
    ],
)
def test_dial(phone: str, dialled: str) -> None:
    assert dial(phone) == dialled
