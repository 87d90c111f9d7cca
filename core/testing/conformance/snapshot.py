"""A prepared instance: what is in it, by which words it is known, and what could not be made."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hoitu.core.testing.conformance.installed import PortalPlugin

HERE, THERE, EMPTY = "mot", "hai", "ba"
#: What texts of a unit hold, and no text of another.
MARKS = {HERE: "Anbinhx", THERE: "Zbimatz"}
#: What texts hold that are not published, at whatever unit.
DRAFT_MARK = "Qnhapvk"


@dataclass(frozen=True)
class Sample:
    """An item as it was made: its id, slug and columns."""

    id: int
    slug: str
    type: str
    requirement: str
    columns: dict[str, Any]
    #: Texts of fields that no visitor may see.
    private: tuple[str, ...] = ()


@dataclass
class Snapshot:
    """The prepared instance; each trial runs on a copy."""

    plugin: PortalPlugin
    folder: Path
    url: str
    #: Why the plugin cannot be tried at all.
    failure: str = ""
    #: By unit.
    samples: dict[str, list[Sample]] = field(default_factory=dict)
    drafts: dict[str, list[Sample]] = field(default_factory=dict)
    words: dict[str, set[str]] = field(default_factory=dict)
    files: dict[str, set[int]] = field(default_factory=dict)
    #: Why there is no sample of a type for a requirement.
    missing: dict[tuple[str, str], str] = field(default_factory=dict)
