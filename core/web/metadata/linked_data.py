"""schema.org: what a page is about, as JSON-LD in a data block of its head.

A data block is not run; the policy ``script-src 'self'`` leaves it alone. What stands in it comes
from editors and visitors, so it is escaped as text inside ``<script>`` has to be.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import Any, Final

from flask import url_for
from jinja2.utils import htmlsafe_json_dumps
from markupsafe import Markup

from hoitu.core import text
from hoitu.core.clock import write_instant
from hoitu.core.content import ContentType, File, Item
from hoitu.core.extensions import platform
from hoitu.core.web.addresses import full, here, item_address, origin, permanent_address
from hoitu.core.web.files import path_of
from hoitu.core.web.listing import Listing
from hoitu.core.web.menus import Link
from hoitu.core.web.metadata.organisation import Node, organisation, reference
from hoitu.core.web.site import active_unit, address_of, language

VOCABULARY: Final = "https://schema.org"
#: Kinds of works: they have a language, days and files; other things have not.
WORKS: Final = frozenset({
    "Article", "CreativeWork", "Dataset", "DigitalDocument", "Guide", "Legislation", "Map",
    "NewsArticle", "Report", "SpecialAnnouncement",
})  # fmt: skip
#: Kinds of pages, for which the page itself is told more of and nothing else.
PAGES: Final = frozenset({"WebPage", "AboutPage", "CollectionPage", "ContactPage", "FAQPage"})
#: Kinds of things that have a kind of page of their own.
_PAGE_OF: Final = {"Question": "QAPage", "Person": "ProfilePage"}
#: Properties that hold addresses: paths among them are completed.
_ADDRESSES: Final = frozenset({
    "url", "contentUrl", "serviceUrl", "sameAs", "image", "isBasedOn", "codeRepository",
})  # fmt: skip


def block(nodes: Iterable[Mapping[str, Any]]) -> Markup:
    """Return things as the text of a data block."""
    graph = {"@context": VOCABULARY, "@graph": [_complete(node) for node in nodes]}
    return htmlsafe_json_dumps(graph, dumps=partial(json.dumps, ensure_ascii=False))


def home() -> list[Node]:
    """Return the unit and its site, with its search."""
    own, target = organisation(), full(url_for("search.results"))
    search = {
        "@type": "SearchAction",
        "target": {"@type": "EntryPoint", "urlTemplate": f"{target}?q={{words}}"},
        "query-input": "required name=words",
    }
    site = {**_site(), "publisher": {"@id": own["@id"]}, "potentialAction": search}
    return [own, {**site, "name": own["name"], "inLanguage": language()}]


def of_item(
    item: Item, kind: ContentType, told: Mapping[str, Any], tongue: str, data_path: str
) -> list[Node]:
    """Return the page of an item and what it is about.

    ``told`` is what its type says of it, ``tongue`` the language of the text that is shown.
    """
    address = item_address(item, tongue)
    owner = platform.units.by_id(item.unit_id) or active_unit()
    page: Node = {
        "@type": "WebPage",
        "@id": address,
        "url": address,
        "name": item.title,
        "inLanguage": tongue,
        "datePublished": _instant(item.published_from),
        "dateModified": _instant(item.revised_at or item.sort_at),
        "lastReviewed": item.reviewed_on.isoformat() if item.reviewed_on else None,
        "publisher": reference(owner),
        "isPartOf": _site(),
        "breadcrumb": {"@id": f"{address}#duong-dan"},
    }
    about = str(told["@type"])
    if about in PAGES:
        return [{**page, "description": _summary(item, tongue), **told}]
    thing = {
        **_thing(item, address, tongue),
        **(_work(item, page, about) if about in WORKS else {}),
    }
    if about == "Dataset":
        thing["distribution"] = _downloads(item, data_path)
    page["@type"] = _PAGE_OF.get(about, "WebPage")
    return [{**page, "mainEntity": {"@id": thing["@id"]}}, {**thing, **told}]


def of_list(found: Listing, title: str, changed: str) -> list[Node]:
    """Return a list and the lines of it that are shown."""
    address = here(language())
    lines = [
        {"@type": "ListItem", "position": n, "url": full(address_of(item)), "name": item.title}
        for n, item in enumerate(found.items, start=1)
        if found.kind.is_page
    ]
    return [{
        **of_page(title)[0],
        "@type": "CollectionPage",
        "dateModified": changed,
        "mainEntity": {"@type": "ItemList", "@id": f"{address}#danh-sach",
                       "numberOfItems": len(lines), "itemListElement": lines},
    }]  # fmt: skip


def of_page(title: str) -> list[Node]:
    """Return a page of the site that is neither an item nor a list."""
    address = here(language())
    return [{
        "@type": "WebPage", "@id": address, "url": address, "name": title,
        "inLanguage": language(), "isPartOf": _site(), "publisher": reference(active_unit()),
        "breadcrumb": {"@id": f"{address}#duong-dan"},
    }]  # fmt: skip


def breadcrumb(crumbs: Sequence[Link], address: str) -> list[Node]:
    """Return the way from the home page to the present one; nothing where there is none."""
    if len(crumbs) < 2:
        return []
    steps = [
        {"@type": "ListItem", "position": n, "name": link.label, "item": full(link.path)}
        for n, link in enumerate(crumbs[:-1], start=1)
    ]
    # The last one is the page itself.
    last = {"@type": "ListItem", "position": len(crumbs), "name": crumbs[-1].label}
    way = {"@type": "BreadcrumbList", "@id": f"{address}#duong-dan"}
    return [{**way, "itemListElement": [*steps, last]}]


def _summary(item: Item, tongue: str) -> str | None:
    """Return what an item is about, unless its text is shown in another language."""
    return text.excerpt(item.summary, 300) if item.summary and tongue == item.language else None


def _thing(item: Item, address: str, tongue: str) -> Node:
    return {
        "@id": f"{address}#noi-dung",
        "name": item.title,
        "description": _summary(item, tongue),
        "url": address,
        "identifier": permanent_address(item),
        "mainEntityOfPage": {"@id": address},
    }


def _work(item: Item, page: Node, about: str) -> Node:
    shared = ("inLanguage", "datePublished", "dateModified", "publisher")
    files = [row.file for row in item.attachment_rows]
    attached = [_file(file, "MediaObject") for file in files] if about != "Dataset" else []
    return {**{name: page[name] for name in shared}, "associatedMedia": attached}


def _downloads(item: Item, data_path: str) -> list[Node]:
    found = [_file(row.file, "DataDownload") for row in item.attachment_rows]
    if data_path:
        found.append({
            "@type": "DataDownload", "encodingFormat": "application/json", "contentUrl": data_path,
        })  # fmt: skip
    return found


def _file(file: File, kind: str) -> Node:
    return {
        "@type": kind,
        "name": file.name,
        "contentUrl": path_of(file),
        "encodingFormat": file.media_type,
        "contentSize": f"{file.size} B",
        "sha256": file.sha256,
    }


def _site() -> Node:
    return {"@type": "WebSite", "@id": f"{origin()}/#trang", "url": f"{origin()}/"}


def _instant(instant: Any) -> str | None:
    return write_instant(instant) if instant else None


def _complete(value: Any, name: str = "") -> Any:
    """Return a value without what is empty, its addresses in full, labels as text."""
    if isinstance(value, Mapping):
        told = {n: _complete(v, n) for n, v in value.items()}
        return {n: v for n, v in told.items() if v not in (None, "", [], {})}
    if isinstance(value, list | tuple):
        return [_complete(entry, name) for entry in value]
    if value is None or isinstance(value, bool | int | float):
        return value
    return full(str(value)) if name in _ADDRESSES else str(value)
