"""Layers of the administrative map: made ready when saved, chosen by day, told in words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

from flask import url_for
from flask_babel import gettext as _

from hoitu.core import geojson, sheets, text
from hoitu.core.content import File, Point, queries
from hoitu.core.extensions import platform, session
from hoitu.core.geojson import Layer, LayerError
from hoitu.core.units import holds
from hoitu.core.web import active_unit, now, today, unit_address
from hoitu.sections.agency.models import MapLayer
from hoitu.sections.agency.vocabularies import LEVELS

MEDIA_TYPE = "application/geo+json"
#: Most layers of a unit that are looked at.
LIMIT = 100
NOTHING = Layer("", [], [], None, False)


def prepare(item: MapLayer) -> None:
    """Keep with a layer what follows from its map file: nothing where the file is of no use."""
    try:
        layer = layer_of(item) or NOTHING
    except LayerError:
        layer = NOTHING
    item.outline, item.named, item.features = layer.text, layer.named, len(layer.named)
    item.bounds, item.points, item.was_swapped = layer.bounds, layer.points, layer.was_swapped


def layer_of(item: MapLayer) -> Layer | None:
    """Return what the map file of an entry holds; None while none is attached.

    :raises LayerError: the file cannot be used, or there are several.
    """
    # A file just attached has no row in the database yet.
    held = (row.file or session().get(File, row.file_id) for row in item.attachment_rows)
    files = [file for file in held if file is not None and file.media_type == MEDIA_TYPE]
    if len(files) > 1:
        raise LayerError(_("Attach one map file; make an entry for each further layer."))
    return _read(files[0].sha256) if files else None


@lru_cache(maxsize=8)
def _read(sha256: str) -> Layer:
    try:
        with platform.files.open(sha256) as source:
            content = source.read()
    except FileNotFoundError as error:
        raise LayerError(_("The map file is lost. Attach it again.")) from error
    return geojson.read(content, (Point.LATITUDES, Point.LONGITUDES))


def layers() -> list[MapLayer]:
    """Return the public layers of the unit, newest first: one statement."""
    chosen = queries.public(MapLayer, now()).order_by(MapLayer.valid_from.desc(), MapLayer.id)
    return list(session().scalars(chosen.limit(LIMIT)))


def valid(found: Iterable[MapLayer]) -> list[MapLayer]:
    """Return the layers that are valid on the day of the request, or the last of an ended unit."""
    day = active_unit().living_day(today())
    return [layer for layer in found if holds(layer, day)]


def outline_path(layer: MapLayer) -> str:
    """Return the path of the map of a layer; '' while it has none."""
    return url_for("agency.outline", item_id=layer.id) if layer.features else ""


def ground() -> str:
    """Return the path of the widest map of today, to show places on, or '': one statement."""
    if not platform.switchboard.section_on(active_unit(), "agency", "administrative_map"):
        return ""
    widest = sorted(valid(layers()), key=lambda layer: [*LEVELS.terms].index(layer.level))
    return next(filter(None, map(outline_path, widest)), "")


def places(layer: MapLayer) -> list[tuple[str, Any, str]]:
    """Return (name, area, address of its site) of what a map, or else its list, shows."""
    listed = {text.fold(row["name"]): sheets.number(row["area"]) for row in layer.places}
    named: Sequence[Any] = layer.named or [(row["name"], None) for row in layer.places]
    day = min(layer.period[1], today())
    sites = {
        text.fold(name): unit_address(unit)
        for unit in platform.units.children(active_unit(), day)
        for name in (unit.name(day), unit.short_name(day))
    }
    keys = [text.fold(name) for name, _area in named]
    return [
        (name, listed.get(key) if area is None else area, sites.get(key, ""))
        for key, (name, area) in zip(keys, named, strict=True)
    ]
