"""The frame around every page: menu, breadcrumb and the values that layouts use."""

from __future__ import annotations

import logging
from collections.abc import Hashable
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import Flask, g, render_template, request, url_for
from flask_babel import gettext as _
from markupsafe import Markup

from hoitu.core import clock, numbers, text
from hoitu.core.content import Item
from hoitu.core.extensions import KEY, platform
from hoitu.core.i18n import LANGUAGES
from hoitu.core.units import Succession, Unit
from hoitu.core.web import assets, files
from hoitu.core.web.contributions import HeadTag, MenuEntry, Panel
from hoitu.core.web.site import (
    address_of,
    kept,
    language,
    path_in,
    today,
    unit_address,
)

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Link:
    """A link of the menu or breadcrumb."""

    label: str
    path: str
    children: tuple[Link, ...] = ()
    current: bool = False


@dataclass(frozen=True, slots=True)
class SiteFrame:
    """What a layout needs to know of the unit whose site is shown."""

    unit: Unit
    name: str
    short_name: str
    parent_name: str
    parent_address: str
    province_name: str
    ended_on: date | None
    successors: tuple[tuple[str, str, Succession], ...]


def init_app(app: Flask) -> None:
    """Give templates their globals and filters."""
    app.extensions[KEY].hooks.examine = examine
    environment = app.jinja_env
    environment.filters.update(
        date=lambda day: clock.format_date(day) if day else "",
        moment=clock.format_instant,
        local=clock.local,
        excerpt=text.excerpt,
        plain=text.plain,
        number=numbers.write,
    )
    environment.globals.update(
        asset=assets.asset_path,
        address_of=address_of,
        unit_address=unit_address,
        file_path=files.path_of,
        slot=slot,
        draw=draw,
        head_tags=head_tags,
        menu=menu,
        menu_place=menu_place,
        part=part,
        frame=frame,
        today=today,
        language=language,
        languages=LANGUAGES,
        path_in=path_in,
    )


def part(template: str, **values: Hashable) -> Markup:
    """Return a part of the page that is the same on all pages of the site; it is kept.

    The template sees ``values`` and nothing of the page, and must not ask for the path.
    """

    def render() -> Markup:
        return Markup(render_template(template, site=frame(), **values))  # noqa: S704 (a template's)

    return render() if "unit" not in g else kept((template, *sorted(values.items())), render)


def menu() -> list[Link]:
    """Return the main menu of the active unit."""

    def links() -> list[Link]:
        entries = (_menu_link(entry) for entry in platform.hooks.menu_entries(g.unit))
        return [Link(_("Home"), url_for("home.index")), *filter(None, entries)]

    return kept("menu", links)


def menu_place() -> str:
    """Return the path of the deepest menu link at or above the present page, or ''."""
    here = f"{request.script_root}{request.path}/"
    links = [found for link in menu() for found in (link, *link.children)]
    above = (link.path for link in links if here.startswith(f"{link.path.rstrip('/')}/"))
    home = url_for("home.index")
    return max((path for path in above if path != home or here == f"{path}/"), key=len, default="")


def _menu_link(entry: MenuEntry) -> Link | None:
    section = entry.endpoint.partition(".")[0]
    if entry.requirement and not platform.switchboard.section_on(
        g.unit, section, entry.requirement
    ):
        return None
    children = tuple(c for e in entry.children if (c := _menu_link(e)) is not None)
    return Link(str(entry.label), url_for(entry.endpoint, **entry.arguments), children)


def examine(entry: MenuEntry | Panel | HeadTag) -> None:
    """Refuse a contribution on which every page of the unit would fail.

    :raises Exception: it cannot be shown; the dispatcher drops what its plugin contributed.
    """
    if type(entry.weight) is not int:
        raise TypeError(f"weight {entry.weight!r} is not a number")
    if isinstance(entry, MenuEntry):
        _menu_link(entry)
    if isinstance(entry, HeadTag):
        Markup().join(map(str, entry.attributes.values()))


def slot(name: str, item: Item | None = None) -> list[Panel]:
    """Return the blocks that plugins put into a slot of the theme."""
    return platform.hooks.slot_panels(name, g.unit, item)


def draw(panel: Panel) -> Markup:
    """Return a block as HTML; one that fails is recorded and left out, the page stands."""
    try:
        return Markup(render_template(panel.template, panel=panel))  # noqa: S704 (a template's)
    except Exception:
        log.exception("the block %s (%s) is left out", panel.name, panel.template)
        platform.hooks.lost += 1
        platform.hooks.recover()
        return Markup("")


def head_tags(item: Item | None = None) -> list[HeadTag]:
    """Return the elements that plugins put into the head of a page."""
    return platform.hooks.head_tags(g.unit, item)


def frame() -> SiteFrame | None:
    """Return the frame of the active unit; None on pages outside a site."""
    unit: Unit | None = g.get("unit")
    if unit is None:
        return None

    def compute() -> SiteFrame:
        day, tongue = today(), language()
        parent = platform.units.parent(unit, day)
        province = platform.units.province()
        ended = unit.valid_until if unit.valid_until and unit.valid_until < day else None
        return SiteFrame(
            unit=unit,
            name=unit.name(day, tongue),
            short_name=unit.short_name(day, tongue),
            parent_name=parent.name(unit.living_day(day), tongue) if parent else "",
            parent_address=unit_address(parent) if parent else "",
            province_name=province.name(day, tongue) if province else "",
            ended_on=ended,
            successors=tuple(
                (u.name(day, tongue), unit_address(u), s)
                for u, s in (platform.units.successors(unit) if ended else ())
            ),
        )

    return kept("frame", compute)


def crumbs(*links: tuple[Any, str]) -> list[Link]:
    """Return a breadcrumb that starts at the home page."""
    start = [Link(_("Home"), url_for("home.index"))]
    return start + [Link(str(label), path) for label, path in links]
