"""The read API: every content type, with the same filters as its list, and its OpenAPI document."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.metadata import version
from typing import Any

from flask import Blueprint, Response, abort, g, jsonify, url_for

from hoitu.core.access import public
from hoitu.core.content import ContentType, Field, Item, RichText, queries
from hoitu.core.extensions import platform, session
from hoitu.core.web import prose
from hoitu.core.web.addresses import full
from hoitu.core.web.listing import CURSOR, QUERY, YEAR, Listing, listing
from hoitu.core.web.site import address_of, language, now, today
from hoitu.core.web.visibility import is_shown

blueprint = Blueprint("api", __name__, url_prefix="/api/v1")

TEXT = {"type": "string"}
INSTANT = {"type": "string", "format": "date-time"}
#: Schema of what every item has beside its fields.
ENVELOPE: Mapping[str, Any] = {
    "id": {"type": "integer"},
    "uid": TEXT,
    "type": TEXT,
    "unit": {"type": "integer"},
    "requirement": TEXT,
    "language": TEXT,
    "published_at": INSTANT,
    "updated_at": INSTANT,
    "url": {"type": "string", "format": "uri"},
    "title": TEXT,
}


@blueprint.get("/openapi.json")
@public
def openapi() -> Response:
    """Return the OpenAPI 3.1 document of this unit's API."""
    kinds = _kinds()
    return jsonify(
        openapi="3.1.0",
        info={"title": f"Hội Tụ: {g.unit.name(today(), language())}", "version": version("hoitu")},
        servers=[{"url": full("/api/v1")}],
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
    if found is None or not is_shown(found):
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
    """Return an item as JSON; ``whole`` adds the long and the repeated fields.

    What the type declares is below ``fields``, so that no field can hide what every item has.
    """
    own = isinstance(found, kind.model)
    return {
        "id": found.id,
        "uid": found.uid,
        "type": found.type,
        "unit": found.unit_id,
        "requirement": found.requirement,
        "language": found.language,
        "published_at": found.published_from.isoformat() if found.published_from else None,
        "updated_at": (found.revised_at or found.sort_at).isoformat(),
        "url": full(address_of(found)),
        "title": found.title,
        "fields": {
            name: _told(declared, declared.kind.dump(getattr(found, name)))
            for name, declared in kind.shown_fields.items()
            if own and (whole or not _is_long(declared))
        },
    }


def _told(declared: Field, value: Any) -> Any:
    """Return a value as it is told elsewhere: a text's links have full addresses."""
    return prose.absolute(value) if isinstance(declared.kind, RichText) else value


def _is_long(declared: Field) -> bool:
    return isinstance(declared.kind, RichText) or declared.kind.schema["type"] == "array"


def _kinds() -> list[ContentType]:
    return [t for t in platform.types if platform.switchboard.section_on(g.unit, t.section)]


def _kind(name: str) -> ContentType:
    kind = platform.types.get(name)
    if kind is None or not platform.switchboard.section_on(g.unit, kind.section):
        abort(404)
    return kind


def _paths(kind: ContentType) -> dict[str, Any]:
    names = [QUERY, YEAR, CURSOR, *(f.filter for f in kind.filters.values())]
    parameters = [{"name": n, "in": "query", "schema": TEXT} for n in names]
    schema = {"$ref": f"#/components/schemas/{kind.name}"}
    listed = {
        "type": "object",
        "properties": {
            "items": {"type": "array", "items": schema},
            "total": {"type": "integer"},
            "older": TEXT,
            "newer": TEXT,
        },
    }
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
    declared = {
        name: {**field.kind.schema, "title": str(field.label)}
        for name, field in kind.shown_fields.items()
    }
    properties = {**ENVELOPE, "fields": {"type": "object", "properties": declared}}
    return {"type": "object", "title": str(kind.label), "properties": properties}
