"""Map layers as people bring them: GeoJSON (RFC 7946), read with distrust and made ready to draw.

What can be mended without a guess is mended: exchanged axes (in Viet Nam no pair of degrees fits
both ways), open rings, heights, too many points. All else is refused with what to do.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from flask_babel import gettext as _

from hoitu.core import numbers, text

MAX_BYTES, MAX_FEATURES, MAX_POINTS = 10 << 20, 2000, 200_000
#: Most characters of a name, and an area (km²) that nothing in a country reaches.
MAX_NAME, MAX_AREA = 160, 1_000_000
#: Most points that are drawn; a layer with more is simplified.
DRAWN_POINTS = 20_000
#: First distance, in degrees, that a simplified line may stray (1 m), and the digits written.
FINEST, DIGITS = 0.00001, 5
#: Properties that hold a name or an area, folded and without signs; earlier ones go first.
NAMES = ("fullname", "tendaydu", "ten", "tendvhc", "tenxa", "tenthon", "name")
AREAS = ("areakm2", "dientichkm2")
#: How deep the positions of a geometry lie.
_DEPTHS = {"Point": 0, "Polygon": 2, "MultiPolygon": 3}
#: Positions of a line that are simplified together: bounds what an ill-shaped line costs.
_STRETCH = 64

Position = tuple[float, float]
Ring = list[Position]
#: Lowest and highest latitude, and longitude, that a layer may have.
Frame = tuple[tuple[float, float], tuple[float, float]]


class LayerError(ValueError):
    """A file that is no usable layer; the message is translated and says what to do."""


@dataclass(frozen=True, slots=True)
class Shape:
    """A named feature: one position, or polygons made of rings, longitude before latitude."""

    name: str
    area: float | None
    polygons: list[list[Ring]]
    is_point: bool

    def rings(self) -> Iterator[Ring]:
        """Yield every line."""
        for polygon in self.polygons:
            yield from polygon


@dataclass(frozen=True, slots=True)
class Layer:
    """A layer made ready to draw."""

    text: str
    named: list[tuple[str, float | None]]
    #: South, west, north, east.
    bounds: list[float]
    #: Points drawn and points in the file where lines were simplified.
    points: list[int] | None
    was_swapped: bool


def read(content: bytes, frame: Frame) -> Layer:
    """Return the layer in a file.

    :raises LayerError: it is none, too large, nameless, or does not lie in ``frame``.
    """
    shapes = [_shape(n, entry) for n, entry in enumerate(_features(content), start=1)]
    count = _size(shapes)
    if count > MAX_POINTS:
        raise LayerError(
            _(
                "The map has %(n)d points, at most %(m)d. Simplify its lines and attach it again.",
                n=count, m=MAX_POINTS,
            )
        )  # fmt: skip
    shapes, was_swapped = _turned(shapes, frame)
    drawn = simplified(shapes, DRAWN_POINTS)
    points = [_size(drawn), count] if count > DRAWN_POINTS else None
    west, south, east, north = _bounds(p for shape in shapes for r in shape.rings() for p in r)
    named = [(shape.name, shape.area) for shape in shapes]
    return Layer(_written(drawn), named, [south, west, north, east], points, was_swapped)


def simplified(shapes: list[Shape], limit: int) -> list[Shape]:
    """Return shapes of at most ``limit`` points, every one of them still there."""
    tolerance = FINEST
    while _size(shapes) > limit:
        shapes = [s if s.is_point else _thinned(s, tolerance) for s in shapes]
        tolerance *= 2.5
    return shapes


def thinned_line(line: Ring, tolerance: float) -> Ring:
    """Return the positions of a line that Douglas and Peucker keep; the ends of stretches stay."""
    ends = [*range(0, len(line) - 1, _STRETCH), len(line) - 1]
    kept, waiting = set(ends), list(pairwise(ends))
    while waiting:
        first, last = waiting.pop()
        middle, distance = _farthest(line, first, last)
        if distance > tolerance:
            kept.add(middle)
            waiting += [(first, middle), (middle, last)]
    return [line[i] for i in sorted(kept)]


def _farthest(line: Ring, first: int, last: int) -> tuple[int, float]:
    """Return the position between two others that lies farthest from their connection."""
    (left, low), (right, high) = line[first], line[last]
    dx, dy = right - left, high - low
    length = dx * dx + dy * dy
    found, worst = first, 0.0
    for i in range(first + 1, last):
        x, y = line[i][0] - left, line[i][1] - low
        along = (x * dx + y * dy) / length if length else 0.0
        if along >= 1:
            x, y = x - dx, y - dy
        elif along > 0:
            x, y = x - along * dx, y - along * dy
        if (distance := x * x + y * y) > worst:
            found, worst = i, distance
    return found, math.sqrt(worst)


# -- reading ------------------------------------------------------------------------------------


def _features(content: bytes) -> list[Any]:
    if len(content) > MAX_BYTES:
        raise LayerError(_("The map file is larger than %(n)d MB.", n=MAX_BYTES >> 20))
    try:
        layer = json.loads(content.decode("utf-8-sig"), parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise LayerError(_("The map file is not GeoJSON. Export it as GeoJSON, UTF-8.")) from error
    found = layer.get("features") if isinstance(layer, dict) else None
    if not isinstance(found, list) or layer.get("type") != "FeatureCollection" or not found:
        raise LayerError(_("The map file must be a FeatureCollection with at least one feature."))
    if len(found) > MAX_FEATURES:
        raise LayerError(
            _("The map has %(n)d features, at most %(m)d.", n=len(found), m=MAX_FEATURES)
        )
    return found


def _no_number(name: str) -> float:
    # Python reads NaN and Infinity; JSON has neither.
    raise ValueError(name)


def _shape(number: int, feature: Any) -> Shape:
    told = feature.get("properties") if isinstance(feature, dict) else None
    known = {_plain(k): v for k, v in told.items()} if isinstance(told, dict) else {}
    named = (known.get(key) for key in NAMES)
    name = next((line for v in named if isinstance(v, str) and (line := _line(v))), "")
    if not name:
        raise LayerError(
            _('Feature %(n)d has no name. Give each a property "ten" or "name".', n=number)
        )
    area = next((a for key in AREAS if (a := _area(known.get(key))) is not None), None)
    geometry = feature.get("geometry")
    kind = geometry.get("type") if isinstance(geometry, dict) else None
    if not isinstance(kind, str) or kind not in _DEPTHS:
        raise LayerError(
            _("%(name)s: only Polygon, MultiPolygon and Point can be shown.", name=name)
        )
    try:
        polygons = _placed(geometry["coordinates"], _DEPTHS[kind])
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise LayerError(_("%(name)s: the outline is broken.", name=name)) from error
    return Shape(name, area, polygons, kind == "Point")


def _line(value: str) -> str:
    return text.one_line(value)[:MAX_NAME]


def _plain(key: str) -> str:
    return "".join(filter(str.isalnum, text.fold(key)))


def _area(value: Any) -> float | None:
    if isinstance(value, str):
        found = numbers.read(value)
        value = float(found) if found is not None else None
    return value if type(value) in (int, float) and 0 < value < MAX_AREA else None


def _placed(coordinates: Any, depth: int) -> list[list[Ring]]:
    """Return coordinates as polygons; anything of another shape raises."""
    if depth == 0:
        return [[[_position(coordinates)]]]
    polygons = [coordinates] if depth == 2 else coordinates
    found = [[_ring(r) for r in p] for p in polygons]
    if not found or not all(found):
        raise ValueError("no rings")
    return found


def _ring(positions: Any) -> Ring:
    found = [_position(p) for p in positions]
    if found[:1] != found[-1:]:
        found.append(found[0])
    if len(found) < 4:
        raise ValueError("no ring")
    return found


def _position(value: Any) -> Position:
    first, second = value[:2]
    if type(first) not in (int, float) or type(second) not in (int, float):
        raise TypeError("no number")
    if not (math.isfinite(first) and math.isfinite(second)):
        raise ValueError("no place")
    return float(first), float(second)


# -- mending ------------------------------------------------------------------------------------


def _turned(shapes: list[Shape], frame: Frame) -> tuple[list[Shape], bool]:
    """Return shapes that lie in the frame, and whether their axes had to be exchanged."""
    outside = next((s for s in shapes if not _lies_in(s, frame)), None)
    if outside is None:
        return shapes, False
    turned = [replace(s, polygons=[[_exchanged(r) for r in p] for p in s.polygons]) for s in shapes]
    if all(_lies_in(s, frame) for s in turned):
        return turned, True
    raise LayerError(
        _(
            "%(name)s does not lie in Viet Nam. Export the map in WGS 84 degrees (EPSG:4326).",
            name=outside.name,
        )
    )


def _exchanged(ring: Ring) -> Ring:
    return [(second, first) for first, second in ring]


def _lies_in(shape: Shape, frame: Frame) -> bool:
    west, south, east, north = _bounds(p for ring in shape.rings() for p in ring)
    (lowest, highest), (left, right) = frame
    return left <= west and east <= right and lowest <= south and north <= highest


def _bounds(positions: Iterable[Position]) -> tuple[float, float, float, float]:
    xs, ys = zip(*positions, strict=True)
    return min(xs), min(ys), max(xs), max(ys)


def _size(shapes: Iterable[Shape]) -> int:
    return sum(len(ring) for shape in shapes for ring in shape.rings())


def _thinned(shape: Shape, tolerance: float) -> Shape:
    """Return a shape with fewer points; what is smaller than the tolerance goes, but for a box."""
    found = []
    for outer, *holes in shape.polygons:
        lines = [line for r in (outer, *holes) if len(line := thinned_line(r, tolerance)) > 3]
        if lines and len(thinned_line(outer, tolerance)) > 3:
            found.append(lines)
    if not found:
        west, south, east, north = _bounds(p for ring in shape.rings() for p in ring)
        found = [[[(west, south), (east, south), (east, north), (west, north), (west, south)]]]
    return replace(shape, polygons=found)


def _written(shapes: Iterable[Shape]) -> str:
    features = []
    for number, shape in enumerate(shapes):
        rings: Any = [
            [[[round(x, DIGITS), round(y, DIGITS)] for x, y in r] for r in p]
            for p in shape.polygons
        ]
        kind, drawn = ("Point", rings[0][0][0]) if shape.is_point else ("MultiPolygon", rings)
        features.append({
            "type": "Feature",
            "id": number,
            "properties": {"name": shape.name},
            "geometry": {"type": kind, "coordinates": drawn},
        })  # fmt: skip
    layer = {"type": "FeatureCollection", "features": features}
    return json.dumps(layer, ensure_ascii=False, separators=(",", ":"))
