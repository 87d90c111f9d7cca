"""A page costs the same however much the site holds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from hoitu.core.testing.fixtures import Site

pytestmark = pytest.mark.both_databases

#: The most statements a page may need once the unit is known. The home page has a block or two of
#: each of twelve sections, at most two statements each; it is kept until anything changes.
BUDGET, HOME_BUDGET = 8, 24

Count = Callable[[str], int]


@pytest.mark.parametrize("page", ["/", "/van-ban", "/tin-tuc", "a document"])
def test_a_page_keeps_its_budget(page: str, filled: Any, count: Count) -> None:
    budget = HOME_BUDGET if page == "/" else BUDGET
    assert count(filled.document if page == "a document" else page) <= budget


@pytest.mark.slow
def test_statements_do_not_grow_with_the_site(
    filled: Any, count: Count, site: Callable[..., Site]
) -> None:
    paths = ["/", "/van-ban", "/tin-tuc", filled.document]
    few = {path: count(path) for path in paths}
    filled.grow()
    assert {path: count(path) for path in paths} == few
    for path in ("/van-ban", "/tin-tuc"):
        assert "1000 kết quả" in site().get(path).text


@pytest.mark.slow
def test_every_page_of_a_list_costs_the_same(
    filled: Any, count: Count, site: Callable[..., Site]
) -> None:
    filled.grow()
    path, costs = "/van-ban", []
    for _ in range(3):
        path = older(site().get(path).text)
        costs.append(count(path))
    assert "tu=" in path
    assert costs == [costs[0]] * 3
    assert costs[0] <= BUDGET


def older(page: str) -> str:
    """Return the address of the link to older items."""
    before = page.partition('rel="next"')[2]
    return before.partition('href="')[2].partition('"')[0].replace("&amp;", "&")


def test_the_count_hears_the_database(count: Count) -> None:
    """Without this, a listener that hears nothing would pass everything."""
    assert count("/van-ban") > 0
