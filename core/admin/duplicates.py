"""Telling at the desk that a number is in the unit already; nobody is kept from using it twice."""

from __future__ import annotations

from typing import Any

from flask import request, url_for

from hoitu.core.admin import work
from hoitu.core.admin.blueprint import blueprint
from hoitu.core.content import ContentType, Item, actions
from hoitu.core.content.duplicates import same_number
from hoitu.core.forms import ContentForm


@blueprint.app_context_processor
def values() -> dict[str, Any]:
    """Give the page of an item what shares its number."""
    return {"duplicates_of": duplicates_of} if request.blueprint == blueprint.name else {}


def duplicates_of(
    kind: ContentType, item: Item | None, form: ContentForm | None = None
) -> list[tuple[Item, str]]:
    """Return the unit's other items of the same number, each with its address at the desk.

    What is typed in the form counts, where there is one; else what is worked on. Items of types the
    account does not work with are left out: their titles are not for it.
    """
    if not kind.cited_by:
        return []
    context = work.context()
    if form is not None:
        found = same_number(context, kind, form.values(), of=item)
    else:
        found = same_number(context, kind, actions.working_copy(context, item)) if item else []
    own = {kind.name for kind in work.kinds()}
    return [
        (one, url_for("desk.edit", type_name=one.type, item_id=one.id))
        for one in found
        if one.type in own
    ]
