"""Questions of the desk that an index answers, so that they cost as little in a large archive."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import true

from hoitu.core.admin import calendar_page
from hoitu.core.care import links
from hoitu.core.clock import FrozenClock
from hoitu.core.content import ActionContext, actions
from hoitu.core.content.actions.purging import KEPT
from hoitu.core.extensions import Platform

pytestmark = pytest.mark.both_databases

Desk = Callable[..., AbstractContextManager[ActionContext]]
Plans = Callable[[str], str]


@pytest.fixture
def plans(platform: Platform, statements: Callable[[], list[str]]) -> Plans:
    """Return a function that tells how SQLite answered the statements that hold some words.

    Which index it takes does not depend on the parameters.
    """
    if platform.engine.dialect.name != "sqlite":
        pytest.skip("the plans of SQLite")

    def told(words: str) -> str:
        steps = []
        for asked in [s for s in statements() if words in s]:
            with platform.engine.connect() as connection:
                nothing = (None,) * asked.count("?")
                rows = connection.exec_driver_sql(f"explain query plan {asked}", nothing)
                steps += [row.detail for row in rows]
        assert steps, words
        return "\n".join(steps)

    return told


def test_the_calendar_finds_what_waits_for_approval(
    staff: Callable[..., Any], plans: Plans
) -> None:
    assert staff("editor").open(f"/quan-tri/lich?loai={calendar_page.APPROVAL}").status == 200
    assert "ix_item_work (unit_id=? AND <expr>=?" in plans("item.approve_by BETWEEN")


def test_broken_addresses_are_found_by_what_is_broken(desk: Desk, plans: Plans) -> None:
    with desk() as work:
        links.broken(work.session, work.now(), true())
    found = plans("link_check.broken_since IS NOT NULL")
    assert "ix_link_check_broken" in found
    assert "ix_item_link_key (unit_id=? AND key=?)" in found
    assert "SCAN item" not in found


def test_broken_addresses_of_mine_are_counted_by_what_is_broken(desk: Desk, plans: Plans) -> None:
    with desk() as work:
        links.broken_count(work.session, 7, work.now())
    found = plans("link_check.broken_since IS NOT NULL")
    assert "ix_link_check_broken" in found
    assert "ix_item_link_key (unit_id=? AND key=?)" in found


def test_the_types_written_lately_are_looked_up(staff: Callable[..., Any], plans: Plans) -> None:
    assert staff("editor").open("/quan-tri/viet-moi").status == 200
    steps = plans("max(item.updated_at)").splitlines()
    searches = [step for step in steps if "item" in step]
    assert searches
    for step in searches:
        assert "ix_item_responsible (unit_id=? AND responsible_id=? AND type=?)" in step


def test_purging_finds_what_leads_visitors_to_an_entry(
    desk: Desk, document: Callable[..., Any], plans: Plans, drain: Callable[[], None],
    clock: FrozenClock,
) -> None:  # fmt: skip
    with desk() as work:
        actions.trash(work, actions.create(work, "legal_document", document()))
    clock.move(KEPT + timedelta(days=1))
    drain()
    assert "ix_item_withdrawn_to (unit_id=? AND withdrawn_to=?)" in plans("SET withdrawn_to")
