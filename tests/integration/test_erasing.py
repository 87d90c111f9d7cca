"""Erasing a person: nothing tells of them any more, in no table and no file of the instance."""

from __future__ import annotations

import base64
import json
import logging
import quopri
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from unicodedata import normalize
from urllib.parse import quote, quote_plus

import pytest
from sqlalchemy import inspect, select, text

from hoitu.core import mail, privacy
from hoitu.core.access import SYSTEM
from hoitu.core.access.audit import AuditEntry, verify
from hoitu.core.care.unfound import UnfoundSearch
from hoitu.core.content import Item, ItemVersion, actions
from hoitu.core.content.open_forms import OpenForm
from hoitu.core.content.preview_links import PreviewLink
from hoitu.core.jobs.queue import JobRow
from hoitu.core.people import Contribution, Identity, Person
from hoitu.core.people.identities import NUMBER
from hoitu.core.text import fold
from hoitu.core.units import all_units

if TYPE_CHECKING:
    from hoitu.core.clock import FrozenClock
    from hoitu.core.content import ActionContext
    from hoitu.core.extensions import Platform
    from hoitu.core.units import Unit

#: Words that stand nowhere else. The name has marks, so that its folded form is another one.
NAME, PHONE = "Quỳnhz Xuyếnzz Khởizzz", "0905 781 243"
FIRST, REST = NAME.split(maxsplit=1)
MAIL, NUMBER_OF_ID, ADDRESS = "quynhxuyenz@thuz.example", "046199087651", "Hẻmz Bảyz phố Lạcz"
NEEDLES = (NAME, *NAME.split()[1:], PHONE, PHONE.replace(" ", ""), MAIL, NUMBER_OF_ID, ADDRESS)

Desk = Callable[..., "AbstractContextManager[ActionContext]"]


def written(needle: str) -> Iterator[bytes]:
    """Yield a text in every form in which a table or file may hold it."""
    forms = {needle, needle.lower(), needle.upper(), needle.title()}
    forms |= {fold(form) for form in set(forms)} | {fold(needle).upper(), fold(needle).title()}
    forms |= {normalize("NFD", form) for form in set(forms)}
    forms |= {fold(needle).replace(" ", "-"), fold(needle).replace(" ", "_")}
    for form in forms:
        plain = form.encode()
        yield plain
        yield form.encode("utf-16-le")
        yield json.dumps(form)[1:-1].encode()
        yield quote(form).encode()
        yield quote(form).lower().encode()
        yield quote_plus(form).encode()
        yield quopri.encodestring(plain)[:60]
        for shift in range(3):
            encoded = base64.b64encode(b"\0" * shift + plain)
            # The ends depend on what stands before and behind.
            yield encoded[4:-4] if shift else encoded[:-4]


def found_in(content: bytes) -> list[str]:
    return [n for n in NEEDLES if any(form in content for form in written(n) if len(form) > 6)]


def leftovers(platform: Platform) -> list[str]:
    """Return where the person is still told of: table and row, or file."""
    found = []
    with platform.engine.connect() as connection:
        for table in inspect(connection).get_table_names():
            for row in connection.execute(text(f'select * from "{table}"')).mappings():
                content = "\n".join(
                    json.dumps(v, ensure_ascii=False, default=str) for v in row.values()
                )
                found += [
                    f"{table}: {name}: {content[:300]}" for name in found_in(content.encode())
                ]
    for path in sorted(platform.instance.rglob("*")):
        if path.is_file():
            found += [f"{path}: {name}" for name in found_in(path.read_bytes())]
    return found


@pytest.fixture
def person(platform: Platform, desk: Desk, clock: FrozenClock) -> int:
    """Return somebody who signed in, with a confirmed mail address."""
    with desk() as work:
        one = Person(
            name=NAME, email=MAIL, email_confirmed_at=clock.now(), created_at=clock.now(),
            last_login_at=clock.now(), number_sealed=platform.seal.lock(NUMBER_OF_ID, NUMBER),
            number_mark=platform.seal.mark(f"citizen:{NUMBER_OF_ID}", NUMBER),
        )  # fmt: skip
        one.identities.append(
            Identity(issuer="https://idp.example", subject="s1", level=2, assured_at=clock.now())
        )
        work.session.add(one)
        work.session.flush()
        return one.id


