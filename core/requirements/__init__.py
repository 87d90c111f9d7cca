"""The legal catalogue as dated data: what each type of unit must publish, and on what basis."""

from __future__ import annotations

from hoitu.core.requirements.catalogue import (
    Catalogue,
    Catalogues,
    LegalBasis,
    Requirement,
    SectionGroup,
    UnitType,
)

__all__ = ["Catalogue", "Catalogues", "LegalBasis", "Requirement", "SectionGroup", "UnitType"]
