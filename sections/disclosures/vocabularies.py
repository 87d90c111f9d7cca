"""Vocabularies of disclosures: regimes, kinds of report, triggers of deadlines, forms, groups."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from hoitu.core.content import Term, Vocabulary

PACKAGE = "hoitu.sections.disclosures"


@dataclass(frozen=True, slots=True)
class Regime(Term):
    """Rules under which finance is disclosed; ``applies_to`` names the unit types, '' = all."""

    short: str
    applies_to: str = ""


@dataclass(frozen=True, slots=True)
class Trigger(Term):
    """The day a deadline counts from; ``computed`` = it is the end of the period."""

    computed: bool = False


@dataclass(frozen=True, slots=True)
class ReportKind(Term):
    """What is disclosed once in a budget year, under one regime or several."""

    title: str
    day: str
    optional: bool = False
    triggers: Mapping[str, str] = field(default_factory=dict)

    def day_in(self, year: int) -> date:
        """Return the day before which nothing is due: the end of the period, in most cases."""
        return date.fromisoformat(f"{year:04}-{self.day}")

    def trigger(self, regime: str) -> Trigger | None:
        """Return the trigger under a regime; None where the catalogue has no deadline."""
        return TRIGGERS.terms.get(self.triggers.get(regime, ""))


@dataclass(frozen=True, slots=True)
class FormSet(Term):
    """A set of forms for tables, valid for some budget years."""

    regime: str
    valid_from: int
    evidence: str
    level: str = ""
    valid_until: int | None = None

    def holds_for(self, year: int) -> bool:
        """Say whether tables of a budget year are drawn up in these forms."""
        return self.valid_from <= year and (self.valid_until is None or year <= self.valid_until)


@dataclass(frozen=True, slots=True)
class CorruptionKind(Term):
    """What is disclosed against corruption; ``annual`` = once for every year."""

    annual: bool = False


REGIMES = Vocabulary(PACKAGE, "regimes", Regime)
TRIGGERS = Vocabulary(PACKAGE, "triggers", Trigger)
REPORT_KINDS = Vocabulary(PACKAGE, "report_kinds", ReportKind)
FORMS = Vocabulary(PACKAGE, "forms", FormSet)
CHARTS = Vocabulary(PACKAGE, "charts", Term)
INDICATORS = Vocabulary(PACKAGE, "indicators", Term)
LEVELS = Vocabulary(PACKAGE, "research_levels", Term)
GRADES = Vocabulary(PACKAGE, "research_grades", Term)
CORRUPTION_KINDS = Vocabulary(PACKAGE, "corruption_kinds", CorruptionKind)


def kinds_of(regime: str) -> Sequence[ReportKind]:
    """Return what is disclosed under a regime, in the order of the year."""
    return [kind for kind in REPORT_KINDS.terms.values() if regime in kind.triggers]
