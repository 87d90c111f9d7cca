"""Forms that are open at the desk: who writes where, and what they have not saved yet.

A page says hello when it opens its form, tells what was typed every few seconds, and sends a sign
of life when nothing was. What was typed belongs to one account and never touches the item: what two
people type at the same time stays apart until one of them saves.

Two pages may show the same form: somebody opened it again in another window. Each hello begins a
new generation, and what a page of an older one sends is refused, so that it cannot overwrite what
the younger one keeps.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar

from sqlalchemy import ColumnElement, String, and_, delete, func, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, load_only, mapped_column

from hoitu.core.content.problems import Conflict
from hoitu.core.db import Base, BigId, Json
from hoitu.core.units import UnitScoped

#: Somebody has a form open when their page gave a sign of life within this time.
PRESENT = timedelta(seconds=60)
#: A form without anything unsaved is forgotten after this time: no session lasts longer.
IDLE = timedelta(hours=12)
#: How long unsaved text is kept.
KEPT = timedelta(days=30)
#: Most forms with unsaved text that an account may have, and most characters of one.
LIMIT, LONGEST = 50, 1_000_000
#: Messages of one page; the next generation begins above them.
_GENERATION = 10_000
_KEY = re.compile(r"[0-9a-f]{32}", re.ASCII)


class OpenForm(UnitScoped, Base):
    """A form somebody has open, with what was typed since it was last saved.

    It belongs to one account and never touches the item: what two people type at the same time
    stays apart until one of them saves.
    """

    __tablename__ = "open_form"
    #: No public page shows it, so nothing that is kept of those grows old by it.
    shapes_pages: ClassVar[bool] = False

    #: Made by the page when it is opened; 32 hexadecimal digits.
    key: Mapped[str] = mapped_column(String(32), primary_key=True)
    type: Mapped[str] = mapped_column(String(60))
    #: None until a new item is saved for the first time.
    item_id: Mapped[int | None] = mapped_column(BigId, index=True)
    account_id: Mapped[int] = mapped_column(index=True)
    account_name: Mapped[str] = mapped_column(String(120))
    #: The item's version the form was opened with.
    version: Mapped[int | None] = mapped_column()
    #: Counts what the page has sent: an older page must not overwrite a younger one.
    sequence: Mapped[int] = mapped_column(default=0)
    title: Mapped[str] = mapped_column(String(300), default="")
    #: (name, value) pairs as the form would send them; None: nothing unsaved.
    typed: Mapped[Any] = mapped_column(Json, nullable=True)
    opened_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    #: When that was typed; None: nothing unsaved.
    typed_at: Mapped[datetime | None]


class Overtaken(Exception):
    """The form was opened again in another window, which keeps its text from now on."""


class Gone(Exception):
    """The form was saved or thrown away meanwhile."""


class Full(Exception):
    """The account has as many forms with unsaved text as it may, or this text is too long."""


@dataclass(frozen=True, slots=True)
class Presence:
    """Somebody who has the same item open, and when they last typed something unsaved."""

    name: str
    typed_at: datetime | None


def new_key() -> str:
    """Return the key of a form that is opened now."""
    return secrets.token_hex(16)


def is_key(sent: str) -> bool:
    """Say whether a text is the key of a form."""
    return _KEY.fullmatch(sent) is not None


def hello(session: Session, form: OpenForm) -> int:
    """Note that a page has a form open; return the number its messages count up from.

    :raises Conflict: the key is that of somebody else's form.
    """
    own = _own(form.key, form.account_id)
    younger = (OpenForm.sequence // _GENERATION + 1) * _GENERATION
    seen = update(OpenForm).where(own).values(sequence=younger, seen_at=form.seen_at)
    if not _changed(session, seen):
        _forget_idle(session, form.account_id, form.seen_at)
        form.sequence = _GENERATION
        try:
            with session.begin_nested():
                session.add(form)
        except IntegrityError as error:
            raise Conflict("the key of the form is taken") from error
        return _GENERATION
    return session.scalar(select(OpenForm.sequence).where(own)) or 0


def keep(
    session: Session,
    key: str,
    account_id: int,
    sequence: int,
    now: datetime,
    *,
    typed: Sequence[tuple[str, str]] | None = None,
    title: str = "",
    version: int | None = None,
) -> None:
    """Keep what was typed; without it, note only that the form is still open.

    :raises Full: there is no room for it; what was kept before stays.
    :raises Overtaken: the form is open in another window that said hello later.
    :raises Gone: the form was saved or thrown away.
    """
    changes: dict[str, Any] = {"sequence": sequence, "seen_at": now}
    if typed is not None:
        _check_room(session, key, account_id, typed)
        pairs = [list(pair) for pair in typed]
        changes |= {"typed": pairs, "typed_at": now, "title": title[:300], "version": version}
    own = _own(key, account_id)
    if _changed(session, update(OpenForm).where(own, OpenForm.sequence < sequence).values(changes)):
        return
    reached = session.scalar(select(OpenForm.sequence).where(own))
    if reached is None:
        raise Gone(key)
    if reached // _GENERATION > sequence // _GENERATION:
        raise Overtaken(key)
    # An older message of the same page, which came late: what came first is younger.


def leave(session: Session, key: str, account_id: int, sequence: int) -> None:
    """Forget a form whose page was closed, unless it has unsaved text or another page shows it."""
    untouched = (OpenForm.typed_at.is_(None), OpenForm.sequence < sequence)
    session.execute(_deletion().where(_own(key, account_id), *untouched))


def forget(session: Session, key: str, account_id: int) -> None:
    """Forget a form of an account: it was saved, or thrown away."""
    session.execute(_deletion().where(_own(key, account_id)))


def forget_old(session: Session, now: datetime) -> None:
    """Forget unsaved text nobody came back for, and forms whose pages are long closed."""
    abandoned = and_(OpenForm.typed_at.is_(None), OpenForm.seen_at < now - IDLE)
    outdated = OpenForm.typed_at < now - KEPT
    session.execute(_deletion().where(or_(abandoned, outdated)))


def others(session: Session, item_id: int, account_id: int, now: datetime) -> list[Presence]:
    """Return who else has an item open, by name."""
    last = func.max(OpenForm.typed_at)
    present = (
        select(OpenForm.account_name, last.label("typed_at"))
        .where(
            OpenForm.item_id == item_id,
            OpenForm.account_id != account_id,
            OpenForm.seen_at >= now - PRESENT,
        )
        .group_by(OpenForm.account_id, OpenForm.account_name)
        .order_by(OpenForm.account_name)
    )
    return [Presence(row.account_name, row.typed_at) for row in session.execute(present)]


def unsaved(
    session: Session, account_id: int, type_name: str, item_id: int | None
) -> OpenForm | None:
    """Return the form with an account's newest unsaved text of an item, or of a new one."""
    return session.scalar(
        select(OpenForm)
        .where(*_typed(account_id), OpenForm.type == type_name, OpenForm.item_id == item_id)
        .order_by(OpenForm.typed_at.desc())
        .limit(1)
    )


