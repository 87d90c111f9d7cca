"""Subscriptions: nobody is written to who did not ask twice, nobody is told anything twice."""

from __future__ import annotations

import email
import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from email.message import EmailMessage
from typing import Any
from urllib.parse import urlsplit

import pytest
from aiosmtpd.controller import Controller
from sqlalchemy import func, select, update

from hoitu.core import mail
from hoitu.core.content import Item, actions
from hoitu.core.extensions import KEY
from hoitu.core.jobs import JobContext, Worker
from hoitu.core.jobs.queue import DEAD, JobRow
from hoitu.core.mail import Letter
from hoitu.core.settings.refresh import refresh
from hoitu.core.testing.fixtures import Site
from hoitu.core.testing.visitors import unseen
from hoitu.core.units import Unit
from hoitu.core.web.defence.limits import Limit, Sending
from hoitu.plugins.subscriptions import delivery, intake
from hoitu.plugins.subscriptions.models import Reader, Subscription

ADDRESS = "ban.doc@thu.example"
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
SOON = timedelta(minutes=13)


class Outbox:
    """The mails that were sent, each read once."""

    def __init__(self, app: Any) -> None:
        self._app = app
        self._seen: set[str] = set()

    def new(self) -> list[EmailMessage]:
        """Let the worker do all that is due, and return the mails since the last time."""
        Worker(self._app).drain()
        folder = self._app.extensions[KEY].instance / "outbox"
        paths = [path for path in sorted(folder.glob("*.eml")) if path.name not in self._seen]
        self._seen.update(path.name for path in paths)
        return [_parsed(path.read_bytes()) for path in paths]


def _parsed(raw: bytes) -> EmailMessage:
    found = email.message_from_bytes(raw, policy=email.policy.default)
    assert isinstance(found, EmailMessage)
    return found


def text_of(message: EmailMessage) -> str:
    part = message.get_body(("plain",))
    assert part is not None
    return str(part.get_content())


def html_of(message: EmailMessage) -> str:
    part = message.get_body(("html",))
    assert part is not None
    return str(part.get_content())


def path_in(message: EmailMessage, part: str) -> str:
    found = re.search(rf"https?://[^\s]*/theo-doi/{part}/[^\s]+", text_of(message))
    assert found is not None, text_of(message)
    return urlsplit(found[0]).path


@pytest.fixture
def outbox(app: Any) -> Outbox:
    return Outbox(app)


@pytest.fixture
def fill(site: Any, clock: Any) -> Callable[..., Any]:
    """Return a function that fills in the form of a page and sends it, as a person does."""

    def send(path: str = "/theo-doi", visitor: Site | None = None, **entered: str | None) -> Any:
        by = visitor or site()
        page = by.get(path).text
        clock.move(timedelta(seconds=20))
        hidden = unseen(page)
        values = {"frequency": "at_once", "address": ADDRESS, "agrees": "1", "web-site": ""}
        if 'name="what"' in page:
            values["what"] = "moi-tin"
        sent = {**hidden, **values, **entered}
        return by.post(path, data={name: said for name, said in sent.items() if said is not None})

    return send


def press(visitor: Site, path: str, **values: str) -> Any:
    """Press a button of a page's form."""
    for shown in (path, "/theo-doi"):
        if token := re.search(r'name="csrf_token" value="([^"]+)"', visitor.get(shown).text):
            return visitor.post(path, data={"csrf_token": token[1], **values})
    raise AssertionError("no form to take a token from")


@pytest.fixture
def follow(fill: Any, outbox: Outbox, site: Any) -> Callable[..., str]:
    """Return a function that follows something and confirms it: the path of the own page."""

    def ask(path: str = "/theo-doi", visitor: Site | None = None, **entered: str) -> str:
        assert fill(path, visitor, **entered).status_code == 303
        (asking,) = outbox.new()
        answer = press(visitor or site(), path_in(asking, "xac-nhan"))
        assert answer.status_code == 303, answer.text
        return urlsplit(answer.location).path

    return ask


