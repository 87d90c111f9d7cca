"""The shared library of the province at the desk of every unit: look, choose, take over."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import abort, flash, g, jsonify, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from hoitu.core.access import requires
from hoitu.core.admin import work
from hoitu.core.admin.blueprint import blueprint
from hoitu.core.admin.media.answers import Card, facts, told
from hoitu.core.admin.media.sending import demand_use, wants_json
from hoitu.core.admin.work import ID
from hoitu.core.extensions import platform, session
from hoitu.core.media import shared
from hoitu.core.media.pictures import TYPES
from hoitu.core.media.shared import Offered
from hoitu.core.web.files import send
from hoitu.core.web.site import today


@blueprint.get(f"/thu-vien/tinh/<{ID}:file_id>/<name>")
@requires("core.desk")
def province_file(file_id: int, name: str) -> ResponseReturnValue:
    """Return a file that the province offers, or a small copy of it, for staff of any unit."""
    found = shared.offered(platform, today(), file_id)
    if found is None:
        abort(404)
    copy = shared.small_copy(platform, today(), file_id) if name == SMALL else None
    if copy is None:
        return send(found.sha256, found.media_type, found.name)
    sha256, extension = copy
    return send(sha256, TYPES[extension], SMALL)


@blueprint.post(f"/thu-vien/tinh/<{ID}:file_id>/lay")
@requires("core.desk")
def province_take(file_id: int) -> ResponseReturnValue:
    """Make a file that the province offers one of this unit; its bytes are not copied."""
    demand_use()
    taken = shared.take_over(work.context(), platform, file_id)
    if taken is None:
        abort(404)
    session().commit()
    if wants_json():
        return jsonify(told(taken, {})), 201
    flash(_("%(name)s is now in the library of your unit.", name=taken.name))
    return redirect(url_for("desk.media_file", file_id=taken.id), 303)


#: Name under which the small copy of an offered picture is asked for.
SMALL = "nho"


def cards(files: Sequence[Offered]) -> list[Card]:
    """Return offered files as the library shows them."""
    return [Card(file, _small(file) or "", undescribed=False) for file in files]


def told_of(files: Sequence[Offered]) -> list[dict[str, Any]]:
    """Return what a script needs of offered files: how to see and how to take each."""
    return [
        {
            **facts(file),
            "url": None,
            "thumb": _small(file),
            "take": url_for("desk.province_take", file_id=file.id),
        }
        for file in files
    ]


def path_of(file: Offered) -> str:
    """Return where staff of any unit read an offered file."""
    return url_for("desk.province_file", file_id=file.id, name=file.download)


def provides() -> bool:
    """Say whether this unit is one that offers files to all."""
    return shared.is_provider(platform.units, g.unit, today())


def _small(file: Offered) -> str | None:
    if file.width is None:
        return None
    return url_for("desk.province_file", file_id=file.id, name=SMALL)
