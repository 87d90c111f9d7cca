"""Kinds of batches: each is a function that does one piece of work to one row.

>>> def replace(context: ActionContext, row: BatchRow, params: Mapping[str, Any]) -> str:
...     item = entry_of(context, row)
...     actions.edit(context, item, new_values(item, params), expected_version=item.version)
...     return _("Replaced.")

The application factory puts them under their names into ``platform.batch_kinds``. A view of the
desk begins a batch, which leads to the page of its results:

>>> batch = batches.start(context, "replace", rows, params, title=title, type="news_article")
>>> batches.begin(context, batch)
>>> return redirect(url_for("desk.batch", batch_id=batch.id), 303)
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask_babel import gettext as _

from hoitu.core.batches.models import BatchRow
from hoitu.core.content import ActionContext, Conflict, Item, Problem, Refused

#: Does the work to one row and returns what is told of it, '' for a plain "Done". It runs in a
#: savepoint of its own; what it raises of :class:`Refused`, :class:`Conflict` and
#: :class:`PermissionDenied` is the row's result and undoes nothing but the row. It may be begun
#: twice on a row after a crash, never done twice.
Do = Callable[[ActionContext, BatchRow, Mapping[str, Any]], str]


def entry_of(context: ActionContext, row: BatchRow) -> Item:
    """Return the entry of a row as the database has it now, of its own class.

    A row whose ``values`` keep the ``version`` that somebody saw is done to that version only.

    :raises Refused: the entry is not there any more, or its section was removed.
    :raises Conflict: somebody else changed it since.
    """
    item = None
    if row.item_id is not None:
        item = context.session.get(Item, row.item_id, populate_existing=True)
    if item is None or context.types.get(item.type) is None:
        raise Refused([Problem("", _("This entry does not exist any more."))])
    seen = row.values.get("version")
    if seen is not None and item.version != seen:
        raise Conflict(f"item {item.id} is at version {item.version}, not {seen}")
    return item
