"""The main menu: what the sections contribute, in the order the unit chose.

Several sections may share a heading: ``data/headings.toml`` names those that every portal has. A
unit may put headings in another order and leave some out, but none under which the law demands
something of it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache

from flask import g, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext

from hoitu.core.extensions import platform
from hoitu.core.package_data import package_data
from hoitu.core.settings import setting
from hoitu.core.units import Source
from hoitu.core.web.contributions import MenuEntry
from hoitu.core.web.ordering import in_order
from hoitu.core.web.site import kept, language

#: Owner of these settings in the registry.
NAME = "core.menu"


@dataclass(frozen=True)
class MenuOrder:
    """Keys of headings (:func:`heading_key`), one a line."""

    order: str = setting("", label=lazy_gettext("Order of the headings"))
    left_out: str = setting("", label=lazy_gettext("Headings left out"))


@dataclass(frozen=True, slots=True)
class Link:
    """A link of the menu or breadcrumb."""

    label: str
    path: str
    children: tuple[Link, ...] = ()
    current: bool = False


@dataclass(frozen=True, slots=True)
class Shared:
    """A heading under which entries of several sections stand."""

    weight: int
    vi: str
    en: str


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading of the menu as the unit's administrator sees it."""

    key: str
    link: Link
    #: Whether the law demands something of the unit that stands under it.
    demanded: bool
    left_out: bool


def menu() -> list[Link]:
    """Return the main menu of the active unit."""

    def links() -> list[Link]:
        shown = [heading.link for heading in headings() if not heading.left_out]
        home, map_ = _("Home"), _("Site map")
        return [
            Link(home, url_for("home.index")), *shown, Link(map_, url_for("sitemap.page"))
        ]  # fmt: skip

    return kept("menu", links)


def every_heading() -> list[Link]:
    """Return the menu with the headings the unit left out, for the page that lists all of them."""
    return [Link(_("Home"), url_for("home.index")), *(heading.link for heading in headings())]


def menu_place() -> str:
    """Return the path of the deepest menu link at or above the present page, or ''."""
    here = f"{request.script_root}{request.path}/"
    links = [found for link in menu() for found in (link, *link.children)]
    above = (link.path for link in links if here.startswith(f"{link.path.rstrip('/')}/"))
    home = url_for("home.index")
    return max((path for path in above if path != home or here == f"{path}/"), key=len, default="")


def headings() -> list[Heading]:
    """Return every heading of the active unit, in its order, with those it left out."""
    chosen = platform.settings.of(MenuOrder, g.unit)
    left_out = frozenset(chosen.left_out.split())
    below: dict[str, list[MenuEntry]] = defaultdict(list)
    by_weight: list[tuple[int, str, list[MenuEntry]]] = []
    for entry in platform.hooks.menu_entries(g.unit):
        if entry.under in shared_headings():
            below[entry.under].append(entry)
        else:
            by_weight.append((entry.weight, "", [entry]))
    for key, shared in shared_headings().items():
        by_weight.append((shared.weight, key, below[key]))
    by_weight.sort(key=lambda group: group[0])
    found = (_heading(key, entries, left_out) for _weight, key, entries in by_weight)
    return in_order(filter(None, found), lambda heading: heading.key, chosen.order.split())


@cache
def shared_headings() -> Mapping[str, Shared]:
    """Return the headings that sections share, by key."""
    named = package_data("hoitu.core.web", "headings")
    return {key: Shared(**entry) for key, entry in named.items()}


def _heading(shared: str, entries: Sequence[MenuEntry], left_out: frozenset[str]) -> Heading | None:
    """Return the heading of some entries, named after the first; None where all of them are off.

    What a unit left out while it was a heading of its own stays out below another one.
    """
    shown = [(entry, link) for entry in entries if (link := menu_link(entry)) is not None]
    if not shown:
        return None
    (first, link), *others = shown
    key, demanded = heading_key(first), any(_is_demanded(entry) for entry, _link in shown)
    guests = tuple(
        link for entry, link in others if heading_key(entry) not in left_out or _is_demanded(entry)
    )
    if shared:
        named = shared_headings()[shared]
        own = link.children or ((link,) if guests else ())
        label = named.en if language() == "en" else named.vi
        link = replace(link, label=label, children=(*own, *guests))
    return Heading(key, link, demanded, key in left_out and not demanded)


def heading_key(entry: MenuEntry) -> str:
    """Return the name under which a heading is ordered: its section, and its requirement if any."""
    section = entry.endpoint.partition(".")[0]
    return f"{section}:{entry.requirement}" if entry.requirement else section


def menu_link(entry: MenuEntry) -> Link | None:
    """Return the link of an entry and those below it; None while its requirement is off."""
    section = entry.endpoint.partition(".")[0]
    if entry.requirement and not platform.switchboard.section_on(
        g.unit, section, entry.requirement
    ):
        return None
    children = tuple(c for e in entry.children if (c := menu_link(e)) is not None)
    return Link(str(entry.label), url_for(entry.endpoint, **entry.arguments), children)


def _is_demanded(entry: MenuEntry) -> bool:
    section = entry.endpoint.partition(".")[0]
    # A heading that names no requirement stands for all of its section.
    named = set(_requirements(entry)) or set(platform.switchboard.parts(section))
    explain = platform.switchboard.explain
    return any(explain(g.unit, section, r).source is Source.LAW for r in named)


def _requirements(entry: MenuEntry) -> Iterator[str]:
    if entry.requirement:
        yield entry.requirement
    for child in entry.children:
        yield from _requirements(child)
