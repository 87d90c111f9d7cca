"""Breaches of personal data: what happened, the clock of 72 hours, and the notice the law asks for.

Nothing here names a person whose data are concerned: kinds and numbers only.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy import ForeignKey, String, Text, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from hoitu.core import clock, i18n, mail
from hoitu.core.access import Account, Actor, RoleGrant, audit
from hoitu.core.content import Problem, Refused
from hoitu.core.db import Base, BigId
from hoitu.core.jobs import Job, JobContext
from hoitu.core.package_data import package_data
from hoitu.core.privacy import laws

#: After how many hours the platform's administrators are reminded, while nothing was reported.
REMINDERS: Final = (24, 48, 66)
#: Longest text of one part of the notice.
LONGEST: Final = 4000
#: What is typed of a breach, besides when it was found and how many people are concerned.
TEXTS: Final = ("what", "kinds", "effects", "measures", "contact")


class Breach(Base):
    """One breach, at the platform as a whole."""

    __tablename__ = "breach"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    what: Mapped[str] = mapped_column(Text)
    found_at: Mapped[datetime] = mapped_column(index=True)
    #: Kinds of data, in words.
    kinds: Mapped[str] = mapped_column(Text, default="")
    #: How many people are concerned; None while nobody knows.
    people: Mapped[int | None] = mapped_column()
    effects: Mapped[str] = mapped_column(Text, default="")
    measures: Mapped[str] = mapped_column(Text, default="")
    #: Whom the authority may ask.
    contact: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime]
    created_by: Mapped[str] = mapped_column(String(120))
    #: When the authority was told; None while it was not.
    reported_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    #: The last reminder that was sent, in hours.
    reminded: Mapped[int] = mapped_column(default=0)

    steps: Mapped[list[BreachStep]] = relationship(
        cascade="all, delete-orphan", order_by="BreachStep.id"
    )


class BreachStep(Base):
    """A step of the plan that was done: by whom, and when."""

    __tablename__ = "breach_step"
    __table_args__ = (UniqueConstraint("breach_id", "key"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    breach_id: Mapped[int] = mapped_column(ForeignKey(Breach.id, ondelete="CASCADE"))
    key: Mapped[str] = mapped_column(String(40))
    done_at: Mapped[datetime]
    account_id: Mapped[int | None] = mapped_column()
    account_name: Mapped[str] = mapped_column(String(120))


@dataclass(frozen=True, slots=True)
class Step:
    """A step of the plan, from the data of the package."""

    key: str
    vi: str
    en: str
    #: Key of the catalogue, '' for what only reason asks for.
    basis: str = ""

    def label(self, language: str) -> str:
        """Return what is to be done."""
        return self.en if language == "en" else self.vi


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the notice, in the order the law asks for: its heading, and which text it takes."""

    field: str
    vi: str
    en: str
    basis: str = ""

    def label(self, language: str) -> str:
        """Return its heading."""
        return self.en if language == "en" else self.vi


def plan() -> Sequence[Step]:
    """Return the steps, in their order."""
    return [Step(**entry) for entry in _data()["step"]]


def parts() -> Sequence[Part]:
    """Return the parts of the notice, in their order."""
    return [Part(**entry) for entry in _data()["part"]]


def introduction(language: str) -> str:
    """Return how the notice begins."""
    told: Mapping[str, str] = _data()["introduction"]
    return told.get(language) or told["vi"]


def due_at(breach: Breach) -> datetime:
    """Return by when the authority has to be told."""
    return breach.found_at + timedelta(hours=limit(breach))


def limit(breach: Breach) -> int:
    """Return the hours the law gives, as of the day the breach was found."""
    return laws.hours(laws.BREACH, clock.local(breach.found_at).date())


