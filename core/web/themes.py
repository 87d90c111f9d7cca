"""The theme of a site: the unit's choice, else that of its type or of the platform."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from flask import g

from hoitu.core.extensions import platform
from hoitu.core.kept import Kept
from hoitu.core.theming import Theme
from hoitu.core.units import Unit

#: Owner of the setting in the registry, and its key.
OWNER, KEY = "core.look", "theme"


def site_theme() -> Theme:
    """Return the theme of the request; outside a site the default one."""
    if "hoitu_theme" in g:
        return cast("Theme", g.hoitu_theme)
    unit: Unit | None = g.get("unit")
    return platform.themes.named(chosen_by(unit) if unit else "")


def chosen_by(unit: Unit) -> str:
    """Return the name of the theme that was chosen for a unit; '' for none."""
    return str(platform.settings.origin(OWNER, KEY, unit).value)


def offered(language: str) -> Mapping[str, str]:
    """Return the titles of the themes a unit may choose, by name."""
    return {theme.name: theme.title_in(language) for theme in platform.themes.all()}


def try_on(theme: Theme) -> None:
    """Draw the rest of this request in a theme that nobody chose; nothing of it is kept."""
    g.hoitu_theme = theme
    g.hoitu_kept = Kept()
