"""What the pages of every section tell machines is in the words of schema.org, and true."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from hoitu.core.testing.fixtures import Site
from hoitu.core.testing.markup import Page

SITEMAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
#: The properties of each type, from the vocabulary.
VOCABULARY = json.loads((Path(__file__).parent / "data" / "schemaorg.json").read_text("utf-8"))
TYPES: dict[str, frozenset[str]] = {
    name: frozenset(properties) for name, properties in VOCABULARY["types"].items()
}
#: Terms of the vocabulary that are still pending, and so not in the table.
PENDING = {"sha256"}
#: What search engines do without least (their guides to each type), by type.
NEEDED = {
    "BreadcrumbList": {"itemListElement"},
    "Dataset": {"name", "description", "distribution"},
    "DataDownload": {"contentUrl", "encodingFormat"},
    "Event": {"name", "startDate", "location"},
    "GovernmentOrganization": {"name"},
    "GovernmentService": {"name", "serviceType"},
    "Legislation": {"name", "legislationIdentifier"},
    "NewsArticle": {"headline", "datePublished", "dateModified", "publisher"},
    "Offer": {"price", "priceCurrency"},
    "Person": {"name"},
    "Question": {"name", "answerCount", "acceptedAnswer"},
    "SpecialAnnouncement": {"name", "text", "datePosted"},
    "WebSite": {"url"},
}
#: Addresses are told in full, days and instants so that machines read them.
ADDRESSES = {"url", "contentUrl", "serviceUrl", "sameAs", "logo", "item", "@id"}
INSTANTS = {"datePublished", "dateModified", "datePosted", "startDate", "endDate", "expires"}
DAYS = {"legislationDate", "legislationDateVersion", "lastReviewed", "dateCreated"}
UNITS = ("hue", "phuong-phong-dien", "so-tai-chinh")
#: What the demonstration shows at these units, at least.
SHOWN = {
    "AboutPage", "BreadcrumbList", "CollectionPage", "DataDownload", "Dataset",
    "GovernmentOrganization", "GovernmentService", "Legislation", "NewsArticle", "Person",
    "QAPage", "Question", "WebPage", "WebSite",
}  # fmt: skip

Demo = Callable[..., Site]


def blocks(page: str) -> list[dict[str, Any]]:
    """Return the things that a page tells of."""
    found = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)
    assert len(found) == 1
    return list(json.loads(found[0])["@graph"])


def things(value: Any) -> Iterator[Mapping[str, Any]]:
    """Yield every thing inside a value."""
    if isinstance(value, Mapping):
        if "@type" in value:
            yield value
        for inner in value.values():
            yield from things(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from things(inner)


def faults(thing: Mapping[str, Any]) -> list[str]:
    """Return what is wrong with a thing."""
    kind = thing["@type"]
    if kind not in TYPES:
        return [f"{kind} is no type that the table of this test knows"]
    strange = [
        n
        for n in thing
        if not n.startswith("@") and not n.endswith("-input") and n not in TYPES[kind] | PENDING
    ]
    missing = (
        NEEDED.get(kind, set()) - set(thing) if "@id" not in thing or len(thing) > 2 else set()
    )
    wrong = [f"{kind} has no {n}" for n in sorted(missing)] + [f"{kind}.{n}" for n in strange]
    for name, value in thing.items():
        values = value if isinstance(value, list) else [value]
        for one in values:
            if one in (None, "", [], {}):
                wrong.append(f"{kind}.{name} is empty")
            if name in ADDRESSES and isinstance(one, str) and not re.match("https?://[^/]+/", one):
                wrong.append(f"{kind}.{name} is no full address: {one}")
            if name in INSTANTS and datetime.fromisoformat(one).tzinfo is None:
                wrong.append(f"{kind}.{name} has no zone: {one}")
            if name in DAYS:
                date.fromisoformat(one)
    return wrong


def addresses(site: Site) -> list[str]:
    """Return one address of each kind of page of a site: an item of each list, and the lists."""
    root = ElementTree.fromstring(site.get("/sitemap.xml").data)
    found: dict[str, str] = {}
    for loc in root.iter(SITEMAP + "loc"):
        path = re.sub(r"^https?://[^/]+", "", loc.text or "")
        found.setdefault(re.sub(r"\d+-[^/]*$", "#", path), path)
    return list(found.values())


@pytest.mark.slow
def test_every_kind_of_page_speaks_the_words_of_the_vocabulary(demo: Demo) -> None:
    wrong: dict[str, list[str]] = {}
    shown: set[str] = set()
    for slug in UNITS:
        site = demo(slug)
        for path in addresses(site):
            answer = site.get(path)
            assert answer.status_code == 200, path
            for thing in things(blocks(answer.text)):
                shown.add(thing["@type"])
                if found := faults(thing):
                    wrong.setdefault(f"{slug} {path}", []).extend(found)
    assert wrong == {}
    assert shown >= SHOWN


@pytest.mark.slow
def test_every_item_carries_the_elements_of_dublin_core(demo: Demo) -> None:
    needed = {"title", "creator", "subject", "publisher", "date", "type", "format", "identifier",
              "language", "coverage", "rights"}  # fmt: skip
    site = demo("phuong-phong-dien")
    items = [path for path in addresses(site) if re.search(r"/\d+-", path)]
    assert len(items) > 10
    for path in items:
        page = Page(site.get(path).text)
        metas = {e.get("name"): e.get("content") for e in page.all("meta")}
        told = {n.removeprefix("DC."): c for n, c in metas.items() if n.startswith("DC.")}
        assert needed <= set(told), path
        assert all(told.values()), path
