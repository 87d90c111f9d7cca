"""``/luu-pdf``: an item as a PDF file."""

from __future__ import annotations

import logging
from io import BytesIO
from typing import NoReturn

from flask import Blueprint, Response, abort, make_response, render_template, send_file
from flask_babel import gettext as _

from hoitu.core import text
from hoitu.core.access import public
from hoitu.core.content import Item, queries
from hoitu.core.extensions import session
from hoitu.core.web import client_network, now, pages_of
from hoitu.plugins.reader_tools import limits, printing

log = logging.getLogger(__name__)

blueprint = Blueprint("reader_tools", __name__, url_prefix="/luu-pdf", template_folder="templates")


@blueprint.get("/<int:item_id>.pdf")
@public
def pdf(item_id: int) -> Response:
    """Return the print view of an item as a PDF."""
    found = queries.find(session(), Item, item_id, now())
    pages = pages_of(found.type) if found is not None else None
    if found is None or pages is None or not printing.can_print(found.type):
        abort(404)
    item = pages.find(item_id)
    name, page = f"{text.slug(item.title)}.pdf", printing.page_of(item)
    content = printing.kept(page)
    if content is None and not limits.may_make(client_network(), now()):
        message = _("Too many files were asked for from your network. Please wait ten minutes.")
        _refuse(429, message, seconds=int(limits.WITHIN.total_seconds()))
    if content is None:
        try:
            content = printing.make(page)
        except printing.Busy:
            _refuse(503, _("Other files are being made just now. Please try again in a minute."))
        except Exception:
            # What a theme or an editor writes may be beyond the library; the page itself stands.
            log.exception("no PDF can be made of item %s", item_id)
            _refuse(503, _("This page cannot be made into a file. Please use its print view."))
    response = send_file(
        BytesIO(content), "application/pdf", download_name=name, etag=printing.key_of(page)
    )
    response.headers["Cache-Control"] = "private, no-cache"
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def _refuse(code: int, message: str, *, seconds: int = 60) -> NoReturn:
    """Answer with a page that says why there is no file now, and when to come back."""
    title = _("The file cannot be made now")
    body = render_template("web/error.html", code=code, title=title, message=message)
    abort(make_response(body, code, {"Retry-After": str(seconds)}))
