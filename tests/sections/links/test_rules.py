from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest

from hoitu.core.clock import ZONE
from hoitu.sections.links.groups import Link, rules, valid, without_repeats
from hoitu.sections.links.models import PortalLink
from hoitu.sections.links.rules import problems
from hoitu.sections.links.types import derive, portal_link

FIRST, SECOND, THIRD = date(2026, 11, 22), date(2026, 11, 23), date(2026, 11, 24)


@pytest.mark.parametrize(
    ("days", "fields"),
    [
        ({}, []),
        ({"valid_from": FIRST}, []),
        ({"valid_until": FIRST}, []),
        ({"valid_from": FIRST, "valid_until": FIRST}, []),
        ({"valid_from": FIRST, "valid_until": THIRD}, []),
        ({"valid_from": SECOND, "valid_until": FIRST}, ["valid_until"]),
    ],
)
def test_problems(days: dict[str, Any], fields: list[str]) -> None:
    assert [problem.field for problem in problems(PortalLink(**days))] == fields


@pytest.mark.parametrize(
    ("days", "shown"),
    [
        ({}, True),
        ({"valid_from": SECOND}, True),
        ({"valid_until": SECOND}, True),
        ({"valid_from": FIRST, "valid_until": THIRD}, True),
        ({"valid_from": THIRD}, False),
        ({"valid_until": FIRST}, False),
    ],
)
def test_valid(days: dict[str, Any], shown: bool) -> None:
    assert bool(valid([PortalLink(id=1, **days)], SECOND)) is shown


def test_oldest_link_comes_first() -> None:
    assert [link.id for link in valid([PortalLink(id=2), PortalLink(id=1)], FIRST)] == [1, 2]


@pytest.mark.parametrize(
    ("last", "end"),
    [(None, None), (FIRST, datetime(2026, 11, 23, tzinfo=ZONE))],
)
def test_publication_ends_with_the_last_day(last: date | None, end: datetime | None) -> None:
    link = PortalLink(valid_until=last, published_until=datetime(2020, 1, 1, tzinfo=ZONE))
    derive(link)
    assert link.published_until == end


def test_addresses_are_not_repeated_and_unknown_ones_are_kept() -> None:
    links = [Link("A", "https://a.vn/"), Link("B", ""), Link("A2", "https://a.vn/"), Link("C", "")]
    assert [link.name for link in without_repeats(links)] == ["A", "B", "C"]


def test_every_requirement_has_a_group_and_a_label() -> None:
    assert set(rules()) == set(portal_link.requirements)
    assert len(rules()) == 9
    assert {key for key, rule in rules().items() if rule.banner} == {
        "link_open_data",
        "link_digital_transformation",
    }
