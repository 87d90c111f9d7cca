from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from hoitu.core.app import Portal
from hoitu.core.clock import FrozenClock
from hoitu.core.content import ActionContext, Refused, actions
from hoitu.core.testing.fixtures import Site
from hoitu.core.testing.visitors import unseen
from hoitu.core.units import Unit
from hoitu.sections.transparency.models import InformationRequest
from hoitu.sections.transparency.vocabularies import CONSENTS

Open = Callable[..., Site]
Send = Callable[..., Any]
Desk = Callable[..., AbstractContextManager[ActionContext]]
Ask = Callable[..., str]

FORM, FOLLOW = "/minh-bach/yeu-cau", "/minh-bach/yeu-cau/tra-cuu"
#: The name, contacts and words stand nowhere else.
ENTERED = {
    "information": "Xin bản đồ bimatz",
    "purpose": "Zmucdichz riêng",
    "delivery": "portal",
    "requester": "Zotenz Hotenz",
    "address": "Zdiachiz số chín",
    "phone": "0234 000 987",
    "email": "zhopthuz@thu.example",
    "agrees": "1",
}
PERSONAL = ("bimatz", "zmucdichz", "zotenz", "000 987", "zhopthuz", "zdiachiz")


@pytest.fixture
def ask(site: Open, send: Send) -> Ask:
    """Return a function that sends a request and returns its code."""

    def by_form(at: Unit | None = None, **changed: Any) -> str:
        answer = send(site(at), FORM, **{**ENTERED, **changed})
        assert answer.status_code == 303, answer.text
        return str(re.search(r"ma=([0-9A-Z]{4}-[0-9A-Z]{4})$", answer.headers["Location"])[1])  # type: ignore[index]

    return by_form


def stored(work: ActionContext, code: str) -> InformationRequest:
    chosen = select(InformationRequest).where(InformationRequest.code == code)
    return work.session.scalars(chosen).one()


def count(desk: Desk) -> int:
    with desk() as work:
        return work.session.scalar(select(func.count()).select_from(InformationRequest)) or 0


def answer(desk: Desk, code: str, step: str = "publish", **values: Any) -> int:
    written = {"title": "Bản đồ phường", "body": "<p>Đính kèm.</p>", **values}
    with desk() as work:
        item = stored(work, code)
        actions.edit(work, item, written)
        return actions.advance(work, item, step, "Đã trả lời").id


def test_request_waits_with_code_day_and_consent(ask: Ask, desk: Desk) -> None:
    code = ask()
    with desk() as work:
        item = stored(work, code)
        assert (item.state, item.title, item.complexity) == ("submitted", code, "simple")
        # Three working days from Monday 23/11/2026; the next day is a public holiday.
        assert (item.received_on, item.due_on) == (date(2026, 11, 23), date(2026, 11, 27))
        assert item.consent_version == "request-1"
        assert item.email == ENTERED["email"]


def test_day_follows_the_complexity_once_it_is_emptied(ask: Ask, desk: Desk) -> None:
    code = ask()
    with desk() as work:
        item = stored(work, code)
        actions.edit(work, item, {"complexity": "complex"})
        assert item.due_on == date(2026, 11, 27)
        actions.edit(work, item, {"due_on": None})
        assert item.due_on == date(2026, 12, 15)


def test_same_request_sent_twice_is_one(ask: Ask, desk: Desk) -> None:
    assert ask() == ask()
    assert count(desk) == 1
    ask(information="Xin biên bản")
    assert count(desk) == 2


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"information": " "}, "Thông tin yêu cầu cung cấp"),
        ({"requester": ""}, "Họ và tên"),
        ({"delivery": ""}, "Hình thức nhận thông tin"),
        ({"delivery": "x"}, "danh sách"),
        ({"agrees": None}, "Tôi đồng ý"),
        ({"email": "không phải"}, "thư điện tử"),
        ({"email": "", "phone": "", "address": ""}, "Vui lòng ghi địa chỉ"),
        ({"delivery": "by_email", "email": ""}, "hình thức nhận quý vị đã chọn"),
        ({"information": "x" * 4001}, "4000"),
        ({"requester": "\x00"}, "Họ và tên"),
    ],
)
def test_incomplete_request_comes_back_as_it_was(
    changed: dict[str, str | None], message: str, site: Open, send: Send, desk: Desk
) -> None:
    found = send(site(), FORM, **{**ENTERED, **changed})
    assert found.status_code == 422
    assert message in found.text
    kept = ENTERED["purpose"]
    assert kept in found.text
    assert count(desk) == 0


