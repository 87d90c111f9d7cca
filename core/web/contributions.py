"""What plugins contribute to pages: small frozen values, ordered by weight."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class MenuEntry:
    """A heading of the main menu. ``requirement`` hides it while that requirement is off."""

    label: Any
    endpoint: str
    weight: int = 100
    requirement: str | None = None
    children: tuple[MenuEntry, ...] = ()
    arguments: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Panel:
    """A block of the home page, a slot or the desk: a template and its values."""

    name: str
    title: Any
    template: str
    values: Mapping[str, Any] = field(default_factory=dict)
    weight: int = 100
    #: Where "all of these" leads; empty = nowhere.
    more: str = ""
    #: `main` fills the wide column, `side` the narrow one.
    place: str = "main"


@dataclass(frozen=True, slots=True)
class HeadTag:
    """A ``<meta>`` or ``<link>`` element of a page's head."""

    tag: str
    attributes: Mapping[str, str]
    weight: int = 100
