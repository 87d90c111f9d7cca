"""Map layers: what is mended, what is refused with advice, and that all 41 real files are read."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask_babel import Babel

from hoitu.core import geojson
from hoitu.core.content import Point
from hoitu.core.geojson import LayerError, Shape, read, simplified, thinned_line

FRAME = (Point.LATITUDES, Point.LONGITUDES)
SQUARE = [[107.0, 16.0], [107.1, 16.0], [107.1, 16.1], [107.0, 16.1], [107.0, 16.0]]
ROOT = Path(__file__).parents[2]
FIXTURES = Path(os.environ.get("HOITU_FIXTURES") or ROOT.parent / "shared" / "fixtures")
REAL = sorted((FIXTURES / "admin-units" / "hue-geojson").rglob("*.geojson"))


@pytest.fixture(autouse=True)
def messages() -> Iterator[None]:
    app = Flask(__name__)
    Babel(app)
    with app.test_request_context():
        yield


def feature(kind: str = "Polygon", coordinates: Any = None, **properties: Any) -> dict[str, Any]:
    return {
        "type": "Feature",
        "properties": properties or {"ten": "Một"},
        "geometry": {"type": kind, "coordinates": [SQUARE] if coordinates is None else coordinates},
    }


def written(*features: Any) -> bytes:
    return json.dumps({"type": "FeatureCollection", "features": list(features)}).encode()


def coordinates_of(layer: geojson.Layer) -> Any:
    return json.loads(layer.text)["features"][0]["geometry"]["coordinates"]


def test_a_plain_layer_is_read() -> None:
    layer = read(written(feature(ten=" Tổ  dân phố 1 ", dien_tich_km2="1,25")), FRAME)
    assert layer.named == [("Tổ dân phố 1", 1.25)]
    assert layer.bounds == [16.0, 107.0, 16.1, 107.1]
    assert coordinates_of(layer) == [[SQUARE]]
    assert (layer.points, layer.was_swapped) == (None, False)
    # Nothing else of the file is published.
    found = json.loads(layer.text)["features"][0]
    assert found["properties"] == {"name": "Tổ dân phố 1"}


@pytest.mark.parametrize(
    ("properties", "name"),
    [
        ({"name": "Huế", "fullName": "Thành phố Huế"}, "Thành phố Huế"),
        ({"Tên": "Phường Một"}, "Phường Một"),
        ({"TEN_XA": "Xã Hai", "ma": 7}, "Xã Hai"),
        ({"ten": "", "name": "Ba"}, "Ba"),
        ({"ten": 5, "name": "Bốn"}, "Bốn"),
        ({"name": "<script>alert(1)</script>"}, "<script>alert(1)</script>"),
        ({"name": "Dài" * 100}, ("Dài" * 100)[:160]),
    ],
)
def test_the_property_with_the_name_is_found(properties: dict[str, Any], name: str) -> None:
    assert read(written(feature(**properties)), FRAME).named[0][0] == name


@pytest.mark.parametrize(
    ("area", "found"),
    [(10.38, 10.38), ("10,38", 10.38), (True, None), (-1, None), ("rộng", None), (1e300, None)],
)
def test_area_is_a_plausible_number_or_none(area: Any, found: float | None) -> None:
    assert read(written(feature(name="Một", areaKm2=area)), FRAME).named == [("Một", found)]


@pytest.mark.parametrize(
    "mended",
    [
        [SQUARE[:-1]],
        [[[*place, 12.5] for place in SQUARE]],
        [[place[::-1] for place in SQUARE]],
    ],
    ids=["open ring", "heights", "axes"],
)
def test_what_needs_no_guess_is_mended(mended: Any) -> None:
    layer = read(written(feature(coordinates=mended)), FRAME)
    assert coordinates_of(layer) == [[SQUARE]]
    assert layer.was_swapped is (mended[0][0][0] == 16.0)


def test_points_and_multipolygons_are_drawn() -> None:
    layer = read(
        written(feature("Point", [107.5, 16.5]), feature("MultiPolygon", [[SQUARE]])), FRAME
    )
    kinds = [f["geometry"]["type"] for f in json.loads(layer.text)["features"]]
    assert kinds == ["Point", "MultiPolygon"]
    assert layer.bounds == [16.0, 107.0, 16.5, 107.5]


DEEP = b'{"type":"FeatureCollection","features":' + b"[" * 100_000 + b"]" * 100_000 + b"}"


@pytest.mark.parametrize(
    ("content", "advice"),
    [
        (b"", "not GeoJSON"),
        (b"\xff\xfe\x00", "not GeoJSON"),
        (b"<html></html>", "not GeoJSON"),
        (DEEP, "not GeoJSON"),
        (written(feature()).replace(b"107.1", b"NaN"), "not GeoJSON"),
        (written(feature()).replace(b"107.1", b"-Infinity"), "not GeoJSON"),
        (b" " * (geojson.MAX_BYTES + 1), "larger than 10 MB"),
        (b"[]", "FeatureCollection"),
        (b"null", "FeatureCollection"),
        (json.dumps(feature()).encode(), "FeatureCollection"),
        (written(), "FeatureCollection"),
        (b'{"type":"FeatureCollection","features":{"0":1}}', "FeatureCollection"),
        (written(*[feature("Point", [107, 16])] * (geojson.MAX_FEATURES + 1)), "2001 features"),
        (written(None), "Feature 1 has no name"),
        (written(feature(), feature(ma="7")), "Feature 2 has no name"),
        (written(feature(ten="  ")), "Feature 1 has no name"),
        (written({**feature(), "geometry": None}), "Polygon, MultiPolygon and Point"),
        (written({**feature(), "geometry": {"type": ["Polygon"]}}), "Polygon, MultiPolygon"),
        (written(feature("LineString", SQUARE)), "Polygon, MultiPolygon and Point"),
        (written({**feature(), "geometry": {"type": "Polygon"}}), "outline is broken"),
        (written(feature(coordinates=[])), "outline is broken"),
        (written(feature(coordinates=[[]])), "outline is broken"),
        (written(feature(coordinates=[[SQUARE]])), "outline is broken"),
        (written(feature(coordinates=[SQUARE[:2]])), "outline is broken"),
        (written(feature(coordinates=[[["107", "16"]] * 4])), "outline is broken"),
        (written(feature(coordinates=[[[True, False]] * 4])), "outline is broken"),
        (written(feature(coordinates=[[[107.0]] * 4])), "outline is broken"),
        (written(feature()).replace(b"107.1", b"1e999"), "outline is broken"),
        (written(feature()).replace(b"107.1", b"1" + b"0" * 400), "outline is broken"),
        (written(feature("MultiPolygon", [])), "outline is broken"),
        (written(feature("Point", [2.35, 48.85])), "not lie in Viet Nam"),
        (written(feature("Point", [562000.5, 1820000.5])), "EPSG:4326"),
        (written(feature(), feature("Point", [16.0, 107.0])), "not lie in Viet Nam"),
    ],
)  # fmt: skip
def test_the_rest_is_refused_with_advice(content: bytes, advice: str) -> None:
    with pytest.raises(LayerError) as refused:
        read(content, FRAME)
    assert advice in str(refused.value)


def circle(points: int, radius: float = 0.1) -> list[list[float]]:
    turns = (2 * math.pi * n / points for n in range(points))
    return [[107.5 + radius * math.cos(t), 16.5 + radius * math.sin(t)] for t in turns]


def test_a_layer_of_too_many_points_is_simplified_and_says_so() -> None:
    layer = read(
        written(feature(coordinates=[circle(100_000)]), feature("Point", [107, 16])), FRAME
    )
    assert layer.points is not None
    drawn, whole = layer.points
    assert whole == 100_002
    assert 1000 < drawn <= geojson.DRAWN_POINTS
    assert len(layer.named) == 2
    for x, y in coordinates_of(layer)[0][0]:
        assert math.hypot(x - 107.5, y - 16.5) == pytest.approx(0.1, abs=0.001)


def test_more_than_can_be_simplified_is_refused() -> None:
    with pytest.raises(LayerError, match="Simplify its lines"):
        read(written(feature(coordinates=[circle(geojson.MAX_POINTS + 1)])), FRAME)


def test_an_ill_shaped_line_costs_no_more_than_others() -> None:
    # Each tooth is the farthest point of what is left: without an end this takes hours.
    teeth = [(105 + n * 1e-6, 16 + (n % 2) * n * 1e-5) for n in range(20_000)]
    assert len(thinned_line(teeth, 1.0)) < 1000


def test_no_feature_is_lost_by_simplifying() -> None:
    tiny = [[[(107 + n * 0.001, 16.0), (107 + n * 0.001, 16.00001), (107.00001 + n * 0.001, 16.0),
              (107 + n * 0.001, 16.0)]] for n in range(50)]  # fmt: skip
    shapes = [Shape(str(n), None, polygon and [polygon], False) for n, polygon in enumerate(tiny)]
    wide = Shape("islands", None, [list(polygon) for polygon in tiny * 20], False)
    found = simplified([*shapes, wide], 300)
    assert [s.name for s in found] == [s.name for s in [*shapes, wide]]
    assert sum(len(ring) for s in found for ring in s.rings()) <= 300
    assert all(any(s.rings()) for s in found)


@pytest.mark.parametrize(
    ("line", "kept"),
    [
        ([(0, 0), (1, 0.001), (2, 0)], [(0, 0), (2, 0)]),
        ([(0, 0), (1, 0.5), (2, 0)], [(0, 0), (1, 0.5), (2, 0)]),
        ([(0, 0), (3, 0.001), (2, 0)], [(0, 0), (3, 0.001), (2, 0)]),
        ([(0, 0), (0, 0)], [(0, 0), (0, 0)]),
    ],
)
def test_thinned_line(line: Any, kept: Any) -> None:
    assert thinned_line(line, 0.1) == kept


@pytest.mark.skipif(not REAL, reason="the public files of units (HOITU_FIXTURES) are not here")
def test_all_real_files_are_read() -> None:
    layers = {path.stem: read(path.read_bytes(), FRAME) for path in REAL}
    assert len(layers) == 41
    assert all(layer.named[0][1] for layer in layers.values())
    assert layers["19960_phu_bai"].named == [("Phường Phú Bài", 344.63)]
    assert not any(layer.was_swapped for layer in layers.values())


@pytest.mark.skipif(not REAL, reason="the public files of units (HOITU_FIXTURES) are not here")
def test_all_wards_in_one_file_are_drawn_with_fewer_points() -> None:
    wards = [path for path in REAL if path.parent.name == "wards"]
    features = [f for path in wards for f in json.loads(path.read_bytes())["features"]]
    layer = read(written(*features), FRAME)
    assert len(layer.named) == 40
    assert layer.points is not None
    assert layer.points[1] > 100_000
    assert layer.points[0] <= geojson.DRAWN_POINTS
