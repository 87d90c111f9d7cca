"""What disclosures are to machines: sets of data and reports, in schema.org's words."""

from __future__ import annotations

from typing import Any

from hoitu.sections.disclosures import models
from hoitu.sections.disclosures.vocabularies import INDICATORS, REGIMES, REPORT_KINDS


def describe_budget(item: models.BudgetDisclosure) -> dict[str, Any]:
    """Return what the figures are of, and the year."""
    words = (
        dict(REGIMES.options()).get(item.regime),
        dict(REPORT_KINDS.options()).get(item.report_kind),
    )
    return {
        "@type": "Dataset",
        "description": item.summary or item.explanation or item.title,
        "keywords": [word for word in words if word],
        "temporalCoverage": str(item.fiscal_year or ""),
        "identifier": item.decision_number or None,
        "isAccessibleForFree": True,
    }


def describe_table(item: models.StatisticalTable) -> dict[str, Any]:
    """Return what the figures are of, for when, and where they come from."""
    return {
        "@type": "Dataset",
        "description": item.summary
        or item.notes
        or ", ".join(filter(None, (item.title, item.period))),
        "keywords": dict(INDICATORS.options()).get(item.indicator_group),
        "variableMeasured": item.measure,
        "creator": {"@type": "Organization", "name": item.source} if item.source else None,
        "isAccessibleForFree": True,
    }


def describe_research(item: models.ResearchResult) -> dict[str, Any]:
    """Return the task and who led it."""
    return {
        "@type": "Report",
        "reportNumber": item.registration_number or item.code,
        "creator": {"@type": "Organization", "name": item.lead_unit} if item.lead_unit else None,
    }
