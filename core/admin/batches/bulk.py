"""Bulk work: what was ticked in a list, or all that fits it, becomes a batch to look at first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import func, select

from hoitu.core import batches, numbers
from hoitu.core.access import requires
from hoitu.core.admin import work
from hoitu.core.admin.batches.offers import offered, transition_of
from hoitu.core.admin.batches.saved_views import FILTERS, parameters
from hoitu.core.admin.blueprint import blueprint
from hoitu.core.admin.flashes import PROBLEM
from hoitu.core.admin.frame import state_label
from hoitu.core.admin.narrowing import Narrowing, narrowing
from hoitu.core.batches import MAX_ROWS, Batch, BatchRow, NewRow
from hoitu.core.content import ContentType, Item
from hoitu.core.content.actions.stepping import standing
from hoitu.core.content.item import PUBLISHED
from hoitu.core.extensions import session

#: Names of the form's fields: what is to be done, the ticked entries, whether all are meant.
WORK, TICKED, ALL = "viec", "chon", "tat-ca"
#: Where the batch leads back to, in its ``params``.
BACK = "back"


@blueprint.post("/<type_name>/hang-loat")
@requires("core.desk")
def prepare(type_name: str) -> ResponseReturnValue:
    """Make a batch of what was chosen in a list; nothing is done before it was looked at."""
    kind = work.kind_named(type_name)
    chosen = narrowing(kind, parameters(request.form.get(FILTERS, "")))
    offers = {offer.name: offer for offer in offered(kind)}
    if request.form.get(WORK, "") not in offers:
        if request.form.get(WORK):
            abort(403)
        flash(_("Choose what is to be done."), PROBLEM)
        return redirect(chosen.path(), 303)
    offer = offers[request.form[WORK]]
    rows = _all(kind, chosen) if request.form.get(ALL) else _ticked(kind)
    if not rows or len(rows) > MAX_ROWS:
        flash(_too_many() if rows else _("Tick the entries first."), PROBLEM)
        return redirect(chosen.path(), 303)
    batch = batches.start(
        work.context(),
        offer.kind,
        rows,
        {**offer.params, BACK: chosen.query},
        title=f"{offer.label}: {kind.label_plural}",
        type=kind.name,
    )
    session().commit()
    return redirect(url_for("desk.batch", batch_id=batch.id), 303)


def outlook(batch: Batch) -> tuple[int, int]:
    """Return for how many entries of a batch its step is possible as they stand, and not."""
    step = transition_of(batch)
    grouped = (
        select(Item.state, Item.draft_state, func.count(Item.id))
        .join(BatchRow, BatchRow.item_id == Item.id)
        .where(BatchRow.batch_id == batch.id, BatchRow.state == batches.WAITING)
        .group_by(Item.state, Item.draft_state)
    )
    possible = total = 0
    for state, draft_state, number in session().execute(grouped):
        total += number
        item = Item(state=state, draft_state=draft_state)
        if step is None or standing(item, step) in step.sources:
            possible += number
    return possible, total - possible


def hindrances(batch: Batch, item_ids: Sequence[int]) -> dict[int, str]:
    """Return why the step of a batch is not possible with some of its entries as they stand."""
    step = transition_of(batch)
    if step is None:
        return {}
    chosen = select(Item.id, Item.type, Item.state, Item.draft_state).where(Item.id.in_(item_ids))
    found = {}
    for row in session().execute(chosen):
        item = Item(type=row.type, state=row.state, draft_state=row.draft_state)
        if (state := standing(item, step)) not in step.sources:
            label = state_label(item, state)
            told = _("It stays as it is, its state being: %(state)s.", state=label)
            off = _("Take it off the site first.") if step.name == "trash" else ""
            found[row.id] = f"{told} {off}".strip() if state == PUBLISHED else told
    return found


def _ticked(kind: ContentType) -> list[NewRow]:
    """Return the ticked entries at the versions that were seen; of others nothing is told."""
    seen: dict[int, int] = {}
    for value in request.form.getlist(TICKED)[: MAX_ROWS + 1]:
        item_id, _dot, version = value.partition(".")
        if all(part.isascii() and part.isdigit() and len(part) < 19 for part in (item_id, version)):
            seen[int(item_id)] = int(version)
    here = select(Item.id, Item.title).where(
        Item.id.in_(seen), Item.type == kind.name, work.requirement_on(kind)
    )
    names = {row.id: kind.name_of(row) for row in session().execute(here)}
    missing = _("This entry does not exist any more.")
    return [
        NewRow(item_id, names[item_id], {"version": version})
        if item_id in names
        else NewRow(None, str(item_id), {}, batches.REFUSED, missing)
        for item_id, version in seen.items()
    ]


def _all(kind: ContentType, chosen: Narrowing) -> Sequence[NewRow]:
    """Return all that fits, in the order of the list; one more than a batch may have, at most."""
    columns = (Item.id, Item.version, Item.title)
    found = chosen.chosen.with_only_columns(*columns, maintain_column_froms=True)
    rows = session().execute(found.order_by(*chosen.order.columns()).limit(MAX_ROWS + 1))
    return [NewRow(row.id, kind.name_of(row), {"version": row.version}) for row in rows]


def _too_many() -> Any:
    return _(
        "More than %(limit)s entries fit. Narrow the list by a filter and do one part at a time.",
        limit=numbers.write(MAX_ROWS),
    )
