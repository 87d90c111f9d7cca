from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from hoitu.core.access import SYSTEM, Actor
from hoitu.core.app import Portal
from hoitu.core.clock import FrozenClock
from hoitu.core.content import ActionContext, Item, ItemVersion, Refused, actions
from hoitu.core.extensions import Platform
from hoitu.core.testing.fixtures import Site
from hoitu.core.testing.markup import Page
from hoitu.core.text import plain
from hoitu.core.units import Unit
from hoitu.sections.questions.models import Question, QuestionRating

Open = Callable[..., Site]
Ask = Callable[..., str]
Answer = Callable[..., int]
Send = Callable[..., Any]
Desk = Callable[..., AbstractContextManager[ActionContext]]

#: Whatever belongs to the person who asks, as `conftest.ENTERED` has it.
PERSONAL = ("bimatz", "zotenz", "000 987", "000987", "zhopthuz", "zdiachiz")
FORM = "/hoi-dap/gui?viet=1"


def told(page: Any) -> str:
    return plain(page.text)


def stored(desk: Desk, code: str, at: Unit | None = None) -> Question:
    with desk(at) as work:
        return work.session.scalars(select(Question).where(Question.code == code)).one()


def count(desk: Desk, model: type[Any]) -> int:
    with desk() as work:
        return work.session.scalar(select(func.count()).select_from(model)) or 0


# -- asking ----------------------------------------------------------------------------------------


def test_question_waits_with_its_days_and_the_accepted_consent(ask: Ask, desk: Desk) -> None:
    item = stored(desk, ask())
    assert (item.state, item.consent_version) == ("submitted", "question-1")
    # Two and ten working days from Monday 23/11/2026; the next day is a public holiday.
    assert item.received_on == date(2026, 11, 23)
    assert item.acknowledge_by == date(2026, 11, 26)
    assert item.due_on == date(2026, 12, 8)
    assert item.may_publish is True
    assert item.suspected_complaint is False


def test_unit_may_answer_faster(
    ask: Ask, desk: Desk, platform: Platform, clock: FrozenClock, unit: Unit
) -> None:
    with desk() as work:
        for key, days in (("answer_days", 5), ("acknowledge_days", 30)):
            platform.settings.store(
                work.session, SYSTEM, f"unit:{unit.id}", "questions", key, days, clock.now()
            )
    item = stored(desk, ask())
    assert (item.acknowledge_by, item.due_on) == (date(2026, 11, 26), date(2026, 12, 1))


def test_same_question_sent_twice_is_one_with_one_code(ask: Ask, desk: Desk) -> None:
    assert ask() == ask()
    assert count(desk, Question) == 1
    ask(question="Một câu hỏi khác")
    assert count(desk, Question) == 2


def test_units_keep_their_questions_apart(ask: Ask, site: Open, other_unit: Unit) -> None:
    code = ask()
    assert site().get(f"/hoi-dap/tra-cuu?ma={code}").status_code == 200
    assert site(other_unit).get(f"/hoi-dap/tra-cuu?ma={code}").status_code == 404
    assert ask(at=other_unit) != code


@pytest.mark.both_databases
def test_codes_cannot_be_guessed_one_after_the_other(
    ask: Ask, site: Open, clock: FrozenClock
) -> None:
    code, guesser = ask(), site()
    follow, withdraw = "/hoi-dap/tra-cuu?ma=", "/hoi-dap/tra-cuu/rut-dong-y?ma="
    wrong = [f"ZZZZ-Z{i // 8 + 2}{i % 8 + 2}Z" for i in range(30)]
    token = re.search(r'name="csrf_token" value="([^"]+)"', guesser.get(withdraw + code).text)
    assert token is not None

    def status(path: str, code: str) -> int:
        return guesser.get(path + code).status_code

    def sent(code: str) -> int:
        return guesser.post(withdraw + code, data={"csrf_token": token[1]}).status_code

    assert {status(follow, each) for each in wrong[:20]} == {404}
    assert {sent(each) for each in wrong[20:]} == {404}
    assert status(follow, code) == status(withdraw, code) == sent(code) == 429
    assert status("/hoi-dap/tra-cuu", "") == 200
    clock.move(timedelta(hours=1))
    assert status(follow, code) == 200


