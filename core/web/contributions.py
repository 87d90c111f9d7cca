"""What plugins contribute to pages: small frozen values, ordered by weight."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class MenuEntry:
    """A heading of the main menu. ``requirement`` hides it while that requirement is off.

    ``under`` is the key of a heading that several sections share (``core/web/data/headings.toml``):
    the entry and its children then stand below that one.
    """

    label: Any
    endpoint: str
    weight: int = 100
    requirement: str | None = None
    children: tuple[MenuEntry, ...] = ()
    arguments: Mapping[str, Any] = field(default_factory=dict)
    under: str = ""


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
    #: Of the home page: `half` shares its row, `large` begins the page with others beside it,
    #: `wide` has a row of its own.
    size: str = "half"


@dataclass(frozen=True, slots=True)
class RichTextEditor:
    """What puts an editor in the place of the desk's text fields for rich text.

    ``scripts`` and ``styles`` are assets, such as ``ckeditor/editor.js``, loaded in this order
    after the desk's own; ``texts`` is what the scripts say, by name, translated.
    """

    scripts: tuple[str, ...]
    styles: tuple[str, ...] = ()
    texts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class HeadTag:
    """A ``<meta>`` or ``<link>`` element of a page's head."""

    tag: str
    attributes: Mapping[str, str]
    weight: int = 100
