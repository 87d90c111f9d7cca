"""Guidance on the law, and policies people may benefit from (catalogue: group c)."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask_babel import lazy_gettext as _
from sqlalchemy.orm import Mapped

from hoitu.core.content import Choice, Citation, Day, Field, Item, Line, Paragraphs, Rows, field
from hoitu.sections.guidance.vocabularies import AUDIENCES

#: Documents an entry rests on, by number; each is linked where this portal holds it.
DOCUMENTS = Rows(
    (
        Field(Citation(80), _("Number and symbol"), name="number"),
        Field(Line(250), _("What it is about"), name="about"),
    )
)


class GuidanceArticle(Item):
    """An article that explains the law to those it concerns."""

    __tablename__ = "guidance_article"
    type_name = "guidance_article"

    audience: Mapped[str] = field(
        Choice(AUDIENCES.options), label=_("For whom"), required=True, filter="doi-tuong"
    )
    topic: Mapped[str] = field(Line(120), label=_("Field of work"), search="text")
    documents: Mapped[list[dict[str, Any]]] = field(DOCUMENTS, label=_("Documents explained"))


class Policy(Item):
    """A policy or regime: who gets what, on which conditions, from when to when."""

    __tablename__ = "guidance_policy"
    type_name = "policy"

    audience: Mapped[str] = field(
        Choice(AUDIENCES.options), label=_("For whom"), required=True, filter="doi-tuong"
    )
    beneficiaries: Mapped[str] = field(
        Paragraphs(2000), label=_("Beneficiaries"), required=True, search="text"
    )
    benefit: Mapped[str] = field(
        Paragraphs(2000), label=_("What they get"), required=True, search="text"
    )
    conditions: Mapped[str] = field(Paragraphs(4000), label=_("Conditions"), search="text")
    how_to_apply: Mapped[str] = field(Paragraphs(2000), label=_("How to apply"))
    valid_from: Mapped[date | None] = field(Day(), label=_("Applies from"))
    valid_until: Mapped[date | None] = field(
        Day(), label=_("Applies until"), help=_("The last day; empty while no end is decided.")
    )
    documents: Mapped[list[dict[str, Any]]] = field(DOCUMENTS, label=_("Documents it rests on"))

    def applies_on(self, day: date) -> bool:
        """Say whether the policy applies on ``day``."""
        started = self.valid_from is None or self.valid_from <= day
        return started and (self.valid_until is None or day <= self.valid_until)