@pytest.mark.parametrize(
    ("changed", "complaint"),
    [
        ({"title": ""}, "Thiếu mục “Tiêu đề”"),
        ({"question": " "}, "Thiếu mục"),
        ({"asker_name": ""}, "Thiếu mục"),
        ({"no_complaint": None}, "Đây không phải là khiếu nại, tố cáo"),
        ({"agrees": None}, "Tôi đồng ý với việc sử dụng dữ liệu"),
        ({"topic": "zzz"}, "danh sách"),
        ({"email": "không phải thư"}, "thư điện tử"),
        ({"title": "x" * 400}, "400"),
        ({"question": "x" * 7000}, "7000"),
        ({"web-site": "http://robot"}, ""),
    ],
)
def test_bad_input_comes_back_with_what_was_entered(
    site: Open, send: Send, desk: Desk, changed: dict[str, Any], complaint: str
) -> None:
    entered = {
        "title": "Tiêu đề",
        "topic": "land",
        "question": "Nội dung câu hỏi",
        "asker_name": "Người hỏi",
        "no_complaint": "1",
        "agrees": "1",
        **changed,
    }
    page = send(site(), FORM, **{n: v for n, v in entered.items() if v is not None})
    assert page.status_code == 422
    assert complaint in told(page)
    if "question" not in changed:
        assert "Nội dung câu hỏi" in page.text
    assert count(desk, Question) == 0


def test_words_of_a_complaint_are_marked_for_the_desk(ask: Ask, desk: Desk, site: Open) -> None:
    assert "Không tiếp nhận khiếu nại, tố cáo" in told(site().get(FORM))
    item = stored(desk, ask(question="Tôi khiếu nại việc thu hồi đất"))
    assert item.suspected_complaint is True


def test_search_comes_before_the_form(
    ask: Ask, answer: Answer, site: Open, drain: Callable[[], None]
) -> None:
    answer(ask(), summary="Giấy tờ ghi địa danh cũ có phải đổi?")
    drain()
    first = site().get("/hoi-dap/gui")
    assert 'name="title"' not in first.text
    found = site().get("/hoi-dap/gui?q=dia danh cu")
    assert "Cấp đổi giấy tờ" in found.text
    assert "Tôi vẫn muốn gửi câu hỏi" in found.text
    none = site().get("/hoi-dap/gui?q=zzzz")
    assert "Chưa có câu trả lời nào" in told(none)
    form = site().get("/hoi-dap/gui?q=dia danh cu&viet=1")
    assert 'value="dia danh cu"' in form.text


def test_site_of_a_dissolved_unit_takes_nothing_in(
    site: Open, units: Callable[[str], Unit], desk: Desk, app: Portal
) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    visitor = site(units("huyen-cu"))
    page = visitor.get(FORM)
    assert "không còn tiếp nhận câu hỏi" in told(page)
    assert "<textarea" not in page.text
    assert visitor.post(FORM, data={"title": "x"}).status_code == 410
    assert visitor.get("/hoi-dap").status_code == 200


def test_form_needs_the_token_of_its_session(site: Open) -> None:
    assert site().post(FORM, data={"title": "x"}).status_code == 400


# -- answering -------------------------------------------------------------------------------------


def test_published_answer_is_listed_and_dated(ask: Ask, answer: Answer, site: Open) -> None:
    item_id = answer(ask(), answered_by="Phòng Thử")
    listed = site().get("/hoi-dap?linh-vuc=civil_status")
    assert "Cấp đổi giấy tờ" in listed.text
    assert "Cấp đổi giấy tờ" not in site().get("/hoi-dap?linh-vuc=land").text
    page = site().get(f"/hoi-dap/{item_id}", follow_redirects=True)
    for shown in ("Có phải đổi giấy tờ không?", "Không phải đổi.", "Phòng Thử", "23/11/2026"):
        assert shown in told(page)


def test_unit_is_named_where_no_office_is(ask: Ask, answer: Answer, site: Open) -> None:
    page = site().get(f"/hoi-dap/{answer(ask())}", follow_redirects=True)
    assert "phường Một" in page.text.partition("<article")[2]


