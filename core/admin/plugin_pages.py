"""Pages of the desk that plugins bring: in its frame, by its rules, behind a door of their own."""

from __future__ import annotations

from typing import Any

from flask import Blueprint

from hoitu.core.admin import doors
from hoitu.core.admin.blueprint import blueprint as desk
from hoitu.core.admin.blueprint import keep_nothing
from hoitu.core.admin.colleagues import called
from hoitu.core.admin.frame import frame
from hoitu.core.admin.sign_in import note_use


def desk_pages(
    plugin: str, import_name: str, *, path: str, label: Any, first: str, permission: str
) -> Blueprint:
    """Return a blueprint for pages of a plugin at the desk, to be registered in the plugin's own.

    ``path`` begins with a stroke and follows the address of the desk. The navigation leads to the
    view ``first``, and calls it ``label``, for whoever has ``permission``; who may not enter the
    desk otherwise begins there.
    """
    pages = Blueprint("desk", import_name, url_prefix=f"{desk.url_prefix}{path}")
    pages.before_request(note_use)
    pages.after_request(keep_nothing)
    pages.context_processor(lambda: {"desk_frame": frame, "called": called})
    place = doors.Place(plugin, label, f"{plugin}.desk.{first}", permission)
    pages.record(lambda state: doors.add(state.app.extensions, place))
    return pages
