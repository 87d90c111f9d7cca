"""Programs that send forms: few of theirs come to the staff, and all of what people send does."""

from __future__ import annotations

import hashlib
import json
import re
import secrets
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from flask import render_template, request
from sqlalchemy import func, select

from hoitu.core.clock import FrozenClock
from hoitu.core.content import Item
from hoitu.core.extensions import Platform
from hoitu.core.jobs import Worker
from hoitu.core.testing.fixtures import Site
from hoitu.core.testing.visitors import proof, unseen
from hoitu.core.units import Unit, all_units, unit_scope
from hoitu.core.web import Limit, defence, spare
from hoitu.core.web.defence.limits import Sending
from hoitu.core.web.defence.refusals import RefusedSending

FORM = "/hoi-dap/gui?viet=1"
HOUR = timedelta(hours=1)
ASKED = {
    "topic": "land",
    "asker_name": "Nguyễn Thị Mẫu",
    "no_complaint": "1",
    "no_complaint-shown": "1",
    "agrees": "1",
    "agrees-shown": "1",
    "may_publish-shown": "1",
}
SPAM = "Vay tiền nhanh không cần thế chấp, giải ngân trong ngày, gọi ngay số này để được giúp đỡ"


def network(number: int) -> str:
    """Return an address of its own for each number."""
    return f"113.{160 + number // 65536}.{number // 256 % 256}.{number % 256}"


@dataclass
class Sender:
    """Somebody behind a proxy of ours, in a network of their own, who sends forms of a site."""

    site: Site
    network: str
    answers: list[Any] = field(default_factory=list)

    def open(self) -> str:
        """Return the page of the form."""
        answer = self.site.client.get(FORM, headers=self._headers())
        assert answer.status_code == 200
        return str(answer.text)

    def send(self, hidden: dict[str, str], words: str, **more: str) -> Any:
        """Send a question and return the answer."""
        sent = {**hidden, **ASKED, "title": words[:60], "question": words, **more}
        answer = self.site.client.post(FORM, data=sent, headers=self._headers())
        self.answers.append(answer)
        return answer

    def _headers(self) -> dict[str, str]:
        return {"Host": self.site.host, "X-Forwarded-For": self.network}


@pytest.fixture
def sender(app: Any, site: Callable[..., Site]) -> Callable[..., Sender]:
    """Return a function that gives somebody in a network."""
    app.config["WTF_CSRF_ENABLED"] = False

    def make(number: int, at: Unit | None = None) -> Sender:
        return Sender(site(at), network(number))

    return make


@pytest.fixture
def waiting(platform: Platform, unit: Unit) -> Callable[[], list[str]]:
    """Return a function that lists the titles of what waits for the staff."""

    def read() -> list[str]:
        with platform.open_session(False) as session, unit_scope(unit.id):
            chosen = select(Item.title).where(Item.state == "submitted").order_by(Item.id)
            return list(session.scalars(chosen))

    return read


@pytest.fixture
def refused(platform: Platform, unit: Unit) -> Callable[[], dict[str, int]]:
    """Return a function that tells how many messages were refused, by reason."""

    def read() -> dict[str, int]:
        with platform.open_session(False) as session, unit_scope(unit.id):
            rows = session.scalars(select(RefusedSending))
            return {row.reason: row.times for row in rows}

    return read