@pytest.fixture
def told(outbox: Outbox, clock: Any) -> Callable[..., list[EmailMessage]]:
    """Return a function that lets time go by and returns the mails of that time."""

    def wait(by: timedelta = SOON) -> list[EmailMessage]:
        found = outbox.new()
        # Round by round: a worker looks every few minutes, not once a day.
        steps = max(1, min(int(by / SOON), 30))
        for _step in range(steps):
            clock.move(by / steps)
            found += outbox.new()
        return found

    return wait


def rows(platform: Any, model: Any) -> int:
    with platform.open_session(False) as session:
        return int(session.scalar(select(func.count()).select_from(model)))


# -- asking and confirming ----------------------------------------------------------------------


def test_nothing_is_sent_before_the_button_is_pressed(
    fill: Any, outbox: Outbox, publish: Any, document: Any, site: Any, told: Any
) -> None:
    answer = fill()
    assert answer.status_code == 303
    assert answer.location.endswith("/theo-doi/da-gui")
    (asking,) = outbox.new()
    assert asking["To"].addresses[0].addr_spec == ADDRESS
    assert asking["From"].addresses[0].display_name == "Ủy ban nhân dân phường Một"
    confirm = path_in(asking, "xac-nhan")
    # Programs that look at mails follow the links.
    for _visit in range(3):
        page = site().get(confirm)
        assert page.status_code == 200
    assert page.headers["Cache-Control"] == "no-store"
    assert page.headers["Referrer-Policy"] == "no-referrer"
    publish("legal_document", **document("1/KH-UBND"))
    assert told() == []
    press(site(), confirm)
    publish("legal_document", **document("2/KH-UBND"))
    (news,) = told()
    assert "2/KH-UBND" in text_of(news)
    assert "1/KH-UBND" not in text_of(news), "what was there before is no news"


def test_a_link_confirms_once_and_not_after_two_days(
    fill: Any, outbox: Outbox, site: Any, clock: Any, platform: Any
) -> None:
    fill()
    (asking,) = outbox.new()
    first = path_in(asking, "xac-nhan")
    assert press(site(), first).status_code == 303
    assert press(site(), first).status_code == 410
    fill(address="cham@thu.example")
    (asking,) = outbox.new()
    late = path_in(asking, "xac-nhan")
    clock.move(timedelta(hours=49))
    assert site().get(late).status_code == 410
    assert press(site(), late).status_code == 410
    outbox.new()
    assert (rows(platform, Reader), rows(platform, Subscription)) == (1, 1), "it is forgotten"
    assert rows(platform, Sending) == 0, "nor is it known that anything was asked"


def test_the_answer_tells_nothing_of_the_address(
    fill: Any, follow: Any, outbox: Outbox, site: Any
) -> None:
    follow()
    known, new = fill(), fill(address="moi@thu.example")
    assert (known.status_code, known.location) == (new.status_code, new.location)
    assert len(outbox.new()) == 2
    # Three mails a day to one address, whoever asks for them; the answer stays the same.
    again = [fill() for _time in range(3)]
    assert {(a.status_code, a.location) for a in again} == {(new.status_code, new.location)}
    assert len(outbox.new()) == 1


def test_a_network_cannot_send_the_form_without_end(fill: Any, clock: Any) -> None:
    for number in range(20):
        assert fill(address=f"so{number}@thu.example").status_code == 303
    refused = fill(address="nua@thu.example")
    assert refused.status_code == 429
    assert refused.headers["Retry-After"] == "3600"
    assert "nua@thu.example" in refused.text, "what was entered is still there"
    clock.move(HOUR)
    assert fill(address="nua@thu.example").status_code == 303


def test_behind_a_proxy_each_network_has_its_own_forms(
    fill: Any, site: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intake.FollowForm, "from_network", Limit("network", 1))

    def status(number: int, forwarded: str) -> int:
        visitor = site()
        visitor.client.environ_base["HTTP_X_FORWARDED_FOR"] = forwarded
        return int(fill(visitor=visitor, address=f"so{number}@thu.example").status_code)

    assert [status(1, "113.160.92.7"), status(2, "113.160.92.7")] == [303, 429]
    assert [status(3, "113.160.92.8"), status(4, "2001:ee0:1::7")] == [303, 303]
    assert status(5, "2001:ee0:1::8") == 429, "of the same household"


