"""Vocabularies of plans, master plans and projects."""

from __future__ import annotations

from dataclasses import dataclass

from hoitu.core.content import Term, Vocabulary


@dataclass(frozen=True, slots=True)
class PlanKind(Term):
    """A kind of plan; one of a single year has no last year."""

    is_yearly: bool = False


@dataclass(frozen=True, slots=True)
class Status(Term):
    """A status of a project; ``tone`` is that of its badge."""

    tone: str = ""


_PACKAGE = "hoitu.sections.plans"

PLAN_KINDS = Vocabulary(_PACKAGE, "plan_kinds", PlanKind)
MASTER_PLAN_FIELDS = Vocabulary(_PACKAGE, "master_plan_fields", Term)
PROJECT_GROUPS = Vocabulary(_PACKAGE, "project_groups", Term)
CAPITAL_SOURCES = Vocabulary(_PACKAGE, "capital_sources", Term)
PROJECT_STATUSES = Vocabulary(_PACKAGE, "project_statuses", Status)
