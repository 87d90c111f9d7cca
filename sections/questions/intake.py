"""The form in which visitors ask, and what becomes of it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask_babel import lazy_gettext as _

from hoitu.core.content import ContentType, Field, Flag
from hoitu.core.privacy import AGREES
from hoitu.core.web import VisitorForm, active_unit, receipt_code, today
from hoitu.sections.questions.deadlines import days_of
from hoitu.sections.questions.models import Question
from hoitu.sections.questions.vocabularies import CONSENTS, sounds_like_complaint

ASKED = ("title", "topic", "question", "asker_name", "phone", "email", "address", "may_publish")
#: What a person declares; neither tick is kept.
TICKS = (
    Field(Flag(), _("This is not a complaint or denunciation"), name="no_complaint"),
    AGREES,
)
#: Labels and help where the person who asks is told something else than the desk.
_TOLD: dict[str, dict[str, Any]] = {
    "title": {"help": _("In a few words, without names.")},
    "question": {
        "label": _("Your question"),
        "help": _("Say what you want to know, where, and since when. No names of other persons."),
    },
    "asker_name": {"help": ""},
    "phone": {"help": _("Only if we may call you back.")},
    "email": {"help": ""},
    "address": {"help": ""},
    "may_publish": {
        "label": _("Question and answer may be published, without my personal data"),
        "help": _("Otherwise you alone read the answer, with your code."),
    },
}


class QuestionForm(VisitorForm):
    """The form of a question with the two declarations."""

    of_sender = ("asker_name", "email")
    consents = CONSENTS

    def __init__(self, kind: ContentType, subject: str = "") -> None:
        asked = [replace(kind.fields[name], **_TOLD.get(name, {})) for name in ASKED]
        needed = ("title", "topic", "question", "asker_name", "no_complaint", "agrees")
        super().__init__((*asked, *TICKS), needed)
        if not self.sent:
            self.entries.entry("title").data = subject

    def values(self) -> dict[str, Any]:
        """Return what is stored: not the declarations, without which nothing is taken in."""
        ticks = {tick.name for tick in TICKS}
        return {name: value for name, value in super().values().items() if name not in ticks}

    def take_in(self) -> Question | None:
        """Take in the question and commit; the same one sent twice is the first. None: refused."""
        said = f"{self.values()['title']} {self.values()['question']}"
        found = self.receive(
            "question",
            extra={"suspected_complaint": sounds_like_complaint(said)},
            code=receipt_code(),
            **days_of(active_unit(), today()),
        )
        if found is None:
            return None
        question, _is_new = found
        assert isinstance(question, Question)
        return question
