"""Attached files, served from the unit's own address."""

from __future__ import annotations

from flask import Blueprint, abort, g, redirect, send_file, url_for
from flask.typing import ResponseReturnValue

from hoitu.core.access import public
from hoitu.core.content import File, attachments
from hoitu.core.content.files import SHOWN, download_name
from hoitu.core.extensions import platform, session
from hoitu.core.web.site import now
from hoitu.core.web.visibility import is_on

blueprint = Blueprint("files", __name__)

#: Security policy of files, and of those that the browser's PDF viewer opens.
BYTES = "default-src 'none'; sandbox"
PDF = "frame-ancestors 'self'"


@blueprint.get("/tep/<int:file_id>/<name>")
@public
def download(file_id: int, name: str) -> ResponseReturnValue:
    """Return a file that is attached to a public item shown on this site.

    The item is the unit's own or one placed here, whose pictures and files belong to its page.
    """
    found = attachments.find(session(), file_id, g.unit.id, now())
    if found is None or not any(is_on(found.file.unit_id, *place) for place in found.places):
        abort(404)
    if name != download_name(found.file):
        return redirect(path_of(found.file), 301)
    return deliver(found.file)


def deliver(file: File) -> ResponseReturnValue:
    """Return the bytes of a file; what browsers might run is offered as a download.

    Its media type was told from its content, and ``nosniff`` holds browsers to it, so that nothing
    shown in place is HTML or SVG. All else is sandboxed besides. A PDF is not, since its viewer
    keeps the file's scripts away from the site anyway: Chromium 156 (tried) opens it under
    ``sandbox`` or ``default-src 'none'``, but Safari then shows an empty page or downloads it
    (adobe/aem-core-wcm-components issue 2839), and Chrome 77 drew it in a strip of the window
    (rust-lang/www.rust-lang.org issue 942).
    """
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
    policy = PDF if file.media_type == "application/pdf" else BYTES
    response.headers["Content-Security-Policy"] = policy
    return response


def path_of(file: File) -> str:
    """Return the public path of a file."""
    return url_for("files.download", file_id=file.id, name=download_name(file))
