"""What a unit tells about itself; fields after the catalogue's group e.

Of persons only official data are kept: name, post, telephone and e-mail of the office (Law
91/2025/QH15 on personal data: no more than the purpose needs).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask_babel import lazy_gettext as _
from sqlalchemy import Index
from sqlalchemy.orm import Mapped

from hoitu.core.content import (
    Choice,
    Email,
    Item,
    Line,
    Number,
    Paragraphs,
    Reference,
    RichText,
    Url,
    field,
)


def kinds() -> Sequence[tuple[str, Any]]:
    """Return the kinds of departments, highest first."""
    return (
        ("leadership", _("Leadership")),
        ("office", _("Office")),
        ("division", _("Division")),
        ("subordinate", _("Subordinate unit")),
    )


class AgencyPage(Item):
    """A text about the unit, in Vietnamese and English (catalogue: functions_duties, notes)."""

    __tablename__ = "agency_page"
    type_name = "agency_page"

    body_en: Mapped[str] = field(
        RichText(),
        label=_("Content in English"),
        help=_("Shown on the English site; without it, visitors there read the Vietnamese text."),
        deferred=True,
    )


class Department(Item):
    """A part of the unit; ``title`` is its name. The parts make up the organisation chart."""

    __tablename__ = "agency_department"
    type_name = "department"

    kind: Mapped[str] = field(Choice(kinds), label=_("Kind"), required=True)
    parent: Mapped[int | None] = field(
        Reference("department"), label=_("Under"), help=_("Empty for the top of the chart.")
    )
    position_no: Mapped[int | None] = field(
        Number(), label=_("Position"), help=_("Small numbers come first, then the alphabet.")
    )
    duties: Mapped[str] = field(Paragraphs(4000), label=_("Duties"), search="text")
    phone: Mapped[str] = field(Line(60), label=_("Telephone"))
    email: Mapped[str] = field(Email(120), label=_("E-mail"))


class StaffMember(Item):
    """A person in office, with official data only; ``title`` repeats the name."""

    __tablename__ = "agency_staff_member"
    __table_args__ = (Index("ix_agency_staff_member_department", "unit_id", "department"),)
    type_name = "staff_member"

    full_name: Mapped[str] = field(
        Line(120), label=_("Full name"), required=True, search="text", personal=True
    )
    post: Mapped[str] = field(Line(160), label=_("Post"), required=True, search="text")
    department: Mapped[int | None] = field(
        Reference("department"), label=_("Department"), required=True
    )
    phone: Mapped[str] = field(Line(60), label=_("Official telephone"))
    email: Mapped[str] = field(Email(120), label=_("Official e-mail"))
    position_no: Mapped[int | None] = field(
        Number(), label=_("Position"), help=_("Small numbers come first, then the alphabet.")
    )


class ContactPoint(Item):
    """Where and how the unit is reached; ``title`` repeats the address."""

    __tablename__ = "agency_contact_point"
    type_name = "contact_point"

    address: Mapped[str] = field(Line(250), label=_("Address"), required=True)
    phone: Mapped[str] = field(Line(60), label=_("Telephone"))
    fax: Mapped[str] = field(Line(60), label=_("Fax"))
    email: Mapped[str] = field(Email(120), label=_("E-mail"))
    working_hours: Mapped[str] = field(Line(250), label=_("Working hours"))


class Hotline(Item):
    """A telephone number for one purpose; ``title`` repeats the purpose."""

    __tablename__ = "agency_hotline"
    type_name = "hotline"

    purpose: Mapped[str] = field(Line(250), label=_("For what"), required=True)
    phone: Mapped[str] = field(Line(60), label=_("Telephone"), required=True)
    hours: Mapped[str] = field(Line(120), label=_("Hours"))


class SocialLink(Item):
    """A page of the unit in a social network; ``title`` repeats the network."""

    __tablename__ = "agency_social_link"
    type_name = "social_link"

    network: Mapped[str] = field(Line(60), label=_("Network"), required=True)
    url: Mapped[str] = field(Url(400), label=_("Address"), required=True)
