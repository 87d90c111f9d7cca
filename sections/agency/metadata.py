"""What the pages about the unit are to machines, and what they tell of the unit as a whole.

Of persons only what they do in office is told, and only where a page shows it.
"""

from __future__ import annotations

from typing import Any

from hoitu.core.content import Point
from hoitu.core.web import active_unit, language, today
from hoitu.sections.agency.models import (
    AgencyPage,
    ContactPoint,
    Department,
    HeritageSite,
    LeadershipAssignment,
    SocialLink,
)
from hoitu.sections.agency.vocabularies import POSITIONS


def describe_page(_page: AgencyPage) -> dict[str, Any]:
    """Return that a page is about its site."""
    return {"@type": "AboutPage"}


def languages(page: AgencyPage) -> tuple[str, ...]:
    """Return the languages in which a page is written."""
    return (page.language, "en") if page.body_en else (page.language,)


def describe_department(department: Department) -> dict[str, Any]:
    """Return a part of the unit and how it is reached."""
    return {
        "@type": "GovernmentOrganization",
        "description": department.duties,
        "parentOrganization": _unit(),
        "telephone": department.phone,
        "email": department.email,
    }


def describe_assignment(assignment: LeadershipAssignment) -> dict[str, Any]:
    """Return who holds which post."""
    return {
        "@type": "Person",
        "name": assignment.full_name,
        "jobTitle": dict(POSITIONS.options()).get(assignment.position),
        "worksFor": _unit(),
    }


def describe_site(site: HeritageSite) -> dict[str, Any]:
    """Return a relic or landscape and where it lies."""
    place = Point.coordinates(site.place)
    geo = (
        {"@type": "GeoCoordinates", "latitude": place[0], "longitude": place[1]} if place else None
    )
    return {"@type": "LandmarksOrHistoricalBuildings", "address": site.address, "geo": geo}


def contact(point: ContactPoint) -> dict[str, Any]:
    """Return how the unit is reached."""
    address = {
        "@type": "PostalAddress", "streetAddress": point.address, "addressCountry": "VN",
    }  # fmt: skip
    return {
        "address": address if point.address else None,
        "telephone": point.phone,
        "faxNumber": point.fax,
        "email": point.email,
    }


def profile(link: SocialLink) -> dict[str, Any]:
    """Return a page of the unit elsewhere."""
    return {"sameAs": link.url}


def _unit() -> dict[str, str]:
    return {"@type": "GovernmentOrganization", "name": active_unit().name(today(), language())}
