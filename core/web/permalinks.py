"""Addresses of items that never change: ``/bai/<id>`` leads to where an item stands today."""

from __future__ import annotations

from flask import Blueprint, abort, redirect
from flask.typing import ResponseReturnValue

from hoitu.core.access import public
from hoitu.core.content import Item, queries
from hoitu.core.extensions import platform, session
from hoitu.core.web import withdrawn
from hoitu.core.web.site import now, path_of
from hoitu.core.web.visibility import is_shown

blueprint = Blueprint("permalinks", __name__)


@blueprint.get("/bai/<int:item_id>")
@public
def item(item_id: int) -> ResponseReturnValue:
    """Lead to the present page of a public item, be it the unit's own or one placed here.

    Of a withdrawn one, tell what its own address tells.
    """
    found = queries.find(session(), Item, item_id, now())
    if found is None:
        withdrawn.tell(item_id)
    if found is None or platform.types.get(found.type) is None or not is_shown(found):
        abort(404)
    response = redirect(path_of(found), 302)
    response.headers["Cache-Control"] = withdrawn.KEPT
    return response
