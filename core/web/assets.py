"""Assets: files of themes, plugins and the desk, addressed by the fingerprint of their bytes."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from posixpath import normpath

from flask import Blueprint, abort, send_from_directory
from flask import Response as FlaskResponse

from hoitu.core.access import public
from hoitu.core.extensions import platform
from hoitu.core.plugin.manifest import package_folder
from hoitu.core.web.themes import site_theme

blueprint = Blueprint("assets", __name__)

KEPT = "public, max-age=31536000, immutable"

#: Folders of assets that belong to no theme, by owner name.
_OWN = {"desk": Path(__file__).parent.parent / "admin" / "static"}


@blueprint.get("/assets/<owner>/<fingerprint>/<path:path>")
@public
def asset(owner: str, fingerprint: str, path: str) -> FlaskResponse:
    """Return an asset, to be kept for a year if its fingerprint is in the address.

    Under any other fingerprint (a page kept from before an update, or made by a server that has it
    already) the bytes are sent as well, so that the page is not left bare, but nobody may keep them
    without asking again: under that address they would stay wrong for a year. A redirect would not
    do; two servers in the middle of an update would send the browser back and forth.
    """
    folder = _own_folder(owner)
    path, right = normpath(path), ""
    if folder is None:
        theme = platform.themes.named(owner)
        if theme.name != owner:
            abort(404)
        folder, right = theme.static, platform.themes.fingerprint(theme)
    response = send_from_directory(folder, path, conditional=True)
    # Read as a whole: what is sent piece by piece is not compressed.
    response.direct_passthrough = False
    response.make_sequence()
    known = fingerprint == (right or _fingerprint(folder / path))
    response.headers["Cache-Control"] = KEPT if known else "no-cache"
    return response


def asset_path(path: str) -> str:
    """Return the address of an asset of the active theme.

    ``desk/...`` is the desk's own; ``<plugin>/...`` lies in the folder ``static`` of a plugin.
    """
    owner, _, rest = path.partition("/")
    folder = _own_folder(owner)
    if folder is not None:
        return f"/assets/{owner}/{_fingerprint(folder / rest)}/{rest}"
    theme, fingerprint = platform.themes.asset(site_theme(), path)
    return f"/assets/{theme}/{fingerprint}/{path}"


def _own_folder(owner: str) -> Path | None:
    """Return the folder of assets that belong to no theme; None for themes."""
    plugin = platform.plugins.get(owner)
    if plugin is not None and plugin.is_active:
        return package_folder(plugin.package) / "static"
    return _OWN.get(owner)


@cache
def _fingerprint(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()[:12]
