"""Results: votes by period, question and option. Counts and shares only, never a mean of scales."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from markupsafe import Markup
from sqlalchemy import func, select

from hoitu.core.content import Item
from hoitu.core.extensions import session
from hoitu.core.web import shares
from hoitu.sections.surveys.models import Ballot, BallotChoice, Survey
from hoitu.sections.surveys.periods import Period, period_named
from hoitu.sections.surveys.polls import Question, poll_name

#: Votes by period, question and option.
Votes = Mapping[str, Mapping[str, Mapping[str, int]]]


@dataclass(frozen=True, slots=True)
class Result:
    """The answers to one question in one period, and in all of them."""

    question: Question
    total: int
    chart: Markup
    #: (option, votes, share in percent)
    rows: Sequence[tuple[str, int, Decimal | None]]
    #: (period, votes for each option, all votes), newest first
    history: Sequence[tuple[Any, ...]]

    @property
    def options(self) -> list[str]:
        """The labels of the options."""
        return [label for label, _votes, _share in self.rows]


def votes_of(poll: str) -> Votes:
    """Return all votes of a poll: one statement."""
    columns = BallotChoice.period, BallotChoice.question, BallotChoice.option
    chosen = select(*columns, func.count()).where(BallotChoice.poll == poll).group_by(*columns)
    found: dict[str, dict[str, dict[str, int]]] = {}
    for period, question, option, count in session().execute(chosen):
        found.setdefault(period, {}).setdefault(question, {})[option] = count
    return found


def voted_wording(item: Item) -> str:
    """Return the fingerprint of the questions of a survey that were answered; '' for none."""
    if not isinstance(item, Survey) or item.id is None:
        return ""
    chosen = select(Ballot.wording).where(Ballot.poll == poll_name(item.id)).limit(1)
    return session().scalar(chosen) or ""


def periods_of(votes: Votes, present: Period) -> list[Period]:
    """Return the periods that have votes, and the present one, newest first."""
    named = (period_named(key) for key in votes)
    return sorted({present, *filter(None, named)}, reverse=True)


def results(
    votes: Votes, questions: Sequence[Question], period: str, periods: Sequence[Period] = ()
) -> list[Result]:
    """Return the results of the questions that have options."""
    return [_result(votes, q, period, periods) for q in questions if q.options]


def _result(votes: Votes, question: Question, period: str, periods: Sequence[Period]) -> Result:
    counted = votes.get(period, {}).get(question.key, {})
    # An option the catalogue no longer has keeps its votes, under its key.
    lost = [(key, key) for key in counted if key not in dict(question.options)]
    options = [*question.options, *lost]
    total = sum(counted.values())
    rows = [
        (label, counted.get(key, 0), _share(counted.get(key, 0), total)) for key, label in options
    ]
    past = ((p, votes.get(p.key, {}).get(question.key, {})) for p in periods)
    return Result(
        question=question,
        total=total,
        chart=shares([(label, count) for label, count, _part in rows], title=question.label),
        rows=rows,
        history=[
            (p.label, *(then.get(key, 0) for key, _label in options), sum(then.values()))
            for p, then in past
        ],
    )


def _share(votes: int, total: int) -> Decimal | None:
    return round(Decimal(100 * votes) / total, 1) if total else None
