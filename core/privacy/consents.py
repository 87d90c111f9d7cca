"""Texts of consent: dated data of a package, of which the version somebody accepted is kept.

``data/consents.toml`` of a section holds ``[[consent]]`` tables. A text in use is never changed: a
new one with a later day is added, so that everybody can be shown what they agreed to.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Final

from flask_babel import lazy_gettext as _

from hoitu.core.content import Field, Flag
from hoitu.core.package_data import package_data

#: The tick by which somebody agrees; it is not kept, the version of the text is.
AGREES: Final = Field(Flag(), _("I agree to this use of my data"), name="agrees")


@dataclass(frozen=True, slots=True)
class Consent:
    """One version of what a person agrees to, for one purpose."""

    version: str
    valid_from: date
    vi: str
    en: str
    basis: str
    evidence: str
    #: What is agreed to, where a package asks for several things; '' = the one there is.
    purpose: str = ""

    def wording(self, language: str) -> str:
        """Return the text in a language."""
        return (self.en if language == "en" else self.vi).strip()


class Consents:
    """The texts of one package; read once, when first asked for."""

    def __init__(self, package: str, name: str = "consents") -> None:
        self._package, self._name = package, name

    @cached_property
    def all(self) -> Sequence[Consent]:
        """Every version, oldest first."""
        found = (Consent(**e) for e in package_data(self._package, self._name)["consent"])
        return sorted(found, key=lambda consent: consent.valid_from)

    def on(self, day: date, purpose: str = "") -> Consent:
        """Return the text in use on ``day``; before the first, the first.

        :raises LookupError: there is none for the purpose.
        """
        of_purpose = [consent for consent in self.all if consent.purpose == purpose]
        if not of_purpose:
            raise LookupError(f"{self._package} has no text of consent for {purpose!r}")
        return next((c for c in reversed(of_purpose) if c.valid_from <= day), of_purpose[0])

    def accepted(self, version: str) -> Consent | None:
        """Return the text somebody accepted, by the version that was kept; None for none."""
        return next((consent for consent in self.all if consent.version == version), None)
