"""What duties beyond the plan are to machines, in the words of schema.org."""

from __future__ import annotations

from typing import Any

from hoitu.core.clock import write_instant
from hoitu.core.web import active_unit, language, today
from hoitu.sections.transparency.models import ContactOfficer, EmergencyNotice, ReceptionDay


def describe_officer(officer: ContactOfficer) -> dict[str, Any]:
    """Return who speaks for the unit, with the address of the office."""
    return {
        "@type": "Person",
        "name": officer.full_name,
        "jobTitle": officer.post,
        "telephone": officer.phone,
        "email": officer.email,
        "worksFor": _unit(),
    }


def describe_notice(notice: EmergencyNotice) -> dict[str, Any]:
    """Return a warning, whom it concerns and until when it holds."""
    return {
        "@type": "SpecialAnnouncement",
        "text": notice.summary or notice.title,
        "datePosted": _instant(notice.starts_at),
        "expires": _instant(notice.ends_at),
        "spatialCoverage": {"@type": "Place", "name": notice.area} if notice.area else None,
    }


def describe_reception(reception: ReceptionDay) -> dict[str, Any]:
    """Return when and where citizens are received."""
    return {
        "@type": "Event",
        "startDate": _instant(reception.starts_at),
        "endDate": _instant(reception.ends_at),
        "location": {"@type": "Place", "name": reception.place, "address": reception.place},
        "organizer": _unit(),
    }


def _instant(value: Any) -> str | None:
    return write_instant(value) if value else None


def _unit() -> dict[str, str]:
    return {"@type": "GovernmentOrganization", "name": active_unit().name(today(), language())}
