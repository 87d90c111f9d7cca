"""What a unit tells about itself; fields after the catalogue's group e.

Of persons only official data are kept: name, post, telephone and e-mail of the office (Law
91/2025/QH15 on personal data: no more than the purpose needs).
"""

from __future__ import annotations

from datetime import date
from typing import Any

from flask_babel import lazy_gettext as _
from sqlalchemy import Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from hoitu.core.content import (
    Choice,
    Citation,
    Day,
    Email,
    Field,
    Item,
    Line,
    Number,
    Paragraphs,
    Point,
    Reference,
    RichText,
    Rows,
    Url,
    field,
)
from hoitu.core.db import Json
from hoitu.sections.agency.vocabularies import DEPARTMENT_KINDS, LEVELS, POSITIONS, RANKS

#: A small table as one document.
Table = list[dict[str, Any]]
FIGURES = Rows((
    Field(Line(160), _("Figure"), name="label"),
    Field(Line(60), _("Value"), name="value"),
    Field(Line(40), _("Unit of measurement"), name="measure"),
    Field(Day(), _("As of"), name="as_of"),
))  # fmt: skip
PLACES = Rows((
    Field(Line(160), _("Name"), name="name"),
    Field(Line(20), _("Area (km²)"), name="area"),
))  # fmt: skip


class Dated:
    """The period in which an entry applies, both days included."""

    valid_from: Mapped[date | None] = field(Day(), label=_("Valid from"), required=True)
    valid_until: Mapped[date | None] = field(
        Day(), label=_("Valid until"), help=_("The last day; empty while no end is decided.")
    )

    @property
    def period(self) -> tuple[date, date]:
        """The first and the last day."""
        return self.valid_from or date.min, self.valid_until or date.max


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
    figures: Mapped[Table] = field(
        FIGURES,
        label=_("Figures"),
        help=_("For natural conditions: area, heights, temperatures; each with its day."),
    )


class Department(Item):
    """A part of the unit; ``title`` is its name. The parts make up the organisation chart."""

    __tablename__ = "agency_department"
    type_name = "department"

    kind: Mapped[str] = field(Choice(DEPARTMENT_KINDS.options), label=_("Kind"), required=True)
    parent: Mapped[int | None] = field(
        Reference("department"), label=_("Under"), help=_("Empty for the top of the chart.")
    )
    position_no: Mapped[int | None] = field(Number(), label=_("Order in the list"), private=True)
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
    position_no: Mapped[int | None] = field(Number(), label=_("Order in the list"), private=True)


class ContactPoint(Item):
    """Where and how the unit is reached; ``title`` repeats the address."""

    __tablename__ = "agency_contact_point"
    type_name = "contact_point"

    address: Mapped[str] = field(Line(250), label=_("Address"), required=True)
    phone: Mapped[str] = field(Line(60), label=_("Telephone"))
    fax: Mapped[str] = field(Line(60), label=_("Fax"))
    email: Mapped[str] = field(Email(120), label=_("E-mail"))
    working_hours: Mapped[str] = field(Line(250), label=_("Working hours"))
    place: Mapped[str] = field(Point(), label=_("Place on the map"))


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


class MapLayer(Dated, Item):
    """A layer of the administrative map in one period."""

    __tablename__ = "agency_map_layer"
    type_name = "map_layer"

    level: Mapped[str] = field(Choice(LEVELS.options), label=_("Shows"), required=True)
    source: Mapped[str] = field(Citation(80), label=_("Document that decided it"))
    places: Mapped[Table] = field(
        PLACES,
        label=_("List of places"),
        help=_("Needed where no map file is attached, or where it does not tell the areas."),
    )
    # What follows from the attached map file; the attributes of geojson.Layer tell what it means.
    outline: Mapped[str] = mapped_column(Text, default="", deferred=True)
    named: Mapped[list[tuple[str, float | None]]] = mapped_column(Json, default=list)
    features: Mapped[int] = mapped_column(default=0)
    bounds: Mapped[list[float]] = mapped_column(Json, default=list)
    points: Mapped[list[int] | None] = mapped_column(Json)
    was_swapped: Mapped[bool] = mapped_column(default=False)


class HeritageSite(Item):
    """A relic or landscape; ``title`` is its name, ``body`` its description."""

    __tablename__ = "agency_heritage_site"
    type_name = "heritage_site"

    rank: Mapped[str] = field(
        Choice(RANKS.options), label=_("Rank"), required=True, filter="xep-hang"
    )
    decision: Mapped[str] = field(Citation(80), label=_("Ranking decision"))
    address: Mapped[str] = field(Line(250), label=_("Address"), required=True, search="text")
    place: Mapped[str] = field(Point(), label=_("Place on the map"))
    opening_times: Mapped[str] = field(Line(250), label=_("Opening times"))
    ticket: Mapped[str] = field(Line(250), label=_("Ticket"))
    captions: Mapped[Table] = field(
        Rows((Field(Line(250), _("What the picture shows"), name="caption"),)),
        label=_("Captions"),
        help=_("One line for each attached picture, in the order of the pictures."),
    )


class LeadershipAssignment(Dated, Item):
    """What a leader is in charge of, from when to when; ``title`` is made of post and name."""

    __tablename__ = "agency_leadership_assignment"
    type_name = "leadership_assignment"

    full_name: Mapped[str] = field(
        Line(120), label=_("Full name"), required=True, search="text", personal=True
    )
    position: Mapped[str] = field(
        Choice(POSITIONS.options), label=_("Position in the committee"), required=True
    )
    person: Mapped[int | None] = field(
        Reference("staff_member"), label=_("Entry in the directory"), private=True
    )
    areas: Mapped[Table] = field(
        Rows((Field(Line(250), _("Area of work"), name="area"),)), label=_("In charge of")
    )
    units_in_charge: Mapped[Table] = field(
        Rows((Field(Line(250), _("Unit"), name="unit"),)), label=_("Units followed")
    )
    decision: Mapped[str] = field(Citation(80), label=_("Document that decided it"))
