"""What visitors of a site looked for and did not find: words, how often, first and last day.

Of who asked nothing is kept, and words that look like somebody's telephone number, address or
number of identity are not taken down at all.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, ClassVar, Final

from sqlalchemy import Select, String, UniqueConstraint, delete, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, mapped_column

from hoitu.core import clock, text
from hoitu.core.db import Base, BigId
from hoitu.core.jobs import Job, JobContext
from hoitu.core.units import UnitScoped, all_units, unit_scope

#: How long words are kept after they were last looked for.
KEPT: Final = timedelta(days=90)
#: Different words a unit keeps, and how many it takes in before the next tidying.
LIMIT, MOST = 500, 1000
#: Longer texts are no search: people paste letters.
LONGEST: Final = 80
#: Digits that belong together, perhaps written in groups: signs of any kind may divide them.
_DIGITS = re.compile(r"\d(?:[\W_]{0,3}\d)*")
#: So many digits are a telephone number or a number of identity: 9 to 12, however grouped; more
#: than that in one piece is an account at a bank or the like.
_PERSONAL = range(9, 13)


class UnfoundSearch(UnitScoped, Base):
    """Words that were looked for on a unit's site and led to nothing there."""

    __tablename__ = "unfound_search"
    __table_args__ = (UniqueConstraint("unit_id", "key"),)
    #: Visitors never see it.
    shapes_pages: ClassVar[bool] = False

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    #: The folded words: however they were typed, they count as one.
    key: Mapped[str] = mapped_column(String(LONGEST))
    #: As they were typed last.
    words: Mapped[str] = mapped_column(String(LONGEST))
    times: Mapped[int]
    first_on: Mapped[date]
    last_on: Mapped[date]


@dataclass(slots=True)
class Unfound:
    """Words that found nothing at a unit, so many times on a day."""

    unit_id: int
    key: str
    words: str
    day: date
    times: int = 1


def key_of(words: str) -> str:
    """Return under which key words are counted; '' for what is not taken down.

    That is what has no word in it, is too long, or may be something personal.
    """
    key = " ".join(text.words(words))
    return "" if len(words) > LONGEST or len(key) > LONGEST or is_personal(words) else key


def is_personal(words: str) -> bool:
    """Say whether words may be a telephone number, an e-mail address or a number of identity."""
    for found in _DIGITS.finditer(words):
        digits = sum(character.isdigit() for character in found.group())
        if digits in _PERSONAL or re.search(r"\d{9}", found.group()):
            return True
    return "@" in words


def write(session: Session, found: Iterable[Unfound]) -> None:
    """Add up what was not found, for each unit in its scope; the caller commits."""
    by_unit: dict[int, dict[str, Unfound]] = {}
    for one in found:
        by_unit.setdefault(one.unit_id, {})[one.key] = one
    for unit_id, notes in by_unit.items():
        with unit_scope(unit_id):
            _write(session, notes)


def _write(session: Session, notes: dict[str, Unfound]) -> None:
    known = _add_up(session, notes)
    fresh = [one for key, one in notes.items() if key not in known]
    if not fresh:
        return
    room = MOST - (session.scalar(select(func.count()).select_from(UnfoundSearch)) or 0)
    for one in fresh[: max(0, room)]:
        row = UnfoundSearch(
            key=one.key, words=one.words, times=one.times, first_on=one.day, last_on=one.day
        )
        try:
            with session.begin_nested():
                session.add(row)
        except IntegrityError:
            # Another process took the same words down just now.
            _add_up(session, {one.key: one})


def _add_up(session: Session, notes: dict[str, Unfound]) -> set[str]:
    """Count the words that are there already, and return their keys."""
    rows = list(session.scalars(select(UnfoundSearch).where(UnfoundSearch.key.in_(list(notes)))))
    for row in rows:
        one = notes[row.key]
        # Counted by the database: two processes may do it at once.
        row.times = UnfoundSearch.times + one.times
        row.words, row.last_on = one.words, one.day
    session.flush()
    return {row.key for row in rows}


def asked_most() -> Select[Any]:
    """Return a select of the scoped unit's words, those looked for most often first."""
    order = UnfoundSearch.times.desc(), UnfoundSearch.last_on.desc(), UnfoundSearch.id.desc()
    return select(UnfoundSearch).order_by(*order)


def _forget(context: JobContext) -> None:
    """Delete what nobody has looked for in a while, and of each unit what is beyond its limit."""
    oldest = clock.local(context.clock.now()).date() - KEPT
    session = context.session
    with all_units("old searches are forgotten everywhere"):
        session.execute(delete(UnfoundSearch).where(UnfoundSearch.last_on < oldest))
        counted = select(UnfoundSearch.unit_id).group_by(UnfoundSearch.unit_id)
        full = list(session.scalars(counted.having(func.count() > LIMIT)))
    for unit_id in full:
        with unit_scope(unit_id):
            spare = list(session.scalars(asked_most().offset(LIMIT)))
            session.execute(delete(UnfoundSearch).where(UnfoundSearch.id.in_(r.id for r in spare)))


JOBS: Final = (Job("forget_searches", _forget, every=timedelta(days=1)),)
