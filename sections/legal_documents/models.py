"""The legal document and its relations.

Fields: the attribute table of the national database of legal documents, reduced to what the plan's
requirements `normative_documents` and `administrative_documents` ask for.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from flask_babel import lazy_gettext as _
from sqlalchemy import ForeignKeyConstraint, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from hoitu.core.content import Choice, Day, Field, Item, Line, RowsAttribute, Url, field
from hoitu.core.db import Base, BigId
from hoitu.core.text import number_key
from hoitu.core.units import UnitScoped
from hoitu.sections.legal_documents.vocabularies import FORCE_STATES, KINDS, RELATIONS


class DocumentRelation(UnitScoped, Base):
    """A relation of a document to another, held here or only named by its number."""

    __tablename__ = "legal_relation"
    __table_args__ = (
        ForeignKeyConstraint(["item_id", "unit_id"], ["item.id", "item.unit_id"]),
        Index("ix_legal_relation_target", "unit_id", "target_key"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    item_id: Mapped[int] = mapped_column(BigId, index=True)
    position: Mapped[int] = mapped_column(default=0)
    relation: Mapped[str] = mapped_column(String(60))
    target_number: Mapped[str] = mapped_column(String(80))
    #: Number without punctuation and marks: finds the target however it was typed.
    target_key: Mapped[str] = mapped_column(String(80))
    note: Mapped[str] = mapped_column(String(250), default="")

    def __init__(self, **values: Any) -> None:
        super().__init__(target_key=number_key(values.get("target_number", "")), **values)


class LegalDocument(Item):
    """A document of the unit, normative or administrative."""

    __tablename__ = "legal_document"
    __table_args__ = (
        Index("ix_legal_document_number", "unit_id", "number_key"),
        Index("ix_legal_document_kind", "unit_id", "kind"),
        Index("ix_legal_document_issued", "unit_id", "issued_on"),
    )
    type_name = "legal_document"

    number: Mapped[str] = field(
        Line(80), label=_("Number and symbol"), required=True, search="exact",
        help=_("As printed, for example 389/KH-UBND."),
    )  # fmt: skip
    number_key: Mapped[str] = mapped_column(String(80), default="")
    kind: Mapped[str] = field(
        Choice(KINDS.options), label=_("Kind of document"), required=True, filter="loai"
    )
    issuer: Mapped[str] = field(
        Line(200), label=_("Issuing body"), required=True, search="text",
        help=_("The body that issued it, under its name of that day, even if it is dissolved."),
    )  # fmt: skip
    signer: Mapped[str] = field(Line(120), label=_("Signed by"), personal=True)
    signer_title: Mapped[str] = field(Line(120), label=_("Position of the signer"))
    issued_on: Mapped[date | None] = field(Day(), label=_("Date of issue"), required=True)
    effective_on: Mapped[date | None] = field(Day(), label=_("In force from"))
    expires_on: Mapped[date | None] = field(Day(), label=_("No longer in force from"))
    force: Mapped[str] = field(
        Choice(FORCE_STATES.options), label=_("Effect, if not told by the dates"),
        help=_("Only where the dates do not tell, for example partly expired."),
    )  # fmt: skip
    source_url: Mapped[str] = field(Url(400), label=_("Official copy"))

    relation_rows: Mapped[list[DocumentRelation]] = relationship(
        order_by=DocumentRelation.position,
        cascade="all, delete-orphan",
        primaryjoin=lambda: LegalDocument.id == DocumentRelation.item_id,
        foreign_keys=[DocumentRelation.item_id],
    )
    relations = RowsAttribute(
        "relation_rows",
        DocumentRelation,
        Field(Choice(RELATIONS.options), _("This document"), name="relation"),
        Field(Line(80), _("Number of the other document"), name="target_number"),
        Field(Line(250), _("Note"), name="note"),
        label=_("Relations"),
        help=_("The other document need not be on this portal."),
    )

    def force_on(self, day: date) -> str:
        """Return the key of the effect state on ``day``: the editor's word, else the dates'."""
        if self.expires_on and self.expires_on <= day:
            return "expired"
        if self.effective_on and day < self.effective_on:
            return "not_yet"
        return self.force or "in_force"
