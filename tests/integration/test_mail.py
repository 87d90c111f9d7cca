"""Mail: sent to a real server on loopback, encrypted, tried again, never to the wrong person."""

from __future__ import annotations

import email
import ssl
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from email.header import decode_header, make_header
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import trustme
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword
from click.testing import Result
from sqlalchemy import event, select, update
from sqlalchemy.exc import OperationalError

from hoitu.core import mail
from hoitu.core.access import Account, accounts
from hoitu.core.config import ConfigError, load
from hoitu.core.events import OutboxEntry
from hoitu.core.extensions import KEY, Platform
from hoitu.core.jobs import Worker
from hoitu.core.jobs.queue import ATTEMPTS, DEAD, DONE, READY, JobRow, revive
from hoitu.core.settings.refresh import refresh
from hoitu.core.testing.fixtures import PASSWORD

SENDER = "Cổng thông tin <khong-tra-loi@hue.example>"
USER, SECRET = "hoi:tu@hue.example", "mat khau/@ va:dau"


class Postbox:
    """What the server does with a mail: takes it, or answers with ``refusal``."""

    def __init__(self) -> None:
        self.received: list[EmailMessage] = []
        self.receivers: list[list[str]] = []
        self.refusal = ""
        self.refused_receiver = ""
        self.encrypted: list[bool] = []
        self.goodbye = ""
        self.meanwhile: Callable[[], None] | None = None

    async def handle_QUIT(self, server: Any, _session: Any, _envelope: Any) -> str:
        if self.goodbye == "hang up":
            server.transport.abort()
        return self.goodbye or "221 Bye"

    async def handle_RCPT(
        self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any
    ) -> str:
        if self.refused_receiver:
            return self.refused_receiver
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        if self.refusal:
            return self.refusal
        self.received.append(
            email.message_from_bytes(envelope.content, policy=email.policy.default)  # type: ignore[arg-type]
        )
        if self.meanwhile is not None:
            self.meanwhile()
        self.receivers.append(envelope.rcpt_tos)
        self.encrypted.append(session.ssl is not None)
        return "250 taken"


