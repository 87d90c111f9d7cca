"""How long a draft must be open: law as data.

The figures are the catalogue's; ``data/levels.toml`` tells which of its wordings means which level.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from hoitu.core.requirements import Catalogue
from hoitu.core.units import holds
from hoitu.sections.legal_documents.consultations import DraftConsultation
from hoitu.sections.legal_documents.vocabularies import LEVELS


@dataclass(frozen=True, slots=True)
class Period:
    """The least days a draft of a level is open under a regime; None: the law gives no figure."""

    level: str
    regime: str
    min_days: int | None
    valid_from: date | None
    valid_until: date | None
    evidence: str


def periods(catalogue: Catalogue) -> list[Period]:
    """Return the lines of the catalogue's table; '' is the level of a wording nobody knows."""
    named = {wording: level.key for level in LEVELS.terms.values() for wording in level.catalogue}
    found: list[Period] = []
    for line in catalogue.data.get("consultation_periods", ()):
        regime = found[-1].regime if line["regime"] == "same" and found else line["regime"]
        days = [line.get(key) for key in ("valid_from", "valid_to")]
        first, last = (date.fromisoformat(str(day)) if day else None for day in days)
        level, least = named.get(line["doc"], ""), line.get("min_days")
        found.append(Period(level, regime, least, first, last, line.get("evidence", "")))
    return found


def period_of(draft: DraftConsultation, known: Iterable[Period]) -> Period | None:
    """Return the line that holds for a draft on the day it opens; None where no law sets one."""
    level, day = LEVELS.terms.get(draft.level or ""), draft.opens_on
    if level is None or day is None or draft.kind not in level.kinds:
        return None
    return next((p for p in known if p.level == level.key and holds(p, day)), None)