def test_follower_sees_state_and_answer_and_nothing_personal(
    ask: Ask, site: Open, desk: Desk
) -> None:
    code = ask()
    page = site().get(f"{FOLLOW}?ma={code.lower().replace('-', ' ')}")
    assert page.headers["Cache-Control"] == "no-store"
    assert "Đang xử lý" in page.text
    assert "27/11/2026" in page.text
    answer(desk, code, "archive")
    closed = site().get(f"{FOLLOW}?ma={code}").text
    assert "Đính kèm." in closed
    assert "Đã trả lời" in closed
    for text in (page.text, closed):
        assert not [word for word in PERSONAL if word in text.lower()]


def test_request_closed_without_an_answer_says_so(ask: Ask, site: Open, desk: Desk) -> None:
    code = ask()
    answer(desk, code, "archive", body="")
    assert "Yêu cầu đã được đóng" in site().get(f"{FOLLOW}?ma={code}").text


def test_late_answer_is_marked(ask: Ask, site: Open, clock: FrozenClock) -> None:
    code = ask()
    clock.move(timedelta(days=10))
    assert "Quá hạn" in site().get(f"{FOLLOW}?ma={code}").text


@pytest.mark.parametrize("code", ["", "x", "AAAA-AAAA", "%00", "' or 1=1 --", "9" * 300])
def test_odd_codes_find_nothing(code: str, ask: Ask, site: Open) -> None:
    ask()
    page = site().get(FOLLOW, query_string={"ma": code})
    assert page.status_code == (404 if code else 200)
    assert "<form" in page.text.partition("<main")[2]


def test_code_of_another_unit_finds_nothing(ask: Ask, site: Open, other_unit: Unit) -> None:
    code = ask()
    assert "Không có yêu cầu mang mã này" in site(other_unit).get(f"{FOLLOW}?ma={code}").text


def test_request_without_code_is_found_by_none(desk: Desk, site: Open) -> None:
    with desk() as work:
        actions.receive(work, "information_request", {"information": "Giấy"}, key="0" * 32)
    for code in ("", "-"):
        page = site().get(FOLLOW, query_string={"ma": code}).text
        assert "Mã của quý vị" not in page


def test_search_finds_what_is_published_and_nothing_private(
    ask: Ask, site: Open, desk: Desk, drain: Callable[[], None]
) -> None:
    item_id = answer(desk, ask())
    drain()
    path = f"/minh-bach/da-tra-loi/{item_id}-ban-do-phuong"
    assert path in site().get("/tim-kiem?q=bản đồ phường").text
    for words in ("bimatz", "Zotenz", "0234 000 987"):
        assert path not in site().get("/tim-kiem", query_string={"q": words}).text


def test_nothing_is_public_before_it_is_published(ask: Ask, site: Open, desk: Desk) -> None:
    code = ask()
    paths = (
        "/", "/minh-bach", "/minh-bach/da-tra-loi", "/minh-bach/da-tra-loi/feed.atom",
        "/minh-bach/da-tra-loi/data.json", "/minh-bach/da-tra-loi/data.csv",
        "/minh-bach/tiep-can-thong-tin", "/api/v1/information_request", "/sitemap.xml",
    )  # fmt: skip

    def said() -> str:
        return "".join(site().get(path).text for path in paths).lower()

    assert code.lower() not in said()
    item_id = answer(desk, code)
    published = said()
    assert "bản đồ phường" in published
    whole = site().get(f"/api/v1/information_request/{item_id}").text.lower()
    assert not [word for word in PERSONAL if word in published + whole]