def test_nobody_sends_words_of_their_own_to_a_stranger(
    fill: Any, outbox: Outbox, site: Any
) -> None:
    typed = "q=B%E1%BA%A1n+n%E1%BB%A3:%0D%0A%3Cb%3Ehttps://xau.example"
    assert (
        fill(f"/theo-doi?kieu=legal_document&loai=https://xau.example&{typed}").status_code == 303
    )
    (asking,) = outbox.new()
    assert "nội dung tìm kiếm trong: Văn bản" in text_of(asking)
    assert "xau.example" not in text_of(asking) + html_of(asking) + str(asking["Subject"])
    page = site().get(path_in(asking, "xac-nhan")).text
    assert "Bạn nợ: &lt;b&gt;https://xau.example" in page, "in one line, escaped"
    assert page.count("xau.example") == 1, "what is no value of a filter is none"


@pytest.mark.both_databases
def test_a_value_that_no_database_keeps_is_no_filter(fill: Any, platform: Any) -> None:
    assert fill("/theo-doi?kieu=legal_document&loai=%00&nhom=B%00C&q=%00").status_code == 303
    with platform.open_session(False) as session:
        found = session.scalars(select(Subscription)).one()
        assert (found.type, found.words, found.filters) == ("legal_document", "", {})


@pytest.mark.parametrize(
    ("entered", "said"),
    [
        ({"address": "khong-phai"}, "ten@hue.gov.vn"),
        ({"agrees": None}, "đồng ý"),
        ({"frequency": "moi-phut"}, "bao lâu"),
        ({"web-site": "x"}, "chương trình"),
    ],
)
def test_what_cannot_be_taken_says_why(
    fill: Any, outbox: Outbox, entered: dict[str, str | None], said: str
) -> None:
    answer = fill(**entered)
    assert answer.status_code == 422
    assert said in answer.text
    assert outbox.new() == []


def test_the_form_is_sent_with_its_token(site: Any) -> None:
    assert site().post("/theo-doi", data={"address": ADDRESS}).status_code == 400


# -- what is told, to whom and when -------------------------------------------------------------


@pytest.mark.both_databases
def test_at_once_is_told_together_and_only_once(
    follow: Any, publish: Any, document: Any, told: Any, desk: Any, platform: Any, unit: Unit
) -> None:
    follow()
    first = publish("legal_document", **document("1/KH-UBND"))
    publish("legal_document", **document("2/KH-UBND"))
    (news,) = told()
    assert "Thay đổi nội dung theo dõi hoặc số lần nhận thư:" in text_of(news)
    assert news["Subject"] == "[phường Một] 2 tin mới: Kế hoạch 2/KH-UBND"
    assert f"https://mot.test/bai/{first}" in text_of(news)
    assert f'href="https://mot.test/bai/{first}"' in html_of(news)
    # Changed, withdrawn and published again, it is no news.
    with desk() as work:
        item = work.session.scalars(select(Item).where(Item.id == first)).one()
        actions.advance(work, item, "unpublish", "Nhầm")
        actions.publish(work, item)
    assert told(DAY) == []


def test_a_day_and_a_week_have_their_hour(
    follow: Any, publish: Any, document: Any, told: Any, clock: Any
) -> None:
    follow(frequency="daily")
    follow(frequency="weekly", address="tuan@thu.example")
    # Monday, nine in the morning.
    publish("legal_document", **document("1/KH-UBND"))
    assert told(20 * HOUR) == []
    (daily,) = told(4 * HOUR)
    assert daily["To"].addresses[0].addr_spec == ADDRESS
    publish("legal_document", **document("2/KH-UBND"))
    found = told(7 * DAY)
    by_day, by_week = found
    assert "1/KH-UBND" not in text_of(by_day)
    assert by_week["To"].addresses[0].addr_spec == "tuan@thu.example"
    assert {"1/KH-UBND", "2/KH-UBND"} <= set(re.findall(r"\d/KH-UBND", text_of(by_week)))


