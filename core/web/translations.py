"""Languages of items: which version a visitor reads, and what is told where there is only another.

Under ``/en`` lists show the English version of an item where it has one, and the Vietnamese one
otherwise, marked as such. Each version has one address: the others lead to it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from flask import g

from hoitu.core.content import ContentType, Item, queries
from hoitu.core.extensions import platform, session
from hoitu.core.i18n import NAMES
from hoitu.core.web.site import active_unit, language, now
from hoitu.core.web.visibility import is_shown

T = TypeVar("T", bound=Item)


@dataclass(frozen=True, slots=True)
class OnlyIn:
    """An item that cannot be read in the language of the page."""

    #: The language it is in, and its name in the language of the page.
    language: str
    name: Any


def in_language(items: Sequence[T]) -> list[T]:
    """Return items, each in its version of the language of the request where that is public.

    One statement, if any of them has a translation.
    """
    return queries.translated(session(), items, language(), now(), shown=is_shown)


def once(items: Iterable[T]) -> list[T]:
    """Return items without those whose version in the language of the request is among them."""
    found = list(items)
    read = {item.original_id for item in found if item.language == language()} - {None}
    return [i for i in found if i.language == language() or i.original_id not in read]


def others(item: Item) -> list[Item]:
    """Return the public versions of an item in other languages: one statement, if any is linked."""
    found: dict[int, list[Item]] = g.setdefault("hoitu_versions", {})
    if item.id not in found:
        names = [kind.name for kind in platform.types]
        linked = queries.versions_of(session(), item, now(), types=names)
        found[item.id] = [other for other in linked if is_shown(other)]
    return found[item.id]


def versions(item: Item, kind: ContentType) -> Mapping[str, Item]:
    """Return the languages in which what an item says can be read, and the item to read."""
    return {
        **{other.language: other for other in others(item)},
        **dict.fromkeys(kind.languages(item), item),
    }


def instead(item: Item, kind: ContentType) -> Item | None:
    """Return the version that answers in place of an item of this site in the present language.

    None where the item itself does: it can be read in that language, or nothing else can.
    """
    if item.unit_id != active_unit().id or language() in kind.languages(item):
        return None
    return next((other for other in others(item) if other.language == language()), None)


def only_in(item: Item) -> OnlyIn | None:
    """Return what a page tells of an item that is in another language than the page, or None."""
    kind = platform.types.get(item.type)
    if kind is None or language() in kind.languages(item):
        return None
    return OnlyIn(item.language, NAMES[item.language])
