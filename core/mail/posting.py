"""Posting: a mail is queued with the change it tells of, and sent by a job once that is true."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import uuid4

from flask import current_app
from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy import delete, or_, select, update
from sqlalchemy.orm import Session

from hoitu.core import i18n
from hoitu.core.access import Account
from hoitu.core.events import Event, append
from hoitu.core.extensions import platform
from hoitu.core.jobs import Job, JobContext, Postponed, enqueue
from hoitu.core.jobs.queue import (
    ATTEMPTS,
    DEAD,
    READY,
    JobRow,
    LeaseRow,
    ScheduleRow,
    hold_lease,
)
from hoitu.core.mail import sending
from hoitu.core.mail.message import ACCOUNT, REASONS, WORK, Composed, Letter
from hoitu.core.mail.sending import MailError
from hoitu.core.units import Unit

log = logging.getLogger(__name__)

#: Name of the job that sends one mail.
JOB: Final = "core.send_mail"
#: How long a mail waits for a server that is away, and after what time it is no longer worth it.
_PAUSE, _STALE = timedelta(minutes=10), timedelta(days=3)
#: How much later than the others a mail is tried again that a server may have fallen over.
_BEHIND: Final = timedelta(seconds=30)
#: How long a key is remembered.
_REMEMBERED: Final = timedelta(days=2)
#: So many mails about work a person gets within an hour; the last says that there is more.
_BURST, _HOUR = 20, timedelta(hours=1)
#: Names of leases: until when the server is left alone, a key is remembered, a mail has its place.
_AWAY, _KEY, _PLACE = "mail away", "mail key ", "mail place "
#: How long the words of a dead mail are kept, so that it can be sent once the reason is mended.
_REVIVABLE: Final = timedelta(days=14)
#: Where a payload has the text.
_TEXT: Final = "text"
#: What is no longer kept of a mail that was sent: its words, and where one click ends such mails.
_WORDS: Final = frozenset(("subject", _TEXT, "html", "stop"))
#: What is no longer kept of a fleeting one, either: to whom it went.
_RECEIVER: Final = frozenset(("address", "mark"))


@dataclass(frozen=True, slots=True)
class MailRefused(Event):
    """A server refused a mail because there is no such address.

    ``mark`` is what the writer gave :class:`~hoitu.core.mail.message.Composed`.
    """

    mark: str


def post_composed(
    session: Session, address: str, composed: Composed, now: datetime, *, key: str = ""
) -> bool:
    """Queue a mail to an address in the caller's transaction, with nothing added to it.

    The same ``key`` is posted once to the same address; False the second time.
    """
    told = {name: said for name, said in asdict(composed).items() if said}
    return _enqueue(session, {"address": address}, address, told, now, key)


def withdraw(session: Session, address: str) -> None:
    """Delete the fleeting mails to an address that were not sent yet; the caller commits."""
    payload = JobRow.payload
    waiting = JobRow.name == JOB, JobRow.state == READY, payload["fleeting"].as_boolean()
    session.execute(delete(JobRow).where(*waiting, payload["address"].as_string() == address))


def post(
    session: Session,
    to: Account | str | Iterable[Account | str],
    subject: str,
    text: str,
    now: datetime,
    *,
    why: str = ACCOUNT,
    unit: Unit | None = None,
    key: str = "",
) -> int:
    """Queue a mail to each of ``to`` in the caller's transaction; return how many were queued.

    Nobody learns who else gets it. An account is written to at the address it has when the mail is
    sent, and not at all once it is locked. ``why`` is told below the text: ``WORK`` for what can be
    silenced, with the address at ``unit`` where that is done; of these nobody gets more than a few
    within an hour. The same ``key`` is posted once to the same person.
    """
    receivers = [to] if isinstance(to, Account | str) else list(to)
    queued = 0
    for one in receivers:
        # To an address alone nothing is sent often.
        account_id = one.id if why == WORK and isinstance(one, Account) else None
        places = _free_places(session, account_id, now) if account_id is not None else None
        if places == []:
            continue
        more = f"\n\n{_more()}" if places is not None and len(places) == 1 else ""
        body = f"{text.rstrip()}{more}\n\n-- \n{_footer(why, unit)}"
        if _queue(session, one, subject, body, now, key, why):
            queued += 1
            _take_place(session, places or (), now)
    return queued


def link(unit: Unit, endpoint: str, *, tongue: str = i18n.DEFAULT, **values: Any) -> str:
    """Return the full address of a page on a unit's site, also where no request is."""
    settings = platform.config
    host, scheme = unit.host(platform.clock.today()) or "", settings.base_url
    if settings.demo_hosts:
        is_province = unit == platform.units.province()
        name = "localhost" if is_province else f"{unit.slug}.localhost"
        host, scheme = f"{name}:{settings.demo_port}", "http://"
    path = current_app.url_map.bind(host or "localhost").build(endpoint, values)
    return f"{scheme}{host}{i18n.prefix(tongue)}{path}"


