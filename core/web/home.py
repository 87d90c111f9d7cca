"""The home page of a unit: blocks contributed by its sections."""

from __future__ import annotations

from flask import Blueprint, g, render_template

from hoitu.core.access import public
from hoitu.core.extensions import platform
from hoitu.core.web.chrome import draw
from hoitu.core.web.site import kept

blueprint = Blueprint("home", __name__, template_folder="templates")


@blueprint.get("/")
@public
def index() -> str:
    """Show the home page."""
    blocks = kept("home", lambda: [(p.place, draw(p)) for p in platform.hooks.home_panels(g.unit)])
    return render_template(
        "web/home.html",
        main=[block for place, block in blocks if place == "main"],
        side=[block for place, block in blocks if place == "side"],
    )
