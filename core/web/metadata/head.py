"""Everything in the head of a page that tells machines of it, in one value for its template."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Flask, request
from markupsafe import Markup
from sqlalchemy.orm import object_session

from hoitu.core.clock import write_instant
from hoitu.core.content import ContentType, Item
from hoitu.core.extensions import platform
from hoitu.core.i18n import DEFAULT, LANGUAGES
from hoitu.core.web import translations
from hoitu.core.web.addresses import (
    full,
    here,
    item_address,
    owner_name,
    permanent_address,
)
from hoitu.core.web.dates import page_dates
from hoitu.core.web.listing import CURSOR, Listing
from hoitu.core.web.menus import Link
from hoitu.core.web.metadata import dublin_core, linked_data
from hoitu.core.web.metadata.organisation import mark
from hoitu.core.web.site import language, now

log = logging.getLogger(__name__)

#: Pages that search engines need not list: what they hold stands elsewhere.
UNLISTED = frozenset({"verification.page"})


@dataclass(frozen=True, slots=True)
class PageMetadata:
    """What a page tells of itself; an empty value is not told."""

    #: The one address of what the page shows; '' on the further pages of a list.
    canonical: str
    #: (language, address) of the versions of the page; none where there is one only.
    alternates: Sequence[tuple[str, str]]
    #: Picture and what it shows, for previews of links.
    image: str
    image_alt: str
    robots: str
    #: Language of the text that is shown, for readers of link previews.
    language: str
    scheme: str
    dublin_core: Sequence[tuple[str, str]]
    linked_data: Markup


def init_app(app: Flask) -> None:
    """Give templates what they tell machines, and remarks on languages."""
    app.jinja_env.globals.update(
        page_metadata=page_metadata,
        permanent_address=permanent_address,
        owner_name=owner_name,
        only_in=translations.only_in,
        page_dates=page_dates,
    )


def page_metadata(
    item: Item | None,
    crumbs: Sequence[Link] | None,
    listing: Listing | None,
    description: str,
    data_path: str = "",
) -> PageMetadata:
    """Return what the present page tells: of an item, a list, or another page of the site.

    Of an item that is not public, as in a preview, nothing is told.
    """
    way = list(crumbs or ())
    if item is not None:
        kind = platform.types.get(item.type)
        if kind is None or not _is_public(item):
            return PageMetadata("", (), mark(), "", "noindex", item.language, "", (), Markup())
        return _of_item(item, kind, way, data_path)
    return _of_page(way, listing, description)


def _of_item(item: Item, kind: ContentType, way: list[Link], data_path: str) -> PageMetadata:
    versions = translations.versions(item, kind)
    own = kind.languages(item)
    tongue = language() if language() in own else item.language
    addresses = {name: item_address(versions[name], name) for name in LANGUAGES if name in versions}
    told = described(kind, item)
    image = told.get("image")
    picture = image if isinstance(image, Mapping) else {"contentUrl": image or ""}
    canonical = item_address(item, tongue)
    nodes = linked_data.of_item(item, kind, told, tongue, data_path)
    return PageMetadata(
        canonical=canonical,
        alternates=_alternates(addresses),
        image=full(str(picture.get("contentUrl", ""))) or mark(),
        image_alt=str(picture.get("caption", "")),
        robots="",
        language=tongue,
        scheme=dublin_core.scheme(),
        dublin_core=dublin_core.of_item(item, kind, told, tongue),
        linked_data=linked_data.block([*nodes, *linked_data.breadcrumb(way, canonical)]),
    )


def _of_page(way: list[Link], listing: Listing | None, description: str) -> PageMetadata:
    title = way[-1].label if way else ""
    instant = listing.changed_at if listing else None
    changed = write_instant(instant) if instant else ""
    if request.endpoint == "home.index":
        nodes = linked_data.home()
    elif listing is not None:
        nodes = linked_data.of_list(listing, title, changed)
    else:
        nodes = linked_data.of_page(title)
    if further := bool(request.args.get(CURSOR)):
        # A further page of a list has no address that lasts, and is not the first one.
        nodes = []
    return PageMetadata(
        canonical="" if further else here(language()),
        alternates=() if further else _alternates({name: here(name) for name in LANGUAGES}),
        image=mark(),
        image_alt="",
        robots="noindex" if request.endpoint in UNLISTED else "",
        language=language(),
        scheme=dublin_core.scheme(),
        dublin_core=dublin_core.of_page(title, description, changed),
        linked_data=linked_data.block([*nodes, *linked_data.breadcrumb(way, here(language()))]),
    )


def described(kind: ContentType, item: Item) -> Mapping[str, Any]:
    """Return what a type tells of an item; a page must not fail for it."""
    try:
        told = kind.describe(item)
        return told if told.get("@type") else {**told, "@type": "WebPage"}
    except Exception:
        log.exception("%s %s cannot be described", kind.name, item.id)
        return {"@type": "WebPage"}


def _alternates(addresses: Mapping[str, str]) -> list[tuple[str, str]]:
    if len(addresses) < 2:
        return []
    first = addresses.get(DEFAULT) or next(iter(addresses.values()))
    return [*addresses.items(), ("x-default", first)]


def _is_public(item: Item) -> bool:
    if object_session(item) is None and item.draft_id is not None:
        # The version that waits behind a public item, in a preview.
        return False
    return item.is_public_at(now())