@pytest.fixture
def sent(
    desk: Desk, person: int, clock: FrozenClock, other_unit: Unit, publish: Callable[..., int]
) -> dict[str, int]:
    """Return what the person sent: a question answered in public, others in private or not yet."""
    who = {"phone": PHONE, "email": MAIL}
    question = {
        "title": f"Hỏi của {NAME}", "topic": "civil_status", "asker_name": NAME, **who,
        "address": ADDRESS, "question": f"Tôi là {NAME}, CCCD {NUMBER_OF_ID}, ở {ADDRESS}.",
        "may_publish": True, "suspected_complaint": False,
    }  # fmt: skip
    asked = {
        "requester": NAME, "address": ADDRESS, **who, "information": f"Hồ sơ của {NAME}",
        "purpose": f"Gọi {PHONE}", "delivery": "copy",
    }  # fmt: skip
    found: dict[str, int] = {}
    draft = publish(
        "draft_consultation", title="Dự thảo", summary="Tóm tắt", kind="QĐ", level="province",
        drafter="Văn phòng", target="Nhân dân", opens_on=clock.today() - timedelta(days=5),
        closes_on=clock.today() + timedelta(days=30),
        articles=[{"heading": "Điều 1. Phạm vi", "text": "Quy chế này."}],
    )  # fmt: skip
    with desk() as work:
        days = {"received_on": clock.today()}
        for number, name in enumerate(("public", "private", "waiting")):
            item, _new = actions.receive(
                work, "question", question, key=f"{number:032x}",
                stamped={"code": f"AAAA-000{number}", **days},
            )  # fmt: skip
            found[name] = item.id
        kind = work.types["information_request"]
        values = {n: v for n, v in asked.items() if n in kind.fields}
        values["delivery"] = next(iter(dict(kind.fields["delivery"].kind.options())))
        item, _new = actions.receive(
            work, kind.name, values, key=f"{9:032x}", stamped={"code": "BBBB-0009"}
        )
        found["request"] = item.id
        opinion = {"sender": NAME, "text": f"{NAME} góp ý: zgopyz", "consent": True, **who}
        item, _new = actions.receive(
            work, "consultation_comment", {**opinion, "consultation": draft}, key=f"{8:032x}",
            stamped={"code": "DDDD-0008"},
        )  # fmt: skip
        found["opinion"] = item.id
        answer = {
            "title": f"Về việc của {NAME}", "summary": f"Ông {fold(NAME)} hỏi, gọi {PHONE}",
            "body": f"<p>Kính gửi <b>{FIRST}</b> {REST} ({MAIL})</p>",
        }  # fmt: skip
        for name in ("public", "private"):
            one = work.session.get_one(Item, found[name])
            actions.edit(work, one, answer, note=f"Sửa cho {NAME}")
        one = work.session.get_one(Item, found["public"])
        # Before it is published the desk blacks out what tells of the person.
        actions.redact(work, one, [NAME, PHONE, MAIL])
        actions.publish(work, one)
        # Something was overlooked, and reached the index.
        one.body = f"<p>{NAME} ({MAIL}) có thể đến lấy.</p>"
        private = work.session.get_one(Item, found["private"])
        actions.advance(work, private, "archive", f"Đã trả lời riêng {NAME}, điện thoại {PHONE}")
        for item_id in found.values():
            work.session.add(
                Contribution(
                    person_id=person, unit_id=work.unit.id, item_id=item_id, level=2, at=clock.now()
                )
            )
        work.session.add(
            OpenForm(
                key="f" * 32, type="question", item_id=found["waiting"], account_id=1,
                account_name="Thử", title=NAME, typed=[["body", f"Gửi {NAME}"]],
                opened_at=clock.now(), seen_at=clock.now(), typed_at=clock.now(),
            )
        )  # fmt: skip
        work.session.add(
            PreviewLink(
                unit_id=work.unit.id, item_id=found["waiting"], token_hash="p" * 64,
                label=f"Cho {NAME}", created_by="Thử", created_at=clock.now(),
                expires_at=clock.now(),
            )
        )  # fmt: skip
        work.session.add(
            UnfoundSearch(
                unit_id=work.unit.id, key=fold(NAME), words=NAME, times=1,
                first_on=clock.today(), last_on=clock.today(),
            )
        )  # fmt: skip
        mail.post(work.session, MAIL, f"Trả lời {NAME}", f"Kính gửi {NAME}, {PHONE}", clock.now())
        later = clock.now() + timedelta(days=1)
        mail.post(work.session, MAIL, "Lần sau", f"Kính gửi {NAME}", later)
    with desk(other_unit) as work:
        # Sent without signing in, under the same confirmed address, to another unit.
        item, _new = actions.receive(
            work, "question", {**question, "title": "Câu hỏi khác"}, key=f"{7:032x}",
            stamped={"code": "CCCC-0007", "received_on": clock.today()},
        )  # fmt: skip
        found["elsewhere"] = item.id
    return found


