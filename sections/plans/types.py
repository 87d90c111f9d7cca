"""The content types: form layout and list columns."""

from __future__ import annotations

from flask_babel import lazy_gettext as _

from hoitu.core.content import ContentType, FieldGroup, path_below
from hoitu.sections.plans.models import MasterPlan, Plan, Project

plan = ContentType(
    name="plan",
    label=_("Strategy or plan"),
    label_plural=_("Strategies and plans"),
    model=Plan,
    requirements={"strategies": _("Strategies"), "plans": _("Plans")},
    sort_field="issued_on",
    columns=("title", "kind", "issued_on"),
    path=path_below("plans.plan_index"),
    layout=(
        FieldGroup(
            _("Plan"),
            (
                "requirement",
                "kind",
                "title",
                "summary",
                "decision",
                "issued_on",
                "year_from",
                "year_to",
            ),
        ),
        FieldGroup(_("Text and files"), ("body", "attachments")),
        FieldGroup(_("Results"), ("results",)),
    ),
)

master_plan = ContentType(
    name="master_plan",
    label=_("Master plan"),
    label_plural=_("Master plans"),
    model=MasterPlan,
    requirements={"master_plans": _("Master plans")},
    sort_field="approved_on",
    columns=("title", "planning_field", "approved_on"),
    path=path_below("plans.master_plan_index"),
    layout=(
        FieldGroup(
            _("Master plan"),
            ("title", "planning_field", "summary", "scope", "year_from", "year_to"),
        ),
        FieldGroup(_("Consultation"), ("consulted_from", "consulted_until")),
        FieldGroup(_("Approval"), ("decision", "approved_on")),
        FieldGroup(_("Text and maps"), ("body", "attachments", "maps")),
    ),
)

project = ContentType(
    name="project",
    label=_("Project"),
    label_plural=_("Projects"),
    model=Project,
    requirements={"projects": _("Projects and public investment")},
    labels={"title": _("Name of the project")},
    columns=("title", "code", "status"),
    path=path_below("plans.project_index"),
    layout=(
        FieldGroup(
            _("Project"),
            ("title", "code", "group", "investor", "summary", "location", "point"),
        ),
        FieldGroup(_("Capital"), ("source", "total", "decision", "years", "remark", "loans")),
        FieldGroup(_("Progress"), ("status", "progress", "starts_on", "ends_on", "procurements")),
        FieldGroup(_("Text and files"), ("body", "attachments")),
    ),
)

TYPES = (plan, master_plan, project)
