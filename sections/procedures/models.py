"""Procedures, mirrored from the national database, and the online services for them.

Fields: the record of the national portal (catalogue: procedure_fields). What a unit adds of its own
is the local note; it survives every refresh.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext as _
from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from hoitu.core.content import (
    Amount,
    Choice,
    Citation,
    Field,
    Item,
    Line,
    Number,
    Paragraphs,
    RichText,
    Rows,
    Url,
    field,
)
from hoitu.core.db import Base
from hoitu.core.units import UnitScoped
from hoitu.sections.procedures.vocabularies import (
    AUDIENCES,
    FIELDS,
    LEVELS,
    LIFE_EVENTS,
    METHODS,
    SERVICE_LEVELS,
    TIME_UNITS,
    OpenChoice,
)

STEPS = Rows(
    (
        Field(Line(250), _("Step"), name="name"),
        Field(Paragraphs(20_000), _("What happens"), name="description"),
    )
)
WAYS = Rows(
    (
        Field(OpenChoice(METHODS.options), _("Way of filing"), name="method"),
        Field(Number(0, 10_000), _("Time limit"), name="time"),
        Field(OpenChoice(TIME_UNITS.options), _("Unit of time"), name="time_unit"),
        Field(Amount(), _("Fee"), name="fee"),
        Field(Paragraphs(4000), _("About the fee"), name="fee_note"),
        Field(Paragraphs(4000), _("Note"), name="note"),
    )
)
DOSSIER = Rows(
    (
        Field(Line(500), _("Case"), name="case"),
        Field(Paragraphs(4000), _("Paper"), name="name"),
        Field(Number(0, 100), _("Originals"), name="originals"),
        Field(Number(0, 100), _("Copies"), name="copies"),
        Field(Line(400), _("Form"), name="form"),
    )
)
RESULTS = Rows(
    (
        Field(Paragraphs(2000), _("Result"), name="name"),
        Field(Line(60), _("Code of the result"), name="code"),
    )
)
BASES = Rows(
    (
        Field(Citation(120), _("Number and symbol"), name="number"),
        Field(Paragraphs(2000), _("What it is about"), name="name"),
    )
)
RELATED = Rows(
    (
        Field(Line(60), _("Code of the procedure"), name="code"),
        Field(Line(500), _("Procedure"), name="name"),
    )
)


class Procedure(Item):
    """An administrative procedure; ``title`` is its name, ``summary`` its description."""

    __tablename__ = "procedures_procedure"
    __table_args__ = (Index("ix_procedures_procedure_code", "unit_id", "code_key"),)
    type_name = "procedure"

    code: Mapped[str] = field(
        Line(40), label=_("Code of the procedure"), required=True, search="exact",
        help=_("National code, for example 1.001234."),
    )  # fmt: skip
    code_key: Mapped[str] = mapped_column(String(40), default="")
    level: Mapped[str] = field(
        Choice(LEVELS.options), label=_("Level that settles it"), required=True, filter="cap"
    )
    field_name: Mapped[str] = field(
        Line(250), label=_("Field of work"), search="text", required=True
    )
    field_group: Mapped[str] = field(
        Choice(FIELDS.options), label=_("Group of fields"), filter="linh-vuc",
        help=_("Left empty, it follows from the field of work."),
    )  # fmt: skip
    decision: Mapped[str] = field(Citation(120), label=_("Decision announcing it"))
    subjects: Mapped[str] = field(Paragraphs(2000), label=_("Who may use it"))
    audience: Mapped[str] = field(
        Choice(AUDIENCES.options), label=_("For whom"), filter="doi-tuong",
        help=_("Left empty, it follows from who may use it."),
    )  # fmt: skip
    steps: Mapped[list[dict[str, Any]]] = field(STEPS, label=_("Steps"))
    ways: Mapped[list[dict[str, Any]]] = field(WAYS, label=_("Ways of filing, time and fee"))
    dossier: Mapped[list[dict[str, Any]]] = field(DOSSIER, label=_("Dossier"))
    executing: Mapped[str] = field(Paragraphs(1000), label=_("Executing body"), required=True)
    authority: Mapped[str] = field(Paragraphs(1000), label=_("Body with the authority"))
    authorised: Mapped[str] = field(Paragraphs(1000), label=_("Authorised body"))
    coordinating: Mapped[str] = field(Paragraphs(1000), label=_("Coordinating bodies"))
    receiving: Mapped[str] = field(Paragraphs(2000), label=_("Where to file"))
    results: Mapped[list[dict[str, Any]]] = field(RESULTS, label=_("Results"))
    conditions: Mapped[str] = field(Paragraphs(), label=_("Requirements and conditions"))
    bases: Mapped[list[dict[str, Any]]] = field(BASES, label=_("Legal bases"))
    keywords: Mapped[str] = field(Line(1000), label=_("Keywords"), search="text")
    related: Mapped[list[dict[str, Any]]] = field(RELATED, label=_("Related procedures"))
    local_note: Mapped[str] = field(
        RichText(), label=_("Note of this agency"), deferred=True,
        help=_("Stays when the record is refreshed from the national database."),
    )  # fmt: skip


class OnlineService(Item):
    """An online service; the dossier is filed on the National Public Service Portal."""

    __tablename__ = "procedures_service"
    __table_args__ = (Index("ix_procedures_service_code", "unit_id", "code_key"),)
    type_name = "online_service"

    code: Mapped[str] = field(
        Line(40), label=_("Code of the procedure"), required=True, search="exact"
    )
    code_key: Mapped[str] = mapped_column(String(40), default="")
    service_level: Mapped[str] = field(
        OpenChoice(SERVICE_LEVELS.options), label=_("Service level"), required=True, filter="muc"
    )
    deep_link: Mapped[str] = field(
        Url(600), label=_("Address on the National Public Service Portal"), required=True
    )
    field_name: Mapped[str] = field(Line(250), label=_("Field of work"), search="text")
    field_group: Mapped[str] = field(
        Choice(FIELDS.options), label=_("Group of fields"), filter="linh-vuc",
        help=_("Left empty, it follows from the field of work."),
    )  # fmt: skip
    audience: Mapped[str] = field(
        Choice(AUDIENCES.options), label=_("For whom"), required=True, filter="doi-tuong"
    )
    life_event: Mapped[str] = field(
        Choice(LIFE_EVENTS.options), label=_("Event of life"), filter="su-kien"
    )
    processing: Mapped[str] = field(Line(250), label=_("Time to settle it"))


class ProcedureSource(UnitScoped, Base):
    """Where a mirrored procedure came from, and when it was last compared with its source.

    Kept beside the item: comparing daily must not look like editing daily.
    """

    __tablename__ = "procedures_source"

    unit_id: Mapped[int] = mapped_column(primary_key=True)
    code_key: Mapped[str] = mapped_column(String(40), primary_key=True)
    source: Mapped[str] = mapped_column(String(400))
    source_hash: Mapped[str] = mapped_column(String(64))
    fetched_at: Mapped[datetime]
