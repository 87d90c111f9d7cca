"""Facts about a site that its foot tells: who is responsible, and the badge of trust.

The badge is a picture the unit uploaded and a link: nothing is loaded from elsewhere, so that
nobody else learns who reads the site.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from urllib.parse import urlsplit

from flask import Blueprint, Response, g
from flask_babel import gettext as _
from flask_babel import lazy_gettext

from hoitu.core import text
from hoitu.core.access import public
from hoitu.core.extensions import platform
from hoitu.core.package_data import package_data
from hoitu.core.settings import setting
from hoitu.core.web.contributions import Panel
from hoitu.core.web.look import Picture, drawn, sent
from hoitu.core.web.site import kept

blueprint = Blueprint("site_facts", __name__)

#: Owner of these settings in the registry.
NAME = "core.site"
#: The block of the slot `footer` that tells address, telephone and e-mail.
CONTACT = "contact"
LONGEST = 200


@dataclass(frozen=True)
class SiteSettings:
    """What a unit decides about the foot of its pages; a file is named by its id, 0 = none."""

    responsible: str = setting(
        "",
        label=lazy_gettext("Responsible for the content"),
        help=lazy_gettext("Name and position at the agency, no titles of the press."),
    )
    badge_link: str = setting("", label=lazy_gettext("Where the badge of trust leads"))
    badge: int = setting(0, label=lazy_gettext("Picture of the badge"), names_file=True)


@dataclass(frozen=True, slots=True)
class SiteFacts:
    """The facts as templates need them; the badge is shown once it has a picture and a link."""

    responsible: str
    badge: Picture | None
    badge_link: str


def site_facts() -> SiteFacts:
    """Return the facts about the active unit's site."""

    def compute() -> SiteFacts:
        chosen = platform.settings.of(SiteSettings, g.unit)
        badge = drawn(chosen.badge, "site_facts.badge") if chosen.badge_link else None
        return SiteFacts(chosen.responsible, badge, chosen.badge_link)

    return kept("site_facts", compute)


def missing(foot: Iterable[Panel]) -> list[str]:
    """Return which facts the foot does not tell yet, in words; ``foot`` are the blocks in it."""
    found = []
    if not platform.settings.of(SiteSettings, g.unit).responsible:
        found.append(_("who is responsible for the content"))
    if not any(panel.name == CONTACT for panel in foot):
        found.append(_("address, telephone and e-mail: publish a contact point"))
    return found


def problem_with_responsible(typed: str) -> str:
    """Return what is wrong with the words on who is responsible; '' when nothing is."""
    folded = text.fold(typed)
    for title in press_titles():
        if re.search(rf"\b{re.escape(text.fold(title))}\b", folded):
            told = _("“%(title)s” is a word of the press; an agency's site has none.", title=title)
            return str(told)
    return str(_("At most %(n)d characters.", n=LONGEST)) if len(typed) > LONGEST else ""


@cache
def press_titles() -> tuple[str, ...]:
    """Return the words of the press that must not stand in the foot of a page."""
    return tuple(package_data("hoitu.core.web", "site")["press_titles"])


def is_safe_link(typed: str) -> bool:
    """Say whether a link may be kept: none, or an address on the web without a password in it."""
    try:
        parts = urlsplit(typed)
    except ValueError:
        return False
    fits = parts.scheme == "https" and bool(parts.hostname) and "@" not in parts.netloc
    return not typed or (fits and len(typed) <= LONGEST and not re.search(r"\s", typed))


@blueprint.get("/dau-tin-nhiem/<sha256>")
@public
def badge(sha256: str) -> Response:
    """Return the picture of the badge, under the fingerprint of its bytes."""
    return sent(platform.settings.of(SiteSettings, g.unit).badge, sha256)
