"""What visitors meet at the address of something that was taken off the site."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any

import pytest

from hoitu.core.clock import FrozenClock
from hoitu.core.content import ActionContext, Item, actions
from hoitu.core.content.actions import StepDetails

Desk = Callable[..., AbstractContextManager[ActionContext]]
Values = Callable[..., dict[str, object]]
TEXT = "Toàn văn"


@pytest.fixture
def written(publish: Callable[..., int], document: Values) -> Callable[..., int]:
    """Return a function that publishes a document and returns its id."""
    return lambda number="389/KH-UBND", **more: publish(
        "legal_document", **document(number, **more)
    )


@pytest.fixture
def path(desk: Desk) -> Callable[[int], str]:
    """Return a function that gives the public path of an item."""

    def of(item_id: int) -> str:
        with desk() as work:
            item = work.session.get_one(Item, item_id)
            return work.type_of(item).path(item)

    return of


@pytest.fixture
def withdraw(desk: Desk) -> Callable[..., None]:
    """Return a function that takes an item off the site for a reason."""

    def take(item_id: int, reason: str = "", to: int | None = None) -> None:
        with desk() as work:
            item = work.session.get_one(Item, item_id)
            details = StepDetails(withdrawn_for=reason, withdrawn_to=to)
            actions.advance(work, item, "unpublish", "Lý do nội bộ", details)

    return take


def step(desk: Desk, item_id: int, name: str, **options: Any) -> None:
    with desk() as work:
        actions.advance(work, work.session.get_one(Item, item_id), name, "Lý do", **options)


@pytest.mark.parametrize("reason", ["", "mistake"])
def test_a_mistake_leaves_nothing(
    written: Any, path: Any, withdraw: Any, site: Any, reason: str
) -> None:
    item_id = written()
    withdraw(item_id, reason)
    assert site().get(path(item_id)).status_code == 404


@pytest.mark.parametrize("reason", ["mistake", "merged"])
def test_visitors_are_led_to_the_entry_that_was_named(
    written: Any, path: Any, withdraw: Any, site: Any, reason: str
) -> None:
    item_id, other = written(), written("390/KH-UBND")
    withdraw(item_id, reason, other)
    for address in (path(item_id), f"/van-ban/{item_id}", f"{path(item_id)}/in", f"/bai/{item_id}"):
        answer = site().get(address)
        assert (answer.status_code, answer.location) == (301, path(other)), address
        # It can be taken back: nobody is led away for ever.
        assert answer.headers["Cache-Control"] == "public, max-age=300"


def test_the_entry_is_found_under_its_present_path(
    written: Any, path: Any, withdraw: Any, site: Any, desk: Desk
) -> None:
    item_id, other = written(), written("390/KH-UBND")
    withdraw(item_id, "merged", other)
    old = path(other)
    with desk() as work:
        item = work.session.get_one(Item, other)
        actions.publish(work, actions.edit(work, item, {"summary": "Tên mới", "number": "9/KH"}))
    assert path(other) != old
    assert site().get(path(item_id)).location == path(other)


@pytest.mark.parametrize("then", ["unpublish", "archive"])
def test_nobody_is_led_to_what_is_not_public(
    written: Any, path: Any, withdraw: Any, site: Any, desk: Desk, then: str
) -> None:
    item_id, other = written(), written("390/KH-UBND")
    withdraw(item_id, "merged", other)
    step(desk, other, then)
    assert site().get(path(item_id)).status_code == 404


def test_what_is_out_of_date_leaves_a_notice(
    written: Any, path: Any, withdraw: Any, site: Any, clock: FrozenClock
) -> None:
    item_id, other = written(), written("390/KH-UBND", summary="Kế hoạch thay thế")
    clock.move(timedelta(days=2))
    withdraw(item_id, "outdated", other)
    clock.move(timedelta(days=9))
    answer = site().get(path(item_id))
    page = answer.get_data(as_text=True)
    assert answer.status_code == 410
    assert "noindex" in answer.headers["X-Robots-Tag"]
    assert '<meta name="robots" content="noindex">' in page
    assert "389/KH-UBND" in page
    assert "25/11/2026" in page
    assert "không còn hiệu lực" in page
    assert f'href="{path(other)}"' in page
    assert TEXT not in page
    assert "Lý do nội bộ" not in page
    assert 'rel="canonical"' not in page


def test_the_notice_speaks_both_languages(
    written: Any, path: Any, withdraw: Any, site: Any
) -> None:
    item_id = written()
    withdraw(item_id, "outdated")
    page = site().get("/en" + path(item_id))
    assert page.status_code == 410
    assert "no longer in force" in page.get_data(as_text=True)
    assert 'href="/en/' in page.get_data(as_text=True)


def test_machines_are_told_as_well(written: Any, path: Any, withdraw: Any, site: Any) -> None:
    item_id = written()
    withdraw(item_id, "outdated")
    answer = site().get(f"{path(item_id)}.json")
    assert answer.status_code == 410
    assert "23/11/2026" in answer.json["detail"]


def test_the_notice_names_what_was_public_and_no_draft(
    written: Any, path: Any, withdraw: Any, site: Any, desk: Desk
) -> None:
    item_id = written()
    address = path(item_id)
    with desk() as work:
        item = work.session.get_one(Item, item_id)
        actions.edit(work, item, {"number": "999/BIMAT", "summary": "Chưa ai được biết"})
    withdraw(item_id, "outdated")
    with desk() as work:
        item = work.session.get_one(Item, item_id)
        actions.edit(work, item, {"summary": "Còn đang viết"})
    page = site().get(address).get_data(as_text=True)
    assert "389/KH-UBND" in page
    assert "BIMAT" not in page
    assert "Còn đang viết" not in page


def test_the_notice_stays_while_a_new_text_waits_and_ends_when_it_is_public(
    written: Any, path: Any, withdraw: Any, site: Any, desk: Desk
) -> None:
    item_id = written()
    withdraw(item_id, "outdated")
    step(desk, item_id, "submit")
    assert site().get(path(item_id)).status_code == 410
    step(desk, item_id, "publish")
    assert site().get(path(item_id)).status_code == 200


@pytest.mark.parametrize("steps", [("archive",), ("trash",), ("trash", "restore")])
def test_what_is_thrown_away_or_begun_anew_is_not_there(
    written: Any, path: Any, withdraw: Any, site: Any, desk: Desk, steps: tuple[str, ...]
) -> None:
    item_id = written()
    withdraw(item_id, "outdated")
    for name in steps:
        step(desk, item_id, name)
    assert site().get(path(item_id)).status_code == 404


def test_a_section_that_is_off_answers_nothing(
    publish: Any, document: Values, desk: Desk, site: Any, staff: Any, units: Any
) -> None:
    service = units("don-vi-su-nghiep")
    admin = staff("unit_admin", at=service)
    module = "/quan-tri/chuyen-muc/legal_documents.normative_documents"
    assert admin.send(admin.open(module).form("/bat"), reason="Theo nhu cầu").status == 303
    visitor = site(service)
    assert visitor.get("/").status_code == 200
    values = {"requirement": "normative_documents", "kind": "QĐ"}
    one, other, third = (
        publish("legal_document", service, **document(f"{n}/2023/QĐ-UBND", **values))
        for n in (54, 55, 56)
    )
    with desk(service) as work:
        for item_id, details in (
            (one, StepDetails(withdrawn_for="outdated")),
            (other, StepDetails(withdrawn_for="merged", withdrawn_to=third)),
        ):
            item = work.session.get_one(Item, item_id)
            actions.advance(work, item, "unpublish", "Lý do", details)
        path = work.type_of(item).path
        addresses = [path(work.session.get_one(Item, i)) for i in (one, other)]
    addresses += [f"/bai/{one}", f"/bai/{other}"]
    assert [visitor.get(a).status_code for a in addresses] == [410, 301, 410, 301]
    assert admin.send(admin.open(module).form("/tat"), reason="Không cần nữa").status == 303
    assert [visitor.get(a).status_code for a in addresses] == [404] * 4


def test_another_unit_tells_nothing(
    written: Any, path: Any, withdraw: Any, site: Any, other_unit: Any
) -> None:
    item_id = written()
    withdraw(item_id, "outdated")
    assert site(other_unit).get(path(item_id)).status_code == 404
    assert site(other_unit).get(f"/bai/{item_id}").status_code == 404


def test_a_withdrawn_entry_is_on_no_list(
    written: Any, withdraw: Any, site: Any, drain: Callable[[], None]
) -> None:
    item_id = written()
    withdraw(item_id, "outdated")
    drain()
    for address in ("/van-ban", "/van-ban/feed.atom", "/van-ban/data.json", "/van-ban/data.csv",
                    "/api/v1/legal_document", "/tim-kiem?q=389"):  # fmt: skip
        answer = site().get(address)
        assert answer.status_code == 200, address
        assert "Xây dựng nền tảng" not in answer.get_data(as_text=True), address
    assert site().get(f"/api/v1/legal_document/{item_id}").status_code == 404


def test_a_public_page_asks_nothing_more(
    written: Any, path: Any, site: Any, statements: Callable[[], list[str]]
) -> None:
    address = path(written())
    site().get(address)
    statements()
    site().get(address)
    assert not [one for one in statements() if "scheduled_step" in one or "item.extra" in one]


def test_the_form_that_unpublishes_lists_what_leads_here(
    written: Any, staff: Any, desk: Desk, document: Values
) -> None:
    item_id = written()
    with desk() as work:
        body = f'<p><a href="/bai/{item_id}">kế hoạch trước</a></p>'
        values = document("5/TB-UBND", summary="Thông báo dẫn tới kế hoạch", body=body)
        actions.publish(work, actions.create(work, "legal_document", values))
    page = staff("approver").open(f"/quan-tri/legal_document/{item_id}").text
    form = page[page.index("/buoc/unpublish") :]
    assert "5/TB-UBND" in form[: form.index("</form>")]