def told_until(session: Session, name: str, until: datetime) -> datetime | None:
    """Note that a periodic mail tells of all that was before ``until``; the caller commits.

    Return what the one before it noted, or None when there was none.
    """
    key = f"mail told {name}"
    row = session.get(ScheduleRow, key, with_for_update=True)
    before = None if row is None else datetime.fromtimestamp(row.slot, UTC)
    if before is None or before < until:
        session.merge(ScheduleRow(name=key, slot=int(until.timestamp())))
    return before


def _footer(why: str, unit: Unit | None) -> str:
    with force_locale(i18n.DEFAULT):
        reason = str(REASONS[why])
    return f"{reason}\n{link(unit, 'desk.notices')}" if why == WORK and unit is not None else reason


def _more() -> str:
    with force_locale(i18n.DEFAULT):
        return str(_("There is more this hour. All of it is on your first page at the desk."))


def _queue(
    session: Session, to: Account | str, subject: str, text: str, now: datetime, key: str, why: str
) -> bool:
    receiver = {"address": to} if isinstance(to, str) else {"account_id": to.id}
    who = to if isinstance(to, str) else str(to.id)
    told = {"subject": subject, _TEXT: text, "why": why}
    return _enqueue(session, receiver, who, told, now, key)


def _enqueue(
    session: Session,
    receiver: Mapping[str, Any],
    who: str,
    told: Mapping[str, Any],
    now: datetime,
    key: str,
) -> bool:
    named = f"{key}#{who}"
    uid = hashlib.sha256(named.encode()).hexdigest()[:32] if key else uuid4().hex
    # Nobody else ever asks under this owner: who comes second within the time is refused.
    if key and not hold_lease(session, f"{_KEY}{uid}", uuid4().hex, now, _REMEMBERED):
        return False
    payload = {**receiver, **told, "uid": uid, "posted_at": now.isoformat()}
    return enqueue(session, JOB, payload, run_at=now, dedupe=_dedupe(uid))


def _dedupe(uid: str) -> str:
    return f"mail#{uid}"


def _free_places(session: Session, account_id: int, now: datetime) -> list[str]:
    """Return the places for mails about work that an account has left this hour.

    A mail takes one for an hour: whoever asks reads a few rows by their keys, however many mails
    and jobs there are.
    """
    places = [f"{_PLACE}{account_id}#{number}" for number in range(_BURST)]
    taken = select(LeaseRow.name).where(LeaseRow.name.in_(places), LeaseRow.until >= now)
    used = set(session.scalars(taken))
    return [place for place in places if place not in used]


def _take_place(session: Session, places: Iterable[str], now: datetime) -> None:
    for place in places:
        if hold_lease(session, place, uuid4().hex, now, _HOUR):
            return


def _send(context: JobContext) -> None:
    """Send one mail, outside any transaction: the answer may take as long as the server likes.

    :raises MailError: it was refused for good, and is not fleeting.
    :raises Postponed: the server is away or wants it later.
    """
    payload = context.payload
    if _TEXT not in payload:
        # It was refused for good, and is no longer kept: there is nothing to send again.
        return
    letter = _letter(context)
    if letter is not None:
        try:
            sending.send(platform.config, platform.instance, letter)
        except MailError as error:
            _refused(context, letter, error)
    _note(context.session, payload, {"payload": _emptied(payload)})


