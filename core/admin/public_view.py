"""Looking before publishing: an item in the public frame, and its files, for the desk only."""

from __future__ import annotations

from typing import Any

from flask import Response, abort, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _

from hoitu.core.access import requires
from hoitu.core.admin import work
from hoitu.core.admin.blueprint import blueprint
from hoitu.core.content import File, actions
from hoitu.core.content.files import download_name
from hoitu.core.content.item import PUBLISHED
from hoitu.core.extensions import session
from hoitu.core.web import pages_of
from hoitu.core.web.banners import announce
from hoitu.core.web.files import deliver
from hoitu.core.web.security import POLICY

#: Parameter: the width to look at, and what can be chosen; the first is the default.
WIDTH = "kho"
WIDTHS = {
    "hai": _("Both beside each other"),
    "dien-thoai": _("Phone (360 px)"),
    "may-tinh": _("Desktop"),
}


@blueprint.get(f"/<type_name>/<{work.ID}:item_id>/xem")
@requires("core.desk")
def preview(type_name: str, item_id: int) -> Response:
    """Show the public page of the text at work as a phone and as a desktop show it.

    A type without pages of its own, such as an entry of the directory, has no preview: the desk
    offers none, and the address answers 404.
    """
    kind = work.kind_named(type_name)
    item = work.item_of(kind, item_id)
    if pages_of(kind.name) is None:
        abort(404)
    chosen = request.args.get(WIDTH, "")
    chosen = chosen if chosen in WIDTHS else next(iter(WIDTHS))
    named: dict[str, Any] = {"type_name": kind.name, "item_id": item.id}
    widths = [
        (name, label, url_for("desk.preview", **{**named, WIDTH: name}))
        for name, label in WIDTHS.items()
    ]
    page = render_template(
        "desk/preview.html",
        kind=kind,
        item=item,
        chosen=chosen,
        widths=widths,
        source=url_for("desk.preview_page", **named),
    )
    response = make_response(page)
    # The page in the frame is of this site; everywhere else nothing is framed.
    response.headers["Content-Security-Policy"] = f"{POLICY}; frame-src 'self'"
    return response


@blueprint.get(f"/<type_name>/<{work.ID}:item_id>/xem/trang")
@requires("core.desk")
def preview_page(type_name: str, item_id: int) -> Response:
    """Show the public page as it will be once the text at work is published; nothing is saved."""
    kind = work.kind_named(type_name)
    item = work.item_of(kind, item_id)
    pages = pages_of(kind.name)
    if pages is None:
        abort(404)
    public, waiting = item.state == PUBLISHED, item.draft_id is not None
    announce("web/preview_banner.html", until=None, public=public, waiting=waiting)
    response = make_response(pages.preview(actions.working_copy(work.context(), item)))
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response


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