def hours_left(breach: Breach, now: datetime) -> int:
    """Return the full hours that are left; negative once it is too late."""
    return int((due_at(breach) - now).total_seconds() // 3600)


def open_breach(
    session: Session, actor: Actor, found_at: datetime, values: Mapping[str, Any], now: datetime
) -> Breach:
    """Write down a breach, audited; the caller commits.

    :raises PermissionDenied: the actor is no administrator of the platform.
    :raises Refused: nothing is said, or the instant lies ahead.
    """
    actor.demand("core.plugins", None)
    problems = _problems(values)
    if found_at > now:
        problems.append(Problem("found_at", _("This time is yet to come.")))
    if problems:
        raise Refused(problems)
    breach = Breach(found_at=found_at, created_at=now, created_by=actor.name, **values)
    session.add(breach)
    session.flush()
    _record(session, actor, "open", breach, now, found_at=found_at.isoformat())
    return breach


def change(
    session: Session, actor: Actor, breach: Breach, values: Mapping[str, Any], now: datetime
) -> None:
    """Change what is known of it, audited; the caller commits. Errors as of :func:`open_breach`."""
    actor.demand("core.plugins", None)
    if problems := _problems(values):
        raise Refused(problems)
    changed = sorted(name for name, value in values.items() if getattr(breach, name) != value)
    for name in changed:
        setattr(breach, name, values[name])
    if changed:
        _record(session, actor, "change", breach, now, fields=changed)


def tick(
    session: Session, actor: Actor, breach: Breach, key: str, done: bool, now: datetime
) -> None:
    """Note that a step was done, or was not after all; audited; the caller commits.

    Ticking `report` says that the authority was told, ticking `close` that all is over.

    :raises Refused: there is no such step.
    """
    actor.demand("core.plugins", None)
    if key not in {step.key for step in plan()}:
        raise Refused([Problem("", _("Choose a step of the list."))])
    known = next((step for step in breach.steps if step.key == key), None)
    if done == (known is not None):
        return
    if known is not None:
        breach.steps.remove(known)
    else:
        breach.steps.append(
            BreachStep(key=key, done_at=now, account_id=actor.account_id, account_name=actor.name)
        )
    at = now if done else None
    if key == "report":
        breach.reported_at = at
    elif key == "close":
        breach.closed_at = at
    session.flush()
    _record(session, actor, "step" if done else "unstep", breach, now, step=key)


def _problems(values: Mapping[str, Any]) -> list[Problem]:
    problems = []
    if not str(values.get("what", "")).strip():
        problems.append(Problem("what", _("Say what happened.")))
    for name in TEXTS:
        if len(str(values.get(name) or "")) > LONGEST:
            message = _("At most %(n)d characters.", n=LONGEST)
            problems.append(Problem(name, message))
    people = values.get("people")
    if people is not None and not 0 <= people <= 100_000_000:
        problems.append(Problem("people", _("Write a number, or leave it empty.")))
    return problems


def _record(
    session: Session, actor: Actor, action: str, breach: Breach, now: datetime, **told: Any
) -> None:
    audit.record(
        session, actor, f"breach.{action}", object_type="breach", object_id=breach.id,
        unit_id=None, now=now, detail=told,
    )  # fmt: skip


def administrators(session: Session, day: date) -> list[Account]:
    """Return the active administrators of the platform."""
    chosen = (
        select(Account)
        .join(RoleGrant, RoleGrant.account_id == Account.id)
        .where(RoleGrant.role == "platform_admin", RoleGrant.unit_id.is_(None), Account.active)
        .order_by(Account.id)
    )
    return [
        account
        for account in session.scalars(chosen).unique()
        if any(
            grant.role == "platform_admin"
            and (grant.valid_from is None or grant.valid_from <= day)
            and (grant.valid_until is None or grant.valid_until >= day)
            for grant in account.grants
        )
    ]


def remind(session: Session, now: datetime) -> int:
    """Write to the administrators about breaches not reported yet; return how many mails."""
    waiting = select(Breach).where(Breach.reported_at.is_(None), Breach.closed_at.is_(None))
    mails = 0
    for breach in session.scalars(waiting.order_by(Breach.id)):
        passed = (now - breach.found_at) / timedelta(hours=1)
        reached = max((hours for hours in REMINDERS if hours <= passed), default=0)
        if reached <= breach.reminded:
            continue
        breach.reminded = reached
        left = hours_left(breach, now)
        people = administrators(session, clock.local(now).date())
        with force_locale(i18n.DEFAULT):
            if left > 0:
                subject = _("Breach of personal data: %(n)d hours left to report it", n=left)
            else:
                subject = _("Breach of personal data: the time to report it is over")
            text = _(
                "Breach number %(id)d was found at %(at)s and has not been reported yet. It has to "
                "be reported by %(due)s. The notice is drafted at the desk, under “Breaches”.",
                id=breach.id, at=clock.format_instant(breach.found_at),
                due=clock.format_instant(due_at(breach)),
            )  # fmt: skip
        key = f"breach {breach.id} {reached}"
        mails += mail.post(session, people, str(subject), str(text), now, key=key)
    return mails


def _remind(context: JobContext) -> None:
    remind(context.session, context.clock.now())


def _data() -> Mapping[str, Any]:
    return package_data("hoitu.core.privacy", "breach")


JOBS: Final = (Job("remind_of_breaches", _remind, every=timedelta(minutes=15)),)
