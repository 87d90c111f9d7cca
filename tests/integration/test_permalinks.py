"""``/bai/<id>``: an address that stays, wherever its item moves."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest

from hoitu.core.content import ActionContext, Item, actions
from hoitu.core.testing.fixtures import Site
from hoitu.core.units import Unit

Desk = Callable[..., AbstractContextManager[ActionContext]]
Document = Callable[..., dict[str, object]]
Open = Callable[..., Site]


@pytest.fixture
def published(publish: Callable[..., int], document: Document) -> int:
    return publish("legal_document", **document())


def test_it_leads_to_the_present_path(site: Open, published: int) -> None:
    answer = site().get(f"/bai/{published}")
    assert answer.status_code == 302
    assert answer.location.startswith(f"/van-ban/{published}-")
    assert "max-age=300" in answer.headers["Cache-Control"]
    assert site().get(answer.location).status_code == 200
    assert site().get(f"/en/bai/{published}").location.startswith(f"/en/van-ban/{published}-")


def test_it_follows_a_new_title(desk: Desk, site: Open, published: int) -> None:
    before = site().get(f"/bai/{published}").location
    with desk() as work:
        item = work.session.get_one(Item, published)
        actions.edit(work, item, {"number": "390/KH-UBND"})
        actions.publish(work, item)
    after = site().get(f"/bai/{published}").location
    assert after != before
    assert site().get(after).status_code == 200


@pytest.mark.parametrize("path", ["/bai/999999", "/bai/0", "/bai/99999999999999999999", "/bai/x"])
def test_no_such_item(site: Open, path: str) -> None:
    assert site().get(path).status_code == 404


def test_what_is_not_public_is_not_there(
    desk: Desk, site: Open, published: int, document: Document
) -> None:
    with desk() as work:
        draft = actions.create(work, "legal_document", document("1/QĐ-UBND")).id
    assert site().get(f"/bai/{draft}").status_code == 404


@pytest.mark.parametrize(
    ("reason", "status"), [("mistake", 404), ("outdated", 410), ("merged", 301)]
)
def test_what_was_withdrawn_answers_as_its_own_address_does(
    desk: Desk, site: Open, published: int, publish: Callable[..., int], document: Document,
    reason: str, status: int,
) -> None:  # fmt: skip
    other = publish("legal_document", **document("2/KH-UBND"))
    own = site().get(f"/bai/{published}").location
    with desk() as work:
        item = work.session.get_one(Item, published)
        target = other if reason == "merged" else None
        details = actions.StepDetails(withdrawn_for=reason, withdrawn_to=target)
        actions.advance(work, item, "unpublish", "lý do", details)
    answer, there = site().get(f"/bai/{published}"), site().get(own)
    assert answer.status_code == there.status_code == status
    assert answer.location == there.location


def test_another_unit_has_no_such_address(site: Open, published: int, other_unit: Unit) -> None:
    assert site(other_unit).get(f"/bai/{published}").status_code == 404


def test_a_placed_item_is_shown_where_it_is_placed(
    site: Open, desk: Desk, published: int, unit: Unit, other_unit: Unit
) -> None:
    place(desk, published, unit, other_unit)
    answer = site(other_unit).get(f"/bai/{published}")
    assert answer.status_code == 302
    assert answer.location.startswith("/van-ban/")
    assert site(other_unit).get(answer.location).status_code == 200


def place(desk: Desk, item_id: int, owner: Unit, at: Unit) -> None:
    from hoitu.core.content import ItemPlacement
    from hoitu.core.units import unit_scope

    with desk(at) as work, unit_scope(owner.id, at.id):
        item: Any = work.session.get_one(Item, item_id)
        work.session.add(
            ItemPlacement(
                item_id=item.id,
                unit_id=at.id,
                owner_id=owner.id,
                section=item.section,
                type=item.type,
                requirement=item.requirement,
                sort_at=item.sort_at,
            )
        )
        work.session.flush()
