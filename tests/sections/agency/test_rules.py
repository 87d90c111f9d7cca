from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest

from hoitu.core.content import File, Item, ItemFile
from hoitu.sections.agency.models import (
    ContactPoint,
    Department,
    HeritageSite,
    Hotline,
    LeadershipAssignment,
    StaffMember,
)
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


def leader(id: int, position: str, first: int, last: int | None = None) -> LeadershipAssignment:
    until = date(last, 12, 31) if last else None
    return LeadershipAssignment(
        id=id, position=position, valid_from=date(first, 1, 1), valid_until=until, title="Chủ tịch"
    )


@pytest.mark.parametrize(
    ("item", "fields"),
    [
        (leader(1, "chairman", 2026), []),
        (leader(2, "chairman", 2026), ["valid_from"]),
        (leader(2, "chairman", 2020, 2025), ["valid_from"]),
        (leader(2, "chairman", 2020, 2022), []),
        (leader(2, "acting_chairman", 2024, 2024), ["valid_from"]),
        (leader(2, "vice_chairman", 2026), []),
        (leader(2, "no longer known", 2026), []),
        (leader(2, "vice_chairman", 2026, 2025), ["valid_until"]),
    ],
)
def test_heads_follow_one_another(item: LeadershipAssignment, fields: list[str]) -> None:
    known = [leader(1, "chairman", 2023), leader(3, "vice_chairman", 2023)]
    assert [problem.field for problem in problems(item, others=lambda: known)] == fields


@pytest.mark.parametrize(
    ("pictures", "captions", "fields"),
    [(0, 0, []), (2, 2, []), (1, 2, []), (2, 1, ["captions"]), (1, 0, ["captions"])],
)
def test_every_picture_is_described(pictures: int, captions: int, fields: list[str]) -> None:
    item = HeritageSite(captions=[{"caption": "Cổng"}] * captions)
    for media_type in ["application/pdf", *["image/png"] * pictures]:
        item.attachment_rows.append(ItemFile(file=File(media_type=media_type)))
    assert [problem.field for problem in problems(item)] == fields


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
