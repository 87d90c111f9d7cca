"""The look of a unit's site: its theme, and inside the frame that it gives colour, mark and banner.

A theme offers a few colours that were tried for contrast; a unit chooses among them and no other.
The frame itself (what stands where, the name of the agency, the way home) is the same everywhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, abort, g, make_response, url_for
from flask_babel import lazy_gettext as _

from hoitu.core.access import public
from hoitu.core.content import File
from hoitu.core.extensions import platform, session
from hoitu.core.settings import setting
from hoitu.core.web.assets import KEPT
from hoitu.core.web.files import deliver
from hoitu.core.web.site import kept, language
from hoitu.core.web.themes import OWNER, site_theme

blueprint = Blueprint("look", __name__)

#: Owner of these settings in the registry.
NAME = OWNER
#: The pictures of the frame.
PICTURES = ("mark", "banner")


@dataclass(frozen=True)
class Look:
    """What a unit decides about its look; files are named by their id, 0 = none."""

    theme: str = setting("", label=_("Theme"))
    accent: str = setting("", label=_("Colour"))
    mark: int = setting(0, label=_("Mark beside the name"), names_file=True)
    banner: int = setting(0, label=_("Banner"), names_file=True)


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture of the frame: its address and size in pixels, None where that is not known."""

    path: str
    width: int | None
    height: int | None


@dataclass(frozen=True, slots=True)
class SiteLook:
    """The look as templates need it; an empty accent is the theme's own colour."""

    accent: str
    mark: Picture | None
    banner: Picture | None


def site_look() -> SiteLook:
    """Return the look of the active unit."""

    def compute() -> SiteLook:
        chosen = platform.settings.of(Look, g.unit)
        accent = chosen.accent if chosen.accent in accents() else ""
        mark, banner = (
            drawn(getattr(chosen, part), "look.picture", part=part) for part in PICTURES
        )
        return SiteLook(accent, mark, banner)

    return kept("look", compute)


def accents() -> Mapping[str, str]:
    """Return the colours that the unit's theme offers, by key, with their names."""
    found: dict[str, str] = {}
    for theme in reversed(platform.themes.chain(site_theme())):
        if theme.accents:
            # The colours of a theme are meant for its own paper, not for that of its parent.
            found = {key: names[language()] for key, names in theme.accents.items()}
    return found


@blueprint.get("/dien-mao/<part>/<sha256>")
@public
def picture(part: str, sha256: str) -> Response:
    """Return the mark or the banner of the unit, under the fingerprint of its bytes."""
    chosen = platform.settings.of(Look, g.unit)
    return sent(getattr(chosen, part) if part in PICTURES else 0, sha256)


def drawn(file_id: int, endpoint: str, **values: Any) -> Picture | None:
    """Return a picture that a setting names, at an endpoint whose view calls :func:`sent`."""
    found = chosen_file(file_id)
    if found is None:
        return None
    path = url_for(endpoint, sha256=found.sha256[:16], **values)
    return Picture(path, found.width, found.height)


def sent(file_id: int, sha256: str) -> Response:
    """Return a picture that a setting names, to be kept; 404 under any other fingerprint."""
    found = chosen_file(file_id)
    if found is None or found.sha256[:16] != sha256:
        abort(404)
    response = make_response(deliver(found))
    response.headers["Cache-Control"] = KEPT
    return response


def chosen_file(file_id: int) -> File | None:
    """Return the file that a setting names by its id; None for 0, and when it is gone."""
    return session().get(File, file_id) if file_id else None