@pytest.mark.both_databases
def test_a_worker_that_dies_tells_nothing_twice_and_forgets_nothing(
    follow: Any,
    publish: Any,
    document: Any,
    clock: Any,
    app: Any,
    outbox: Outbox,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    follow()
    publish("legal_document", **document("1/KH-UBND"))
    clock.move(SOON)
    finish, deaths = Worker._run_job, []

    def die(self: Worker, job: Any, row: JobRow) -> None:
        if row.name == "subscriptions.write" and len(deaths) < 2:
            deaths.append(row.id)
            with monkeypatch.context() as there:
                there.setattr("hoitu.core.jobs.worker.queue.finish", _dead)
                finish(self, job, row)
            return
        finish(self, job, row)

    monkeypatch.setattr(Worker, "_run_job", die)
    assert outbox.new() == [], "the mail it queued went with it"
    for _round in range(6):
        clock.move(SOON)
        if found := outbox.new():
            break
    assert len(deaths) == 2
    assert [text_of(one).count("1/KH-UBND") for one in found] == [1]
    clock.move(HOUR)
    assert outbox.new() == []


def _dead(*_arguments: Any) -> bool:
    raise SystemExit("killed")


def test_only_what_is_followed_is_told(
    follow: Any, publish: Any, document: Any, told: Any, site: Any, other_unit: Unit
) -> None:
    follow("/theo-doi?kieu=legal_document&loai=BC")
    follow(what="news", address="tin@thu.example")
    follow("/theo-doi?q=ngap+LUT", address="tim@thu.example")
    follow("/theo-doi?q=1/KH-UBND&pham-vi=toan-tinh", site(other_unit), address="tinh@thu.example")
    publish("legal_document", **document("1/KH-UBND"))
    publish("legal_document", **document("2/KH-UBND", kind="BC"))
    publish("legal_document", **document("3/KH-UBND", summary="Phòng chống ngập, lụt"))
    publish("legal_document", other_unit, **document("4/KH-UBND", summary="Chống ngập lụt"))
    found = {m["To"].addresses[0].username: m for m in told()}
    assert set(found) == {"ban.doc", "tim", "tinh"}
    numbers = {who: re.findall(r"\d/KH-UBND", text_of(m)) for who, m in found.items()}
    assert set(numbers["ban.doc"]) == {"2/KH-UBND"}
    assert set(numbers["tim"]) == {"3/KH-UBND"}
    assert set(numbers["tinh"]) == {"1/KH-UBND"}
    assert "Ủy ban nhân dân phường Một" in text_of(found["tinh"]), "whose it is"
    assert found["tinh"]["From"].addresses[0].display_name == "Ủy ban nhân dân phường Hai"


def test_what_was_withdrawn_at_once_is_news_when_it_comes_back(
    follow: Any, publish: Any, document: Any, told: Any, desk: Any
) -> None:
    follow()
    number = publish("legal_document", **document("1/KH-UBND"))

    def step(name: str) -> None:
        with desk() as work:
            item = work.session.scalars(select(Item).where(Item.id == number)).one()
            if name == "publish":
                actions.publish(work, item)
            else:
                actions.advance(work, item, name, "Nhầm")

    step("unpublish")
    assert told(HOUR) == []
    step("publish")
    (news,) = told()
    assert "1/KH-UBND" in text_of(news)
    step("unpublish")
    step("publish")
    assert told(HOUR) == [], "it has been told"


def test_texts_are_looked_into_with_one_statement(
    follow: Any,
    publish: Any,
    document: Any,
    clock: Any,
    outbox: Outbox,
    statements: Callable[[], list[str]],
) -> None:
    follow("/theo-doi?q=khong+co+dau")
    counts = []
    for numbers in (range(1, 3), range(3, 9)):
        for number in numbers:
            publish("legal_document", **document(f"{number}/KH-UBND"))
        outbox.new()
        clock.move(SOON)
        statements()
        assert outbox.new() == []
        counts.append(sum("item.body" in statement for statement in statements()))
    assert counts == [1, 1]


def test_what_visitors_do_not_see_is_not_told(
    follow: Any, publish: Any, document: Any, told: Any, desk: Any
) -> None:
    follow()
    withdrawn = publish("legal_document", **document("1/KH-UBND"))
    with desk() as work:
        actions.create(work, "legal_document", document("2/KH-UBND"))
        item = work.session.scalars(select(Item).where(Item.id == withdrawn)).one()
        actions.advance(work, item, "unpublish", "Nhầm")
    assert told(HOUR) == []


def test_a_mail_has_an_end(follow: Any, publish: Any, document: Any, told: Any) -> None:
    follow()
    for number in range(23):
        publish("legal_document", **document(f"{number + 1}/KH-UBND"))
    (news,) = told()
    assert len(re.findall(r"/bai/\d+", text_of(news))) == 20
    assert "Xem thêm 3 tin khác: https://mot.test/" in text_of(news)


def test_english_readers_are_written_to_in_english(
    fill: Any, outbox: Outbox, site: Any, publish: Any, document: Any, told: Any
) -> None:
    fill("/en/theo-doi")
    (asking,) = outbox.new()
    assert "press the button there" in text_of(asking)
    confirm = path_in(asking, "xac-nhan")
    assert confirm.startswith("/en/")
    assert 'lang="en"' in html_of(asking)
    press(site(), confirm)
    number = publish("legal_document", **document("1/KH-UBND"))
    (news,) = told()
    assert f"https://mot.test/en/bai/{number}" in text_of(news)
    assert "Stop these mails" in text_of(news)
    assert '<li lang="vi">' in html_of(news)


def test_a_search_has_a_feed(site: Any, publish: Any, document: Any, drain: Any) -> None:
    publish("legal_document", **document("1/KH-UBND", summary="Phòng chống ngập lụt"))
    publish("legal_document", **document("2/KH-UBND"))
    drain()
    page = site().get("/theo-doi?q=ngap+lut").text
    assert 'href="/feed.atom?q=ngap+lut"' in page
    feed = site().get("/feed.atom?q=ngap+lut").text
    assert "1/KH-UBND" in feed
    assert "2/KH-UBND" not in feed


# -- changing and stopping ----------------------------------------------------------------------


def test_one_click_stops_without_any_page(
    follow: Any, publish: Any, document: Any, told: Any, site: Any, platform: Any
) -> None:
    follow()
    publish("legal_document", **document("1/KH-UBND"))
    (news,) = told()
    assert news["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    address = re.fullmatch(r"<https://mot\.test(/theo-doi/dung/[^>]+)>", news["List-Unsubscribe"])
    assert address is not None
    path = address[1]
    # A program that looks at mails follows the link; nothing is stopped by that.
    assert site().get(path).status_code == 200
    assert rows(platform, Subscription) == 1
    answer = site().post(path, data={"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200, "no mail program follows to another page"
    assert "Bạn sẽ không nhận các thư này nữa" in answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    assert (rows(platform, Subscription), rows(platform, Reader)) == (0, 0), "forgotten"
    publish("legal_document", **document("2/KH-UBND"))
    assert told() == []
    again = site().post(path, data={"List-Unsubscribe": "One-Click"})
    assert again.status_code == 200, "it is done, whoever asks"
    assert site().get(path).status_code == 200
    forged = site().post(f"{path[:-2]}xx", data={"List-Unsubscribe": "One-Click"})
    assert forged.status_code == 400


@pytest.mark.both_databases
def test_whoever_stops_gets_no_mail_that_waits(
    follow: Any, fill: Any, site: Any, platform: Any, outbox: Outbox
) -> None:
    page = follow()
    fill(what="news")
    fill(address="khac@thu.example")
    assert press(site(), page, act="stop-all").status_code == 303
    (other,) = outbox.new()
    assert other["To"].addresses[0].addr_spec == "khac@thu.example"
    assert ADDRESS not in kept_jobs(platform)


def kept_jobs(platform: Any) -> str:
    with platform.open_session(False) as session:
        return " ".join(f"{job.payload} {job.error}" for job in session.scalars(select(JobRow)))


@pytest.mark.both_databases
def test_with_an_address_the_mail_to_it_is_forgotten(
    fill: Any, platform: Any, outbox: Outbox, clock: Any
) -> None:
    fill()
    # No server took it in all this time.
    with platform.open_session(True) as session:
        session.execute(update(JobRow).values(run_at=clock.now() + 9 * DAY))
        session.commit()
    clock.move(timedelta(hours=49))
    outbox.new()
    assert rows(platform, Reader) == 0
    assert ADDRESS not in kept_jobs(platform)


@pytest.mark.both_databases
def test_nobody_is_kept_who_cannot_be_told_any_more(
    platform: Any, outbox: Outbox, clock: Any, units: Any, unit: Unit
) -> None:
    def reader(name: str, at: Unit, paused: int = 0) -> Reader:
        now = clock.now()
        made = Reader(address=f"{name}@thu.example", language="vi", seed=name, created_at=now)
        made.paused_at = now - paused * DAY if paused else None
        made.subscriptions = [
            Subscription(unit_id=at.id, frequency="daily", confirmed_at=now, told_until=now)
        ]
        return made

    back = reader("hoi-lai", unit, paused=91)
    asked = {"confirm_until": clock.now() + DAY, "confirm_hash": "x", "told_until": clock.now()}
    back.subscriptions.append(Subscription(unit_id=unit.id, frequency="daily", **asked))
    with platform.open_session(True) as session:
        session.add_all(
            [
                back,
                reader("con", unit),
                reader("moi-dung", unit, paused=89),
                reader("dung-lau", unit, paused=91),
                reader("huyen", units("huyen-cu")),
            ]
        )
        session.commit()
    # Nobody is forgotten who came just now.
    clock.move(2 * HOUR)
    outbox.new()
    with platform.open_session(False) as session:
        left = set(session.scalars(select(Reader.seed)))
        waits = session.scalars(select(Subscription).join(Reader).where(Reader.seed == "hoi-lai"))
        assert [one.confirm_hash for one in waits] == ["x"], "who has just asked again"
    assert left == {"con", "moi-dung", "hoi-lai"}


@pytest.mark.both_databases
def test_who_is_asking_just_now_is_not_forgotten(app: Any, platform: Any, clock: Any) -> None:
    with platform.open_session(True) as session:
        session.add(Reader(address=ADDRESS, language="vi", seed="s", created_at=clock.now()))
        session.commit()
    clock.move(59 * timedelta(minutes=1))
    tidy(app)
    assert rows(platform, Reader) == 1
    clock.move(timedelta(minutes=2))
    if platform.engine.dialect.name == "postgresql":
        with platform.open_session(True) as session:
            session.scalars(select(Reader).with_for_update()).one()
            tidy(app)
        assert rows(platform, Reader) == 1, "nor waited for"
    tidy(app)
    assert rows(platform, Reader) == 0


def tidy(app: Any) -> None:
    job, parts = next(job for job in delivery.JOBS if job.name == "tidy"), app.extensions[KEY]
    with app.app_context(), parts.open_session(True) as session:
        job.run(JobContext(session, {}, parts.clock))
        session.commit()


def test_the_own_page_shows_changes_and_stops(
    follow: Any, site: Any, other_unit: Unit, platform: Any
) -> None:
    follow()
    page = follow("/theo-doi?q=ngap+lut", site(other_unit))
    shown = site().get(page).text
    assert "phường Một" in shown
    assert "ngap lut" in shown
    with platform.open_session(False) as session:
        first, second = session.scalars(select(Subscription.id).order_by(Subscription.id))
    press(site(), page, act=f"often:{first}", **{f"frequency-{first}": "weekly"})
    with platform.open_session(False) as session:
        assert session.get(Subscription, first).frequency == "weekly"
    told = site().get(f"{page}/du-lieu.json").json
    assert told["address"] == ADDRESS
    assert len(told["subscriptions"]) == 2
    press(site(), page, act=f"stop:{second}")
    assert rows(platform, Subscription) == 1
    assert press(site(), page, act="stop-all").location.endswith("/theo-doi/da-dung")
    assert (rows(platform, Subscription), rows(platform, Reader)) == (0, 0)
    assert site().get(page).status_code == 410
    assert site().get(f"{page}/du-lieu.json").status_code == 404


def test_the_own_page_is_for_whoever_has_its_link(follow: Any, site: Any) -> None:
    page = follow()
    mine, theirs = page, follow(address="khac@thu.example")
    assert mine != theirs
    for path in (page[:-2] + "xx", "/theo-doi/quan-ly/abc", "/theo-doi/quan-ly/W10.abc"):
        assert site().get(path).status_code == 410
    assert site().post("/theo-doi/dung/abc").status_code == 400
    assert site().post(mine, data={"act": "stop-all"}).status_code == 400, "no token of a form"


def test_somebody_else_cannot_stop_what_is_not_theirs(
    follow: Any, site: Any, platform: Any
) -> None:
    follow()
    theirs = follow(address="khac@thu.example")
    with platform.open_session(False) as session:
        first = session.scalar(select(func.min(Subscription.id)))
    press(site(), theirs, act=f"stop:{first}")
    assert rows(platform, Subscription) == 2


def test_the_same_followed_again_is_one_subscription(follow: Any, platform: Any) -> None:
    follow()
    follow(frequency="weekly")
    with platform.open_session(False) as session:
        assert list(session.scalars(select(Subscription.frequency))) == ["weekly"]


# -- the unit -----------------------------------------------------------------------------------


def test_a_unit_may_switch_it_off(
    desk: Any, site: Any, follow: Any, publish: Any, document: Any, told: Any, app: Any, unit: Unit
) -> None:
    follow()
    with desk() as work:
        platform = app.extensions[KEY]
        store = platform.settings.store
        now = platform.clock.now()
        store(work.session, work.actor, f"unit:{unit.id}", "subscriptions", "on", False, now)
    with platform.open_session(False) as session:
        refresh(platform, session)
    page = site().get("/theo-doi").text
    assert 'name="address"' not in page
    assert "/feed.atom" in page, "the feeds stay"
    assert site().get("/van-ban").text.count("/theo-doi") == 0
    publish("legal_document", **document("1/KH-UBND"))
    assert told(HOUR) == []


def test_lists_items_and_searches_lead_to_the_form(site: Any, publish: Any, document: Any) -> None:
    number = publish("legal_document", **document("1/KH-UBND"))
    visitor = site()
    assert 'href="/theo-doi?kieu=legal_document"' in visitor.get("/van-ban").text
    narrowed = visitor.get("/van-ban?q=ngập&nhom=administrative_documents").text
    wanted = "/theo-doi?q=ng%E1%BA%ADp&amp;kieu=legal_document&amp;nhom=administrative_documents"
    assert f'href="{wanted}"' in narrowed
    item = visitor.get(f"/van-ban/{number}", follow_redirects=True).text
    assert 'href="/theo-doi?kieu=legal_document"' in item
    page = visitor.get("/theo-doi?kieu=legal_document&nhom=administrative_documents").text
    assert "/van-ban/feed.atom?nhom=administrative_documents" in page


def test_the_desk_sees_how_many_and_never_who(follow: Any, staff: Any) -> None:
    follow()
    follow("/theo-doi?q=bi+mat", address="khac@thu.example")
    page = staff("unit_admin").open("/quan-tri/theo-doi").text
    assert "Mọi tin, bài mới, Ủy ban nhân dân phường Một" in page
    assert "Tìm kiếm trong: Mọi tin, bài mới" in page
    for kept in (ADDRESS, "khac@thu.example", "bi mat"):
        assert kept not in page
    assert staff("editor").open("/quan-tri/theo-doi").status == 403


# -- over the wire ------------------------------------------------------------------------------


class Postbox:
    """A server that takes mails, or refuses receivers or what they are sent for good."""

    def __init__(self) -> None:
        self.raw: list[bytes] = []
        self.answer = self.taken = "250 OK"

    async def handle_RCPT(
        self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any
    ) -> str:
        if self.answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.answer

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        if self.taken.startswith("250"):
            self.raw.append(envelope.content)
        return self.taken


class _Server(Controller):
    """The library's server, listening wherever the system likes."""

    def _trigger_server(self) -> None:
        # The library asks port 0 for its greeting; the real one is known now.
        assert self.server is not None
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


@pytest.fixture
def postbox() -> Iterator[tuple[Postbox, int]]:
    taken = Postbox()
    server = _Server(taken, hostname="127.0.0.1", port=0)
    server.start()
    yield taken, server.port
    server.stop()


@pytest.fixture
def writer(make_app: Any, postbox: Any, clock: Any) -> Callable[..., Any]:
    """Return a function that gives an application on the server an address with a subscription."""
    app = make_app(
        mail_url=f"smtp://127.0.0.1:{postbox[1]}?tls=none", mail_from="Cổng <tin@hue.example>"
    )

    def write(unit: Unit) -> Any:
        parts = app.extensions[KEY]
        with parts.open_session(True) as session:
            reader = Reader(address=ADDRESS, language="vi", seed="s", created_at=clock.now())
            reader.subscriptions = [
                Subscription(
                    unit_id=unit.id,
                    frequency="at_once",
                    confirmed_at=clock.now(),
                    told_until=clock.now() - SOON,
                )
            ]
            session.add(reader)
            session.commit()
        return app

    return write


def test_the_headers_arrive_unbroken(
    writer: Any, postbox: Any, unit: Unit, publish: Any, document: Any, clock: Any
) -> None:
    app = writer(unit)
    publish("legal_document", **document("1/KH-UBND"))
    Worker(app).drain()
    clock.move(SOON)
    Worker(app).drain()
    (raw,) = postbox[0].raw
    head = raw.partition(b"\r\n\r\n")[0]
    assert re.search(rb"(?m)^List-Unsubscribe: <https://[!-;=?-~]+>\r?$", head)
    assert b"\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n" in head
    message = _parsed(raw)
    assert message["From"].addresses[0].addr_spec == "tin@hue.example"
    assert [p.get_content_type() for p in message.iter_parts()] == ["text/plain", "text/html"]


@pytest.mark.parametrize("stop", ["https://a/x\r\nBcc: b@thu.example", "https://a/<x>", "a" * 999])
def test_no_header_is_smuggled_with_the_link_that_stops(clock: Any, stop: str) -> None:
    letter = Letter(ADDRESS, "Tin", "Lời", "uid", clock.now(), stop=stop)
    with pytest.raises(ValueError, match="not an address"):
        letter.message("Cổng <tin@hue.example>")


def test_an_address_that_takes_nothing_is_written_to_no_more(
    writer: Any, postbox: Any, unit: Unit, publish: Any, document: Any, clock: Any, platform: Any
) -> None:
    app = writer(unit)
    postbox[0].answer = f"550 5.1.1 <{ADDRESS}>: no such user"
    for number in range(3):
        assert _reader(platform).paused_at is None
        publish("legal_document", **document(f"{number + 1}/KH-UBND"))
        for _round in range(3):
            Worker(app).drain()
            clock.move(SOON)
        clock.move(DAY)
    Worker(app).drain()
    assert _reader(platform).paused_at is not None
    with platform.open_session(False) as session:
        assert DEAD not in set(session.scalars(select(JobRow.state))), "nothing for the operator"
    assert ADDRESS not in kept_jobs(platform)
    postbox[0].answer = "250 OK"
    publish("legal_document", **document("9/KH-UBND"))
    for _round in range(3):
        Worker(app).drain()
        clock.move(SOON)
    assert postbox[0].raw == []


@pytest.mark.parametrize("at", ["answer", "taken"])
def test_a_blacklist_silences_nobody(
    writer: Any,
    postbox: Any,
    unit: Unit,
    publish: Any,
    document: Any,
    clock: Any,
    platform: Any,
    at: str,
) -> None:
    app = writer(unit)
    setattr(postbox[0], at, f"554 5.7.1 <{ADDRESS}>: your network is blacklisted")
    for number in range(3):
        publish("legal_document", **document(f"{number + 1}/KH-UBND"))
        for _round in range(3):
            Worker(app).drain()
            clock.move(SOON)
        clock.move(DAY)
    # They wait until the blacklist is mended, for three days at most.
    clock.move(3 * DAY)
    Worker(app).drain()
    assert (_reader(platform).refusals, _reader(platform).paused_at) == (0, None)
    assert ADDRESS not in kept_jobs(platform)


def _reader(platform: Any) -> Reader:
    with platform.open_session(False) as session:
        found: Reader = session.scalars(select(Reader)).one()
        return found


def test_a_sent_mail_leaves_no_link_behind(
    writer: Any, postbox: Any, unit: Unit, publish: Any, document: Any, clock: Any, platform: Any
) -> None:
    app = writer(unit)
    publish("legal_document", **document("1/KH-UBND"))
    Worker(app).drain()
    clock.move(SOON)
    Worker(app).drain()
    with platform.open_session(False) as session:
        (payload,) = session.scalars(select(JobRow.payload).where(JobRow.name == mail.JOB))
    assert "theo-doi" not in str(payload)
    assert ADDRESS not in str(payload)