@pytest.mark.parametrize(
    ("sent", "edited", "field"),
    [
        ({}, {"body": ""}, "body"),
        ({}, {"summary": ""}, "summary"),
        ({}, {"summary": "Tôi là Zotenz Hotenz"}, "summary"),
        ({}, {"title": "Gọi 0234000987"}, "title"),
        ({"may_publish": "", "question": "Không đăng"}, {}, "may_publish"),
        ({"question": "Tôi khiếu nại"}, {}, "suspected_complaint"),
    ],
)
def test_what_must_not_be_published_is_refused(
    ask: Ask,
    answer: Answer,
    site: Open,
    desk: Desk,
    send: Send,
    sent: dict[str, str],
    edited: dict[str, str],
    field: str,
) -> None:
    code = ask(**sent)
    if "may_publish" in sent:
        with desk() as work:
            found = work.session.scalars(select(Question).where(Question.code == code)).one()
            actions.edit(work, found, {"may_publish": False})
    with pytest.raises(Refused) as refused:
        answer(code, **edited)
    assert field in [p.field for p in refused.value.problems]
    assert "Cấp đổi giấy tờ" not in site().get("/hoi-dap").text


def test_editor_prepares_and_approver_publishes(ask: Ask, desk: Desk) -> None:
    code = ask()
    item_id = stored(desk, code).id
    with desk(role="editor") as work:
        item = work.session.get(Item, item_id)
        actions.edit(work, item, {"summary": "Câu hỏi", "body": "<p>Trả lời</p>"})
        # Whoever may not publish hands the answer to somebody who may.
        assert [step.name for step in actions.steps(work, item)] == ["forward"]
        actions.advance(work, item, "forward")
        assert [step.name for step in actions.steps(work, item)] == []
    with desk(role="approver") as work:
        item = work.session.get(Item, item_id)
        assert {"publish", "return"} <= {step.name for step in actions.steps(work, item)}
        actions.publish(work, item)
    assert stored(desk, code).answered_on == date(2026, 11, 23)


def test_later_correction_keeps_the_day_of_the_answer(
    ask: Ask, answer: Answer, desk: Desk, clock: FrozenClock
) -> None:
    code = ask()
    answer(code)
    clock.move(timedelta(days=40))
    answer(code, body="<p>Đã bổ sung.</p>", answered_on=None)
    assert stored(desk, code).answered_on == date(2026, 11, 23)


# -- following -------------------------------------------------------------------------------------


def test_code_tells_how_far_the_question_is(
    ask: Ask, answer: Answer, site: Open, desk: Desk, clock: FrozenClock
) -> None:
    code = ask()
    path = f"/hoi-dap/tra-cuu?ma={code.lower().replace('-', ' ')}"
    page = site().get(path)
    assert page.headers["Cache-Control"] == "no-store"
    assert "Đã tiếp nhận" in told(page)
    assert "08/12/2026 (còn 10 ngày làm việc)" in told(page)
    with desk() as work:
        item = work.session.scalars(select(Question).where(Question.code == code)).one()
        actions.edit(work, item, {"acknowledged_on": date(2026, 11, 23), "body": "<p>Nháp</p>"})
    page = site().get(path)
    assert "Đang xử lý" in told(page)
    assert "Nháp" not in page.text
    clock.move(timedelta(days=20))
    assert "đã quá hạn" in told(site().get(path))
    answer(code)
    page = site().get(path)
    assert "Không phải đổi." in told(page)
    assert "Câu trả lời đã đăng" in told(page)


def test_private_answer_is_read_by_its_code_alone(ask: Ask, answer: Answer, site: Open) -> None:
    code = ask()
    item_id = answer(code, "archive", body="<p>Riêng cho quý vị.</p>")
    assert "Riêng cho quý vị." in told(site().get(f"/hoi-dap/tra-cuu?ma={code}"))
    assert site().get(f"/hoi-dap/{item_id}").status_code == 404
    for path in ("/hoi-dap", "/hoi-dap/data.json", "/hoi-dap/feed.atom", "/api/v1/question"):
        assert "Cấp đổi giấy tờ" not in site().get(path).text


@pytest.mark.parametrize("typed", ["AAAA-AAAA", "x", "' or 1=1", "%00", "A" * 500])
def test_unknown_code_is_told_so(site: Open, typed: str) -> None:
    page = site().get("/hoi-dap/tra-cuu", query_string={"ma": typed})
    assert page.status_code == 404
    assert "Không có câu hỏi nào mang mã này" in told(page)


