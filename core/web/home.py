"""The home page of a unit: blocks contributed by its sections."""

from __future__ import annotations

from flask import Blueprint, g, render_template

from hoitu.core.access import public
from hoitu.core.extensions import platform

blueprint = Blueprint("home", __name__, template_folder="templates")


@blueprint.get("/")
@public
def index() -> str:
    """Show the home page."""
    panels = platform.hooks.home_panels(g.unit)
    return render_template(
        "web/home.html",
        main=[p for p in panels if p.place == "main"],
        side=[p for p in panels if p.place == "side"],
    )
