"""A text before it is public, for whoever has a link to it; nothing is counted or remembered.

The link is the only key: it opens the page of one item and the files on that page, for as long as
it was made for. A link that is unknown, over or revoked gets the same answer.
"""

from __future__ import annotations

import re
from typing import Any

from flask import Blueprint, Response, abort, make_response, render_template, url_for
from flask import session as cookie
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import selectinload, undefer

from hoitu.core.access import public
from hoitu.core.content import ContentType, File, FileVariant, Item, actions, preview_links
from hoitu.core.content.files import download_name
from hoitu.core.content.preview_links import PreviewLink
from hoitu.core.extensions import platform, session
from hoitu.core.media.pictures import TYPES
from hoitu.core.web.banners import announce
from hoitu.core.web.files import deliver, send
from hoitu.core.web.pages import TypePages, pages_of
from hoitu.core.web.site import active_unit, now
from hoitu.core.web.visitors import visitor_context

blueprint = Blueprint("shared_previews", __name__)

#: Of every answer here: no robot lists it, nobody on the way keeps it, no page learns its address.
HEADERS = {
    "X-Robots-Tag": "noindex, nofollow",
    "Cache-Control": "no-store, private",
    "Referrer-Policy": "no-referrer",
}
#: Addresses of files in a page; behind a blank in the list of a picture's sizes.
_FILE = re.compile(r"""(?<=["'\s,])((?:/[a-z]{2})?)/tep/(\d{1,18})/(?=[^"'\s])""")


@blueprint.after_request
def protect(response: Response) -> Response:
    """Keep robots, caches and other sites out."""
    response.headers.update(HEADERS)
    return response


@blueprint.get("/xem-truoc/<token>")
@public
def shared(token: str) -> ResponseReturnValue:
    """Show the page of an item as it will be once the text at work is published."""
    opened = _open(token)
    if opened is None:
        return _closed()
    link, pages, item = opened
    copy = actions.working_copy(visitor_context(), item)
    if not _is_on(copy):
        return _closed()
    announce(
        "web/preview_banner.html",
        who=link.created_by,
        until=link.expires_at,
        title=item.title,
        address=_public_path(pages, item),
    )
    page = _with_files(pages.preview(copy), token, preview_links.files_of(pages.kind, copy))
    # A form on the page would begin a session; nothing can be sent from here.
    cookie.modified = False
    return make_response(page)


@blueprint.get("/xem-truoc/<token>/tep/<int:file_id>/<name>")
@public
def file(token: str, file_id: int, name: str) -> ResponseReturnValue:
    """Return a file or picture that the page behind a link shows."""
    opened = _open(token)
    if opened is None:
        return _closed()
    _link, pages, item = opened
    copy = actions.working_copy(visitor_context(), item)
    if not _is_on(copy) or file_id not in preview_links.files_of(pages.kind, copy):
        return _closed()
    found = session().get(File, file_id)
    if found is None:
        abort(404)
    width, _dot, extension = name.partition(".")
    if name != download_name(found) and width.isascii() and width.isdigit() and len(width) < 6:
        variant = session().get(FileVariant, (file_id, int(width), extension))
        if variant is not None and extension in TYPES:
            return send(variant.sha256, TYPES[extension], name)
    return deliver(found)


def _open(token: str) -> tuple[PreviewLink, TypePages, Item] | None:
    """Return an open link, the pages of the type, and the item with its text and files."""
    link = preview_links.find(session(), token)
    if link is None:
        return None
    name = session().scalar(select(Item.type).where(Item.id == link.item_id))
    kind = platform.types.get(name or "")
    pages = pages_of(kind.name) if kind is not None else None
    if kind is None or pages is None:
        return None
    item = _item(kind, link.item_id)
    return (link, pages, item) if preview_links.is_open(link, item, now()) else None


def _item(kind: ContentType, item_id: int) -> Any:
    one = select(kind.model).where(Item.id == item_id)
    options = (undefer(Item.body), selectinload(Item.attachment_rows))
    return session().scalars(one.options(*options)).one()


def _is_on(item: Item) -> bool:
    """Say whether the section, and the requirement if one is chosen yet, is on for the unit."""
    on = platform.switchboard.section_on
    return on(active_unit(), item.section, item.requirement or None)


def _public_path(pages: TypePages, item: Item) -> str:
    """Return where everybody reads what the link shows; '' while they do not."""
    is_public = item.is_public_at(now()) and item.draft_id is None
    return pages.kind.path(item) if is_public else ""


def _with_files(page: str, token: str, files: set[int]) -> str:
    """Return a page whose own files and pictures are read by way of the link."""

    def readable(found: re.Match[str]) -> str:
        if int(found[2]) not in files:
            return found[0]
        return url_for("shared_previews.file", token=token, file_id=int(found[2]), name="")

    return _FILE.sub(readable, page)


def _closed() -> ResponseReturnValue:
    """Tell whoever comes too late, or with a wrong link, whom to ask."""
    message = _(
        "Links to a preview work for some days only, and can be revoked before. Ask whoever sent "
        "it to you for a new one."
    )
    title = _("This preview link does not work (any more)")
    return render_template("web/error.html", code=404, title=title, message=message), 404
