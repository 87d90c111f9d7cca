from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from hoitu.core.access import SYSTEM
from hoitu.core.app import Portal
from hoitu.core.clock import FrozenClock
from hoitu.core.content import ActionContext, Item, Refused, actions
from hoitu.core.extensions import Platform
from hoitu.core.testing.fixtures import Site
from hoitu.core.testing.markup import Page
from hoitu.core.text import plain
from hoitu.core.units import Unit
from hoitu.sections.surveys.models import Ballot, BallotChoice, SurveyRemark

Open = Callable[..., Site]
Send = Callable[..., Any]
Publish = Callable[..., int]
Desk = Callable[..., AbstractContextManager[ActionContext]]

QUESTIONS = (
    "survey_interface",
    "survey_content",
    "survey_quality",
    "survey_interaction",
    "survey_support_functions",
)
OWN: dict[str, Any] = {
    "title": "Khảo sát giờ làm việc",
    "summary": "Mời góp ý",
    "opens_on": date(2026, 11, 1),
    "closes_on": date(2026, 12, 31),
    "questions": [
        {"question": "Buổi nào tiện?", "kind": "one_of", "options": "Sáng\nChiều"},
        {"question": "Vì sao?", "kind": "free", "options": ""},
    ],
}


def told(page: Any) -> str:
    return plain(page.text)


def kept(desk: Desk, at: Unit | None = None) -> dict[str, Any]:
    """Return what the database holds: ballots, choices as pairs, remarks."""
    with desk(at) as work:
        read = work.session.scalars
        return {
            "ballots": list(read(select(Ballot))),
            "choices": sorted((c.question, c.option) for c in read(select(BallotChoice))),
            "remarks": [(r.title, r.remark, r.state) for r in read(select(SurveyRemark))],
        }


def table(page: Any, caption: str) -> list[list[str]]:
    """Return the rows of the table whose caption begins so."""
    for found in Page(page.text).all("table"):
        if any(e.tag == "caption" and e.text.startswith(caption) for e in found.walk()):
            rows = [e for e in found.walk() if e.tag == "tr"]
            return [[c.text for c in row.walk() if c.tag in ("th", "td")] for row in rows]
    raise AssertionError(caption)


# -- the survey of the plan ------------------------------------------------------------------------


def test_options_and_words_are_the_catalogues(site: Open, platform: Platform) -> None:
    page = Page(site().get("/khao-sat").text)
    duties = platform.catalogues.on(date(2026, 11, 23)).by_section["surveys"]
    assert len(duties) == 6
    for duty in duties:
        block = next(e for e in page.elements if e.get("id") == duty.id)
        radios = [e for e in block.walk() if e.get("type") == "radio"]
        options = duty.data.get("options", [])
        assert [e.get("value") for e in radios] == [o["key"] for o in options]
        for label in (duty.label_vi, *(o["label_vi"] for o in options)):
            assert label in (block.text or (block.parent and block.parent.text) or "")
        assert duty.description_vi in page.root.text


def test_english_page_has_every_option_in_english(site: Open) -> None:
    page = site().get("/en/khao-sat").text
    for shown in ("Easy", "Does not yet meet it", "Fair", "Not satisfied", "Meet it partly"):
        assert shown in page
    assert "Dễ tiếp cận" not in page


def test_ballot_is_counted_once(site: Open, send: Send, desk: Desk) -> None:
    visitor = site()
    # Only the session of the form's token: nobody is marked for reading.
    cookies = visitor.get("/khao-sat").headers.getlist("Set-Cookie")
    assert [cookie.partition("=")[0] for cookie in cookies] == ["hoitu"]
    sent = {"survey_content": "met", "survey_interface": "hard"}
    answer = send(visitor, "/khao-sat", **sent)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/khao-sat/ket-qua?cam-on=1")
    (cookie,) = [c for c in answer.headers.getlist("Set-Cookie") if c.startswith("khao-sat-plan=")]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Expires=Thu, 31 Dec 2026 17:00:00 GMT" in cookie
    choices = [("survey_content", "met"), ("survey_interface", "hard")]
    assert kept(desk)["choices"] == choices
    page = visitor.get("/khao-sat")
    assert "đã được ghi nhận" in told(page)
    assert '<form class="form"' not in page.text
    for key in (*QUESTIONS, "survey_other"):
        assert f'id="{key}"' in page.text
    assert "đã được ghi nhận" not in told(site().get("/khao-sat"))