def test_answer_is_rated_once(ask: Ask, answer: Answer, site: Open, send: Send, desk: Desk) -> None:
    code = ask()
    path = f"/hoi-dap/tra-cuu?ma={code}"
    assert "danh-gia" not in site().get(path).text
    answer(code)
    visitor = site()
    assert send(visitor, path, stars="9").status_code == 422
    assert send(visitor, path).status_code == 422
    early = Page(visitor.get(path).text)
    form = next(e for e in early.all("form") if e.get("method") == "post")
    assert send(visitor, path, stars="4").status_code == 303
    assert "4 trên 5" in told(visitor.get(path))
    # A form that was opened before the other one was sent.
    late = visitor.post(path, data={**dict(early.form_data(form)), "stars": "1"})
    assert (late.status_code, "4 trên 5" in told(late)) == (200, True)
    with desk() as work:
        assert [r.stars for r in work.session.scalars(select(QuestionRating))] == [4]
    assert "trung bình 4 trên 5" in told(site().get("/hoi-dap/thong-ke"))


# -- figures ---------------------------------------------------------------------------------------


def test_figures_by_month(
    ask: Ask, answer: Answer, site: Open, clock: FrozenClock, cost: Callable[[str], int]
) -> None:
    codes = [ask(question=f"Câu hỏi {n}") for n in range(5)]
    answer(codes[0])
    answer(codes[1], "archive")
    answer(codes[2], "archive", body="")
    clock.move(timedelta(days=16))
    answer(codes[3])
    ask(question="Câu hỏi của tháng sau")
    rows = [[cell.text for cell in row.walk() if cell.tag in ("td", "th")]
            for row in Page(site().get("/hoi-dap/thong-ke").text).all("tr")]  # fmt: skip
    # Received, answered, on time, overdue, within time, closed, share.
    assert rows[1] == ["12/2026", "1", "0", "0", "0", "1", "0", ""]
    assert rows[2] == ["11/2026", "5", "3", "2", "1", "0", "1", "50"]
    assert len(rows) == 13
    assert "<svg" in site().get("/hoi-dap/thong-ke").text
    assert cost("/hoi-dap/thong-ke") <= 4


def test_desk_is_told_what_waits(
    ask: Ask, desk: Desk, app: Portal, platform: Platform, unit: Unit, clock: FrozenClock
) -> None:
    ask(question="Cũ nhất")
    clock.move(timedelta(days=13))
    ask(question="Mới")
    # 06/12 is a Sunday, 08/12 the last day of the first question.
    for days, numbers in ((0, (2, 1, 0, 1)), (3, (2, 0, 1, 2))):
        clock.move(timedelta(days=days))
        with desk(role="editor") as work:
            panels = platform.hooks.dashboard_panels(unit, work.actor)
            panel = next(panel for panel in panels if panel.name == "questions")
            found = panel.values["pressing"]
            assert (found.waiting, found.soon, found.overdue, found.not_taken_up) == numbers
            assert [row.title for row in found.first] == ["Cấp đổi giấy tờ"]
    with desk():
        others = platform.hooks.dashboard_panels(unit, Actor(2, "Ai đó"))
        assert [panel for panel in others if panel.name == "questions"] == []


# -- nothing personal ------------------------------------------------------------------------------


def test_nothing_personal_is_on_any_public_page(
    ask: Ask, answer: Answer, site: Open, app: Portal, drain: Callable[[], None], desk: Desk
) -> None:
    codes = [ask(question=f"Câu hỏi riêng tư bimatz {n}") for n in range(3)]
    item_id = answer(codes[0])
    private_id = answer(codes[1], "archive")
    drain()
    slug = "cap-doi-giay-to"
    paths = {
        "/", "/hoi-dap", "/hoi-dap/gui", "/hoi-dap/gui?q=giay to", FORM, "/hoi-dap/thong-ke",
        "/hoi-dap/feed.atom", "/hoi-dap/data.json", "/hoi-dap/data.csv", "/feed.atom",
        "/sitemap.xml", "/tim-kiem?q=giay to", "/tim-kiem?q=bimatz", "/tim-kiem?q=zotenz",
        "/hoi-dap?q=bimatz", "/api/v1/question", f"/api/v1/question/{item_id}",
        "/api/v1/openapi.json",
        *(f"/hoi-dap/tra-cuu?ma={code}" for code in codes),
        *(f"/hoi-dap/{i}-{slug}{end}"
          for i in (item_id, private_id) for end in ("", "/in", ".json")),
    }  # fmt: skip
    for rule in app.url_map.iter_rules():
        if rule.endpoint.startswith("questions.") and not rule.arguments:
            paths.add(rule.rule)
    for prefix in ("", "/en"):
        for path in sorted(paths):
            page = site().get(prefix + path)
            assert page.status_code in (200, 303, 404), path
            shown = page.get_data(as_text=True).lower()
            # What is asked for is repeated, of course.
            asked = path.partition("q=")[2] or "nothing"
            assert not [word for word in PERSONAL if word in shown and word != asked], path
    # What search knows: nothing is found by it.
    for word in ("bimatz", "zotenz", "zhopthuz"):
        assert "cap-doi-giay-to" not in site().get(f"/tim-kiem?q={word}").text
        assert "cap-doi-giay-to" not in site().get(f"/hoi-dap?q={word}").text
    # It is kept, for the desk.
    with desk() as work:
        version = work.session.scalars(select(ItemVersion)).first()
        assert version is not None
        assert "Zotenz Hotenz" in str(version.values)


