"""The first page of the desk: what waits for the account, and what happened last."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import g, render_template
from flask_babel import gettext as _
from sqlalchemy import ColumnElement, or_, select

from hoitu.core.access import requires
from hoitu.core.admin import work
from hoitu.core.admin.blueprint import blueprint
from hoitu.core.admin.lists import state_is
from hoitu.core.content import Item, queries
from hoitu.core.content.item import DRAFT, TRASHED
from hoitu.core.content.workflow import RETURNED, SUBMITTED
from hoitu.core.extensions import platform, session
from hoitu.core.web.access import current_actor

SHOWN = 10


@dataclass(frozen=True, slots=True)
class Pile:
    """Items that wait for the same thing; ``count`` stops a little above a thousand."""

    name: str
    title: str
    nothing: str
    items: Sequence[Item]
    count: int


@blueprint.get("/")
@requires("core.desk")
def index() -> str:
    """Show what waits for the account, its drafts, and what was changed last."""
    kinds = work.kinds()
    actor = current_actor()
    mine = or_(Item.created_by == actor.name, Item.updated_by == actor.name)
    approvable = [kind for kind in kinds if work.may(kind, "publish")]
    piles = [
        _pile("returned", _("Returned to you"), "", (work.within(kinds), state_is(RETURNED), mine)),
        _pile(
            "drafts",
            _("Your drafts"),
            _("You have no drafts."),
            (work.within(kinds), state_is(DRAFT), mine),
        ),
        _pile(
            "recent",
            _("Last changed"),
            _("Nothing has been written here yet."),
            (work.within(kinds), Item.state != TRASHED),
        ),
    ]
    if approvable:
        waiting = (work.within(approvable), state_is(SUBMITTED))
        title, nothing = _("Waiting for approval"), _("Nothing waits for approval.")
        piles.insert(0, _pile("waiting", title, nothing, waiting))
    return render_template(
        "desk/index.html",
        piles=[pile for pile in piles if pile.count or pile.nothing],
        kinds={kind.name: kind for kind in kinds},
        creatable=[kind for kind in kinds if work.may(kind, "create")],
        panels=platform.hooks.dashboard_panels(g.unit, actor),
    )


def _pile(name: str, title: str, nothing: str, conditions: tuple[ColumnElement[bool], ...]) -> Pile:
    chosen = select(Item).where(*conditions)
    newest = chosen.order_by(Item.updated_at.desc(), Item.id.desc()).limit(SHOWN)
    found = list(session().scalars(newest))
    count = queries.capped_count(session(), chosen) if len(found) == SHOWN else len(found)
    return Pile(name, title, nothing, found, count)
