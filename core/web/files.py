"""Files and copies of pictures, served from the unit's own address."""

from __future__ import annotations

from flask import Blueprint, Response, abort, g, redirect, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from hoitu.core import text
from hoitu.core.access import public
from hoitu.core.content import File, FileVariant, attachments
from hoitu.core.content.files import SHOWN, download_name
from hoitu.core.extensions import platform, session
from hoitu.core.media.pictures import TYPES
from hoitu.core.units import unit_scope
from hoitu.core.web.access import current_actor
from hoitu.core.web.site import now
from hoitu.core.web.visibility import is_on

blueprint = Blueprint("files", __name__)

#: Security policy of files, and of those that the browser's PDF viewer opens.
BYTES = "default-src 'none'; sandbox"
PDF = "frame-ancestors 'self'"


@blueprint.get("/tep/<int:file_id>/<name>")
@public
def download(file_id: int, name: str) -> ResponseReturnValue:
    """Return a file that a public item shown on this site has: attached, or in its text.

    The item is the unit's own or one placed here, whose pictures and files belong to its page.
    Staff of the unit open its files before that; nothing on the way may keep those for others.
    """
    found, is_public = _readable(file_id)
    if name != download_name(found):
        answer = redirect(path_of(found), 301 if is_public else 302)
        return answer if is_public else unkept(answer)
    return deliver(found) if is_public else unkept(deliver(found))


@blueprint.get(f"/tep/<int:file_id>/<int(max=99999):width>.<any({', '.join(TYPES)}):extension>")
@public
def variant(file_id: int, width: int, extension: str) -> ResponseReturnValue:
    """Return a copy of a picture in another size and format, to whoever may read the picture."""
    name = f"{width}.{extension}"
    found, is_public = _readable(file_id)
    copy = None
    if name != download_name(found):
        with unit_scope(found.unit_id):
            copy = session().get(FileVariant, (file_id, width, extension))
    if copy is None:
        return download(file_id, name)
    answer = send(copy.sha256, TYPES[copy.format], name)
    return answer if is_public else unkept(answer)


def _readable(file_id: int) -> tuple[File, bool]:
    """Return a file that may be read here, and whether by everybody; else answer 404."""
    found = attachments.find(session(), file_id, g.unit.id, now())
    if found is None:
        abort(404)
    if any(is_on(found.file.unit_id, *place) for place in found.places):
        return found.file, True
    if found.file.unit_id != g.unit.id or not _is_staff():
        abort(404)
    return found.file, False


def _is_staff() -> bool:
    return current_user.is_authenticated and current_actor().can("core.desk", g.unit.id)


def deliver(file: File) -> Response:
    """Return the bytes of a file; what browsers might run is offered as a download.

    Its media type was told from its content, and ``nosniff`` holds browsers to it, so that nothing
    shown in place is HTML or SVG. All else is sandboxed besides. A PDF is not, since its viewer
    keeps the file's scripts away from the site anyway: Chromium 156 (tried) opens it under
    ``sandbox`` or ``default-src 'none'``, but Safari then shows an empty page or downloads it
    (adobe/aem-core-wcm-components issue 2839), and Chrome 77 drew it in a strip of the window
    (rust-lang/www.rust-lang.org issue 942).
    """
    return send(file.sha256, file.media_type, file.name)


def send(sha256: str, media_type: str, name: str) -> Response:
    """Return stored bytes as a file of a media type; 404 when they are gone."""
    try:
        stream = platform.files.open(sha256)
    except FileNotFoundError:
        abort(404)
    response = send_file(
        stream,
        mimetype=media_type,
        as_attachment=media_type not in SHOWN | set(TYPES.values()),
        # A header has no line breaks; names once came in with them.
        download_name=text.one_line(name),
        etag=sha256,
    )
    response.headers["Content-Security-Policy"] = PDF if media_type == "application/pdf" else BYTES
    return response


def unkept(response: ResponseReturnValue) -> Response:
    """Return an answer that only its reader may see: nothing on the way may keep it."""
    assert isinstance(response, Response)
    response.headers["Cache-Control"] = "private, no-store"
    return response


def path_of(file: File) -> str:
    """Return the public path of a file."""
    return url_for("files.download", file_id=file.id, name=download_name(file))