class Robots:
    """Programs of seven kinds; each call sends one more message, of another kind."""

    def __init__(self, sender: Callable[..., Sender], clock: FrozenClock) -> None:
        self._of = sender
        self._kinds = (
            self.blind, self.fast, self.replaying, self.forging, self.scattered,
            self.guessing, self.parroting,
        )  # fmt: skip
        self.sent = 0
        self.statuses: dict[int, int] = {}
        #: Forms that were opened long enough ago; a program keeps them, and uses some over again.
        self._opened = [unseen(sender(n).open(), scripts=False) for n in range(40)]
        clock.move(timedelta(seconds=5))
        #: A form that was taken: one of the few that are without a proof.
        self._used = dict(self._opened[0])
        assert sender(40).send(self._used, f"Tin đầu {SPAM}").status_code == 303
        self._proof = unseen(sender(41).open())["form-proof"]

    def __call__(self) -> None:
        kind = self._kinds[self.sent % len(self._kinds)]
        self.sent += 1
        answer = kind(self.sent)
        self.statuses[answer.status_code] = self.statuses.get(answer.status_code, 0) + 1

    def blind(self, number: int) -> Any:
        """Fill in all fields, or leave out the stamp."""
        sent = {"web-site": "http://xau.example"} if number % 2 else {}
        return self._of(number % 500).send(sent, f"{number} {SPAM}")

    def fast(self, number: int) -> Any:
        """Open the form and send it at once, with a proof that costs nothing."""
        by = self._of(number % 500)
        opened = self._opened[0] if number % 50 else unseen(by.open(), scripts=False)
        return by.send({**opened, "form-proof": "1"}, f"{number} {SPAM}")

    def replaying(self, number: int) -> Any:
        """Send a form that was taken already, with other words."""
        return self._of(number % 500).send(self._used, f"{number} {SPAM}")

    def forging(self, number: int) -> Any:
        """Make up a stamp."""
        stamp = secrets.token_urlsafe(60)
        return self._of(number % 500).send({"form-opened": stamp}, f"{number} {SPAM}")

    def scattered(self, number: int) -> Any:
        """Send opened forms without a proof, from 500 networks."""
        opened = self._opened[number % len(self._opened)]
        return self._of(number % 500).send(opened, f"{number} {SPAM} {secrets.token_hex(4)}")

    def guessing(self, number: int) -> Any:
        """Send a proof, of another form."""
        opened = self._opened[number % len(self._opened)]
        return self._of(number % 500).send(
            {**opened, "form-proof": self._proof}, f"{number} {SPAM}"
        )

    def parroting(self, number: int) -> Any:
        """Say the same in many networks, under many names."""
        opened = self._opened[number % len(self._opened)]
        marks = "\u200b" * (number % 3) + "!" * (number % 5)
        by, name = self._of(number % 500), f"Người {number}"
        return by.send(opened, SPAM.upper() + marks, asker_name=name)