@pytest.fixture
def subscribed(desk: Desk, clock: FrozenClock, unit: Unit) -> None:
    from hoitu.plugins.subscriptions.models import Reader, Subscription

    with desk() as work:
        reader = Reader(address=MAIL, language="vi", seed="s" * 32, created_at=clock.now())
        reader.subscriptions.append(
            Subscription(
                unit_id=unit.id, frequency="daily", confirmed_at=clock.now(),
                told_until=clock.now(), words=NAME,
            )
        )  # fmt: skip
        work.session.add(reader)


@pytest.mark.both_databases
@pytest.mark.usefixtures("subscribed")
def test_nothing_is_left_of_a_person_who_is_erased(
    platform: Platform,
    desk: Desk,
    person: int,
    sent: dict[str, int],
    drain: Callable[[], None],
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    drain()
    # The first mail is in the outbox by now, the text is in the index, and the tables are full.
    before = leftovers(platform)
    for place in ("item:", "item_version:", "questions_question:", "job:", "person:", "open_form:",
                  "subscriptions_reader:", "outbox/", "search/", "legal_consultation_comment:",
                  "preview_link:", "unfound_search:"):  # fmt: skip
        assert any(place in line for line in before), place
    assert not [line for line in before if line.startswith("audit_entry:")]
    with desk(role="platform_admin") as work:
        found = work.session.get_one(Person, person)
        told = privacy.data_of(work.session, found)
        assert privacy.erase(work.session, found, work.actor) == 6
    drain()
    assert leftovers(platform) == []
    assert not found_in(caplog.text.encode())
    # Nobody is left to be answered.
    with platform.open_session(False) as session, all_units("a test"):
        states = {name: session.get_one(Item, item_id).state for name, item_id in sent.items()}
    assert {n: s for n, s in states.items() if s not in ("published", "archived")} == {}
    # What was told to the person before was everything.
    said = json.dumps([dict(record.values) for record in told], ensure_ascii=False)
    assert all(word in said for word in (NAME, PHONE, MAIL, NUMBER_OF_ID, ADDRESS))
    assert len(told) == 2 + 6 + 1


@pytest.mark.both_databases
def test_what_is_public_stays_and_the_log_holds(
    platform: Platform, desk: Desk, person: int, sent: dict[str, int], drain: Callable[[], None]
) -> None:
    with desk(role="platform_admin") as work:
        privacy.erase(work.session, work.session.get_one(Person, person), work.actor)
    drain()
    with platform.open_session(False) as session, all_units("test"):
        public = session.get_one(Item, sent["public"])
        assert (public.state, public.title) == ("published", "Về việc của […]")
        assert session.get_one(Item, sent["waiting"]).title == ""
        # Words of the sender go with the sender, as long as nobody published them.
        opinion: Any = session.get_one(Item, sent["opinion"])
        assert (opinion.text, opinion.sender) == ("", "")
        for version in session.scalars(select(ItemVersion)):
            assert not version.values.get("asker_name")
        assert session.scalars(select(Contribution)).all() == []
        assert session.scalars(select(Identity)).all() == []
        entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "person.erase")).one()
        assert (entry.object_id, entry.detail) == (str(person), {"items": 6})
        forgotten = select(AuditEntry).where(AuditEntry.action == "item.forget")
        assert len(session.scalars(forgotten).all()) == 6
        assert verify(session).broken_id is None