def test_second_ballot_of_a_browser_replaces_nothing(site: Open, send: Send, desk: Desk) -> None:
    visitor, other = site(), site()
    early = Page(visitor.get("/khao-sat").text)
    form = next(e for e in early.all("form") if e.get("method") == "post")
    send(visitor, "/khao-sat", survey_quality="good")
    late = {**dict(early.form_data(form)), "survey_quality": "average", "survey_other": "Thêm"}
    answer = visitor.post("/khao-sat", data=late)
    assert (answer.status_code, "đã được ghi nhận" in told(answer)) == (200, True)
    assert kept(desk)["choices"] == [("survey_quality", "good")]
    assert kept(desk)["remarks"] == []
    send(other, "/khao-sat", survey_quality="average")
    assert len(kept(desk)["ballots"]) == 2


def test_next_period_counts_anew_and_the_old_one_stays(
    site: Open, send: Send, clock: FrozenClock, desk: Desk
) -> None:
    visitor = site()
    send(visitor, "/khao-sat", survey_quality="good")
    send(site(), "/khao-sat", survey_quality="fair")
    clock.move(timedelta(days=60))
    send(visitor, "/khao-sat", survey_quality="average")
    now = site().get("/khao-sat/ket-qua")
    assert "Quý 1 năm 2027" in told(now)
    assert table(now, "Chất lượng: 1 phiếu")[1:] == [
        ["Tốt", "0", "0"],
        ["Khá", "0", "0"],
        ["Trung bình", "1", "100"],
    ]
    assert table(now, "Chất lượng: số phiếu theo kỳ")[1:] == [
        ["Quý 1 năm 2027", "0", "0", "1", "1"],
        ["Quý 4 năm 2026", "1", "1", "0", "2"],
    ]
    then = site().get("/khao-sat/ket-qua?ky=2026-q4")
    assert table(then, "Chất lượng: 2 phiếu")[1] == ["Tốt", "1", "50"]
    # Nobody can tell that one browser cast both.
    assert len({ballot.voter for ballot in kept(desk)["ballots"]}) == 3


def test_period_is_a_setting(
    site: Open, send: Send, desk: Desk, platform: Platform, clock: FrozenClock
) -> None:
    with desk() as work:
        store = platform.settings.store
        store(work.session, SYSTEM, "platform", "surveys", "period", "month", clock.now())
    send(site(), "/khao-sat", survey_quality="good")
    assert [ballot.period for ballot in kept(desk)["ballots"]] == ["2026-m11"]
    assert "11/2026" in told(site().get("/khao-sat/ket-qua"))


@pytest.mark.parametrize(
    ("sent", "complaint"),
    [
        ({}, "ít nhất một câu hỏi"),
        ({"survey_other": "   "}, "ít nhất một câu hỏi"),
        ({"survey_interface": "zhackz"}, "danh sách"),
        ({"survey_interface": "zhackz", "survey_quality": "good"}, "danh sách"),
        ({"survey_interface": "good"}, "danh sách"),
        ({"survey_unknown": "good"}, "ít nhất một câu hỏi"),
        ({"survey_quality": "good", "survey_other": "x" * 2001}, "2001"),
        ({"survey_quality": "good", "web-site": "http://robot"}, "phần mềm"),
    ],
)
def test_what_is_no_ballot_is_refused_as_a_whole(
    site: Open, send: Send, desk: Desk, sent: dict[str, str], complaint: str
) -> None:
    visitor = site()
    answer = send(visitor, "/khao-sat", **sent)
    assert answer.status_code == 422
    assert complaint in told(answer)
    assert "zhackz" not in answer.text
    assert not any("khao-sat" in c for c in answer.headers.getlist("Set-Cookie"))
    assert kept(desk) == {"ballots": [], "choices": [], "remarks": []}


