"""How the unit answers: by month for the public, by urgency for the desk."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import and_, case, func, or_, select

from hoitu.core.clock import default_calendar, local
from hoitu.core.extensions import session
from hoitu.sections.questions.models import Question, QuestionRating

MONTHS = 12


@dataclass(slots=True)
class Month:
    """The questions received in one month, and what became of them."""

    first: date
    received: int = 0
    answered: int = 0
    on_time: int = 0
    overdue: int = 0
    waiting: int = 0
    #: Closed without an answer: passed on, withdrawn, or not a question.
    closed: int = 0

    @property
    def share(self) -> Decimal | None:
        """Answered on time, of all that had to be answered by now, in percent."""
        owed = self.answered + self.overdue
        return round(Decimal(100 * self.on_time) / owed, 1) if owed else None


@dataclass(frozen=True, slots=True)
class Pressing:
    """What the desk has to do: numbers, and the questions that are due first."""

    waiting: int
    soon: int
    overdue: int
    not_taken_up: int
    first: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Ratings:
    """How many of those who asked rated the answer, and their mean from 1 to 5."""

    count: int
    mean: Decimal | None


def months_until(day: date, count: int = MONTHS) -> list[date]:
    """Return the first days of the last ``count`` months, the month of ``day`` among them."""
    last = day.year * 12 + day.month - 1
    return [date(n // 12, n % 12 + 1, 1) for n in range(last - count + 1, last + 1)]


def monthly(day: date) -> list[Month]:
    """Return the last twelve months, oldest first: one statement."""
    found = {first: Month(first) for first in months_until(day)}
    is_closed = Question.state.in_(("published", "archived"))
    has_answer = and_(is_closed, Question.body != "")
    # An answer in private may have no day of its own; then it came when the question was closed.
    closed_at = case((and_(has_answer, Question.answered_on.is_(None)), Question.updated_at))
    columns: tuple[Any, ...] = (
        Question.received_on,
        Question.due_on,
        Question.answered_on,
        case((has_answer, "answered"), (is_closed, "closed"), else_="open"),
        closed_at,
    )
    chosen = (
        select(*columns, func.count())
        .where(Question.received_on >= min(found), Question.state != "trashed")
        .group_by(*columns)
    )
    rows: Any = session().execute(chosen)
    for received_on, due_on, answered_on, outcome, at, count in rows:
        month = found.get(received_on.replace(day=1))
        if month is None:
            continue
        replied_on = answered_on or (local(at).date() if at else day)
        month.received += count
        if outcome == "answered":
            month.answered += count
            month.on_time += count if due_on is None or replied_on <= due_on else 0
        elif outcome == "closed":
            month.closed += count
        elif due_on is not None and due_on < day:
            month.overdue += count
        else:
            month.waiting += count
    return list(found.values())


def ratings() -> Ratings:
    """Return how the unit's answers are rated: one statement."""
    chosen = select(func.count(), func.sum(QuestionRating.stars)).select_from(QuestionRating)
    count, stars = session().execute(chosen).one()
    return Ratings(count, round(Decimal(stars) / count, 1) if count else None)


def pressing(day: date, soon_days: int) -> Pressing:
    """Return what waits at the desk: two statements."""
    soon_until = default_calendar().add_working_days(day, max(soon_days, 0))
    waits = Question.state == "submitted"
    late = Question.due_on < day
    numbers = (
        func.count(),
        func.count(case((and_(Question.due_on >= day, Question.due_on <= soon_until), 1))),
        func.count(case((late, 1))),
        func.count(
            case((and_(Question.acknowledged_on.is_(None), Question.acknowledge_by < day), 1))
        ),
    )
    counted = session().execute(select(*numbers).select_from(Question).where(waits)).one()
    first = (
        select(Question.id, Question.title, Question.due_on)
        .where(waits, or_(late, Question.due_on <= soon_until))
        .order_by(Question.due_on, Question.id)
        .limit(5)
    )
    return Pressing(*counted, first=tuple(session().execute(first)))
