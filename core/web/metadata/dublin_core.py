"""Dublin Core in the head of pages: what state portals tell of each page (dữ liệu đặc tả).

Which elements are asked for is the catalogue's ``page_metadata``; what a page does not tell is left
out. They follow from the same facts as schema.org, so that the two cannot differ.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from flask_babel import gettext as _

from hoitu.core import text
from hoitu.core.clock import write_instant
from hoitu.core.content import ContentType, Item
from hoitu.core.extensions import platform
from hoitu.core.i18n import LANGUAGES
from hoitu.core.web import translations
from hoitu.core.web.addresses import full, here, item_address, owner_name
from hoitu.core.web.addresses import permanent_address as permanent
from hoitu.core.web.metadata.organisation import territory
from hoitu.core.web.site import active_unit, language, today

#: Elements as (name, content), in order; a name may stand several times.
Elements = list[tuple[str, str]]
#: Properties of schema.org that name who made a thing, the first that is told counts.
_MAKERS = ("author", "legislationPassedBy", "creator", "provider")


def scheme() -> str:
    """Return the address of the vocabulary, which the head declares; '' where none is asked for."""
    return str(_rule().get("scheme", ""))


def of_item(item: Item, kind: ContentType, told: Mapping[str, Any], tongue: str) -> Elements:
    """Return the elements of an item's page; ``told`` is what schema.org is told of it."""
    publisher = owner_name(item, tongue)
    published = item.published_from
    languages = kind.languages(item)
    found = {
        "title": item.title,
        "creator": next((n for m in _MAKERS for n in _names(told.get(m))), publisher),
        "subject": str(kind.requirements.get(item.requirement, kind.label)),
        "description": _description(item, tongue),
        "publisher": publisher,
        "date": write_instant(published) if published else "",
        "type": str(kind.label),
        "format": "text/html",
        "identifier": permanent(item),
        "source": _source(told),
        "language": tongue if tongue in languages else item.language,
        "relation": [item_address(other, other.language) for other in _related(item)],
        "coverage": territory(platform.units.by_id(item.unit_id) or active_unit()),
        "rights": rights(publisher),
    }
    return list(_asked(found))


def _description(item: Item, tongue: str) -> str:
    """Return what a text is about, or how it begins; '' where it is shown in another language."""
    if tongue != item.language:
        return ""
    return text.excerpt(item.summary or text.plain(item.body or ""), 300)


def of_page(title: str, description: str, changed: str = "") -> Elements:
    """Return the elements of a page that is no item: a list, the home page, a site map."""
    name = active_unit().name(today(), language())
    found = {
        "title": title or name,
        "creator": name,
        "description": description,
        "publisher": name,
        "date": changed,
        "type": "Collection",
        "format": "text/html",
        "identifier": here(language()),
        "language": language(),
        "relation": [here(tongue) for tongue in LANGUAGES if tongue != language()],
        "coverage": territory(active_unit()),
        "rights": rights(name),
    }
    return list(_asked(found))


def rights(name: str) -> str:
    """Return the terms of use, as the foot of every page has them."""
    told = _(
        "Please name “%(name)s” as the source when you use information from this site.", name=name
    )
    return str(told)


def _asked(found: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name in _rule().get("elements", ()):
        value = found.get(name) or ()
        for content in [value] if isinstance(value, str) else value:
            if content:
                yield f"DC.{name}", content


def _rule() -> Mapping[str, Any]:
    rule: Mapping[str, Any] = platform.catalogues.on(today()).data.get("page_metadata", {})
    return rule


def _names(told: Any) -> list[str]:
    """Return the names in a property's value: of one thing or of several."""
    things = told if isinstance(told, list) else [told]
    return [thing["name"] for thing in things if isinstance(thing, Mapping) and thing.get("name")]


def _source(told: Mapping[str, Any]) -> str:
    """Return what a text was taken from: its address, or its name where it has none."""
    source = told.get("sameAs") or told.get("isBasedOn")
    if isinstance(source, Mapping):
        source = source.get("url") or source.get("name") or ""
    return full(source) if isinstance(source, str) else ""


def _related(item: Item) -> list[Item]:
    return translations.others(item)
