"""Looking before publishing: an item in the public frame, and its files, for the desk only."""

from __future__ import annotations

from flask import abort, redirect, url_for
from flask.typing import ResponseReturnValue

from hoitu.core.access import requires
from hoitu.core.admin import work
from hoitu.core.admin.blueprint import blueprint
from hoitu.core.content import File, actions
from hoitu.core.content.files import download_name
from hoitu.core.extensions import session
from hoitu.core.web import pages_of
from hoitu.core.web.files import deliver


@blueprint.get(f"/<type_name>/<{work.ID}:item_id>/xem")
@requires("core.desk")
def preview(type_name: str, item_id: int) -> str:
    """Show the public page as it will be once the text at work is published; nothing is saved.

    A type without pages of its own, such as an entry of the directory, has no preview: the desk
    offers none, and the address answers 404.
    """
    kind = work.kind_named(type_name)
    item = work.item_of(kind, item_id)
    pages = pages_of(kind.name)
    if pages is None:
        abort(404)
    return pages.show(actions.working_copy(work.context(), item))


@blueprint.get(f"/tep/<{work.ID}:file_id>/<name>")
@requires("core.desk")
def file(file_id: int, name: str) -> ResponseReturnValue:
    """Return a file of this unit, attached to something public or not yet."""
    found = session().get(File, file_id)
    if found is None:
        abort(404)
    if name != download_name(found):
        return redirect(url_for("desk.file", file_id=file_id, name=download_name(found)))
    return deliver(found)
