"""Items placed at another unit: shown there, with their files, as far as their owner shows them."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date, timedelta
from io import BytesIO
from typing import Any

import pytest

from hoitu.core.content import ActionContext, Item, ItemPlacement, actions, files
from hoitu.core.content.queries import placed
from hoitu.core.extensions import Platform
from hoitu.core.settings import switching
from hoitu.core.units import Unit

pytestmark = pytest.mark.both_databases

Desk = Callable[..., AbstractContextManager[ActionContext]]
Waive = Callable[..., None]

TYPE, SECTION = "legal_document", "legal_documents"
DUTY = "administrative_documents"
PDF = b"%PDF-1.7\n%%EOF\n"


@pytest.fixture
def waive(desk: Desk, platform: Platform) -> Waive:
    """Return a function that excuses a unit from a requirement of the section: it is off."""

    def off(at: Unit, requirement: str = DUTY) -> None:
        with desk(at) as work:
            switching.waive(
                switching.SwitchContext(
                    work.session, work.actor, at, work.hooks, work.switchboard, work.clock
                ),
                SECTION,
                requirement,
                reason="Thử nghiệm",
                decision_no="1/QĐ-UBND",
                until=work.clock.today() + timedelta(days=30),
            )
        with platform.open_session(False) as session:
            platform.switchboard.reload(session)

    return off


@pytest.fixture
def theirs(desk: Desk, platform: Platform, publish: Any, document: Any, other_unit: Unit) -> Any:
    """Return (id of a document of another unit that is placed here, id of its file)."""
    with desk(other_unit) as work:
        file_id = files.upload(work, platform.files, "a.pdf", BytesIO(PDF)).id
    item_id = publish(TYPE, other_unit, **document("5/KH-UBND", attachments=[file_id]))
    place(desk, item_id, other_unit)
    return item_id, file_id


def place(desk: Desk, item_id: int, owner: Unit) -> None:
    with desk(owner) as work:
        sort_at = work.session.get_one(Item, item_id).sort_at
    with desk() as work:
        placement = ItemPlacement(
            item_id=item_id, owner_id=owner.id, section=SECTION, type=TYPE, requirement=DUTY,
            sort_at=sort_at,
        )  # fmt: skip
        work.session.add(placement)


#: Where an item and its file are read.
PATHS = ("/van-ban/{item}", "/api/v1/legal_document/{item}", "/tep/{file}/a.pdf")


def answer(visitor: Any, path: str, theirs: tuple[int, int]) -> int:
    """Return the code with which a site answers for an item or its file."""
    address = path.format(item=theirs[0], file=theirs[1])
    return int(visitor.get(address, follow_redirects=True, buffered=True).status_code)


def test_on_paper_it_is_the_owners(site: Any, theirs: Any, unit: Unit, other_unit: Unit) -> None:
    paper = site().get(f"/van-ban/{theirs[0]}-x/in", follow_redirects=True).text
    day = date(2026, 11, 23)
    assert f'<p class="paper-agency">{other_unit.name(day)}</p>' in paper
    assert unit.name(day) not in paper


def test_a_placed_item_is_shown_with_its_files(site: Any, theirs: tuple[int, int]) -> None:
    item_id, file_id = theirs
    page = site().get(f"/van-ban/{item_id}", follow_redirects=True).text
    assert f'href="/tep/{file_id}/a.pdf"' in page
    assert site().get(f"/tep/{file_id}/a.pdf", buffered=True).data == PDF
    assert site().get(f"/tep/{file_id}/b.pdf").headers["Location"] == f"/tep/{file_id}/a.pdf"


def test_other_files_of_its_owner_are_not(
    site: Any, desk: Desk, platform: Platform, publish: Any, document: Any, other_unit: Unit,
    theirs: tuple[int, int],
) -> None:  # fmt: skip
    with desk(other_unit) as work:
        kept = files.upload(work, platform.files, "b.pdf", BytesIO(PDF + b"2")).id
    publish(TYPE, other_unit, **document("6/KH-UBND", attachments=[kept]))
    assert site(other_unit).get(f"/tep/{kept}/b.pdf", buffered=True).status_code == 200
    assert site().get(f"/tep/{kept}/b.pdf").status_code == 404


def test_a_third_unit_shows_neither(
    site: Any, units: Callable[[str], Unit], theirs: tuple[int, int]
) -> None:
    assert {answer(site(units("tinh")), path, theirs) for path in PATHS} == {404}


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("where", ["owner", "here"])
def test_what_is_off_here_or_at_the_owner_is_not_shown(
    site: Any, unit: Unit, other_unit: Unit, theirs: tuple[int, int], waive: Waive, where: str,
    path: str,
) -> None:  # fmt: skip
    assert answer(site(), path, theirs) == 200
    waive(other_unit if where == "owner" else unit)
    assert answer(site(), path, theirs) == 404
    assert answer(site(other_unit), path, theirs) == (404 if where == "owner" else 200)


def test_a_list_of_the_site_follows_the_owners_switch(
    site: Any, other_unit: Unit, theirs: tuple[int, int], waive: Waive
) -> None:
    def listed() -> list[int]:
        found = site().get("/van-ban/data.json").get_json()
        return [entry["id"] for entry in found["items"]]

    assert listed() == [theirs[0]]
    waive(other_unit)
    assert listed() == []


def test_a_list_leaves_out_what_its_owner_switched_off(
    desk: Desk, publish: Any, document: Any, unit: Unit, other_unit: Unit, waive: Waive,
    units: Callable[[str], Unit], platform: Platform,
) -> None:  # fmt: skip
    owners = {owner.slug: owner for owner in (other_unit, units("tinh"))}
    placed_ids = {}
    for slug, owner in owners.items():
        placed_ids[slug] = publish(TYPE, owner, **document(f"{owner.id}/KH-UBND"))
        place(desk, placed_ids[slug], owner)
    model = platform.types[TYPE].model

    def shown() -> set[int]:
        def on_at(owner_id: int) -> frozenset[str]:
            owner = platform.units.by_id(owner_id)
            assert owner is not None
            return platform.switchboard.requirements_on(owner, SECTION)

        with desk() as work:
            now = work.now()
            found = placed(work.session, model, SECTION, now, requirements=None, on_at=on_at)
            assert found is not None
            shown = {item.id for item in found.around(work.session, None, 20)}
            assert found.count(work.session) == len(shown)
            return shown

    assert shown() == set(placed_ids.values())
    waive(other_unit)
    assert shown() == {placed_ids["tinh"]}
    waive(units("tinh"))
    assert shown() == set()


def test_what_its_owner_withdrew_takes_its_file_along(
    site: Any, desk: Desk, other_unit: Unit, theirs: tuple[int, int]
) -> None:
    with desk(other_unit) as work:
        actions.unpublish(work, work.session.get_one(Item, theirs[0]), "Sai số liệu")
    assert {answer(site(), path, theirs) for path in PATHS} == {404}
