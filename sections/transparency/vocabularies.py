"""Vocabularies of the section, and the texts of consent, read from ``data/*.toml``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hoitu.core.content import Term, Vocabulary
from hoitu.core.privacy import Consents

PACKAGE = "hoitu.sections.transparency"


@dataclass(frozen=True, slots=True)
class Delivery(Term):
    """A way to hand over information; ``needs`` is the contact it cannot do without."""

    needs: str = ""


@dataclass(frozen=True, slots=True)
class DisclosureKind(Term):
    """A kind of disclosed document, the requirement it serves, and the fields it must have."""

    requirement: str
    needs: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Severity(Term):
    """A severity with the tone of its badge and banner."""

    tone: str


COMPLEXITIES = Vocabulary(PACKAGE, "complexities", Term)
DELIVERIES = Vocabulary(PACKAGE, "deliveries", Delivery)
DISCLOSURE_KINDS = Vocabulary(PACKAGE, "disclosure_kinds", DisclosureKind)
RECEPTION_KINDS = Vocabulary(PACKAGE, "reception_kinds", Term)
SEVERITIES = Vocabulary(PACKAGE, "severities", Severity)
CONSENTS = Consents(PACKAGE)
