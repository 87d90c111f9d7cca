"""Laws on personal data, by the keys of the catalogue: a new decree is a new entry there."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from hoitu.core.extensions import platform
from hoitu.core.requirements import Catalogue

#: The law as a whole, the notice of a breach, and that of an incident of security.
PROTECTION, BREACH = "personal_data_protection", "personal_data_breach"
INCIDENT = "information_security_incident"
_EVIDENCE: Final = re.compile(r"\s*[(\[](?:secondary|unverified|read|design)\b[^()\[\]]*[)\]]")


def reference(key: str, day: date) -> str:
    """Return the acts behind a key of the catalogue on a day; '' for a key it does not know.

    What the catalogue says of how well it knows them is for its keepers, not for readers.
    """
    catalogue = platform.catalogues.on(day)
    if key in (found := _laws(catalogue, day)):
        return _read(str(found[key]["ref"]))
    duty = catalogue.duties.get(key)
    return _read("; ".join(basis.ref for basis in duty.current_basis())) if duty else ""


def _read(ref: str) -> str:
    return _EVIDENCE.sub("", ref).strip()


def is_known(key: str, day: date) -> bool:
    """Say whether the catalogue of a day has a key."""
    catalogue = platform.catalogues.on(day)
    return key in _laws(catalogue, day) or key in catalogue.duties


def hours(key: str, day: date) -> int:
    """Return within how many hours a law wants to be told, as of a day."""
    return int(_laws(platform.catalogues.on(day), day)[key]["hours"])


def _laws(catalogue: Catalogue, day: date) -> Mapping[str, Mapping[str, Any]]:
    """Return of each key the last act in force on a day; before the first, the first."""
    found: dict[str, Mapping[str, Any]] = {}
    entries = catalogue.data.get("personal_data_laws", ())
    for entry in sorted(entries, key=lambda entry: str(entry["valid_from"])):
        if entry["id"] not in found or str(entry["valid_from"]) <= day.isoformat():
            found[entry["id"]] = entry
    return found
