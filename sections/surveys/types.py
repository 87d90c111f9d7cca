"""The content types: form layout and list columns."""

from __future__ import annotations

from flask import url_for
from flask_babel import lazy_gettext as _

from hoitu.core.content import INTAKE, ContentType, FieldGroup, path_below
from hoitu.sections.surveys.models import Survey, SurveyRemark

#: The catalogue key of what people ask for beside the plan's questions.
OTHER = "survey_other"

survey = ContentType(
    name="survey",
    label=_("Survey"),
    label_plural=_("Surveys of this unit"),
    model=Survey,
    requirements={OTHER: _("Other requests")},
    sort_field="opens_on",
    columns=("title", "opens_on", "closes_on"),
    labels={"summary": _("Introduction")},
    path=path_below("surveys.survey_index"),
    layout=(
        FieldGroup(_("Survey"), ("title", "summary", "opens_on", "closes_on")),
        FieldGroup(_("Questions"), ("questions",)),
    ),
)

survey_remark = ContentType(
    name="survey_remark",
    label=_("Remark of a visitor"),
    label_plural=_("Remarks of visitors"),
    model=SurveyRemark,
    requirements={OTHER: _("Other requests")},
    columns=("title", "remark"),
    labels={
        "title": _("Question that was answered"),
        "summary": _("The request in the unit's words"),
        "body": _("What the unit does about it"),
    },
    path=lambda _item: url_for("surveys.results", _anchor="y-kien"),
    workflow=INTAKE,
    receivable=True,
    is_page=False,
    layout=(
        FieldGroup(_("What was written"), ("title", "remark")),
        FieldGroup(_("For the public"), ("summary", "body")),
    ),
)

TYPES = (survey, survey_remark)
