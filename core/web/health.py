"""Health: whether the process is alive, and whether it is ready to serve."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, jsonify
from sqlalchemy.exc import SQLAlchemyError

from hoitu.core import stamp
from hoitu.core.access import public
from hoitu.core.extensions import platform, session

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
@public
def healthz() -> Response:
    """Answer as long as the process lives."""
    return Response("ok\n", content_type="text/plain; charset=utf-8")


@blueprint.get("/readyz")
@public
def readyz() -> tuple[Response, int]:
    """Say for each part whether it can serve; 503 when the database cannot.

    Anybody may ask, so no reason is told: those are for ``hoitu doctor``.
    """
    parts: dict[str, Any] = {"database": _database(), "search": _search()}
    plugins = {plugin.name: plugin.state for plugin in platform.plugins.all()}
    ready = bool(parts["database"]["ok"])
    return jsonify(ready=ready, **parts, plugins=plugins), 200 if ready else 503


def _database() -> dict[str, Any]:
    try:
        stamp.read(session())
    except SQLAlchemyError:
        return {"ok": False, "remedy": "hoitu doctor"}
    return {"ok": True}


def _search() -> dict[str, Any]:
    health = platform.search.health()
    return {"ok": health.ok, "documents": health.documents, "remedy": health.remedy}
