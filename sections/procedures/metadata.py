"""What procedures and online services are to machines: schema.org's GovernmentService."""

from __future__ import annotations

from typing import Any

from hoitu.sections.procedures.models import OnlineService, Procedure
from hoitu.sections.procedures.vocabularies import AUDIENCES, METHODS, TIME_UNITS

#: Lengths of time that ISO 8601 can say; it knows no working days.
DURATIONS = {"day": "P{}D", "hour": "PT{}H", "month": "P{}M"}


def describe_procedure(procedure: Procedure) -> dict[str, Any]:
    """Return field, who settles it, how it is filed, within what time and for which fee."""
    bodies = {"@type": "GovernmentOrganization", "name": _one_line(procedure.executing)}
    return {
        "@type": "GovernmentService",
        "identifier": procedure.code,
        "serviceType": procedure.field_name,
        "provider": bodies if procedure.executing else None,
        "audience": _audience(procedure.audience),
        "availableChannel": [_channel(row) for row in procedure.ways],
        "offers": [_offer(row) for row in procedure.ways if row["fee"] is not None],
    }


def describe_service(service: OnlineService) -> dict[str, Any]:
    """Return field, for whom it is, and where it is used."""
    return {
        "@type": "GovernmentService",
        "identifier": service.code,
        "serviceType": service.field_name,
        "audience": _audience(service.audience),
        "availableChannel": {"@type": "ServiceChannel", "serviceUrl": service.deep_link},
    }


def _channel(row: dict[str, Any]) -> dict[str, Any]:
    time, unit = row["time"], row["time_unit"]
    limit = f"{time} {dict(TIME_UNITS.options()).get(unit, unit)}" if time is not None else ""
    named = DURATIONS.get(unit) if time is not None else None
    return {
        "@type": "ServiceChannel",
        "name": dict(METHODS.options()).get(row["method"], row["method"]),
        "description": limit,
        "processingTime": named.format(time) if named else None,
    }


def _offer(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "@type": "Offer",
        "name": dict(METHODS.options()).get(row["method"], row["method"]),
        "price": str(row["fee"]),
        "priceCurrency": "VND",
        "description": row["fee_note"],
    }


def _audience(key: str) -> dict[str, Any] | None:
    label = dict(AUDIENCES.options()).get(key)
    return {"@type": "Audience", "audienceType": label} if label else None


def _one_line(lines: str) -> str:
    return ", ".join(filter(None, map(str.strip, (lines or "").splitlines())))
