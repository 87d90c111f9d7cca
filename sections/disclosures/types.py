"""The content types: form layout, list columns and what follows from the values."""

from __future__ import annotations

from flask import url_for
from flask_babel import lazy_gettext as _

from hoitu.core.content import ContentType, FieldGroup, Item, path_below
from hoitu.sections.disclosures import metadata, models


def derive(item: models.BudgetDisclosure) -> None:
    """Fill the title, and the days that follow from the period."""
    (regime, kind), year = item.terms, item.fiscal_year
    if kind is None or regime is None or year is None:
        item.title, item.covers_on = kind.vi if kind else "", None
        return
    name = kind.title.format(year=year)
    item.title = name if len(kind.triggers) == 1 else f"{name} ({regime.short})"
    item.covers_on = kind.day_in(year)
    trigger = kind.trigger(regime.key)
    if trigger and trigger.computed:
        item.trigger_date = item.covers_on


def anchor(item: Item) -> str:
    """Return the name of a release on the page of the calendar."""
    return f"ky-{item.id}"


def calendar_path(item: Item) -> str:
    """Return the place of a release in the calendar of its year."""
    assert isinstance(item, models.StatisticalRelease)
    year = item.planned_on.year if item.planned_on else None
    return url_for("disclosures.calendar", nam=year, _anchor=anchor(item))


budget_disclosure = ContentType(
    name="budget_disclosure",
    label=_("Financial disclosure"),
    label_plural=_("Financial disclosure"),
    model=models.BudgetDisclosure,
    requirements={"financial_disclosure": _("Financial disclosure")},
    sort_field="covers_on",
    derive=derive,
    columns=("title", "fiscal_year", "trigger_date"),
    path=path_below("disclosures.budget_disclosure_index"),
    describe=metadata.describe_budget,
    layout=(
        FieldGroup(
            _("What is disclosed"),
            ("regime", "report_kind", "fiscal_year", "form_code", "decision_number"),
        ),
        FieldGroup(_("Deadline"), ("trigger_date", "posted_on")),
        FieldGroup(_("Figures"), ("summary", "explanation", "attachments")),
    ),
)

statistical_table = ContentType(
    name="statistical_table",
    label=_("Statistical table"),
    label_plural=_("Statistics"),
    model=models.StatisticalTable,
    requirements={"statistics": _("Statistics")},
    columns=("title", "indicator_group", "period"),
    path=path_below("disclosures.statistical_table_index"),
    describe=metadata.describe_table,
    layout=(
        FieldGroup(
            _("Table"), ("title", "summary", "indicator_group", "period", "measure", "source")
        ),
        FieldGroup(_("Figures"), ("attachments", "chart", "notes", "body")),
        FieldGroup(_("Release"), ("planned_on", "released_on")),
    ),
)

statistical_release = ContentType(
    name="statistical_release",
    label=_("Entry of the release calendar"),
    label_plural=_("Release calendar"),
    model=models.StatisticalRelease,
    requirements={"statistics": _("Statistics")},
    sort_field="planned_on",
    columns=("title", "planned_on"),
    path=calendar_path,
    layout=(FieldGroup(_("Release"), ("title", "planned_on", "released")),),
    is_page=False,
)

research_result = ContentType(
    name="research_result",
    label=_("Research result"),
    label_plural=_("Results of programmes and research"),
    model=models.ResearchResult,
    requirements={"research_results": _("Results of programmes and research")},
    sort_field="accepted_on",
    labels={"summary": _("Summary of the result")},
    columns=("title", "lead_unit", "accepted_on"),
    path=path_below("disclosures.research_result_index"),
    describe=metadata.describe_research,
    layout=(
        FieldGroup(_("Task"), ("title", "code", "level", "lead_unit", "principal_investigator")),
        FieldGroup(_("Time"), ("started_on", "ended_on", "accepted_on")),
        FieldGroup(_("Result"), ("grade", "registration_number", "summary", "body", "attachments")),
    ),
)

anti_corruption_disclosure = ContentType(
    name="anti_corruption_disclosure",
    label=_("Anti-corruption disclosure"),
    label_plural=_("Preventing corruption"),
    model=models.AntiCorruptionDisclosure,
    requirements={"anti_corruption": _("Preventing corruption")},
    columns=("title", "content_kind", "year"),
    path=path_below("disclosures.anti_corruption_disclosure_index"),
    layout=(
        FieldGroup(
            _("Disclosure"),
            ("title", "content_kind", "year", "period", "summary", "body", "attachments"),
        ),
    ),
)

#: Those with pages of their own; a release is a line of the calendar.
PAGES = (budget_disclosure, statistical_table, research_result, anti_corruption_disclosure)
TYPES = (*PAGES, statistical_release)