def drawn_if_opened(template: str, **values: Any) -> str:
    """Draw a form that is opened, and nothing where one was sent."""
    return "" if request.method == "POST" else render_template(template, **values)


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_of_ten_thousand_robots_few_reach_the_staff_and_of_people_all(
    sender: Callable[..., Sender],
    clock: FrozenClock,
    waiting: Callable[[], list[str]],
    refused: Callable[[], dict[str, int]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    robots = Robots(sender, clock)
    people = [sender(60_000 + number) for number in range(10)]
    real = []
    for turn in range(50):
        # They look at the form, too, and send many between two messages of people.
        sender(turn).open()
        with monkeypatch.context() as unread:
            # None of them reads the page that comes back, and drawing it takes most of the time.
            unread.setattr("hoitu.sections.questions.views.render_template", drawn_if_opened)
            while robots.sent < 200 * (turn + 1):
                robots()
        person = people[turn % len(people)]
        page = person.open()
        clock.move(timedelta(seconds=4))
        words = f"Câu hỏi thứ {turn}: cấp đổi giấy chứng nhận cho thửa {turn} cần những giấy gì?"
        assert person.send(unseen(page), words).status_code == 303
        real.append(words[:60].strip())
    assert robots.sent == 10_000
    found = waiting()
    assert [title for title in found if title in real] == real
    assert len(found) - len(real) <= 5
    told = refused()
    assert set(told) >= {"trap", "stamp", "too-fast", "used-stamp", "unproven-unit"}
    assert sum(told.values()) == 10_000 - robots.statuses.get(303, 0)
    print("RESULT", len(found) - len(real), robots.statuses, told)


# -- stamps ----------------------------------------------------------------------------------------


def test_a_stamp_takes_one_message_which_may_come_again(
    sender: Callable[..., Sender], clock: FrozenClock, waiting: Any
) -> None:
    by = sender(1)
    hidden = unseen(by.open())
    clock.move(timedelta(seconds=9))
    first, again = by.send(hidden, "Một"), by.send(hidden, "Một")
    assert (first.status_code, again.status_code) == (303, 303)
    assert first.location == again.location
    other = by.send(hidden, "Hai")
    assert other.status_code == 422
    assert 'value="Hai"' in other.text, "what was entered is still there"
    clock.move(timedelta(seconds=9))
    assert by.send(unseen(other.text), "Hai").status_code == 303, "the form that came back is new"
    assert waiting() == ["Một", "Hai"]


def test_robots_are_refused_before_anything_is_looked_at(
    sender: Callable[..., Sender], refused: Any, statements: Any
) -> None:
    by = sender(1)
    by.open()
    statements()
    answer = by.send({"web-site": "x"}, "")
    assert "Thiếu mục" not in answer.text
    assert refused() == {"trap": 1}
    writes = [s for s in statements() if not s.upper().startswith("SELECT")]
    # The first of a day adds the row, each other one counts it up.
    assert [w.split()[0].upper() for w in writes if "refused_sending" in w] == ["UPDATE", "INSERT"]


# -- lanes -----------------------------------------------------------------------------------------


def test_without_scripts_two_within_an_hour_and_five_for_a_unit(
    sender: Callable[..., Sender], clock: FrozenClock, waiting: Any, other_unit: Unit
) -> None:
    def send(number: int, at: Unit | None = None) -> Any:
        by = sender(number, at)
        hidden = unseen(by.open(), scripts=False)
        clock.move(timedelta(seconds=9))
        return by.send(hidden, secrets.token_hex(8))

    assert [send(1).status_code for _time in range(3)] == [303, 303, 429]
    assert [send(n).status_code for n in (2, 3, 4, 5)] == [303, 303, 303, 429]
    assert send(1, other_unit).status_code == 429, "one network is one, whatever site it sends to"
    refused = send(6)
    assert refused.headers["Retry-After"] == "3600"
    assert "form-summary" in refused.text
    assert ASKED["asker_name"] in refused.text
    assert send(6, other_unit).status_code == 303
    clock.move(HOUR)
    assert send(1).status_code == 303
    assert len(waiting()) == 6


def test_with_scripts_an_office_sends_twenty_within_an_hour(
    sender: Callable[..., Sender], clock: FrozenClock
) -> None:
    def send(number: int) -> int:
        by = sender(number)
        hidden = unseen(by.open())
        clock.move(timedelta(seconds=9))
        return int(by.send(hidden, secrets.token_hex(8)).status_code)

    assert [send(1) for _time in range(21)] == [303] * 20 + [429]
    assert send(2) == 303
    clock.move(HOUR)
    assert send(1) == 303


def test_the_limit_holds_over_midnight(sender: Callable[..., Sender], clock: FrozenClock) -> None:
    # 23:59 in Vietnam: what is kept of a network is another word tomorrow.
    clock.move(timedelta(hours=14, minutes=59))
    by = sender(1)
    for expected in (303, 303, 429):
        hidden = unseen(by.open(), scripts=False)
        clock.move(timedelta(minutes=1))
        assert by.send(hidden, secrets.token_hex(8)).status_code == expected


def test_the_same_text_is_taken_three_times_a_day(
    sender: Callable[..., Sender], clock: FrozenClock, waiting: Any
) -> None:
    def send(number: int, words: str) -> int:
        by = sender(number)
        hidden = unseen(by.open())
        clock.move(timedelta(seconds=9))
        return int(by.send(hidden, words, asker_name=f"Người {number}").status_code)

    spellings = [SPAM, SPAM.upper(), SPAM.replace(" ", "  "), f"{SPAM}!!!", SPAM.replace("ề", "e")]
    assert [send(n, words) for n, words in enumerate(spellings)] == [303, 303, 303, 429, 429]
    assert [send(n, "Tôi đồng ý") for n in range(5)] == [303] * 5, "few words are anybody's"
    clock.move(timedelta(hours=25))
    assert send(9, SPAM) == 303
    assert len(waiting()) == 9


@pytest.mark.both_databases
def test_who_comes_at_the_same_instant_is_counted_too(
    sender: Callable[..., Sender], clock: FrozenClock, waiting: Any
) -> None:
    senders = [sender(number) for number in range(12)]
    opened = [unseen(by.open(), scripts=False) for by in senders]
    clock.move(timedelta(seconds=9))

    def send(number: int) -> int:
        return int(senders[number].send(opened[number], f"Tin {number}").status_code)

    with ThreadPoolExecutor(6) as pool:
        statuses = sorted(pool.map(send, range(12)))
    assert statuses == [303] * 5 + [429] * 7
    assert len(waiting()) == 5


@pytest.mark.both_databases
def test_one_stamp_sent_at_the_same_instant_takes_one_message(
    sender: Callable[..., Sender], clock: FrozenClock, waiting: Any
) -> None:
    hidden = unseen(sender(1).open())
    clock.move(timedelta(seconds=9))
    senders = [sender(number) for number in range(8)]

    def send(number: int) -> int:
        return int(senders[number].send(hidden, f"Tin {number // 2}").status_code)

    with ThreadPoolExecutor(6) as pool:
        statuses = sorted(pool.map(send, range(8)))
    assert statuses == [303] * 2 + [422] * 6, "the same words twice are one message"
    assert len(waiting()) == 1


@pytest.mark.both_databases
def test_refusals_at_the_same_instant_are_all_counted(
    sender: Callable[..., Sender], refused: Any
) -> None:
    senders = [sender(number) for number in range(12)]
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda by: by.send({"web-site": "x"}, "Tin"), senders))
    assert refused() == {"trap": 12}