def test_one_opened_form_is_one_vote_with_or_without_its_cookie(
    site: Open, desk: Desk, clock: FrozenClock
) -> None:
    visitor = site()
    page = Page(visitor.get("/khao-sat").text)
    form = next(e for e in page.all("form") if e.get("method") == "post")
    sent = {**dict(page.form_data(form)), "survey_quality": "good"}
    clock.move(timedelta(seconds=20))
    answer = visitor.post("/khao-sat", data=sent)
    assert answer.status_code == 303
    given = next(c for c in answer.headers.getlist("Set-Cookie") if c.startswith("khao-sat"))
    for _again in range(3):
        visitor.client.delete_cookie(given.partition("=")[0], domain="mot.test")
        visitor.post("/khao-sat", data=sent)
    assert len(kept(desk)["ballots"]) == 1


def test_vote_needs_the_token_of_its_session(site: Open, desk: Desk) -> None:
    assert site().post("/khao-sat", data={"survey_quality": "good"}).status_code == 400
    assert kept(desk)["ballots"] == []


@pytest.mark.parametrize("value", ["", "x", "a" * 43 + "=", "A" * 3000])
def test_forged_token_is_no_vote_and_no_error(
    site: Open, send: Send, desk: Desk, value: str
) -> None:
    visitor = site()
    visitor.client.set_cookie("khao-sat-plan", value, domain="mot.test")
    assert send(visitor, "/khao-sat", survey_quality="good").status_code == 303
    assert len(kept(desk)["ballots"]) == 1


def test_units_count_their_own(site: Open, send: Send, desk: Desk, other_unit: Unit) -> None:
    send(site(), "/khao-sat", survey_quality="good")
    assert kept(desk, other_unit)["ballots"] == []
    assert "Chưa có phiếu nào" in told(site(other_unit).get("/khao-sat/ket-qua"))


def test_scales_are_not_averaged(site: Open, send: Send) -> None:
    send(site(), "/khao-sat", survey_quality="good", survey_interface="easy")
    page = told(site().get("/khao-sat/ket-qua"))
    assert "không lấy trung bình chung" in page
    assert not re.search(r"[Đđ]iểm trung bình", page)


# -- what people write -----------------------------------------------------------------------------


def test_remark_waits_at_the_desk_and_is_never_shown_raw(
    site: Open, send: Send, desk: Desk, drain: Callable[[], None]
) -> None:
    said = "Chữ nhỏ quá zbimatz"
    send(site(), "/khao-sat", survey_other=said)
    assert kept(desk)["remarks"] == [("Yêu cầu khác", said, "submitted")]
    with desk() as work:
        item = work.session.scalars(select(SurveyRemark)).one()
        with pytest.raises(Refused):
            actions.publish(work, item)
        with pytest.raises(Refused):
            actions.edit(work, item, {"summary": said})
            actions.publish(work, item)
        actions.edit(work, item, {"summary": "Tăng cỡ chữ", "body": "<p>Đã tăng.</p>"})
        actions.publish(work, item)
        item_id = item.id
    drain()
    results = site().get("/khao-sat/ket-qua")
    assert "Tăng cỡ chữ" in told(results)
    assert "Đã tăng." in told(results)
    for path in (
        "/", "/khao-sat", "/khao-sat/ket-qua", "/khao-sat/chuyen-de", "/feed.atom", "/sitemap.xml",
        "/api/v1/survey_remark", f"/api/v1/survey_remark/{item_id}", "/tim-kiem?q=chu nho qua",
    ):  # fmt: skip
        assert "zbimatz" not in site().get(path).text, path


