"""Attached files, served from the unit's own address."""

from __future__ import annotations

from flask import Blueprint, abort, g, redirect, send_file, url_for
from flask.typing import ResponseReturnValue

from hoitu.core.access import public
from hoitu.core.content import File, queries
from hoitu.core.content.files import SHOWN, download_name
from hoitu.core.extensions import platform, session
from hoitu.core.web.site import now

blueprint = Blueprint("files", __name__)


@blueprint.get("/tep/<int:file_id>/<name>")
@public
def download(file_id: int, name: str) -> ResponseReturnValue:
    """Return a file that is attached to a public item of this unit whose section is on."""
    file = session().get(File, file_id)
    places = queries.attached_to(session(), file_id, now()) if file else []
    if file is None or not any(platform.switchboard.section_on(g.unit, *p) for p in places):
        abort(404)
    if name != download_name(file):
        return redirect(path_of(file), 301)
    return deliver(file)


def deliver(file: File) -> ResponseReturnValue:
    """Return the bytes of a file; what browsers might run is offered as a download."""
    try:
        stream = platform.files.open(file.sha256)
    except FileNotFoundError:
        abort(404)
    response = send_file(
        stream,
        mimetype=file.media_type,
        as_attachment=file.media_type not in SHOWN,
        download_name=file.name,
        etag=file.sha256,
    )
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


def path_of(file: File) -> str:
    """Return the public path of a file."""
    return url_for("files.download", file_id=file.id, name=download_name(file))