@pytest.mark.both_databases
def test_a_post_costs_few_statements(
    sender: Callable[..., Sender], clock: FrozenClock, statements: Any
) -> None:
    by = sender(1)
    hidden = unseen(by.open())
    clock.move(timedelta(seconds=9))
    statements()
    assert by.send(hidden, f"{SPAM} này").status_code == 303
    own = [s.split()[0] for s in statements() if " sending" in s]
    assert own == ["SELECT", "INSERT"]
    again = by.send(hidden, f"{SPAM} nữa")
    assert again.status_code == 422
    told = [s.split()[0] for s in statements() if "sending" in s]
    assert told == ["SELECT", "UPDATE", "INSERT"]


# -- what is kept ----------------------------------------------------------------------------------


def test_no_address_and_no_words_are_kept_and_all_is_forgotten(
    app: Any, sender: Callable[..., Sender], clock: FrozenClock, platform: Platform
) -> None:
    by = sender(7)
    hidden = unseen(by.open())
    clock.move(timedelta(seconds=9))
    assert by.send(hidden, SPAM).status_code == 303

    def kept() -> list[Sending]:
        with platform.open_session(False) as session:
            return list(session.scalars(select(Sending)))

    rows = kept()
    assert len(rows) == 4
    assert all(re.fullmatch("[0-9a-f]{64}", row.mark) for row in rows)
    plain = hashlib.sha256(by.network.encode()).hexdigest()
    assert by.network not in json.dumps([row.mark for row in rows])
    assert plain not in [row.mark for row in rows], "a hash without a key is as good as the address"
    clock.move(timedelta(hours=23))
    Worker(app).drain()
    assert len(kept()) == 4, "a form that was used stays used as long as it is valid"
    clock.move(timedelta(hours=25))
    Worker(app).drain()
    assert kept() == []


def test_numbers_of_refusals_are_forgotten_after_a_season(
    app: Any, sender: Callable[..., Sender], clock: FrozenClock, platform: Platform
) -> None:
    sender(1).send({"web-site": "x"}, "Tin")
    clock.move(timedelta(days=91))
    Worker(app).drain()
    with platform.open_session(False) as session, all_units("a test"):
        assert session.scalar(select(func.count()).select_from(RefusedSending)) == 0


@pytest.fixture
def in_request(app: Any, unit: Unit) -> Iterator[None]:
    with app.test_request_context(base_url=f"http://{unit.hosts[-1].name}"), unit_scope(unit.id):
        yield


def test_plugins_limit_what_they_like(in_request: None) -> None:
    mails = Limit("a-test", 2, timedelta(hours=24))
    assert [spare(mails, "a@thu.example") for _time in range(3)] == [True, True, False]
    assert spare(mails, "b@thu.example")
    assert spare(Limit("another", 2), "a@thu.example")


@pytest.mark.parametrize("number", ["", "-1", "1.0", "٣", "1" * 12, "x", "0x1", " 5"])
def test_what_is_no_number_proves_nothing(number: str) -> None:
    assert not defence.proves("word", number)


def test_a_proof_is_of_one_form_only() -> None:
    one, other = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
    found = proof(one)
    assert defence.proves(one, found)
    assert not defence.proves(other, found)


# -- the desk --------------------------------------------------------------------------------------


def test_the_staff_see_how_many_were_refused_today(
    sender: Callable[..., Sender], staff: Any, clock: FrozenClock
) -> None:
    person = sender(1)
    hidden = unseen(person.open())
    clock.move(timedelta(seconds=9))
    assert person.send(hidden, "Xin hỏi").status_code == 303
    approver = staff("approver")

    def told(path: str) -> list[str]:
        return re.findall(r'id="refused-today">[^<]*?(\d+)', approver.open(path).text)

    assert told("/quan-tri/") == told("/quan-tri/viec/tiep-nhan") == []
    for _time in range(3):
        person.send({"web-site": "x"}, "Tin")
    assert told("/quan-tri/") == told("/quan-tri/viec/tiep-nhan") == ["3"]
    clock.move(timedelta(days=1))
    assert told("/quan-tri/viec/tiep-nhan") == []
