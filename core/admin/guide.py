"""Help: how the desk works, on one page, in the words of its buttons and lists."""

from __future__ import annotations

from flask import render_template

from hoitu.core.access import requires
from hoitu.core.admin.blueprint import blueprint
from hoitu.core.admin.piles import TITLES


@blueprint.get("/huong-dan")
@requires("core.desk")
def guide() -> str:
    """Tell how a text is written, approved and kept right, and what the lists of work are."""
    return render_template("desk/guide.html", lists=TITLES.values())
