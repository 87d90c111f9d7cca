"""Review dates: what is to be looked at again, and the word that it is still right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import Response, abort, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select

from hoitu.core import clock, sheets
from hoitu.core.access import Account, requires
from hoitu.core.admin import work
from hoitu.core.admin.blueprint import blueprint
from hoitu.core.admin.downloads import send_table
from hoitu.core.admin.flashes import PROBLEM
from hoitu.core.admin.item_page import VERSION
from hoitu.core.admin.steps import CHANGED, LOOK_AGAIN, sent_version
from hoitu.core.care import reviews as care
from hoitu.core.content import Conflict, ContentType, Editorial, Item, Refused, actions
from hoitu.core.content.item import PUBLISHED
from hoitu.core.extensions import platform, session
from hoitu.core.web.access import current_actor
from hoitu.core.web.site import language, today

#: Names in the form: the day by which it is looked at again, and where one came from.
NEXT, BACK = "next-review", "back"
#: Entries on the page; the table to take away has all of them.
SHOWN = 200


@dataclass(frozen=True, slots=True)
class DueEntry:
    """An entry to be looked at again."""

    item: Item
    kind: ContentType
    section: str
    responsible: str
    overdue: bool
    may_confirm: bool


@dataclass(frozen=True, slots=True)
class Pile:
    """Entries of one person, or of one section."""

    title: str
    entries: Sequence[DueEntry]


@blueprint.app_context_processor
def values() -> dict[str, Any]:
    """Give the page of an item its part about reviews."""
    if request.blueprint != blueprint.name:
        return {}
    return {"may_confirm": may_confirm, "next_review": next_review, "NEXT_REVIEW": NEXT}


def may_confirm(kind: ContentType, item: Item | None) -> bool:
    """Say whether the account may say of an item that it is still right."""
    return item is not None and item.state == PUBLISHED and work.may(kind, "edit")


def next_review() -> date | None:
    """Return the day by which an entry looked at today is looked at again, by the unit's rule."""
    months = platform.settings.of(Editorial, g.unit).review_months
    return clock.add_months(today(), months) if months > 0 else None


@blueprint.get("/ra-soat")
@requires("core.desk")
def reviews() -> str:
    """Show what is due: what is the account's own first, then the others' by section."""
    entries = _entries(SHOWN + 1)
    own = [e for e in entries[:SHOWN] if e.item.responsible_id == current_actor().account_id]
    piles = [Pile(_("Yours"), own)]
    for section in dict.fromkeys(e.section for e in entries[:SHOWN]):
        others = [e for e in entries[:SHOWN] if e.section == section and e not in own]
        piles.append(Pile(section, others))
    return render_template(
        "desk/reviews.html",
        piles=[pile for pile in piles if pile.entries],
        more=len(entries) > SHOWN,
        ahead=care.AHEAD.days,
        next_day=next_review(),
        VERSION=VERSION,
        BACK=BACK,
    )


@blueprint.get("/ra-soat.csv")
@requires("core.desk")
def reviews_csv() -> Response:
    """Give what is due as a table for spreadsheets."""
    header = [
        _("Section"), _("Type"), _("Title"), _("Responsible"), _("To be looked at by"),
        _("Last looked at"), _("Address"),
    ]  # fmt: skip
    rows = [
        [
            e.section,
            str(e.kind.label),
            e.item.title,
            e.responsible,
            e.item.review_by,
            e.item.reviewed_on,
            url_for("desk.edit", type_name=e.kind.name, item_id=e.item.id, _external=True),
        ]
        for e in _entries(sheets.MAX_ROWS)
    ]
    return send_table("csv", "ra-soat", header, rows)


@blueprint.post(f"/<type_name>/<{work.ID}:item_id>/ra-soat")
@requires("core.desk")
def confirm_review(type_name: str, item_id: int) -> ResponseReturnValue:
    """Note that an item as the account saw it is still right."""
    kind = work.kind_named(type_name)
    item = work.item_of(kind, item_id)
    if not work.may(kind, "edit"):
        abort(403)
    listed = request.form.get(BACK) == "list"
    back = (
        url_for("desk.reviews")
        if listed
        else url_for("desk.edit", type_name=kind.name, item_id=item.id)
    )
    try:
        if item.state != PUBLISHED or item.version != sent_version():
            raise Conflict("another version than the one that was shown")
        next_by = _next_by(request.form.get(NEXT, ""))
        actions.confirm_review(work.context(), item, next_by)
        session().commit()
    except (ValueError, Refused) as error:
        session().rollback()
        told = str(error.problems[0]) if isinstance(error, Refused) else _("This is not a date.")
        flash(told, PROBLEM)
    except Conflict:
        session().rollback()
        flash(f"{CHANGED} {LOOK_AGAIN}", PROBLEM)
    else:
        flash(_("Noted: looked at today and still right."))
    return redirect(back, 303)


def _next_by(typed: str) -> date | None:
    """Return the day that was chosen; an empty one is none.

    :raises ValueError: it is no date.
    """
    return clock.parse_date(typed.strip()) if typed.strip() else None


def _entries(limit: int) -> list[DueEntry]:
    kinds = {kind.name: kind for kind in work.kinds()}
    chosen = care.due(today() + care.AHEAD).where(work.within(list(kinds.values())))
    found = list(session().scalars(chosen.limit(limit)))
    owners = {item.responsible_id for item in found} - {None}
    named = select(Account.id, Account.name).where(Account.id.in_(owners))
    names = {row.id: row.name for row in session().execute(named)} if owners else {}
    return [
        DueEntry(
            item=item,
            kind=kinds[item.type],
            section=_section(item.section),
            responsible=names.get(item.responsible_id, ""),
            overdue=item.review_by is not None and item.review_by < today(),
            may_confirm=work.may(kinds[item.type], "edit"),
        )
        for item in found
    ]


def _section(name: str) -> str:
    plugin = platform.plugins.get(name)
    return plugin.manifest.label(language()) if plugin and plugin.manifest else name