@pytest.mark.both_databases
@pytest.mark.usefixtures("sent", "subscribed")
@pytest.mark.parametrize(
    ("forgotten", "place"),
    [
        ("persons._forget_mails", "job:"),
        ("persons._forget_searches", "unfound_search:"),
        ("persons._forget_item", "questions_question:"),
        ("traces.clear_outbox", "outbox/"),
    ],
)
def test_the_search_for_leftovers_can_fail(
    platform: Platform,
    desk: Desk,
    person: int,
    drain: Callable[[], None],
    monkeypatch: pytest.MonkeyPatch,
    forgotten: str,
    place: str,
) -> None:
    drain()
    monkeypatch.setattr(f"hoitu.core.privacy.{forgotten}", lambda *_told, **_named: None)
    with desk(role="platform_admin") as work:
        privacy.erase(work.session, work.session.get_one(Person, person), work.actor)
    drain()
    assert any(place in line for line in leftovers(platform))


REFUSING = """
@hookimpl
def erase_person(self, person):
    raise RuntimeError("no room")
"""


@pytest.mark.both_databases
@pytest.mark.usefixtures("database")
def test_a_plugin_that_fails_keeps_everything(
    plant: Callable[..., str], request: pytest.FixtureRequest
) -> None:
    plant("stubborn", REFUSING)
    platform: Platform = request.getfixturevalue("platform")
    desk: Desk = request.getfixturevalue("desk")
    person = request.getfixturevalue("person")
    sent = request.getfixturevalue("sent")
    with pytest.raises(privacy.ErasureRefused, match="stubborn") as refused, desk() as work:
        privacy.erase(work.session, work.session.get_one(Person, person))
    assert refused.value.plugin == "stubborn"
    with platform.open_session(False) as session, all_units("test"):
        assert session.get_one(Person, person).name == NAME
        assert session.get_one(Item, sent["waiting"]).title == f"Hỏi của {NAME}"


SILENT = """
@hookimpl
def person_data(self, person):
    raise RuntimeError("cannot tell")
"""


@pytest.mark.usefixtures("database")
def test_half_an_answer_is_not_given(
    plant: Callable[..., str], request: pytest.FixtureRequest
) -> None:
    plant("silent", SILENT)
    desk: Desk = request.getfixturevalue("desk")
    person = request.getfixturevalue("person")
    with pytest.raises(privacy.ExportIncomplete, match="silent"), desk() as work:
        privacy.data_of(work.session, work.session.get_one(Person, person))


def test_another_person_keeps_everything(
    platform: Platform, desk: Desk, person: int, sent: dict[str, int], clock: FrozenClock
) -> None:
    with desk() as work:
        other = Person(
            name="Người Khácz", email="", created_at=clock.now(), last_login_at=clock.now()
        )
        work.session.add(other)
        work.session.flush()
        assert privacy.erase(work.session, other, SYSTEM) == 0
    with platform.open_session(False) as session, all_units("test"):
        assert session.get_one(Item, sent["waiting"]).title == f"Hỏi của {NAME}"
        assert session.scalar(select(JobRow).where(JobRow.name == mail.JOB)) is not None


# -- at the desk -----------------------------------------------------------------------------------


@pytest.mark.usefixtures("sent")
def test_the_desk_shows_gives_out_and_erases(
    platform: Platform, person: int, staff: Callable[..., Any]
) -> None:
    path = "/quan-tri/du-lieu-ca-nhan/nguoi"
    assert staff("unit_admin").open(path).status == 403
    boss = staff("platform_admin")
    form = boss.open(path).forms[-1]
    assert boss.send(form, ai="khong@co.example").status == 404
    page = boss.send(form, ai=NUMBER_OF_ID)
    assert page.status == 200
    assert MAIL in page.text
    assert PHONE in page.text
    table = boss.send(form, ai=MAIL, viec="csv")
    assert ADDRESS in table.text
    assert boss.send(form, ai=MAIL, viec="xoa", **{"xac-nhan": "có"}).status == 422
    assert boss.send(form, ai=MAIL, viec="xoa", **{"xac-nhan": "xoa"}).status == 303
    with platform.open_session(False) as session:
        assert session.get(Person, person) is None
        done = select(AuditEntry.action).where(AuditEntry.object_type == "person")
        assert session.scalars(done.order_by(AuditEntry.id)).all() == [
            "person.show", "person.export", "person.erase",
        ]  # fmt: skip
