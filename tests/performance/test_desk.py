"""A list of the desk costs the same statements however many entries the unit has."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from hoitu.core.access import accounts
from hoitu.core.extensions import Platform
from hoitu.core.testing.fixtures import PASSWORD, Site
from hoitu.core.units import Unit

pytestmark = pytest.mark.both_databases

LIST = "/quan-tri/legal_document"
PATHS = (
    LIST,
    f"{LIST}?trang-thai=published",
    f"{LIST}?phu-trach=toi&trang-thai=draft&loai=KH",
    f"{LIST}?thu-tu=ten",
    f"{LIST}?thu-tu=ngay&sua-tu=01/01/2020",
)
#: Stamp; account, roles and deputies of whoever looks; the same of those who may review and the
#: names of those in charge, for the filters; a page of entries, how many there are, kept views.
BUDGET = 11


@pytest.fixture
def cost(
    site: Callable[..., Site], platform: Platform, unit: Unit, statements: Callable[[], list[str]]
) -> Callable[[str], int]:
    """Return a function that counts the statements of a page of an editor's desk."""
    with platform.open_session(True) as session:
        account = accounts.create(session, email="a@thu.example", name="Ba", password=PASSWORD)
        accounts.grant(session, account, "editor", unit.id)
        session.commit()
    desk, path = site(), "/quan-tri/dang-nhap"
    token = desk.get(path).text.partition('name="csrf_token" value="')[2].partition('"')[0]
    data = {"csrf_token": token, "email": "a@thu.example", "password": PASSWORD}
    assert desk.post(path, data=data).status_code == 303

    def count(path: str) -> int:
        assert desk.get(path).status_code == 200
        statements()
        assert desk.get(path).status_code == 200
        return len(statements())

    return count


@pytest.mark.slow
def test_a_list_costs_the_same_at_a_thousand_entries(filled: Any, cost: Any) -> None:
    few = {path: cost(path) for path in PATHS}
    filled.grow()
    assert {path: cost(path) for path in PATHS} == few
    assert max(few.values()) <= BUDGET
