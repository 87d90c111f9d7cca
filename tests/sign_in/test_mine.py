"""What a person who signed in sent, where they see it, and how they are told of the answer."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import timedelta
from html import unescape
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from hoitu.core.content import Item, actions
from hoitu.core.jobs.queue import JobRow
from hoitu.core.people import Contribution, Person

if TYPE_CHECKING:
    from hoitu.core.extensions import Platform
    from hoitu.core.units import Unit

Browser = Callable[..., Any]
QUESTION = {
    "title": "Giờ làm việc ngày lễ", "question": "Bộ phận Một cửa mở cửa khi nào?",
    "asker_name": "Nguyễn Thị Thử Nghiệm", "may_publish": "1", "no_complaint": "1",
    "agrees": "1",
}  # fmt: skip


def hidden(page: str) -> dict[str, str]:
    """Return the hidden fields of the form on a page."""
    found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page)
    return {name: unescape(value) for name, value in found}


@pytest.fixture
def send(clock: Any) -> Callable[..., Any]:
    """Return a function that sends a form as a person does who takes a while to write."""

    def sent(browser: Any, path: str, **values: str) -> Any:
        page = browser.get(path)
        assert page.status_code == 200, page.text
        clock.move(timedelta(seconds=40))
        return browser.post(path, data={**hidden(page.text), **values})

    return sent


@pytest.fixture
def topic(platform: Platform) -> str:
    options = platform.types["question"].fields["topic"].kind.options
    return str(next(iter(options() if callable(options) else options))[0])


@pytest.fixture
def ask(send: Callable[..., Any], topic: str) -> Callable[..., Any]:
    """Return a function that asks a question in a browser: the receipt code."""

    def asked(browser: Any, **changes: str) -> str:
        answer = send(browser, "/hoi-dap/gui?viet=1", **{**QUESTION, "topic": topic, **changes})
        assert answer.status_code == 303, answer.text
        return str(answer.location.rpartition("=")[2])

    return asked


@pytest.fixture
def answer(desk: Callable[..., Any], unit: Unit) -> Callable[[str], None]:
    """Return a function that answers the question with a code, in public."""

    def answered(code: str) -> None:
        with desk(unit) as work:
            model = work.types["question"].model
            item = work.session.scalars(select(model).where(model.code == code)).one()
            told = {"summary": "Giờ làm việc?", "body": "<p>Từ thứ Hai đến thứ Sáu.</p>"}
            actions.edit(work, item, told)
            actions.publish(work, item)

    return answered


def test_what_somebody_sent_is_listed_with_how_far_it_is(
    visitor: Browser, provider: Any, ask: Callable[..., Any], answer: Callable[[str], None]
) -> None:
    browser = visitor()
    browser.sign_in(provider)
    assert "Từ nay, những gì bạn gửi" in browser.get("/cua-toi").text
    code = ask(browser)
    mine = browser.get("/cua-toi").text
    assert QUESTION["title"] in mine and code in mine and "Đang giải quyết" in mine
    assert f"https://mot.test/hoi-dap/tra-cuu?ma={code}" in mine
    answer(code)
    mine = browser.get("/cua-toi").text
    assert "Đã trả lời và công khai" in mine and '<a href="/hoi-dap/' in mine
    told = browser.get("/cua-toi/du-lieu.json")
    kept = {value for record in json.loads(told.text) for value in record["values"].values()}
    assert {"Nguyễn Thị Thử Nghiệm", "046000000001", QUESTION["title"]} <= kept
    assert "attachment" in told.headers["Content-Disposition"]


@pytest.mark.both_databases
def test_whoever_writes_for_a_while_is_signed_in_still(
    visitor: Browser, provider: Any, topic: str, clock: Any
) -> None:
    browser = visitor()
    browser.sign_in(provider)
    page = browser.get("/hoi-dap/gui?viet=1")
    # So long that the session has to note that it is in use, by the request that writes.
    clock.move(timedelta(minutes=25))
    answer = browser.post(
        "/hoi-dap/gui?viet=1", data={**hidden(page.text), **QUESTION, "topic": topic}
    )
    assert answer.status_code == 303, answer.text
    clock.move(timedelta(minutes=20))
    assert QUESTION["title"] in browser.get("/cua-toi").text


def test_it_is_listed_at_every_site_and_to_nobody_else(
    visitor: Browser, provider: Any, other_unit: Unit, ask: Callable[..., Any]
) -> None:
    browser, there, stranger = visitor(), visitor(other_unit), visitor()
    browser.sign_in(provider)
    ask(browser)
    there.sign_in(provider)
    assert QUESTION["title"] in there.get("/cua-toi").text
    stranger.sign_in(provider, "cong-dan-1")
    assert QUESTION["title"] not in stranger.get("/cua-toi").text


def test_whoever_signed_in_finds_their_name_in_the_form(visitor: Browser, provider: Any) -> None:
    browser = visitor()
    assert "Nguyễn Thị" not in browser.get("/hoi-dap/gui?viet=1").text
    browser.sign_in(provider)
    page = browser.get("/hoi-dap/gui?viet=1").text
    assert 'name="asker_name" value="Nguyễn Thị Thử Nghiệm"' in page


def test_nobody_has_to_sign_in_to_ask(
    visitor: Browser, ask: Callable[..., Any], platform: Platform
) -> None:
    assert ask(visitor())
    with platform.open_session(False) as session:
        assert not session.scalars(select(Contribution)).all()


@pytest.mark.parametrize("path", ["/cua-toi", "/cua-toi/du-lieu.json"])
def test_nobody_sees_it_without_signing_in(visitor: Browser, path: str) -> None:
    answer = visitor().get(path)
    assert answer.status_code == 303 and answer.location == f"/dang-nhap?tiep={path}"


# -- mail ------------------------------------------------------------------------------------------


@pytest.fixture
def mails(platform: Platform) -> Callable[[], list[dict[str, Any]]]:
    """Return a function that lists the mails that wait to be sent."""

    def waiting() -> list[dict[str, Any]]:
        with platform.open_session(False) as session:
            chosen = select(JobRow).where(JobRow.name == "core.send_mail")
            return [row.payload for row in session.scalars(chosen.order_by(JobRow.id))]

    return waiting


def confirm(browser: Any, mails: Callable[[], list[dict[str, Any]]], address: str) -> Any:
    """Give an address and follow the link of the mail."""
    fields = hidden(browser.get("/cua-toi").text)
    given = browser.post("/cua-toi/thu-dien-tu", data={**fields, "email": address})
    assert given.status_code == 303
    (mail,) = mails()
    assert mail["address"] == address.strip().lower()
    path = re.search(r"https://mot\.test(/cua-toi/thu-dien-tu/\S+)", mail["text"])
    assert path
    page = browser.get(path[1])
    assert page.status_code == 200 and page.headers["Cache-Control"] == "no-store"
    return browser.post(path[1], data=hidden(page.text))


def test_an_answer_is_told_by_mail_once_and_without_what_it_is_about(
    visitor: Browser, provider: Any, ask: Callable[..., Any], answer: Callable[[str], None],
    mails: Callable[[], list[dict[str, Any]]], drain: Callable[[], None], clock: Any,
    platform: Platform,
) -> None:  # fmt: skip
    browser = visitor()
    browser.sign_in(provider)
    code = ask(browser)
    assert confirm(browser, mails, " Thu@Nghiem.example ").status_code == 200
    drain()
    with platform.open_session(True) as session:
        for row in session.scalars(select(JobRow).where(JobRow.name == "core.send_mail")):
            session.delete(row)
        session.commit()
    answer(code)
    clock.move(timedelta(minutes=6))
    outbox = platform.instance / "outbox"
    before = set(outbox.glob("*"))
    drain()
    sent = [path.read_text("utf-8", "replace") for path in set(outbox.glob("*")) - before]
    told = [mail for mail in sent if "thu@nghiem.example" in mail]
    assert len(told) == 1 and "/cua-toi" in told[0]
    assert "lễ" not in told[0] and "thứ Hai" not in told[0]
    clock.move(timedelta(minutes=6))
    before = set(outbox.glob("*"))
    drain()
    assert set(outbox.glob("*")) == before


def test_nothing_is_sent_to_an_address_that_nobody_confirmed(
    visitor: Browser, provider: Any, ask: Callable[..., Any], answer: Callable[[str], None],
    mails: Callable[[], list[dict[str, Any]]], drain: Callable[[], None], clock: Any,
    platform: Platform,
) -> None:  # fmt: skip
    browser = visitor()
    browser.sign_in(provider)
    code = ask(browser)
    fields = hidden(browser.get("/cua-toi").text)
    browser.post("/cua-toi/thu-dien-tu", data={**fields, "email": "a@b.example"})
    drain()
    answer(code)
    outbox = platform.instance / "outbox"
    before = set(outbox.glob("*"))
    clock.move(timedelta(minutes=6))
    drain()
    assert not [p for p in set(outbox.glob("*")) - before if "a@b.example" in p.read_text("utf-8")]


def test_a_link_holds_for_the_address_it_was_sent_to(
    visitor: Browser, provider: Any, mails: Callable[[], list[dict[str, Any]]], clock: Any,
    platform: Platform,
) -> None:  # fmt: skip
    browser = visitor()
    browser.sign_in(provider)
    fields = hidden(browser.get("/cua-toi").text)
    for address in ("a@b.example", "c@d.example"):
        browser.post("/cua-toi/thu-dien-tu", data={**fields, "email": address})
    first, second = (
        re.search(r"https://mot\.test(/\S+)", mail["text"])[1]  # type: ignore[index]
        for mail in mails()
    )
    assert browser.get(first).status_code == 410 and browser.get(second).status_code == 200
    assert browser.get(second[:-2]).status_code == 410
    clock.move(timedelta(days=3))
    assert browser.get(second).status_code == 410
    with platform.open_session(False) as session:
        assert session.scalars(select(Person)).one().email_confirmed_at is None


@pytest.mark.parametrize("address", ["x", "a@", "a b@c.example", "a@b.example\r\nBcc: x@y.example"])
def test_what_is_no_address_comes_back(visitor: Browser, provider: Any, address: str) -> None:
    browser = visitor()
    browser.sign_in(provider)
    fields = hidden(browser.get("/cua-toi").text)
    answer = browser.post("/cua-toi/thu-dien-tu", data={**fields, "email": address})
    assert answer.status_code == 422 and 'aria-invalid="true"' in answer.text


def test_items_of_all_kinds_that_visitors_send_can_be_noted(platform: Platform) -> None:
    received = [kind for kind in platform.types if kind.receivable]
    assert {kind.name for kind in received} >= {"question", "consultation_comment"}
    assert all(issubclass(kind.model, Item) for kind in received)


def test_no_page_with_somebodys_name_is_kept_by_a_cache(
    visitor: Browser, provider: Any, publish: Callable[..., int]
) -> None:
    told = {"requirement": "unit_activities", "genre": "news", "origin": "own", "summary": "Tóm"}
    number = publish("news_article", title="Tin mới", body="<p>Nội dung</p>", **told)
    browser = visitor()
    page = browser.get(f"/xac-minh/{number}")
    assert page.status_code == 200
    browser.sign_in(provider)
    for path in ("/", f"/xac-minh/{number}", "/van-ban", "/khong-co"):
        page = browser.get(path)
        assert "no-store" in page.headers["Cache-Control"], path
        assert "Nguyễn Thị Thử Nghiệm" in page.text


def test_somebody_erases_all_that_is_kept_of_them(
    visitor: Browser, provider: Any, ask: Callable[..., Any], answer: Callable[[str], None],
    platform: Platform,
) -> None:  # fmt: skip
    browser, elsewhere = visitor(), visitor()
    browser.sign_in(provider)
    elsewhere.sign_in(provider)
    code = ask(browser, phone="0903 111 222")
    answer(code)
    page = browser.get("/cua-toi/xoa")
    refused = browser.post("/cua-toi/xoa", data=hidden(page.text))
    assert refused.status_code == 422 and browser.is_signed_in()
    done = browser.post("/cua-toi/xoa", data={**hidden(page.text), "hieu": "1"})
    assert done.status_code == 303 and "đã được xóa" in browser.get(done.location).text
    assert not browser.is_signed_in() and not elsewhere.is_signed_in()
    with platform.open_session(False) as session:
        assert not session.scalars(select(Person)).all()
        assert not session.scalars(select(Contribution)).all()
    assert "Thử Nghiệm" not in browser.get(f"/hoi-dap/tra-cuu?ma={code}").text


def test_nobody_has_us_write_to_many_addresses(
    visitor: Browser, provider: Any, mails: Callable[[], list[dict[str, Any]]]
) -> None:
    browser = visitor()
    browser.sign_in(provider)
    fields = hidden(browser.get("/cua-toi").text)
    codes = [
        browser.post(
            "/cua-toi/thu-dien-tu", data={**fields, "email": f"x{number}@y.example"}
        ).status_code
        for number in range(7)
    ]
    assert codes == [303] * 5 + [429] * 2 and len(mails()) == 5