# -- the section -----------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["", "/gui", "/tra-cuu", "/thong-ke", "/feed.atom", "/data.csv"])
def test_off_is_not_there(site: Open, waive: Callable[..., None], path: str) -> None:
    assert site().get(f"/hoi-dap{path}").status_code == 200
    waive("questions", "questions_answers")
    assert site().get(f"/hoi-dap{path}").status_code == 404
    assert "/hoi-dap" not in site().get("/").text


def test_empty_list_says_so(site: Open) -> None:
    assert "Chưa có" in told(site().get("/hoi-dap"))
    assert "Gửi câu hỏi" in told(site().get("/"))


def test_pages_are_well_formed_for_everybody(ask: Ask, answer: Answer, site: Open) -> None:
    code = ask()
    item_id = answer(code)
    paths = ("", "/gui", "/gui?q=x", "/gui?viet=1", "/tra-cuu", f"/tra-cuu?ma={code}", "/thong-ke")
    for path in (*paths, f"/{item_id}-cap-doi-giay-to", f"/{item_id}-cap-doi-giay-to/in"):
        page = Page(site().get(f"/hoi-dap{path}").text)
        assert [*page.heading_faults(), *page.label_faults(), *page.name_faults()] == [], path


def test_cost_does_not_grow(
    ask: Ask, answer: Answer, cost: Callable[[str], int], statements: Any
) -> None:
    answer(ask())
    before = cost("/hoi-dap")
    for n in range(4):
        answer(ask(question=f"Câu {n}"))
    assert cost("/hoi-dap") <= max(before, 8)


def test_demo_is_published_everywhere(demo: Callable[..., Site]) -> None:
    for slug in ("hue", "van-phong-ubnd", "phong-dien", "xa-phong-my", "phuong-phong-thai"):
        assert "kết quả" in told(demo(slug).get("/hoi-dap")), slug


# -- withdrawing consent ---------------------------------------------------------------------------


def test_whoever_asked_withdraws_their_consent(
    ask: Ask, answer: Callable[..., int], desk: Desk, send: Any, site: Any
) -> None:
    public, waiting = ask(), ask(question="Câu hỏi khác bimatz")
    item_id = answer(public)
    path = "/hoi-dap/tra-cuu/rut-dong-y?ma="
    page = site().get(path + public).text
    assert "Zotenz" not in page
    assert "chỉ được dùng để trả lời câu hỏi này" in page
    assert send(site(), path + public).status_code == 422
    for code in (public, waiting):
        assert send(site(), path + code, withdraws="1").status_code == 303
    with desk() as work:
        for code, state in ((public, "published"), (waiting, "archived")):
            item = work.session.scalars(select(Question).where(Question.code == code)).one()
            assert item.state == state
            assert not (item.asker_name or item.phone or item.email or item.address)
            assert item.question == ""
        assert work.session.get_one(Question, item_id).title == "Cấp đổi giấy tờ"
    assert site().get("/hoi-dap/tra-cuu?ma=" + public).status_code == 200
    assert "rut-dong-y" not in site().get("/hoi-dap/tra-cuu?ma=" + public).text
    assert "Người gửi đã rút lại" in site().get("/hoi-dap/tra-cuu?ma=" + waiting).text
    assert site().get(path + "XXXX-XXXX").status_code == 404
