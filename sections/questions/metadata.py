"""What an answered question is to machines: schema.org's Question, on a page of its own."""

from __future__ import annotations

from typing import Any

from hoitu.core import text
from hoitu.core.web import active_unit, language, today
from hoitu.sections.questions.models import Question


def describe(question: Question) -> dict[str, Any]:
    """Return the question as it is published and its answer; never who asked."""
    answered = question.answered_on
    who = question.answered_by or active_unit().name(today(), language())
    answer = {
        "@type": "Answer",
        "text": text.plain(question.body or ""),
        "dateCreated": answered,
        "author": {"@type": "GovernmentOrganization", "name": who},
    }
    return {
        "@type": "Question",
        "text": question.summary or question.title,
        "dateCreated": question.received_on,
        "answerCount": 1,
        "acceptedAnswer": answer,
    }
