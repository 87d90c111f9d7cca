from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest

from hoitu.core.content import ActionContext, Item, actions, queries
from hoitu.core.units import Unit, UnitScopeError
from hoitu.sections.links.models import PortalLink

Desk = Callable[..., AbstractContextManager[ActionContext]]
LINK = {"requirement": "link_open_data", "url": "https://data.example/"}


@pytest.fixture
def theirs(publish: Callable[..., int], other_unit: Unit) -> int:
    return publish("portal_link", other_unit, title="Của phường Hai", **LINK)


def test_names_the_units_it_reads(
    desk: Desk, publish: Callable[..., int], unit: Unit, other_unit: Unit, theirs: int
) -> None:
    own = publish("portal_link", title="Của phường Một", **LINK)
    with desk() as work:

        def found(*units: Unit) -> list[int]:
            ids = [u.id for u in units]
            return [i.id for i in queries.of_units(work.session, PortalLink, ids, work.now())]

        assert found(other_unit) == [theirs]
        assert found(unit) == [own]
        assert set(found(unit, other_unit)) == {own, theirs}
        assert found() == []


def test_drafts_stay_private(desk: Desk, other_unit: Unit) -> None:
    with desk(other_unit) as work:
        actions.create(work, "portal_link", {"title": "Nháp", **LINK})
    with desk() as work:
        assert queries.of_units(work.session, PortalLink, [other_unit.id], work.now()) == []


def test_scope_is_as_before_afterwards(desk: Desk, other_unit: Unit, theirs: int) -> None:
    with desk() as work:
        queries.of_units(work.session, PortalLink, [other_unit.id], work.now())
        assert work.session.get(Item, theirs) is None


def test_what_is_read_cannot_be_written(desk: Desk, other_unit: Unit, theirs: int) -> None:
    with pytest.raises(UnitScopeError), desk() as work:
        [item] = queries.of_units(work.session, PortalLink, [other_unit.id], work.now())
        item.title = "Đổi"
        work.session.flush()


def test_limit_keeps_the_newest(desk: Desk, publish: Callable[..., int], unit: Unit) -> None:
    ids = [publish("portal_link", title=f"Số {n}", **LINK) for n in range(4)]
    with desk() as work:
        found = queries.of_units(work.session, PortalLink, [unit.id], work.now(), limit=2)
    assert [item.id for item in found] == ids[:1:-1]
