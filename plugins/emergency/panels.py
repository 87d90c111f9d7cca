"""Where banners are shown: above every page of a site, and on the first page of its desk."""

from __future__ import annotations

from flask import url_for
from flask_babel import gettext as _

from hoitu.core.access import Actor
from hoitu.core.units import Unit
from hoitu.core.web import HeadTag, Panel, now
from hoitu.plugins.emergency.board import standing
from hoitu.plugins.emergency.publishing import PERMISSION

#: Before whatever else stands above a page.
_FIRST = -100


def above_pages(slot: str, unit: Unit) -> list[Panel]:
    """Return one panel with all banners of this moment for the slot above the page."""
    banners = standing(unit) if slot == "header" else []
    if not banners:
        return []
    values = {"banners": banners}
    return [Panel("emergency", "", "emergency/banner.html", values, weight=_FIRST)]


def feed_links(unit: Unit) -> list[HeadTag]:
    """Return the link to the feed."""
    told = {
        "rel": "alternate",
        "type": "application/atom+xml",
        "title": _("Emergency banners"),
        "href": url_for("emergency.feed"),
    }
    return [HeadTag("link", told)]


def at_the_desk(unit: Unit, actor: Actor) -> list[Panel]:
    """Return what stands on the site, and the way to the form for whoever may use it."""
    banners, may = standing(unit), actor.can(PERMISSION, unit.id)
    if not banners and not may:
        return []
    values = {"banners": banners, "may_announce": may, "at": now()}
    title = _("Emergency banners")
    return [Panel("emergency", title, "emergency/dashboard.html", values, weight=_FIRST)]
