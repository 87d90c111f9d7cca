"""What can be followed: a site, a section or type of it, a search; and what belongs to it.

A search that is followed is not asked of the search engine. Its words are looked for in each item
as it is announced: all of them, without marks and case, as the engine reads them. An index that
lags behind, is rebuilt or out of order loses nobody any news; and the engine orders by the day of a
document, which may be long before the day on which it was published.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final
from urllib.parse import urlencode

from flask_babel import gettext as _

from hoitu.core import text
from hoitu.core.content import ContentType, Invalid, Item
from hoitu.core.extensions import platform
from hoitu.core.units import Unit
from hoitu.plugins.subscriptions.models import Subscription

#: Names in addresses; beside them stand the filters of a type, none of which is called so.
WORDS, PLACE, SECTION, TYPE = "q", "pham-vi", "chuyen-muc", "kieu"
PROVINCE: Final = "toan-tinh"
#: Longest words that are followed, and longest value of a filter.
LONGEST, LONGEST_VALUE = 200, 100


@dataclass(frozen=True, slots=True)
class Target:
    """What somebody follows on a site; what is empty stands for all."""

    wide: bool = False
    section: str = ""
    type: str = ""
    words: str = ""
    filters: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, followed: Subscription) -> Target:
        """Return what a subscription is of."""
        narrow = followed.section, followed.type, followed.words
        return cls(followed.wide, *narrow, followed.filters)

    @classmethod
    def asked(cls, unit: Unit, arguments: Mapping[str, str]) -> Target:
        """Return what an address asks for; what is unknown or off there is left out."""
        wide = arguments.get(PLACE) == PROVINCE
        kind = platform.types.get(arguments.get(TYPE, ""))
        section = kind.section if kind else arguments.get(SECTION, "")
        if section not in (with_pages() if wide else sections_on(unit)):
            kind, section = None, ""
        return cls(
            wide=wide,
            section=section,
            type=kind.name if kind else "",
            words=text.one_line(arguments.get(WORDS, ""))[:LONGEST].strip(),
            filters=_filters(kind, arguments) if kind else {},
        )

    @property
    def is_narrow(self) -> bool:
        """Say whether it is less than a whole site."""
        return self != Target()

    @property
    def broad(self) -> Target:
        """Return it without words and filters: nothing that somebody typed."""
        return replace(self, words="", filters={})

    def arguments(self) -> dict[str, str]:
        """Return it as parameters of an address; :meth:`asked` understands them."""
        named = {
            WORDS: self.words,
            PLACE: PROVINCE if self.wide else "",
            SECTION: "" if self.type else self.section,
            TYPE: self.type,
            **self.filters,
        }
        return {name: value for name, value in named.items() if value}

    def label(self, unit: Unit, language: str) -> str:
        """Return what is followed in a few words, in the language that is spoken now."""
        today = platform.clock.today()
        place = _("all sites of the province") if self.wide else unit.name(today, language)
        what = f"{self._what(language)}, {place}"
        if self.words:
            return str(_("“%(words)s” in: %(what)s", words=self.words, what=what))
        return what

    def _what(self, language: str) -> str:
        kind = platform.types.get(self.type)
        if kind is None:
            plugin = platform.plugins.get(self.section) if self.section else None
            known = plugin.manifest if plugin else None
            return known.label(language) if known else str(_("Everything new"))
        chosen = [_value_label(kind, name, value) for name, value in self.filters.items()]
        return " - ".join([str(kind.label_plural), *chosen])

    def fits(self, item: Item, unit: Unit) -> bool:
        """Say whether an item of ``unit`` or, if wide, of another one belongs to it."""
        if not (self.wide or item.unit_id == unit.id):
            return False
        if self.section not in ("", item.section) or self.type not in ("", item.type):
            return False
        kind = platform.types[item.type]
        return all(_has(kind, item, *one) for one in self.filters.items()) and self._is_in(item)

    def _is_in(self, item: Item) -> bool:
        wanted = text.words(self.words)
        if not wanted:
            return True
        document = platform.types[item.type].search_document(item)
        key = text.number_key(self.words)
        if key and key == text.number_key(document.number):
            return True
        parts = document.title, document.number, document.summary, document.body
        return set(wanted) <= {word for part in parts for word in text.words(part)}


def with_pages() -> frozenset[str]:
    """Return the sections that publish pages, on whatever site."""
    return frozenset(kind.section for kind in platform.types if kind.is_page)


def sections_on(unit: Unit, language: str = "vi") -> dict[str, str]:
    """Return the sections of a site that publish pages, with their labels."""
    on, publishing = platform.switchboard.sections_on(unit), with_pages()
    return {m.name: m.label(language) for m in on if m.name in publishing}


def address_of_list(target: Target, path: str) -> str:
    """Return a path with the parameters of a target."""
    parameters = urlencode(target.arguments())
    return f"{path}?{parameters}" if parameters else path


def _filters(kind: ContentType, arguments: Mapping[str, str]) -> dict[str, str]:
    """Return the values of filters that can match an item; others would only be repeated."""
    names = [f.filter for f in kind.filters.values()]
    named = {name: text.one_line(arguments.get(name, ""))[:LONGEST_VALUE] for name in names}
    return {name: value for name, value in named.items() if _read(kind, name, value) is not None}


def _has(kind: ContentType, item: Item, name: str, value: str) -> bool:
    """Say whether a field has the value that a filter asks for."""
    attribute = next((a for a, f in kind.filters.items() if f.filter == name), "")
    wanted = _read(kind, name, value)
    return wanted is not None and bool(getattr(item, attribute) == wanted)


def _read(kind: ContentType, name: str, value: str) -> Any:
    """Return the value that a filter asks for; None for none of its field."""
    declared = next((f for f in kind.filters.values() if f.filter == name), None)
    try:
        return declared.kind.from_address(value) if declared else None
    except Invalid:
        return None


def _value_label(kind: ContentType, name: str, value: str) -> str:
    declared: Any = next((f for f in kind.filters.values() if f.filter == name), None)
    label = getattr(declared.kind, "label", None) if declared else None
    return str(label(value)) if label else value