def _letter(context: JobContext) -> Letter | None:
    """Return the mail to the address of now; None to whom nothing is sent any more.

    :raises Postponed: the server was away just now.
    """
    payload, now = context.payload, context.clock.now()
    address, name = payload.get("address", ""), ""
    with platform.open_session(False) as session:
        pause = session.scalar(select(LeaseRow.until).where(LeaseRow.name == _AWAY))
        if pause is not None and pause > now:
            raise Postponed(pause - now)
        if "account_id" in payload:
            account = session.get(Account, payload["account_id"])
            if account is None or not account.active:
                return None
            address, name = account.email, account.name
    posted_at = datetime.fromisoformat(payload["posted_at"])
    more = {part: payload.get(part, "") for part in ("html", "sender", "stop")}
    words = payload["subject"], payload[_TEXT]
    return Letter(address, *words, payload["uid"], posted_at, name, **more)


def _refused(context: JobContext, letter: Letter, error: MailError) -> None:
    """Let a mail wait, with the reason, or end its job: no further attempt is left to it.

    The job of a fleeting one is done then; of the answer, which may repeat the address, only the
    code is told. The words of another are kept with the dead, unless nobody has that address.

    :raises Postponed: it may be taken later.
    :raises MailError: it will not, or is no longer worth it.
    """
    now, payload = context.clock.now(), context.payload
    later, fleeting = error.later and now - letter.posted_at < _STALE, "fleeting" in payload
    reason = str(error.code or "no answer") if fleeting else str(error)
    with platform.open_session(True) as session:
        if later and error.server:
            # All others would run into the same; they wait without having tried.
            hold_lease(session, _AWAY, letter.uid, now, _PAUSE)
        kept = _emptied(payload) if fleeting or error.address else payload
        ended = {"attempts": 0 if fleeting else ATTEMPTS, "payload": kept, "error": ""}
        _note(session, payload, {"error": reason} if later else ended)
        if error.address and payload.get("mark"):
            append(session, MailRefused(0, payload["mark"]), now)
        session.commit()
    if later:
        # Behind the others: if it is this mail that the server cannot bear, they are not held up.
        raise Postponed(_PAUSE + _BEHIND) from error
    if not fleeting:
        raise error
    log.warning("a mail was not taken: %s", reason)


def _note(session: Session, payload: Mapping[str, Any], values: dict[str, Any]) -> None:
    """Set values of the job of a mail, as long as that is not done; the caller commits."""
    noted = update(JobRow).values(values)
    by_key = noted.where(JobRow.dedupe == _dedupe(payload["uid"]))
    if not session.execute(by_key).rowcount:  # type: ignore[attr-defined]
        # One that was dead and was given another chance has no key any more.
        uid = JobRow.payload["uid"].as_string()
        waiting = JobRow.name == JOB, JobRow.state == READY, JobRow.dedupe.is_(None)
        session.execute(noted.where(*waiting, uid == payload["uid"]))


def _emptied(payload: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is kept of a mail that was sent or never will be: when, and mostly to whom."""
    gone = _WORDS | _RECEIVER if "fleeting" in payload else _WORDS
    return {name: value for name, value in payload.items() if name not in gone}


def _tidy(context: JobContext) -> None:
    """Forget old mails of the outbox, what was remembered long enough, and texts of the dead."""
    now = context.clock.now()
    sending.tidy(platform.instance, now.timestamp())
    ours = or_(LeaseRow.name.startswith(_KEY), LeaseRow.name.startswith(_PLACE))
    context.session.execute(delete(LeaseRow).where(ours, LeaseRow.until < now))
    dead = select(JobRow).where(JobRow.state == DEAD, JobRow.name == JOB)
    for row in context.session.scalars(dead).all():
        posted_at = datetime.fromisoformat(row.payload["posted_at"])
        # A fleeting one is there if its worker died so often that nobody was left to empty it.
        if "fleeting" in row.payload or posted_at < now - _REVIVABLE:
            row.payload = _emptied(row.payload)


JOBS: Final = (Job("send_mail", _send), Job("tidy_outbox", _tidy, every=timedelta(days=1)))
