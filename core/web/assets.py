"""Assets: files of themes and of the desk, addressed by the fingerprint of their bytes."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

from flask import Blueprint, abort, g, send_from_directory
from flask import Response as FlaskResponse

from hoitu.core.access import public
from hoitu.core.extensions import platform

blueprint = Blueprint("assets", __name__)

#: Folders of assets that belong to no theme, by owner name.
_OWN = {"desk": Path(__file__).parent.parent / "admin" / "static"}


@blueprint.get("/assets/<owner>/<fingerprint>/<path:path>")
@public
def asset(owner: str, fingerprint: str, path: str) -> FlaskResponse:
    """Return an asset, to be kept for a year: other bytes have another address."""
    folder = _OWN.get(owner)
    if folder is None:
        theme = platform.themes.named(owner)
        if theme.name != owner:
            abort(404)
        folder = theme.static
    response = send_from_directory(folder, path, conditional=True)
    response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    return response


def asset_path(path: str) -> str:
    """Return the address of an asset of the active theme; ``desk/...`` is the desk's own."""
    owner, _, rest = path.partition("/")
    if owner in _OWN:
        return f"/assets/{owner}/{_fingerprint(owner, rest)}/{rest}"
    name = g.unit.theme if "unit" in g else ""
    theme, fingerprint = platform.themes.asset(platform.themes.named(name), path)
    return f"/assets/{theme}/{fingerprint}/{path}"


@cache
def _fingerprint(owner: str, path: str) -> str:
    return hashlib.sha256((_OWN[owner] / path).read_bytes()).hexdigest()[:12]
