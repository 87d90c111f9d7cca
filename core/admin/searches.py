"""What visitors looked for on the site and did not find: what the unit may want to write about."""

from __future__ import annotations

from decimal import Decimal

from flask import Response, abort, render_template
from flask_babel import gettext as _

from hoitu.core import sheets
from hoitu.core.access import requires
from hoitu.core.admin.blueprint import blueprint
from hoitu.core.admin.downloads import send_table
from hoitu.core.care import unfound
from hoitu.core.extensions import session

#: Words on the page; the table to take away has all of them.
SHOWN = 100


@blueprint.get("/tim-khong-thay")
@requires("core.desk")
def unfound_searches() -> str:
    """Show the words that found nothing, those looked for most often first."""
    found = list(session().scalars(unfound.asked_most().limit(SHOWN + 1)))
    return render_template(
        "desk/unfound_searches.html",
        lines=found[:SHOWN],
        more=len(found) > SHOWN,
        kept=unfound.KEPT.days,
    )


@blueprint.get("/tim-khong-thay.<form>")
@requires("core.desk")
def unfound_searches_table(form: str) -> Response:
    """Give all of them as a table."""
    if form not in sheets.MEDIA_TYPES:
        abort(404)
    header = [_("Words"), _("Times"), _("First on"), _("Last on")]
    found = session().scalars(unfound.asked_most())
    rows = ([line.words, Decimal(line.times), line.first_on, line.last_on] for line in found)
    return send_table(form, "tim-khong-thay", header, rows, title=_("Searched, not found"))