def of_key(session: Session, account_id: int, key: str) -> OpenForm | None:
    """Return a form of an account that has unsaved text."""
    return session.scalar(select(OpenForm).where(*_typed(account_id), OpenForm.key == key))


def all_unsaved(session: Session, account_id: int) -> Sequence[OpenForm]:
    """Return an account's forms with unsaved text in this unit, newest first, without the text."""
    names = (OpenForm.key, OpenForm.type, OpenForm.item_id, OpenForm.title, OpenForm.typed_at)
    chosen = select(OpenForm).where(*_typed(account_id)).options(load_only(*names))
    return session.scalars(chosen.order_by(OpenForm.typed_at.desc()).limit(LIMIT)).all()


def _typed(account_id: int) -> tuple[ColumnElement[bool], ...]:
    return OpenForm.account_id == account_id, OpenForm.typed_at.is_not(None)


def _own(key: str, account_id: int) -> ColumnElement[bool]:
    return and_(OpenForm.key == key, OpenForm.account_id == account_id)


def _check_room(
    session: Session, key: str, account_id: int, typed: Sequence[tuple[str, str]]
) -> None:
    if sum(len(name) + len(value) for name, value in typed) > LONGEST:
        raise Full(key)
    kept = select(func.count()).where(*_typed(account_id), OpenForm.key != key)
    if (session.scalar(kept) or 0) >= LIMIT:
        raise Full(key)


def _forget_idle(session: Session, account_id: int, now: datetime) -> None:
    idle = OpenForm.typed_at.is_(None), OpenForm.seen_at < now - IDLE
    session.execute(_deletion().where(OpenForm.account_id == account_id, *idle))


def _deletion() -> Any:
    return delete(OpenForm).execution_options(synchronize_session=False)


def _changed(session: Session, statement: Any) -> bool:
    done: Any = session.execute(statement.execution_options(synchronize_session=False))
    return bool(done.rowcount)
