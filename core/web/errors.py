"""Error pages: in the frame of the site where there is one, with what to do next."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from flask import (
    Flask,
    current_app,
    g,
    jsonify,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_wtf.csrf import CSRFError
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError, ProgrammingError
from werkzeug.exceptions import HTTPException

from hoitu.core.content import Redirect
from hoitu.core.content.storage import StorageMissing
from hoitu.core.extensions import close_session, session
from hoitu.core.web.site import UnknownHost

log = logging.getLogger(__name__)

#: Draws an error (code, title, message) in a frame of its own; None leaves it to the next one.
ErrorPage = Callable[..., "str | None"]
_PAGES_KEY = "hoitu_error_pages"


def init_app(app: Flask) -> None:
    """Register the error pages."""
    app.register_error_handler(UnknownHost, unknown_host)
    app.register_error_handler(CSRFError, form_expired)
    app.register_error_handler(HTTPException, http_error)
    for trouble in (OperationalError, ProgrammingError, InterfaceError):
        app.register_error_handler(trouble, database_error)
    app.register_error_handler(StorageMissing, storage_missing)
    app.register_error_handler(Exception, unexpected)


def show_with(app: Flask, page: ErrorPage) -> None:
    """Ask a part of the site that has a frame of its own first how an error is shown."""
    app.extensions.setdefault(_PAGES_KEY, []).append(page)


def unknown_host(_error: UnknownHost) -> ResponseReturnValue:
    """Name the platform; never show another unit's page."""
    return render_template("web/unknown_host.html", host=request.host[:253]), 404


def form_expired(_error: CSRFError) -> ResponseReturnValue:
    """Tell how to send the form again; nothing was saved."""
    title = _("The form has expired")
    message = _("Go back, reload the page and send the form again. Nothing was saved.")
    return _page(400, title, message)


def http_error(error: HTTPException) -> ResponseReturnValue:
    """Answer with a page in the frame of the site."""
    code = error.code or 500
    if code == 401:
        target = (
            request.full_path if request.method == "GET" else request.script_root + "/quan-tri/"
        )
        return redirect(url_for("desk.sign_in", next=target.rstrip("?")))
    if code == 404 and (found := _moved()) is not None:
        return found
    if code < 400:
        return error.get_response()
    titles = {
        403: (
            _("You may not open this page"),
            _("Ask the administrator of your unit for the right."),
        ),
        404: (
            _("Page not found"),
            _("The page may have moved, or its section is suspended at this unit. Try the search."),
        ),
        410: (
            _("This page has been removed"),
            _("It was withdrawn by the agency that published it."),
        ),
        413: (
            _("The upload is too large"),
            _("Make the file smaller or split it, then try again."),
        ),
        429: (_("Too many requests"), _("Please wait a minute and try again.")),
    }
    fallback = (_("The page cannot be shown"), _("Please go back and try again."))
    answer = make_response(_page(code, *titles.get(code, fallback)))
    # What goes with the code: methods that are allowed, when to try again.
    told = error.get_headers(request.environ)
    answer.headers.extend((name, value) for name, value in told if name != "Content-Type")
    return answer


def database_error(error: DBAPIError) -> ResponseReturnValue:
    """Answer 503: the database is busy, missing or older than the program."""
    log.error("database error on %s; run: hoitu doctor", request.path, exc_info=error)
    close_session()
    # A missing table or column is a programming error to PostgreSQL, an operational one to SQLite.
    older = isinstance(error, ProgrammingError) or "no such" in str(error.orig)
    return _unavailable("hoitu upgrade" if older else "hoitu doctor")


def storage_missing(error: StorageMissing) -> ResponseReturnValue:
    """Answer 503: the plugin that keeps the files is not there."""
    log.error("no file store %s on %s; run: hoitu doctor", error, request.path)
    close_session()
    return _unavailable("hoitu doctor")


def unexpected(error: Exception) -> ResponseReturnValue:
    """Answer 500 for this page only; the rest of the site goes on."""
    log.error("error on %s", request.path, exc_info=error)
    close_session()
    title = _("This page has an error")
    return _page(500, title, _("The error was recorded. The other pages work as usual."))


def _unavailable(remedy: str) -> ResponseReturnValue:
    response = make_response(render_template("web/unavailable.html", remedy=remedy), 503)
    response.headers["Retry-After"] = "10"
    return response


def _moved() -> ResponseReturnValue | None:
    """Follow the redirect ledger of the unit, which is asked only before a 404."""
    # PostgreSQL takes no text with a NUL in it.
    if "unit" not in g or "\0" in request.path:
        return None
    found = session().scalar(select(Redirect).where(Redirect.path == request.path))
    if found is None:
        return None
    if not found.target:
        return _page(
            410,
            _("This page has been removed"),
            _("It was withdrawn by the agency that published it."),
        )
    return redirect(found.target, 301)


def _page(code: int, title: str, message: str) -> ResponseReturnValue:
    if request.path.endswith(".json") or request.path.startswith("/api/"):
        return jsonify(error=title, detail=message), code
    values = {"code": code, "title": title, "message": message}
    if "unit" in g:
        for draw in (*current_app.extensions.get(_PAGES_KEY, ()), _page_of_site):
            try:
                if (drawn := draw(**values)) is not None:
                    return drawn, code
            except Exception:
                # Whatever is wrong with a frame: the visitor still gets a page, the bare one.
                log.exception("a frame for errors has an error")
    return render_template("web/bare_error.html", **values), code


def _page_of_site(**values: Any) -> str:
    return render_template("web/error.html", **values)
