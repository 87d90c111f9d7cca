"""Uploads: one by one from scripts, answered in JSON whatever happens, or several with a form."""

from __future__ import annotations

from flask import abort, flash, jsonify, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_wtf.csrf import CSRFError
from werkzeug.datastructures import FileStorage
from werkzeug.exceptions import HTTPException

from hoitu.core.access import requires
from hoitu.core.admin import autosave, work
from hoitu.core.admin.blueprint import blueprint
from hoitu.core.admin.flashes import PROBLEM, flash_some
from hoitu.core.admin.media.answers import told
from hoitu.core.content import Refused
from hoitu.core.content.files import Taken, take
from hoitu.core.extensions import platform, session
from hoitu.core.media import rights
from hoitu.core.web.errors import form_expired, http_error

#: Endpoints that only scripts call.
SCRIPTED = frozenset({"desk.upload", "desk.media_json", "desk.media_describe"})


@blueprint.post("/tep/tai-len")
@requires("core.desk")
def upload() -> ResponseReturnValue:
    """Keep one file, sent as ``file``; bytes the unit has already lead to the file they are."""
    demand_use()
    sent = request.files.get("file")
    if sent is None or not sent.filename:
        return jsonify(error=_("Choose a file.")), 422
    try:
        taken = _keep(sent)
    except Refused as refused:
        session().rollback()
        return jsonify(error=" ".join(map(str, refused.problems))), 422
    return jsonify(**told(taken.file, {}), known=taken.known), 201


@blueprint.post("/thu-vien")
@requires("core.desk")
def media_send() -> ResponseReturnValue:
    """Keep the files of a form; tell of each that was refused, and of those there were already."""
    demand_use()
    chosen = [sent for sent in request.files.getlist("files") if sent.filename]
    if not chosen:
        flash(_("Choose a file."), PROBLEM)
    new = 0
    refusals: list[str] = []
    held: list[str] = []
    for sent in chosen:
        try:
            taken = _keep(sent)
        except Refused as refused:
            session().rollback()
            refusals += map(str, refused.problems)
        else:
            new += not taken.known
            if taken.known:
                held.append(known(sent.filename or "", taken))
    flash_some(refusals, PROBLEM)
    flash_some(held)
    if new:
        flash(ngettext("%(num)d file was uploaded.", "%(num)d files were uploaded.", new))
    return redirect(url_for("desk.media"), 303)


def known(name: str, taken: Taken) -> str:
    """Return how somebody is told that the unit has these bytes already."""
    return str(
        _("%(name)s is in the library already, as %(known)s.", name=name, known=taken.file.name)
    )


def demand_use() -> None:
    """Answer 403 unless the account may put files into the library of this unit."""
    if not rights.may_use(work.context()):
        abort(403)


def wants_json() -> bool:
    """Say whether a script asks, not somebody who follows a link or sends a form."""
    accepted = request.headers.get("Accept", "")
    if request.endpoint in SCRIPTED:
        return bool(accepted) and "text/html" not in accepted
    return accepted == "application/json"


def tell(error: HTTPException) -> ResponseReturnValue:
    """Answer a script in JSON, and everybody else with a page."""
    if error.code == 413 and request.endpoint in autosave.ENDPOINTS:
        return jsonify(told=str(autosave.TOO_LONG)), 413
    if not wants_json():
        return form_expired(error) if isinstance(error, CSRFError) else http_error(error)
    signed_out = _("You are no longer signed in. Sign in in another window, then try again.")
    messages = {
        400: signed_out,
        401: signed_out,
        403: _("You may not use the library of this unit."),
        413: _("The upload is too large. Make the file smaller or split it, then try again."),
    }
    code = error.code or 500
    return jsonify(error=messages[code]), code


for _code in (400, 401, 403, 413):
    blueprint.register_error_handler(_code, tell)


def _keep(sent: FileStorage) -> Taken:
    """Store one upload and commit.

    :raises Refused: it is not accepted; the caller rolls back.
    """
    # Whoever looks into the bytes, such as a virus scanner, may take its time: the transaction that
    # found out who is signed in must not hold the database meanwhile.
    session().commit()
    taken = take(work.context(), platform.files, sent.filename or "", sent.stream)
    session().commit()
    return taken
