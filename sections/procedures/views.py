"""``/thu-tuc-hanh-chinh``: procedures with all their parts, and online services."""

from __future__ import annotations

from typing import Any

from hoitu.core.web import SectionPages, cited
from hoitu.sections.procedures.models import OnlineService, Procedure
from hoitu.sections.procedures.services import procedure_of, service_of, source_of
from hoitu.sections.procedures.vocabularies import (
    AUDIENCES,
    LEVELS,
    LIFE_EVENTS,
    METHODS,
    SERVICE_LEVELS,
    TIME_UNITS,
)


def labels(_subject: Any) -> dict[str, Any]:
    """Return the label functions that lists and details use; an unknown key is its own label."""

    def of(options: Any) -> Any:
        known = dict(options)
        return lambda key: known.get(key, key)

    return {
        "level_label": of(LEVELS.options()),
        "method_label": of(METHODS.options()),
        "time_label": of(TIME_UNITS.options()),
        "service_label": of(SERVICE_LEVELS.options()),
        "audience_label": of(AUDIENCES.options()),
        "event_label": of(LIFE_EVENTS.options()),
    }


def procedure_values(procedure: Procedure) -> dict[str, Any]:
    """Return the online service, the source, and where the acts it rests on are held."""
    numbers = [row["number"] for row in procedure.bases]
    return {
        **labels(procedure),
        "service": service_of(procedure),
        "source": source_of(procedure),
        "cited": cited([*numbers, procedure.decision]),
    }


def service_values(service: OnlineService) -> dict[str, Any]:
    """Return the procedure the service is for."""
    return {**labels(service), "procedure": procedure_of(service)}


pages = SectionPages(
    "procedures",
    __name__,
    path="/thu-tuc-hanh-chinh",
    content_type="procedure",
    extend_list=labels,
    extend_detail=procedure_values,
)
pages.add("online_service", path="/dich-vu-cong", extend_list=labels, extend_detail=service_values)