def test_same_words_of_two_people_are_two_remarks(site: Open, send: Send, desk: Desk) -> None:
    for _person in range(2):
        send(site(), "/khao-sat", survey_other="Thêm bản đồ")
    assert len(kept(desk)["remarks"]) == 2


# -- surveys of a unit's own -----------------------------------------------------------------------


@pytest.fixture
def own(publish: Publish) -> int:
    return publish("survey", **OWN)


def test_own_survey_is_answered_once_and_counted(
    site: Open, send: Send, own: int, desk: Desk
) -> None:
    visitor, path = site(), f"/khao-sat/chuyen-de/{own}/tra-loi"
    assert "Khảo sát giờ làm việc" in visitor.get("/khao-sat").text
    answer = send(visitor, path, q1="2", q2="Vì đi làm")
    assert answer.status_code == 303
    assert kept(desk)["choices"] == [("q1", "2")]
    assert kept(desk)["remarks"] == [("Vì sao?", "Vì đi làm", "submitted")]
    page = visitor.get(answer.headers["Location"])
    assert table(page, "Buổi nào tiện?: 1 phiếu")[2] == ["Chiều", "1", "100"]
    assert "Vì đi làm" not in page.text
    assert "đã được ghi nhận" in told(visitor.get(path))
    assert send(site(), path, q1="3").status_code == 422
    # The survey of the plan is another one.
    assert send(visitor, "/khao-sat", survey_quality="good").status_code == 303


def test_questions_are_frozen_once_answered(site: Open, send: Send, own: int, desk: Desk) -> None:
    changed = [{**OWN["questions"][0], "options": "Sáng\nTối"}, OWN["questions"][1]]
    with desk() as work:
        item = work.session.get(Item, own)
        actions.edit(work, item, {"questions": changed})
        actions.publish(work, item)
        actions.edit(work, item, {"questions": OWN["questions"]})
        actions.publish(work, item)
    send(site(), f"/khao-sat/chuyen-de/{own}/tra-loi", q1="1")
    with desk() as work:
        item = work.session.get(Item, own)
        actions.edit(work, item, {"questions": changed})
        with pytest.raises(Refused, match="khảo sát mới"):
            actions.publish(work, item)
        actions.discard_draft(work, item)
        actions.edit(work, item, {"closes_on": date(2027, 1, 31)})
        actions.publish(work, item)
    assert "31/01/2027" in site().get(f"/khao-sat/chuyen-de/{own}", follow_redirects=True).text


@pytest.mark.parametrize(
    ("days", "label"), [({"closes_on": date(2026, 11, 22)}, "Đã đóng"),
                        ({"opens_on": date(2026, 11, 24)}, "Chưa mở")],
)  # fmt: skip
def test_only_an_open_survey_takes_answers(
    site: Open, publish: Publish, app: Portal, days: dict[str, date], label: str, desk: Desk
) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    item_id = publish("survey", **{**OWN, **days})
    assert label in told(site().get("/khao-sat/chuyen-de"))
    path = f"/khao-sat/chuyen-de/{item_id}/tra-loi"
    assert site().get(path).status_code == 303
    assert site().post(path, data={"q1": "1"}).status_code == 303
    assert kept(desk)["ballots"] == []


def test_own_survey_of_another_unit_is_not_there(site: Open, own: int, other_unit: Unit) -> None:
    for end in ("", "/tra-loi"):
        assert site(other_unit).get(f"/khao-sat/chuyen-de/{own}{end}").status_code == 404


# -- the section -----------------------------------------------------------------------------------


def test_site_of_a_dissolved_unit_takes_nothing_in(
    site: Open, units: Callable[[str], Unit], desk: Desk, app: Portal
) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    district = units("huyen-cu")
    visitor = site(district)
    assert "không còn tiếp nhận" in told(visitor.get("/khao-sat"))
    assert visitor.post("/khao-sat", data={"survey_quality": "good"}).status_code == 410
    assert kept(desk, district)["ballots"] == []
    assert "Quý 2 năm 2025" in told(visitor.get("/khao-sat/ket-qua"))
    assert '/khao-sat"' not in visitor.get("/").text.partition("<main")[2].partition("</main")[0]


