"""The read API: every content type, with the same filters as its list, and its OpenAPI document."""

from __future__ import annotations

from importlib.metadata import version
from typing import Any
from urllib.parse import urljoin

from flask import Blueprint, Response, abort, g, jsonify, request, url_for

from hoitu.core.access import public
from hoitu.core.content import ContentType, Item, queries
from hoitu.core.extensions import platform, session
from hoitu.core.web.listing import CURSOR, QUERY, YEAR, Listing, listing
from hoitu.core.web.site import address_of, language, now, today

blueprint = Blueprint("api", __name__, url_prefix="/api/v1")


@blueprint.get("/openapi.json")
@public
def openapi() -> Response:
    """Return the OpenAPI 3.1 document of this unit's API."""
    kinds = _kinds()
    return jsonify(
        openapi="3.1.0",
        info={"title": f"Hội Tụ: {g.unit.name(today(), language())}", "version": version("hoitu")},
        servers=[{"url": urljoin(request.url_root, "/api/v1")}],
        paths={path: entry for kind in kinds for path, entry in _paths(kind).items()},
        components={"schemas": {kind.name: _schema(kind) for kind in kinds}},
    )


@blueprint.get("/<type_name>")
@public
def items(type_name: str) -> Response:
    """Return one page of a type's public items."""
    kind = _kind(type_name)
    return jsonify(page_of(kind, listing(kind)))


@blueprint.get("/<type_name>/<int:item_id>")
@public
def item(type_name: str, item_id: int) -> Response:
    """Return one public item."""
    kind = _kind(type_name)
    found = queries.find(session(), kind.model, item_id, now())
    if found is None or not platform.switchboard.section_on(
        g.unit, kind.section, found.requirement
    ):
        abort(404)
    return jsonify(represent(kind, found, whole=True))


def page_of(kind: ContentType, found: Listing) -> dict[str, Any]:
    """Return a page of a list as JSON."""
    return {
        "items": [represent(kind, entry) for entry in found.items],
        "total": found.total,
        "older": found.older_path,
        "newer": found.newer_path,
    }


def represent(kind: ContentType, found: Item, *, whole: bool = False) -> dict[str, Any]:
    """Return an item as JSON; ``whole`` adds the long and the repeated fields."""
    base: dict[str, Any] = {
        "id": found.id,
        "uid": found.uid,
        "type": found.type,
        "unit": found.unit_id,
        "requirement": found.requirement,
        "language": found.language,
        "published_at": found.published_from.isoformat() if found.published_from else None,
        "updated_at": (found.revised_at or found.sort_at).isoformat(),
        "address": urljoin(request.url_root, address_of(found)),
        "title": found.title,
    }
    own = isinstance(found, kind.model)
    long = {"body", "attachments"} | {
        n for n, f in kind.fields.items() if "array" in f.kind.schema.values()
    }
    for name, declared in kind.fields.items():
        if own and (whole or name not in long):
            base[name] = declared.kind.dump(getattr(found, name))
    return base


def _kinds() -> list[ContentType]:
    return [t for t in platform.types if platform.switchboard.section_on(g.unit, t.section)]


def _kind(name: str) -> ContentType:
    kind = platform.types.get(name)
    if kind is None or not platform.switchboard.section_on(g.unit, kind.section):
        abort(404)
    return kind


def _paths(kind: ContentType) -> dict[str, Any]:
    text = {"type": "string"}
    names = [QUERY, YEAR, CURSOR, *(f.filter for f in kind.filters.values())]
    parameters = [{"name": n, "in": "query", "schema": text} for n in names]
    schema = {"$ref": f"#/components/schemas/{kind.name}"}
    listed = {"type": "object", "properties": {"items": {"type": "array", "items": schema}}}
    by_id = {"name": "item_id", "in": "path", "required": True, "schema": {"type": "integer"}}
    path = url_for("api.items", type_name=kind.name).partition("/api/v1")[2]
    return {
        path: {"get": _operation(str(kind.label_plural), parameters, listed)},
        f"{path}/{{item_id}}": {"get": _operation(str(kind.label), [by_id], schema)},
    }


def _operation(summary: str, parameters: list[Any], schema: Any) -> dict[str, Any]:
    content = {"application/json": {"schema": schema}}
    return {
        "summary": summary,
        "parameters": parameters,
        "responses": {
            "200": {"description": "OK", "content": content},
            "404": {"description": "Not found"},
        },
    }


def _schema(kind: ContentType) -> dict[str, Any]:
    properties = {
        name: {**declared.kind.schema, "title": str(declared.label)}
        for name, declared in kind.fields.items()
    }
    return {"type": "object", "title": str(kind.label), "properties": properties}
