"""The frame around every page: menu, breadcrumb and the values that layouts use."""

from __future__ import annotations

import logging
from collections.abc import Hashable
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import Flask, g, render_template, url_for
from flask_babel import gettext as _
from markupsafe import Markup

from hoitu.core import clock, numbers, text
from hoitu.core.content import Item
from hoitu.core.extensions import KEY, platform
from hoitu.core.i18n import LANGUAGES
from hoitu.core.units import Succession, Unit
from hoitu.core.web import assets, file_words, files, prose
from hoitu.core.web.banners import banners
from hoitu.core.web.contributions import HeadTag, MenuEntry, Panel
from hoitu.core.web.look import site_look
from hoitu.core.web.menus import Link, menu, menu_link, menu_place
from hoitu.core.web.site import (
    address_of,
    kept,
    language,
    path_in,
    today,
    unit_address,
)
from hoitu.core.web.site_facts import site_facts

log = logging.getLogger(__name__)


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
        prose=prose.draw,
        number=numbers.write,
        file_size=file_words.size_of,
        file_kind=file_words.kind_of,
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
        site_facts=site_facts,
        look=site_look,
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


def examine(entry: MenuEntry | Panel | HeadTag) -> None:
    """Refuse a contribution on which every page of the unit would fail.

    :raises Exception: it cannot be shown; the dispatcher drops what its plugin contributed.
    """
    if type(entry.weight) is not int:
        raise TypeError(f"weight {entry.weight!r} is not a number")
    if isinstance(entry, MenuEntry):
        menu_link(entry)
    if isinstance(entry, HeadTag):
        Markup().join(map(str, entry.attributes.values()))


def slot(name: str, item: Item | None = None) -> list[Panel]:
    """Return the blocks that plugins put into a slot of the theme."""
    return banners(name) + platform.hooks.slot_panels(name, g.unit, item)


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
