"""What other laws than the plan make an agency publish (catalogue: ``legal_extras``)."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import partial

from flask_babel import lazy_gettext as _
from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from hoitu.core.clock import local
from hoitu.core.content import (
    Choice,
    Citation,
    Day,
    Email,
    Item,
    Line,
    Moment,
    Number,
    Paragraphs,
    field,
)
from hoitu.sections.transparency.deadlines import due_on
from hoitu.sections.transparency.vocabularies import (
    COMPLEXITIES,
    DELIVERIES,
    DISCLOSURE_KINDS,
    RECEPTION_KINDS,
    SEVERITIES,
)

#: A field of the desk: what a person wrote stays between that person and the unit.
_kept = partial(field, private=True)


class InformationRequest(Item):
    """A request for information and its answer.

    ``title`` is the subject as it may be published and ``body`` the answer; everything the person
    wrote is private.
    """

    __tablename__ = "transparency_request"
    __table_args__ = (Index("ix_transparency_request_code", "unit_id", "code"),)
    type_name = "information_request"

    requester: Mapped[str] = _kept(Line(120), label=_("Full name"), personal=True)
    address: Mapped[str] = _kept(Line(250), label=_("Address"), personal=True)
    phone: Mapped[str] = _kept(Line(30), label=_("Telephone"), personal=True)
    email: Mapped[str] = _kept(Email(120), label=_("E-mail"), personal=True)
    information: Mapped[str] = _kept(
        Paragraphs(4000), label=_("Information that is asked for"), personal=True
    )
    purpose: Mapped[str] = _kept(Paragraphs(1000), label=_("What it is needed for"), personal=True)
    delivery: Mapped[str] = _kept(Choice(DELIVERIES.options), label=_("How to hand it over"))
    complexity: Mapped[str] = _kept(
        Choice(COMPLEXITIES.options), label=_("How much work it is"), default="simple"
    )
    due_on: Mapped[date | None] = _kept(
        Day(),
        label=_("To be answered by"),
        help=_("Filled in from the day of receipt. Empty it after changing how much work it is."),
    )
    #: What the person finds the answer by; nothing else tells who asked.
    code: Mapped[str] = mapped_column(String(9), default="")
    #: Version of the consent text that was accepted.
    consent_version: Mapped[str] = mapped_column(String(40), default="")

    @property
    def received_on(self) -> date:
        """The day on which it came in."""
        return local(self.created_at).date()

    def settle(self) -> None:
        """Fill in by when it is to be answered, unless somebody set another day."""
        # Until somebody writes a subject that can be published, the desk calls it by its code.
        self.title = self.title or self.code or ""
        if self.due_on is None:
            self.due_on = due_on(self.received_on, self.complexity or "simple")

    def is_closed(self) -> bool:
        """Say whether the unit is done with it, in public or in private."""
        return self.state in ("published", "archived")

    def is_overdue(self, day: date) -> bool:
        """Say whether the answer is late and still missing on ``day``."""
        return not self.is_closed() and self.due_on is not None and self.due_on < day


class InformationList(Item):
    """A page that lists what information is public, and what is given on request."""

    type_name = "information_list"


class ContactOfficer(Item):
    """Who speaks for the agency, or gives out its information."""

    __tablename__ = "transparency_officer"
    type_name = "contact_officer"

    full_name: Mapped[str] = field(
        Line(120), label=_("Full name"), required=True, search="text", personal=True
    )
    post: Mapped[str] = field(Line(200), label=_("Post"), required=True, search="text")
    phone: Mapped[str] = field(Line(30), label=_("Telephone"))
    email: Mapped[str] = field(Email(120), label=_("E-mail"))
    since: Mapped[date | None] = field(Day(), label=_("In charge from"))
    until: Mapped[date | None] = field(Day(), label=_("In charge until"))
    decision: Mapped[str] = field(Citation(80), label=_("Appointed by"))

    def holds_on(self, day: date) -> bool:
        """Say whether the person is in charge on ``day``."""
        started = self.since is None or self.since <= day
        return started and (self.until is None or day <= self.until)


class ReceptionDay(Item):
    """A day on which the agency receives citizens."""

    __tablename__ = "transparency_reception"
    type_name = "reception_day"

    kind: Mapped[str] = field(
        Choice(RECEPTION_KINDS.options), label=_("Kind of reception"), required=True, filter="loai"
    )
    starts_at: Mapped[datetime | None] = field(Moment(), label=_("Begins at"), required=True)
    ends_at: Mapped[datetime | None] = field(Moment(), label=_("Ends at"), required=True)
    place: Mapped[str] = field(Line(250), label=_("Place"), required=True, search="text")
    post: Mapped[str] = field(
        Line(200), label=_("Who receives"), required=True, search="text",
        help=_("The post, for example chairperson of the People's Committee."),
    )  # fmt: skip
    official: Mapped[str] = field(Line(120), label=_("Name of the official"), personal=True)
    note: Mapped[str] = field(Paragraphs(1000), label=_("Note"))
    late_reason: Mapped[str] = field(
        Line(250),
        label=_("Why it was announced late"),
        help=_("Only where it is published later than the law allows."),
    )


class DisclosedDocument(Item):
    """A document that is disclosed: a conclusion, a price table, a report on assets, a notice."""

    __tablename__ = "transparency_document"
    type_name = "disclosed_document"

    kind: Mapped[str] = field(
        Choice(DISCLOSURE_KINDS.options), label=_("Kind of content"), required=True, filter="loai"
    )
    number: Mapped[str] = field(Citation(80), label=_("Number and symbol"), search="exact")
    issued_on: Mapped[date | None] = field(Day(), label=_("Date of issue"))
    year: Mapped[int | None] = field(
        Number(1945, 2200), label=_("Year"), help=_("The year it is about.")
    )
    subject: Mapped[str] = field(
        Line(250), label=_("Whom or what it concerns"), search="text",
        help=_("For example the agency that was inspected, or the residential quarter."),
    )  # fmt: skip
    shown_from: Mapped[date | None] = field(Day(), label=_("Posted from"))
    shown_days: Mapped[int | None] = field(Number(1, 3650), label=_("Posted for (days)"))

    @property
    def shown_until(self) -> date | None:
        """The last day of posting; None where no end is set."""
        if self.shown_from is None or self.shown_days is None:
            return None
        return self.shown_from + timedelta(days=self.shown_days - 1)


class RecruitmentNotice(Item):
    """A post that is to be filled."""

    __tablename__ = "transparency_recruitment"
    type_name = "recruitment_notice"

    post: Mapped[str] = field(Line(250), label=_("Post to be filled"), required=True, search="text")
    wanted: Mapped[int | None] = field(
        Number(1, 9999), label=_("How many are wanted"), required=True
    )
    apply_until: Mapped[date | None] = field(Day(), label=_("Apply until"), required=True)
    how_to_apply: Mapped[str] = field(Paragraphs(2000), label=_("How to send an application"))

    def is_open(self, day: date) -> bool:
        """Say whether applications are taken on ``day``."""
        return self.apply_until is not None and day <= self.apply_until


class EmergencyNotice(Item):
    """A warning of an epidemic, a natural disaster or the like; while it holds, on every page."""

    __tablename__ = "transparency_emergency"
    type_name = "emergency_notice"

    severity: Mapped[str] = field(
        Choice(SEVERITIES.options), label=_("Severity"), required=True, filter="muc-do"
    )
    area: Mapped[str] = field(Line(250), label=_("Area"), required=True, search="text")
    starts_at: Mapped[datetime | None] = field(Moment(), label=_("Holds from"), required=True)
    ends_at: Mapped[datetime | None] = field(
        Moment(), label=_("Holds until"), required=True,
        help=_("Afterwards the notice leaves the head of the pages by itself."),
    )  # fmt: skip

    def is_running(self, instant: datetime) -> bool:
        """Say whether the notice holds at an instant."""
        if self.starts_at is None or self.ends_at is None:
            return False
        return self.starts_at <= instant < self.ends_at
