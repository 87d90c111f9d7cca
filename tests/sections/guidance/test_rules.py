from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from hoitu.sections.guidance.models import GuidanceArticle, Policy
from hoitu.sections.guidance.rules import problems

pytestmark = pytest.mark.usefixtures("app_context")


@pytest.fixture
def app_context(app: Any) -> Any:
    with app.app_context():
        yield


FIRST, LAST = date(2026, 1, 1), date(2026, 12, 31)


@pytest.mark.parametrize(
    ("item", "fields"),
    [
        (GuidanceArticle(body="<p>x</p>", documents=[]), []),
        (GuidanceArticle(body="", documents=[]), ["body"]),
        (GuidanceArticle(body="x", documents=[{"number": "", "about": "Luật"}]), ["documents"]),
        (Policy(documents=[], valid_from=FIRST, valid_until=LAST), []),
        (Policy(documents=[], valid_from=FIRST, valid_until=FIRST), []),
        (Policy(documents=[], valid_from=LAST, valid_until=FIRST), ["valid_until"]),
        (Policy(documents=[], valid_from=None, valid_until=FIRST), []),
        (Policy(documents=[{"number": "", "about": ""}]), ["documents"]),
    ],
)
def test_problems(item: GuidanceArticle | Policy, fields: list[str]) -> None:
    assert [problem.field for problem in problems(item)] == fields


@pytest.mark.parametrize(
    ("first", "last", "day", "applies"),
    [
        (None, None, FIRST, True),
        (FIRST, LAST, FIRST, True),
        (FIRST, LAST, LAST, True),
        (LAST, None, FIRST, False),
        (None, FIRST, LAST, False),
    ],
)
def test_a_policy_applies_on_both_of_its_last_days(
    first: date | None, last: date | None, day: date, applies: bool
) -> None:
    assert Policy(valid_from=first, valid_until=last).applies_on(day) is applies