def test_private_answer_stays_private(ask: Ask, site: Open, desk: Desk) -> None:
    answer(desk, ask(), "archive")
    assert "Bản đồ phường" not in site().get("/minh-bach/da-tra-loi").text


def test_personal_data_keeps_an_answer_from_being_published(ask: Ask, desk: Desk) -> None:
    code = ask()
    with pytest.raises(Refused) as refused:
        answer(desk, code, body="<p>Kính gửi Zotenz Hotenz.</p>")
    assert [problem.field for problem in refused.value.problems] == ["body"]


def test_request_needs_the_token_of_its_form(site: Open, desk: Desk) -> None:
    assert site().post(FORM, data=ENTERED).status_code == 400
    assert count(desk) == 0


def test_robots_are_kept_off(app: Portal, site: Open, desk: Desk) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    assert site().post(FORM, data={**ENTERED, "web-site": "x"}).status_code == 422
    assert site().post(FORM, data=ENTERED).status_code == 422
    assert count(desk) == 0


def test_dissolved_unit_takes_no_requests(
    site: Open, app: Portal, units: Callable[[str], Unit]
) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    old = site(units("huyen-cu"))
    assert "<form" not in old.get(FORM).text.partition("<main")[2]
    assert old.post(FORM, data=ENTERED).status_code == 410


def test_requests_are_off_with_their_requirement(
    site: Open, waive: Callable[..., None], app: Portal
) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    waive("transparency", "access_to_information")
    for path in (FORM, FOLLOW, "/minh-bach/tiep-can-thong-tin", "/minh-bach/da-tra-loi"):
        assert site().get(path).status_code == 404
    assert site().post(FORM, data=ENTERED).status_code == 404
    assert site().get("/minh-bach/dau-moi").status_code == 200


@pytest.mark.parametrize(("role", "shown"), [("editor", True), ("unknown", False)])
def test_desk_shows_what_waits_to_those_who_answer(
    role: str, shown: bool, ask: Ask, desk: Desk
) -> None:
    from hoitu.sections.transparency.panels import waiting

    code = ask()
    with desk(role=role) as work:
        panels = waiting(work.unit, work.actor)
        found = [request.code for panel in panels for request in panel.values["requests"]]
    assert found == ([code] if shown else [])


def test_whoever_asked_takes_the_request_back(ask: Ask, desk: Desk, site: Open, send: Send) -> None:
    waiting, answered = ask(), ask(information="Một bản đồ khác")
    answer(desk, answered)
    for code, state in ((waiting, "archived"), (answered, "published")):
        path = f"{FOLLOW}/rut-dong-y?ma={code}"
        assert "rut-dong-y" in site().get(f"{FOLLOW}?ma={code}").text
        assert send(site(), path).status_code == 422
        assert send(site(), path, withdraws="1").status_code == 303
        assert "rut-dong-y" not in site().get(f"{FOLLOW}?ma={code}").text
        with desk() as work:
            item = stored(work, code)
            assert item.state == state
            assert not any((item.requester, item.phone, item.email, item.address))
            assert not (item.information or item.purpose)
    assert site().get(f"{FOLLOW}/rut-dong-y?ma=XXXX-XXXX").status_code == 404


def test_the_text_that_was_shown_is_the_one_agreed_to(
    site: Open, send: Send, desk: Desk, monkeypatch: pytest.MonkeyPatch, clock: FrozenClock
) -> None:
    (first,), opened = CONSENTS.all, clock.today()
    later = replace(first, version="request-2", valid_from=opened + timedelta(days=1))
    monkeypatch.setitem(CONSENTS.__dict__, "all", [first, later])
    visitor = site()
    page = visitor.get(FORM).text
    clock.move(timedelta(hours=20))
    assert clock.today() > opened
    sent = visitor.post(FORM, data={**ENTERED, **unseen(page)})
    assert sent.status_code == 303, sent.text
    with desk() as work:
        assert (
            work.session.scalars(select(InformationRequest)).one().consent_version == first.version
        )