class _Server(Controller):
    """The library's server, listening wherever the system likes."""

    def __init__(self, postbox: Postbox, ssl_context: Any = None, **options: Any) -> None:
        self._options = options
        super().__init__(postbox, hostname="127.0.0.1", port=0, ssl_context=ssl_context)

    def factory(self) -> SMTP:
        return SMTP(self.handler, **self._options)

    def _trigger_server(self) -> None:
        # The library asks port 0 for its greeting; the real one is known now.
        assert self.server is not None
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def trusted(
    authority: trustme.CA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> ssl.SSLContext:
    """Return a server's certificate that this machine trusts."""
    roots = tmp_path / "roots.pem"
    authority.cert_pem.write_to_path(roots)
    monkeypatch.setenv("SSL_CERT_FILE", str(roots))
    return certificate(authority)


def certificate(authority: trustme.CA, name: str = "127.0.0.1") -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert(name).configure_cert(context)
    return context


def allow(_server: Any, _session: Any, _envelope: Any, _mechanism: str, data: Any) -> AuthResult:
    known = LoginPassword(USER.encode(), SECRET.encode())
    return AuthResult(success=data == known, handled=False)


@contextmanager
def serving(**options: Any) -> Iterator[tuple[Postbox, int]]:
    postbox = Postbox()
    server = _Server(postbox, **options)
    server.start()
    try:
        yield postbox, server.port
    finally:
        server.stop()


@pytest.fixture
def plain() -> Iterator[tuple[Postbox, int]]:
    with serving() as running:
        yield running


@pytest.fixture
def posting(make_app: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function that posts a mail on an application that sends by a server."""

    def post(url: str, to: Any = "mot@thu.example", **values: Any) -> Any:
        app = make_app(mail_url=url, mail_from=SENDER)
        parts = app.extensions[KEY]
        with app.app_context(), parts.open_session(True) as session:
            receivers = to(session) if callable(to) else to
            subject = values.pop("subject", "Chờ bạn duyệt")
            text = values.pop("text", "Nội dung")
            mail.post(session, receivers, subject, text, parts.clock.now(), **values)
            session.commit()
        return app

    return post


def jobs_of(app: Any) -> list[JobRow]:
    with app.extensions[KEY].open_session(False) as session:
        return list(session.scalars(select(JobRow).where(JobRow.name == mail.JOB)))


def test_a_mail_arrives_as_it_was_written(
    plain: tuple[Postbox, int], posting: Callable[..., Any]
) -> None:
    postbox, port = plain
    app = posting(f"smtp://127.0.0.1:{port}?tls=none", text="Chào bạn,\n\nđây là dòng thứ hai.")
    assert postbox.received == [], "nothing is sent before the job runs"
    Worker(app).drain()
    (found,), (receivers,) = postbox.received, postbox.receivers
    assert receivers == ["mot@thu.example"]
    assert found["Subject"] == "Chờ bạn duyệt"
    assert str(found["From"]) == SENDER
    assert found["Auto-Submitted"] == "auto-generated"
    assert found["Date"] == "Mon, 23 Nov 2026 09:00:00 +0700"
    assert found["Message-ID"].endswith("@hue.example>")
    assert found.get_content_type() == "text/plain"
    assert "đây là dòng thứ hai." in found.get_content()
    assert "-- \n" in found.get_content().replace("\r\n", "\n")


@pytest.mark.parametrize("start", ["", "Kế ", "[phường Một] Đã duyệt: "])
def test_a_subject_keeps_every_space_whatever_its_length(
    plain: tuple[Postbox, int], posting: Callable[..., Any], start: str
) -> None:
    postbox, port = plain
    words = f"{start}Văn bản: Kế hoạch triển khai nền tảng số dùng chung 12/KH-UBND của phường "
    words += "Một, thành phố Huế, giai đoạn 2026 - 2030 và định hướng đến năm 2045"
    whole = words[: mail.message.LONGEST_SUBJECT]
    subjects = [whole[:length].strip() for length in range(8, len(whole) + 1)]
    app = posting(f"smtp://127.0.0.1:{port}?tls=none", subject=subjects[0])
    parts = app.extensions[KEY]
    with app.app_context(), parts.open_session(True) as session:
        for subject in subjects[1:]:
            mail.post(session, "mot@thu.example", subject, "Nội dung", parts.clock.now())
        session.commit()
    Worker(app).drain()
    read = [message["Subject"] for message in postbox.received]
    assert sorted(read) == sorted(subjects)
    raw = [dict(message.raw_items())["Subject"] for message in postbox.received]
    assert [str(make_header(decode_header(one))) for one in raw] == read
    assert max(len(line) for one in raw for line in one.splitlines()) <= 78


def test_a_long_name_keeps_its_spaces(
    plain: tuple[Postbox, int], make_app: Callable[..., Any]
) -> None:
    postbox, port = plain
    name = "Cổng thông tin điện tử Ủy ban nhân dân phường Một thành phố Huế và các đơn vị"
    app = make_app(
        mail_url=f"smtp://127.0.0.1:{port}?tls=none", mail_from=f"{name} <cong@hue.example>"
    )
    parts = app.extensions[KEY]
    with app.app_context(), parts.open_session(True) as session:
        mail.post(session, "mot@thu.example", "Chờ duyệt", "Nội dung", parts.clock.now())
        session.commit()
    Worker(app).drain()
    (found,) = postbox.received
    raw = dict(found.raw_items())["From"]
    assert str(make_header(decode_header(raw))) == f"{name} <cong@hue.example>"


def test_nothing_written_becomes_a_header(
    plain: tuple[Postbox, int], posting: Callable[..., Any]
) -> None:
    postbox, port = plain

    def receiver(session: Any) -> Account:
        name = 'Ông "X", <kẻ@xấu.example>\nBcc: a@b.example'
        made = accounts.create(session, email="x@thu.example", name="tạm", password=PASSWORD)
        made.name = name
        session.flush()
        return made

    app = posting(
        f"smtp://127.0.0.1:{port}?tls=none",
        receiver,
        subject="Duyệt\r\nBcc: ke-xau@thu.example\r\n\r\nNội dung khác",
    )
    Worker(app).drain()
    (found,) = postbox.received
    assert found["Bcc"] is None
    assert postbox.receivers == [["x@thu.example"]]
    assert "Bcc: ke-xau" in str(found["Subject"]), "it is text of the subject, and stays there"


@pytest.mark.parametrize("address", ["khong-phai", "a@b@c", "a@b\nBcc: c@d", "", "a b@c.example"])
def test_what_is_no_address_is_never_handed_over(
    plain: tuple[Postbox, int], posting: Callable[..., Any], address: str
) -> None:
    postbox, port = plain
    app = posting(f"smtp://127.0.0.1:{port}?tls=none", address)
    Worker(app).drain()
    assert postbox.received == []
    (job,) = jobs_of(app)
    assert "the mail cannot be written" in job.error


def test_each_receiver_gets_a_mail_of_their_own(
    plain: tuple[Postbox, int], posting: Callable[..., Any]
) -> None:
    postbox, port = plain
    app = posting(f"smtp://127.0.0.1:{port}?tls=none", ["mot@thu.example", "hai@thu.example"])
    Worker(app).drain()
    assert sorted(postbox.receivers) == [["hai@thu.example"], ["mot@thu.example"]]
    assert all(len(m["To"].addresses) == 1 for m in postbox.received)


def test_the_connection_is_encrypted_and_signed_in(
    posting: Callable[..., Any], trusted: ssl.SSLContext
) -> None:
    options = {"tls_context": trusted, "require_starttls": True, "authenticator": allow,
               "auth_required": True}  # fmt: skip
    with serving(**options) as (postbox, port):
        user, secret = quote(USER, safe=""), quote(SECRET, safe="")
        app = posting(f"smtp://{user}:{secret}@127.0.0.1:{port}?tls=starttls")
        Worker(app).drain()
        assert postbox.encrypted == [True]


def test_a_connection_may_be_encrypted_from_the_start(
    posting: Callable[..., Any], trusted: ssl.SSLContext
) -> None:
    with serving(ssl_context=trusted) as (postbox, port):
        app = posting(f"smtps://127.0.0.1:{port}")
        Worker(app).drain()
        assert len(postbox.received) == 1


def test_an_untrusted_certificate_is_refused(
    posting: Callable[..., Any], authority: trustme.CA
) -> None:
    with serving(tls_context=certificate(authority)) as (postbox, port):
        app = posting(f"smtp://127.0.0.1:{port}")
        Worker(app).drain()
        assert postbox.received == []
    assert "CERTIFICATE" in jobs_of(app)[0].error.upper()


def test_the_certificate_of_another_host_is_refused(
    posting: Callable[..., Any], trusted: ssl.SSLContext, authority: trustme.CA
) -> None:
    with serving(tls_context=certificate(authority, "khac.example")) as (postbox, port):
        app = posting(f"smtp://127.0.0.1:{port}")
        Worker(app).drain()
        assert postbox.received == []


def test_without_encryption_nothing_is_sent_unless_the_settings_say_so(
    plain: tuple[Postbox, int], posting: Callable[..., Any]
) -> None:
    postbox, port = plain
    app = posting(f"smtp://127.0.0.1:{port}")
    Worker(app).drain()
    assert postbox.received == []
    assert "STARTTLS" in jobs_of(app)[0].error


def test_a_refused_password_is_told_without_the_password(
    posting: Callable[..., Any], trusted: ssl.SSLContext
) -> None:
    with serving(tls_context=trusted, authenticator=allow, auth_required=True) as (postbox, port):
        app = posting(f"smtp://ai-do:bi-mat-sai@127.0.0.1:{port}")
        Worker(app).drain()
        assert postbox.received == []
    (job,) = jobs_of(app)
    assert "535" in job.error
    assert "bi-mat-sai" not in job.error + str(job.payload)


def test_a_mail_that_is_wanted_later_is_sent_later(
    plain: tuple[Postbox, int], posting: Callable[..., Any], clock: Any
) -> None:
    postbox, port = plain
    postbox.refusal = "451 4.3.0 try again"
    app = posting(f"smtp://127.0.0.1:{port}?tls=none")
    for _attempt in range(ATTEMPTS + 2):
        Worker(app).drain()
        clock.move(timedelta(minutes=11))
    assert postbox.received == []
    postbox.refusal = ""
    Worker(app).drain()
    Worker(app).drain()
    assert len(postbox.received) == 1
    assert [job.state for job in jobs_of(app)] == [DONE]


def test_a_server_that_is_away_loses_no_mail(posting: Callable[..., Any], clock: Any) -> None:
    with serving() as (_postbox, port):
        pass
    app = posting(f"smtp://127.0.0.1:{port}?tls=none")
    for _attempt in range(ATTEMPTS * 2):
        Worker(app).drain()
        clock.move(timedelta(minutes=11))
    (job,) = jobs_of(app)
    assert job.state not in (DEAD, DONE)


def test_of_a_mail_to_an_address_nobody_has_the_text_is_not_kept(
    plain: tuple[Postbox, int], posting: Callable[..., Any], clock: Any
) -> None:
    postbox, port = plain
    postbox.refused_receiver = "550 5.1.1 no such person"
    app = posting(f"smtp://127.0.0.1:{port}?tls=none")
    Worker(app).drain()
    (job,) = jobs_of(app)
    assert (job.state, job.attempts) == (DEAD, ATTEMPTS), "at once: no other day changes that"
    assert "5.1.1 no such person" in job.error
    assert set(job.payload) == {"address", "uid", "why", "posted_at"}, "nor is its text kept"
    give_another_chance(app, clock)
    postbox.refused_receiver = ""
    Worker(app).drain()
    assert postbox.received == [], "an empty mail is none"
    assert jobs_of(app)[0].state == DONE


@pytest.mark.parametrize(
    ("receiver", "content"),
    [
        ("552 5.2.2 is full", ""),
        ("550 5.2.1 is shut", ""),
        ("552 is full", ""),
        ("", "552 5.3.4 too large"),
        ("", "554 5.6.0 what is this?"),
    ],
)
def test_a_dead_mail_to_a_known_address_can_be_sent_again(
    plain: tuple[Postbox, int],
    posting: Callable[..., Any],
    clock: Any,
    receiver: str,
    content: str,
) -> None:
    postbox, port = plain
    postbox.refused_receiver, postbox.refusal = receiver, content
    app = posting(f"smtp://127.0.0.1:{port}?tls=none")
    Worker(app).drain()
    (job,) = jobs_of(app)
    assert (job.state, job.attempts) == (DEAD, ATTEMPTS)
    assert (receiver or content) in job.error
    give_another_chance(app, clock)
    Worker(app).drain()
    assert (jobs_of(app)[0].state, jobs_of(app)[0].attempts) == (DEAD, ATTEMPTS), "still at once"
    postbox.refused_receiver = postbox.refusal = ""
    give_another_chance(app, clock)
    Worker(app).drain()
    assert [str(found["Subject"]) for found in postbox.received] == ["Chờ bạn duyệt"]
    (job,) = jobs_of(app)
    assert job.state == DONE
    assert set(job.payload) == {"address", "uid", "why", "posted_at"}


def give_another_chance(app: Any, clock: Any) -> None:
    with app.extensions[KEY].open_session(True) as session:
        revive(session, clock.now())
        session.commit()


@pytest.mark.parametrize(
    ("receiver", "content"),
    [
        ("550 5.7.1 Relaying denied", ""),
        ("554 5.7.1 client host blocked", ""),
        ("554 denied", ""),
        ("550 5.1.8 your domain is not found", ""),
        ("", "554 5.7.1 not wanted"),
        ("", "550 not wanted"),
        ("", "554 5.5.0 no"),
    ],
)
def test_a_server_that_refuses_us_costs_no_mail(
    hoitu: Callable[..., Result],
    plain: tuple[Postbox, int],
    posting: Callable[..., Any],
    clock: Any,
    receiver: str,
    content: str,
) -> None:
    postbox, port = plain
    postbox.refused_receiver, postbox.refusal = receiver, content
    addresses = [f"n{number}@thu.example" for number in range(3)]
    app = posting(f"smtp://127.0.0.1:{port}?tls=none", addresses)
    for _attempt in range(ATTEMPTS + 2):
        Worker(app).drain()
        clock.move(timedelta(minutes=11))
    assert {job.state for job in jobs_of(app)} == {READY}
    assert f"the server said: mail server 127.0.0.1:{port}: {receiver or content}" in " ".join(
        hoitu("doctor").output.split()
    )
    postbox.refused_receiver = postbox.refusal = ""
    Worker(app).drain()
    clock.move(timedelta(minutes=1))
    Worker(app).drain()
    assert sorted(one for (one,) in postbox.receivers) == addresses


def test_a_mail_that_came_too_late_can_be_sent_by_the_operator(
    plain: tuple[Postbox, int], posting: Callable[..., Any], clock: Any
) -> None:
    postbox, port = plain
    postbox.refused_receiver = "554 5.7.1 Relaying denied"
    app = posting(f"smtp://127.0.0.1:{port}?tls=none")
    clock.move(timedelta(days=3, minutes=1))
    Worker(app).drain()
    assert jobs_of(app)[0].state == DEAD
    postbox.refused_receiver = ""
    give_another_chance(app, clock)
    Worker(app).drain()
    assert len(postbox.received) == 1


def test_the_doctor_tells_of_a_mail_nobody_takes(
    hoitu: Callable[..., Result], plain: tuple[Postbox, int], posting: Callable[..., Any]
) -> None:
    postbox, port = plain
    postbox.refused_receiver = "550 5.1.1 no such person"
    Worker(posting(f"smtp://127.0.0.1:{port}?tls=none")).drain()
    examined = hoitu("doctor")
    assert "1 dead" in examined.output
    assert examined.exit_code == 1


def test_of_a_mail_that_was_sent_only_the_receiver_is_kept(
    plain: tuple[Postbox, int], posting: Callable[..., Any]
) -> None:
    postbox, port = plain
    app = posting(f"smtp://127.0.0.1:{port}?tls=none", text="Nội dung riêng")
    assert "riêng" in str(jobs_of(app)[0].payload)
    Worker(app).drain()
    assert len(postbox.received) == 1
    (job,) = jobs_of(app)
    assert (job.state, set(job.payload)) == (DONE, {"address", "uid", "why", "posted_at"})


@pytest.fixture
def fleeting(posting: Callable[..., Any], plain: tuple[Postbox, int]) -> Any:
    """Return an application with a server that has a fleeting mail to send, and no other."""
    app = posting(f"smtp://127.0.0.1:{plain[1]}?tls=none", to=())
    parts = app.extensions[KEY]
    composed = mail.Composed("Tin mới", "Lời", mark="doc:1", fleeting=True)
    with app.app_context(), parts.open_session(True) as session:
        mail.post_composed(session, "doc@thu.example", composed, parts.clock.now())
        session.commit()
    return app


def refusals_of(app: Any) -> list[str]:
    with app.extensions[KEY].open_session(False) as session:
        told = select(OutboxEntry.payload).where(OutboxEntry.kind == "MailRefused")
        return [payload["mark"] for payload in session.scalars(told)]


@pytest.mark.parametrize(
    ("receiver", "content", "is_address"),
    [
        ("", "", False),
        ("550 5.1.1 <doc@thu.example> no such person", "", True),
        ("550 <doc@thu.example> unknown", "", True),
        ("553 5.1.3 <doc@thu.example> what?", "", True),
        ("552 5.2.2 <doc@thu.example> is full", "", False),
        ("", "554 5.6.0 <doc@thu.example> cannot read this", False),
        ("", "550 5.1.1 <doc@thu.example> not wanted", False),
    ],
)
def test_of_a_fleeting_mail_nothing_is_kept_however_it_ends(
    plain: tuple[Postbox, int], fleeting: Any, receiver: str, content: str, is_address: bool
) -> None:
    postbox = plain[0]
    postbox.refused_receiver, postbox.refusal = receiver, content
    Worker(fleeting).drain()
    assert len(postbox.received) == (not receiver and not content)
    (job,) = jobs_of(fleeting)
    assert (job.state, job.error) == (DONE, "")
    assert set(job.payload) == {"fleeting", "uid", "posted_at"}
    assert refusals_of(fleeting) == (["doc:1"] if is_address else [])


@pytest.mark.parametrize(
    ("receiver", "content"),
    [
        ("450 4.2.0 <doc@thu.example> greylisted", ""),
        ("550 5.7.1 <doc@thu.example> your network is blacklisted", ""),
        ("554 <doc@thu.example> wants none", ""),
        ("", "554 5.7.1 <doc@thu.example> not wanted"),
    ],
)
def test_while_a_fleeting_mail_waits_its_address_is_not_told_twice(
    plain: tuple[Postbox, int], fleeting: Any, clock: Any, receiver: str, content: str
) -> None:
    plain[0].refused_receiver, plain[0].refusal = receiver, content
    Worker(fleeting).drain()
    (job,) = jobs_of(fleeting)
    assert (job.state, job.error) == (READY, (receiver or content)[:3])
    clock.move(timedelta(days=3))
    Worker(fleeting).drain()
    (job,) = jobs_of(fleeting)
    assert (job.state, "address" in job.payload) == (DONE, False), "no longer worth it"
    assert refusals_of(fleeting) == []


def test_fleeting_mails_that_wait_can_be_withdrawn(
    plain: tuple[Postbox, int], fleeting: Any
) -> None:
    parts = fleeting.extensions[KEY]
    with fleeting.app_context(), parts.open_session(True) as session:
        now = parts.clock.now()
        mail.post(session, "doc@thu.example", "Mật khẩu", "Nội dung", now)
        mail.post_composed(
            session, "khac@thu.example", mail.Composed("Tin", "Lời", fleeting=True), now
        )
        mail.withdraw(session, "doc@thu.example")
        session.commit()
    Worker(fleeting).drain()
    assert [str(m["Subject"]) for m in plain[0].received] == ["Mật khẩu", "Tin"]


@pytest.mark.parametrize(("days", "is_kept"), [(13, True), (15, False)])
def test_texts_of_the_dead_are_forgotten_after_two_weeks(
    posting: Callable[..., Any], clock: Any, days: int, is_kept: bool
) -> None:
    app = posting("smtp://127.0.0.1:1?tls=none")
    let_die(app)
    clock.move(timedelta(days=days))
    Worker(app).drain()
    assert ("text" in jobs_of(app)[0].payload) == is_kept


def test_texts_of_fleeting_mails_that_died_are_forgotten_by_the_next_day(fleeting: Any) -> None:
    let_die(fleeting)
    Worker(fleeting).drain()
    assert set(jobs_of(fleeting)[0].payload) == {"fleeting", "uid", "posted_at"}


def let_die(app: Any) -> None:
    with app.extensions[KEY].open_session(True) as session:
        session.execute(update(JobRow).where(JobRow.name == mail.JOB).values(state=DEAD))
        session.commit()


@pytest.mark.parametrize("answer", ["421 4.4.2 too late", "500 what?", "hang up"])
def test_what_the_server_says_after_it_took_a_mail_changes_nothing(
    plain: tuple[Postbox, int], posting: Callable[..., Any], clock: Any, answer: str
) -> None:
    postbox, port = plain
    postbox.goodbye = answer
    app = posting(f"smtp://127.0.0.1:{port}?tls=none")
    for _attempt in range(3):
        Worker(app).drain()
        clock.move(timedelta(minutes=11))
    assert len(postbox.received) == 1
    assert [job.state for job in jobs_of(app)] == [DONE]


def test_while_a_mail_is_sent_others_can_write(
    plain: tuple[Postbox, int], posting: Callable[..., Any]
) -> None:
    postbox, port = plain

    def receiver(session: Any) -> Account:
        return accounts.create(session, email="x@thu.example", name="X", password=PASSWORD)

    app = posting(f"smtp://127.0.0.1:{port}?tls=none", receiver)
    parts = app.extensions[KEY]
    if parts.engine.dialect.name == "sqlite":
        # Not half a minute, as in earnest: either it can write at once or it cannot.
        event.listen(parts.engine, "connect", lambda c, _r: c.execute("pragma busy_timeout=200"))
        parts.engine.dispose()
    written: list[str] = []

    def meanwhile() -> None:
        try:
            with parts.open_session(True) as session:
                session.scalars(select(Account)).one().name = "Tên mới"
                session.commit()
                written.append("Tên mới")
        except OperationalError as error:
            written.append(str(error.orig))

    postbox.meanwhile = meanwhile
    Worker(app).drain()
    assert written == ["Tên mới"]
    assert len(postbox.received) == 1


def test_when_the_server_is_away_one_mail_finds_out_for_all(
    posting: Callable[..., Any], clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving() as (_postbox, port):
        pass
    app = posting(f"smtp://127.0.0.1:{port}?tls=none", [f"n{n}@thu.example" for n in range(9)])
    tried: list[str] = []

    def send(settings: Any, instance: Path, letter: mail.Letter) -> str:
        tried.append(letter.address)
        return real(settings, instance, letter)

    real = mail.send
    monkeypatch.setattr("hoitu.core.mail.sending.send", send)
    Worker(app).drain()
    assert len(tried) == 1
    assert "cannot be reached" in next(job.error for job in jobs_of(app) if job.error)
    clock.move(timedelta(minutes=9))
    Worker(app).drain()
    assert len(tried) == 1
    clock.move(timedelta(minutes=2))
    Worker(app).drain()
    assert len(tried) == 2
    assert len(set(tried)) == 2, "the one that found out goes behind the others"


def test_a_wrong_password_costs_no_mail(
    posting: Callable[..., Any], trusted: ssl.SSLContext, clock: Any
) -> None:
    right = False

    def door(*_given: Any) -> AuthResult:
        return AuthResult(success=right, handled=False)

    with serving(tls_context=trusted, authenticator=door, auth_required=True) as (postbox, port):
        app = posting(f"smtp://ai-do:bi-mat@127.0.0.1:{port}", ["a@b.example", "c@d.example"])
        for _attempt in range(ATTEMPTS + 1):
            Worker(app).drain()
            clock.move(timedelta(minutes=11))
        right = True
        Worker(app).drain()
        assert len(postbox.received) == 2


def test_the_question_how_many_mails_somebody_got_reads_no_jobs(
    platform: Any, app: Any, statements: Callable[[], list[str]]
) -> None:
    with app.app_context(), platform.open_session(True) as session:
        account = accounts.create(session, email="x@thu.example", name="X", password=PASSWORD)
        statements()
        mail.post(session, account, "A", "B", platform.clock.now(), why=mail.WORK, key="k")
        read = [s for s in statements() if s.lower().startswith("select")]
    assert read
    assert not any("from job" in s.lower() for s in read)


def test_a_locked_account_gets_nothing(
    plain: tuple[Postbox, int], posting: Callable[..., Any]
) -> None:
    postbox, port = plain

    def receiver(session: Any) -> Account:
        return accounts.create(session, email="x@thu.example", name="X", password=PASSWORD)

    app = posting(f"smtp://127.0.0.1:{port}?tls=none", receiver)
    with app.extensions[KEY].open_session(True) as session:
        session.scalars(select(Account)).one().active = False
        session.commit()
    Worker(app).drain()
    assert postbox.received == []


def test_the_same_mail_is_posted_once_before_and_after_it_is_sent(
    plain: tuple[Postbox, int], posting: Callable[..., Any]
) -> None:
    postbox, port = plain
    app = posting(f"smtp://127.0.0.1:{port}?tls=none", key="duyet#1")
    parts = app.extensions[KEY]

    def again() -> int:
        with app.app_context(), parts.open_session(True) as session:
            queued = mail.post(
                session, "mot@thu.example", "A", "B", parts.clock.now(), key="duyet#1"
            )
            session.commit()
            return queued

    assert again() == 0
    Worker(app).drain()
    assert again() == 0
    Worker(app).drain()
    assert len(postbox.received) == 1


def test_without_a_server_mails_are_files_only_the_operator_reads(
    platform: Any, drain: Callable[[], None], app: Any, clock: Any
) -> None:
    with app.app_context(), platform.open_session(True) as session:
        mail.post(session, "mot@thu.example", "Chờ duyệt", "Nội dung", platform.clock.now())
        session.commit()
    drain()
    (path,) = (platform.instance / "outbox").iterdir()
    assert path.name.startswith("20261123-090000-")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    found = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
    assert found["Subject"] == "Chờ duyệt"


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"mail_url": "http://127.0.0.1"}, "mail_url"),
        ({"mail_url": "smtp://", "mail_from": "a@b.example"}, "mail_url"),
        ({"mail_url": "smtp://127.0.0.1:x", "mail_from": "a@b.example"}, "mail_url"),
        ({"mail_url": "smtp://127.0.0.1?tls=maybe", "mail_from": "a@b.example"}, "mail_url"),
        ({"mail_url": "smtp://u:p@h.example?tls=none", "mail_from": "a@b.example"}, "encrypted"),
        ({"mail_url": "smtps://u:m%E1%BA%ADt@h.example", "mail_from": "a@b.example"}, "letters"),
        ({"mail_url": "smtps://127.0.0.1"}, "mail_from"),
        ({"mail_from": "nobody"}, "mail_from"),
        ({"mail_from": "a@b.example\nBcc: c@d.example"}, "mail_from"),
    ],
)
def test_settings_that_cannot_work_stop_the_start(
    tmp_path: Path, settings: dict[str, str], told: str
) -> None:
    with pytest.raises(ConfigError, match=told):
        load(tmp_path, **settings)


def test_an_operator_tries_the_sending(
    hoitu: Callable[..., Result], plain: tuple[Postbox, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    done = hoitu("mail", "test", "mot@thu.example")
    assert done.exit_code == 0
    assert "outbox" in done.output
    postbox, port = plain
    monkeypatch.setenv("HOITU_MAIL_URL", f"smtp://127.0.0.1:{port}?tls=none")
    monkeypatch.setenv("HOITU_MAIL_FROM", SENDER)
    assert hoitu("mail", "test", "mot@thu.example").exit_code == 0
    assert len(postbox.received) == 1
    postbox.refusal = "550 no"
    refused = hoitu("mail", "test", "mot@thu.example")
    assert refused.exit_code == 1
    assert "550 no" in refused.output


def test_the_doctor_tells_how_mail_fares(
    hoitu: Callable[..., Result], plain: tuple[Postbox, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "mail: not sent: `mail_url` is not set" in hoitu("doctor").output
    _postbox, port = plain
    monkeypatch.setenv("HOITU_MAIL_FROM", SENDER)
    monkeypatch.setenv("HOITU_MAIL_URL", f"smtp://127.0.0.1:{port}?tls=none")
    assert "mail: the server answers" in hoitu("doctor").output
    monkeypatch.setenv("HOITU_MAIL_URL", f"smtp://127.0.0.1:{port}")
    examined = hoitu("doctor")
    assert examined.exit_code == 1
    assert "hoitu mail test" in examined.output


def test_links_of_a_demonstration_lead_to_its_own_port(make_app: Callable[..., Any]) -> None:
    app = make_app(demo_hosts=True, demo_port=8123)
    parts: Platform = app.extensions[KEY]
    with app.app_context(), parts.open_session(False) as session:
        refresh(parts, session)
        unit = parts.units.by_slug("phuong-mot")
        assert unit is not None
        assert mail.link(unit, "home.index") == "http://phuong-mot.localhost:8123/"
