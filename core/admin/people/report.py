"""The report of rights: who may do what in which section, on the page and as a table."""

from __future__ import annotations

from collections.abc import Iterator

from flask import Response, render_template
from flask_babel import gettext as _

from hoitu.core import sheets
from hoitu.core.access import requires
from hoitu.core.admin.blueprint import blueprint
from hoitu.core.admin.downloads import send_table
from hoitu.core.admin.people.rights import VERBS, gaps, rights_of, staff_here
from hoitu.core.admin.people.roles import sections


@blueprint.get("/quyen")
@requires("core.accounts")
def rights() -> str:
    """Show who may do what in every section, and the sections that nobody can keep up."""
    staff = staff_here()
    return render_template(
        "desk/rights.html",
        rows=[(account, rights_of(account, actor)) for account, actor in staff],
        sections=sections(),
        verbs=VERBS,
        gaps=gaps(staff),
    )


@blueprint.get("/quyen.<any(csv, xlsx):form>")
@requires("core.accounts")
def rights_table(form: str) -> Response:
    """Give the same as a table, a line for each person and section."""
    header = [
        _("Name"),
        _("E-mail address"),
        _("Section"),
        *map(str, VERBS.values()),
        _("By which role"),
    ]
    return send_table(form, "quyen", header, _rows())


def _rows() -> Iterator[list[sheets.Cell]]:
    for account, actor in staff_here():
        for one in rights_of(account, actor):
            may: list[sheets.Cell] = [one.told(verb) for verb in VERBS]
            yield [account.name, account.email, one.title, *may, "; ".join(one.sources) or None]
