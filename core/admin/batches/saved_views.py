"""Kept views: a list with its filters and order, under a name, for one account."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import parse_qsl

from flask import abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select

from hoitu.core import text
from hoitu.core.access import requires
from hoitu.core.admin import work
from hoitu.core.admin.blueprint import blueprint
from hoitu.core.admin.flashes import PROBLEM
from hoitu.core.admin.narrowing import narrowing
from hoitu.core.content import ContentType, SavedView
from hoitu.core.extensions import session
from hoitu.core.web.access import current_actor

#: Most kept views of an account for one type.
LIMIT = 20
#: Names of the form's fields.
NAME, FILTERS = "ten", "bo-loc"


def own(kind: ContentType) -> Sequence[SavedView]:
    """Return the views of a type that the account keeps, in Vietnamese order: one statement."""
    kept = select(SavedView).where(
        SavedView.account_id == current_actor().account_id, SavedView.type == kind.name
    )
    return sorted(session().scalars(kept), key=lambda view: text.sort_key(view.name))


def parameters(query: str) -> dict[str, str]:
    """Return the parameters in the part of an address after the question mark."""
    try:
        return dict(parse_qsl(query[:4000], max_num_fields=50))
    except ValueError:
        return {}


@blueprint.post("/<type_name>/loc-da-luu")
@requires("core.desk")
def keep_view(type_name: str) -> ResponseReturnValue:
    """Keep the present filters of a list under a name; the same name is kept anew."""
    kind = work.kind_named(type_name)
    chosen = narrowing(kind, parameters(request.form.get(FILTERS, "")))
    name = text.one_line(request.form.get(NAME, ""))[:80]
    query, kept = chosen.query, {view.name: view for view in own(kind)}
    if not name:
        flash(_("Give the view a name."), PROBLEM)
    elif not query:
        flash(_("Choose filters first; without any it is the list itself."), PROBLEM)
    elif len(query) > 1000 or (len(kept) >= LIMIT and name not in kept):
        flash(_("No more can be kept. Delete a view you need no more."), PROBLEM)
    else:
        view = kept.get(name)
        if view is None:
            account = current_actor().account_id
            view = SavedView(account_id=account, type=kind.name, name=name)
            session().add(view)
        view.query = query
        session().commit()
        flash(_("The view is kept."))
    return redirect(chosen.path(), 303)


@blueprint.post(f"/<type_name>/loc-da-luu/<{work.ID}:view_id>/xoa")
@requires("core.desk")
def drop_view(type_name: str, view_id: int) -> ResponseReturnValue:
    """Delete an own view."""
    kind = work.kind_named(type_name)
    view = session().get(SavedView, view_id)
    if view is None or view.account_id != current_actor().account_id or view.type != kind.name:
        abort(404)
    session().delete(view)
    session().commit()
    flash(_("The view is deleted."))
    return redirect(url_for("desk.items", type_name=kind.name), 303)
