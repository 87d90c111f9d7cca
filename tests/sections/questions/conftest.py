"""Fixtures of questions: asking as a visitor, answering as the desk."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from hoitu.core.content import actions
from hoitu.core.testing.fixtures import Site
from hoitu.sections.questions.models import Question

if TYPE_CHECKING:
    from werkzeug.test import TestResponse

    from hoitu.core.content import ActionContext
    from hoitu.core.units import Unit

#: What a person enters; the name, telephone, e-mail and address stand nowhere else.
ENTERED = {
    "title": "Cấp đổi giấy tờ",
    "topic": "civil_status",
    "question": "Câu hỏi riêng tư bimatz",
    "asker_name": "Zotenz Hotenz",
    "phone": "0234 000 987",
    "email": "zhopthuz@thu.example",
    "address": "Zdiachiz số chín",
    "may_publish": "1",
    "no_complaint": "1",
    "agrees": "1",
}
Ask = Callable[..., str]


@pytest.fixture
def ask(site: Callable[..., Site], send: Callable[..., TestResponse]) -> Ask:
    """Return a function that sends a question and returns its code."""

    def by_form(at: Unit | None = None, **changed: Any) -> str:
        answer = send(site(at), "/hoi-dap/gui?viet=1", **{**ENTERED, **changed})
        assert answer.status_code == 303, answer.text
        found = re.search(r"ma=([0-9A-Z]{4}-[0-9A-Z]{4})$", answer.headers["Location"])
        assert found is not None
        return found[1]

    return by_form


@pytest.fixture
def answer(desk: Callable[..., AbstractContextManager[ActionContext]]) -> Callable[..., int]:
    """Return a function that answers a question by its code: in public, or in private."""

    def close(code: str, step: str = "publish", at: Unit | None = None, **changed: Any) -> int:
        values = {"summary": "Có phải đổi giấy tờ không?", "body": "<p>Không phải đổi.</p>"}
        with desk(at) as work:
            chosen = select(Question).where(Question.code == code)
            item = work.session.scalars(chosen).one()
            actions.edit(work, item, {**values, **changed})
            actions.advance(work, item, step, "Thử")
            return item.id

    return close
