"""Tables to take away: what a list shows, as CSV or as a workbook."""

from __future__ import annotations

from flask import flash, g, redirect, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from hoitu.core import numbers
from hoitu.core.access import audit, requires
from hoitu.core.admin import work
from hoitu.core.admin.blueprint import blueprint
from hoitu.core.admin.downloads import send_table
from hoitu.core.admin.flashes import PROBLEM
from hoitu.core.admin.narrowing import Narrowing, narrowing
from hoitu.core.admin.privacy.views import shown as personal_data_shown
from hoitu.core.batches import exports
from hoitu.core.content import queries
from hoitu.core.extensions import platform, session
from hoitu.core.web import now
from hoitu.core.web.access import current_actor

#: Parameter: with the full texts, which make a table long.
WITH_TEXT = "toan-van"


@blueprint.get("/<type_name>/tai-ve.<any(csv, xlsx):form>")
@requires("core.desk")
def export(type_name: str, form: str) -> ResponseReturnValue:
    """Give what a list shows as a table; what holds personal data is noted in the log."""
    kind = work.kind_named(type_name)
    chosen = narrowing(kind, request.args)
    with_text = request.args.get(WITH_TEXT) == "1"
    limit = exports.MAX_ROWS_WITH_TEXT if with_text else exports.MAX_ROWS
    number = queries.capped_count(session(), chosen.ids, limit)
    if number > limit:
        told = _(
            "A table to take away has at most %(limit)s entries, and more fit. Narrow the list by "
            "a filter, for example by the days of the last change.",
            limit=numbers.write(limit),
        )
        flash(told, PROBLEM)
        return redirect(chosen.path(), 303)
    columns = exports.columns_of(kind, with_text=with_text)
    if any(declared.private or declared.personal for declared in columns):
        _note(chosen, form, number)
        personal_data_shown(kind, session().scalars(chosen.ids))
    rows = exports.rows(work.context(), chosen.chosen, chosen.order.columns(), columns)
    header = exports.header(columns)
    return send_table(form, kind.name.replace("_", "-"), header, rows, str(kind.label_plural))


def _note(chosen: Narrowing, form: str, number: int) -> None:
    """Note what was taken: which filters were set, not the words that were looked for."""
    # A session of its own: that of a page that only shows something does not write.
    with platform.open_session(True) as writing:
        audit.record(
            writing,
            current_actor(),
            "items.export",
            object_type=chosen.kind.name,
            object_id="",
            unit_id=g.unit.id,
            now=now(),
            detail={"entries": number, "form": form, "filters": sorted(chosen.parameters)},
        )
        writing.commit()
