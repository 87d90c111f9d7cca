"""The trash of the unit: everything that was thrown away, and the way back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import render_template, request, url_for
from sqlalchemy import select, tuple_

from hoitu.core.access import requires
from hoitu.core.admin import work
from hoitu.core.admin.blueprint import blueprint
from hoitu.core.admin.item_page import VERSION
from hoitu.core.care.trash import days_left
from hoitu.core.content import ContentType, Cursor, Item, actions
from hoitu.core.content.actions.purging import KEPT
from hoitu.core.content.item import TRASHED
from hoitu.core.extensions import session
from hoitu.core.web import now

SIZE = 50
#: Parameter: only what was thrown away before this place.
BEFORE = "truoc"


@dataclass(frozen=True, slots=True)
class Discarded:
    """One item in the trash."""

    item: Item
    kind: ContentType
    at: datetime
    days_left: int
    may_restore: bool


@blueprint.get("/thung-rac")
@requires("core.desk")
def trash() -> str:
    """Show what was thrown away, the last first."""
    kinds = {kind.name: kind for kind in work.kinds()}
    chosen = select(Item).where(Item.state == TRASHED, work.within(list(kinds.values())))
    place = Cursor.decode(request.args.get(BEFORE))
    if place is not None:
        chosen = chosen.where(tuple_(Item.trashed_at, Item.id) < (place.sort_at, place.id))
    order = (Item.trashed_at.desc(), Item.id.desc())
    found = list(session().scalars(chosen.order_by(*order).limit(SIZE + 1)))
    context = work.context()
    lines = [
        Discarded(
            item,
            kinds[item.type],
            item.trashed_at or item.updated_at,
            days_left(item, now()),
            any(step.name == "restore" for step in actions.steps(context, item)),
        )
        for item in found[:SIZE]
    ]
    older = ""
    if len(found) > SIZE:
        last = lines[-1]
        place_after: dict[str, Any] = {BEFORE: Cursor(last.at, last.item.id).encode()}
        older = url_for("desk.trash", **place_after)
    return render_template(
        "desk/trash.html", lines=lines, older=older, kept=KEPT.days, VERSION=VERSION
    )