def test_question_that_is_off_is_neither_asked_nor_counted(
    site: Open, send: Send, waive: Callable[..., None], desk: Desk
) -> None:
    waive("surveys", "survey_quality", "survey_other")
    page = site().get("/khao-sat").text
    assert 'id="survey_quality"' not in page
    assert 'id="survey_other"' not in page
    send(site(), "/khao-sat", survey_quality="good", survey_content="met", survey_other="x")
    assert kept(desk)["choices"] == [("survey_content", "met")]
    assert kept(desk)["remarks"] == []
    assert 'id="survey_quality"' not in site().get("/khao-sat/ket-qua").text
    assert 'id="survey_content"' in site().get("/khao-sat/ket-qua").text


def test_off_is_not_there(site: Open, waive: Callable[..., None], own: int) -> None:
    waive("surveys", *QUESTIONS, "survey_other")
    for path in ("", "/ket-qua", "/chuyen-de", f"/chuyen-de/{own}/tra-loi"):
        assert site().get(f"/khao-sat{path}").status_code == 404
    assert "/khao-sat" not in site().get("/").text


@pytest.mark.parametrize("key", ["zz", "2026-q9", "2027-q1", "2999"])
def test_no_results_of_a_period_that_is_none(site: Open, key: str) -> None:
    assert site().get(f"/khao-sat/ket-qua?ky={key}").status_code == 404


def test_duty_is_fulfilled_while_the_question_is_asked(
    site: Open,
    platform: Platform,
    unit: Unit,
    clock: FrozenClock,
    waive: Callable[..., None],
    desk: Desk,
) -> None:
    duties = platform.catalogues.on(clock.today()).by_section["surveys"]
    with desk():
        assert {platform.hooks.freshness(unit, d) for d in duties} == {clock.today()}
    waive("surveys", "survey_quality")
    site().get("/")
    with desk():
        off = next(d for d in duties if d.id == "survey_quality")
        assert platform.hooks.freshness(unit, off) is None


def test_pages_are_well_formed_for_everybody(site: Open, send: Send, own: int) -> None:
    send(site(), "/khao-sat", survey_quality="good")
    send(site(), f"/khao-sat/chuyen-de/{own}/tra-loi", q1="1")
    slug = "khao-sat-gio-lam-viec"
    paths = ("", "/ket-qua", "/ket-qua?ky=2026-q3", "/chuyen-de", f"/chuyen-de/{own}-{slug}")
    for path in (*paths, f"/chuyen-de/{own}-{slug}/in", f"/chuyen-de/{own}/tra-loi"):
        answer = site().get(f"/khao-sat{path}")
        assert answer.status_code == 200, path
        page = Page(answer.text)
        assert [*page.heading_faults(), *page.label_faults(), *page.name_faults()] == [], path


def test_cost_does_not_grow(
    site: Open, send: Send, cost: Callable[[str], int], publish: Publish
) -> None:
    for _person in range(3):
        send(site(), "/khao-sat", survey_quality="good", survey_other="Thêm")
    for n in range(3):
        publish("survey", **{**OWN, "title": f"Khảo sát {n}"})
    # Besides the stamp of configuration and content: votes and remarks; the surveys named.
    assert cost("/khao-sat/ket-qua") <= 3
    assert cost("/khao-sat") <= 2
    assert cost("/khao-sat/chuyen-de") <= 8


def test_demo_has_surveys_everywhere(demo: Callable[..., Site]) -> None:
    for slug in ("hue", "so-tai-chinh", "phong-dien", "xa-phong-my", "phuong-phong-thai"):
        page = demo(slug).get("/khao-sat/chuyen-de")
        assert "(mẫu)" in page.text, slug
