"""The library as scripts choose from it."""

from __future__ import annotations

from typing import Any

from flask import jsonify, request
from flask.typing import ResponseReturnValue

from hoitu.core import text
from hoitu.core.access import requires
from hoitu.core.admin.blueprint import blueprint
from hoitu.core.admin.media.answers import told
from hoitu.core.admin.media.province import told_of
from hoitu.core.admin.media.sending import demand_use
from hoitu.core.extensions import platform, session
from hoitu.core.media import library, shared
from hoitu.core.web.site import today

#: Files of one answer.
SIZE = 24


@blueprint.get("/thu-vien.json")
@requires("core.desk")
def media_json() -> ResponseReturnValue:
    """Return a page of the unit's files, the newest first: ``q`` words, ``kind`` image or any.

    With ``from=tinh`` it is of those the province offers, which have no ``url`` until they are
    taken over by sending to their ``take``.
    """
    demand_use()
    kind = library.PICTURES if request.args.get("kind") == "image" else ""
    if request.args.get("from") == "tinh":
        theirs = shared.page(platform, today(), kind, words(), before=key("cursor"), size=SIZE)
        return _answer(told_of(theirs.files), theirs.older)
    chosen = library.narrowed(kind, words())
    page = library.page(session(), chosen, before=key("cursor"), size=SIZE)
    small = library.thumbnails(session(), page.files)
    return _answer([told(file, small) for file in page.files], page.older)


def _answer(files: list[dict[str, Any]], older: int | None) -> ResponseReturnValue:
    return jsonify(files=files, next=str(older) if older is not None else None)


def words() -> str:
    """Return what the request searches for."""
    return text.nfc(request.args.get("q", ""))[:200].strip()


def key(name: str) -> int | None:
    """Return the id at which a page begins; None when the request names none."""
    value = request.args.get(name, "")
    return int(value) if value.isascii() and value.isdigit() and len(value) < 19 else None
