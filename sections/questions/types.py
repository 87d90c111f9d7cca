"""The content type: form layout and list columns."""

from __future__ import annotations

from flask_babel import lazy_gettext as _

from hoitu.core.content import INTAKE, ContentType, FieldGroup
from hoitu.sections.questions.metadata import describe
from hoitu.sections.questions.models import Question

#: The catalogue key the section serves.
REQUIREMENT = "questions_answers"

question = ContentType(
    name="question",
    label=_("Question"),
    label_plural=_("Questions and answers"),
    model=Question,
    requirements={REQUIREMENT: _("Questions and answers")},
    columns=("title", "due_on", "office", "suspected_complaint"),
    labels={
        "title": _("Subject"),
        "summary": _("Question as it is published"),
        "body": _("Answer"),
    },
    derive=Question.settle_days,
    workflow=INTAKE,
    receivable=True,
    receipt_endpoint="questions.follow",
    layout=(
        FieldGroup(
            _("What was asked"),
            ("title", "topic", "question", "may_publish", "suspected_complaint"),
        ),
        FieldGroup(_("Who asks"), ("asker_name", "phone", "email", "address")),
        FieldGroup(_("Handling"), ("office", "acknowledged_on", "forwarded_to", "forwarded_on")),
        FieldGroup(_("Answer"), ("summary", "body", "answered_by", "answered_on", "attachments")),
    ),
    describe=describe,
)

TYPES = (question,)
