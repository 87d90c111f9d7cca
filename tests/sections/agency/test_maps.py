"""Administrative map and places on it."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest

from hoitu.core.content import ActionContext, Refused, actions, files
from hoitu.core.testing.fixtures import Site
from hoitu.core.units import Unit
from hoitu.sections.agency.models import MapLayer

Open = Callable[..., Site]
Publish = Callable[..., int]
Desk = Callable[..., AbstractContextManager[ActionContext]]
Attach = Callable[..., int]

SQUARE = [[107.0, 16.0], [107.1, 16.0], [107.1, 16.1], [107.0, 16.1], [107.0, 16.0]]
PAGE = "/gioi-thieu/ban-do"
LAYER = {"title": "Tổ dân phố", "level": "village_group", "valid_from": "01/07/2025"}
SITE = {"title": "Đình làng", "rank": "provincial", "address": "Phường Một"}


def outline(*names: str, **more: Any) -> bytes:
    features = [
        {
            "type": "Feature",
            "properties": {"ten": name, **more},
            "geometry": {"type": "Polygon", "coordinates": [SQUARE]},
        }
        for name in names
    ]
    return json.dumps({"type": "FeatureCollection", "features": features}).encode()


@pytest.fixture
def attach(desk: Desk, platform: Any) -> Attach:
    def make(content: bytes, at: Unit | None = None, name: str = "lop.geojson") -> int:
        with desk(at) as work:
            return files.upload(work, platform.files, name, io.BytesIO(content)).id

    return make


def test_the_layer_of_today_is_shown_with_its_places(
    site: Open, publish: Publish, attach: Attach
) -> None:
    item_id = publish("map_layer", **LAYER, attachments=[attach(outline("Tổ 1", "Tổ <2>"))])
    page = site().get(PAGE).text
    assert f'data-ground="{PAGE}/{item_id}.geojson"' in page
    assert '<th scope="row">Tổ &lt;2&gt;</th>' in page
    assert re.search(r'<script src="/assets/agency/\w+/leaflet/leaflet.js" defer>', page)
    answer = site().get(f"{PAGE}/{item_id}.geojson")
    assert answer.mimetype == "application/geo+json"
    named = [f["properties"]["name"] for f in answer.get_json(force=True)["features"]]
    assert named == ["Tổ 1", "Tổ <2>"]
    again = site().client.get(
        f"{PAGE}/{item_id}.geojson",
        headers={"Host": "mot.test", "If-None-Match": answer.headers["ETag"]},
    )
    assert again.status_code == 304


def test_number_of_features_and_bounds_are_kept(
    desk: Desk, publish: Publish, attach: Attach
) -> None:
    item_id = publish("map_layer", **LAYER, attachments=[attach(outline("Tổ 1", "Tổ 2"))])
    with desk() as work:
        kept = work.session.get_one(MapLayer, item_id)
        assert (kept.features, kept.bounds) == (2, [16.0, 107.0, 16.1, 107.1])


def test_what_was_mended_is_told(site: Open, publish: Publish, attach: Attach) -> None:
    turned = outline("Tổ 1").replace(b"107.", b"@").replace(b"16.", b"107.").replace(b"@", b"16.")
    publish("map_layer", **LAYER, attachments=[attach(turned)])
    assert "đổi lại" in site().get(PAGE).text


def test_layers_are_chosen_by_day(site: Open, publish: Publish, attach: Attach) -> None:
    past = publish(
        "map_layer", **{**LAYER, "title": "Lớp cũ", "valid_from": "01/01/2020"},
        valid_until="30/06/2025", attachments=[attach(outline("Thôn cũ"))],
    )  # fmt: skip
    publish("map_layer", **LAYER, attachments=[attach(outline("Tổ mới"))])
    page = site().get(PAGE).text
    assert '<th scope="row">Tổ mới</th>' in page
    assert "Thôn cũ" not in page
    older = f"{PAGE}/{past}-lop-cu"
    assert f'href="{older}"' in page
    detail = site().get(older).text
    assert '<th scope="row">Thôn cũ</th>' in detail
    assert "Không có hiệu lực hôm nay" in detail


def test_a_list_in_words_does_without_a_map(site: Open, publish: Publish) -> None:
    item_id = publish("map_layer", **LAYER, places=[{"name": "Thôn Một", "area": "1,5"}])
    page = site().get(PAGE).text
    assert '<th scope="row">Thôn Một</th><td class="number">1,5</td>' in page
    assert "data-ground" not in page
    assert "leaflet" not in page
    assert site().get(f"{PAGE}/{item_id}.geojson").status_code == 404


def test_names_of_units_lead_to_their_sites(
    site: Open, publish: Publish, attach: Attach, units: Callable[[str], Unit]
) -> None:
    province = units("tinh")
    publish(
        "map_layer", province, **{**LAYER, "level": "commune"},
        attachments=[attach(outline("Phường Một", "Phường Khác", areaKm2=10.38), province)],
    )  # fmt: skip
    page = site(province).get(PAGE).text
    row = page[page.index('<th scope="row">Phường Một') : page.index("Phường Khác</th>")]
    assert "mot.test/" in row
    assert '<td class="number">10,38</td>' in row
    assert "<td></td>" in page[page.index("Phường Khác</th>") :]


@pytest.mark.parametrize(
    ("values", "contents", "field"),
    [
        ({}, [], "attachments"),
        ({}, [b'{"type":"Point","coordinates":[1,2]}'], "attachments"),
        ({}, [outline("")], "attachments"),
        ({}, [outline("Tổ 1").replace(b"107.", b"7.")], "attachments"),
        ({}, [outline("Tổ 1"), outline("Tổ 2")], "attachments"),
        ({"valid_until": "30/06/2025"}, [outline("Tổ 1")], "valid_until"),
        ({"valid_from": None}, [outline("Tổ 1")], "valid_from"),
    ],
)
def test_what_no_map_can_be_drawn_of_is_not_published(
    values: Any, contents: list[bytes], field: str, desk: Desk, attach: Attach
) -> None:
    attached = [attach(content, name=f"lop-{n}.geojson") for n, content in enumerate(contents)]
    with desk() as work, pytest.raises(Refused) as refused:
        item = actions.create(work, "map_layer", {**LAYER, **values, "attachments": attached})
        actions.publish(work, item)
    assert [problem.field for problem in refused.value.problems] == [field]


def test_a_new_file_of_a_published_layer_waits_for_publication(
    site: Open, desk: Desk, publish: Publish, attach: Attach
) -> None:
    item_id = publish("map_layer", **LAYER, attachments=[attach(outline("Tổ 1"))])
    new = attach(outline("Tổ 9"), name="moi.geojson")
    with desk() as work:
        item = work.session.get_one(MapLayer, item_id)
        actions.edit(work, item, {"attachments": [new]})
        actions.submit(work, item)
    assert "Tổ 9" not in site().get(f"{PAGE}/{item_id}.geojson").text
    with desk() as work:
        actions.publish(work, work.session.get_one(MapLayer, item_id))
    assert "Tổ 9" in site().get(f"{PAGE}/{item_id}.geojson").text


def test_maps_of_drafts_and_of_other_units_are_not_found(
    site: Open, desk: Desk, publish: Publish, attach: Attach, other_unit: Unit,
    waive: Callable[..., None],
) -> None:  # fmt: skip
    theirs = publish(
        "map_layer", other_unit, **LAYER, attachments=[attach(outline("MẬT"), other_unit)]
    )
    mine = publish("map_layer", **LAYER, attachments=[attach(outline("Tổ 1"))])
    hidden = attach(outline("Nháp"), name="nhap.geojson")
    with desk() as work:
        draft = actions.create(work, "map_layer", {**LAYER, "attachments": [hidden]}).id
    for item_id in (theirs, draft):
        assert site().get(f"{PAGE}/{item_id}.geojson").status_code == 404
    assert site(other_unit).get(f"{PAGE}/{theirs}.geojson").status_code == 200
    assert site().get(f"{PAGE}/{mine}.geojson").status_code == 200
    waive("agency", "administrative_map")
    assert site().get(f"{PAGE}/{mine}.geojson").status_code == 404
    assert site().get(PAGE).status_code == 404


def test_a_place_is_shown_on_the_map_of_the_unit(
    site: Open, publish: Publish, attach: Attach
) -> None:
    contact = {"address": "Số 1", "phone": "0234 000 1700", "place": "16.05, 107.05"}
    publish("contact_point", **contact)
    relic = publish("heritage_site", **SITE, place="16.05, 107.05")
    for path in ("/gioi-thieu/lien-he", f"/gioi-thieu/di-tich-danh-thang/{relic}-dinh-lang"):
        assert "data-ground" not in site().get(path).text
        assert "16.050000, 107.050000" in site().get(path).text
    layer = publish("map_layer", **LAYER, attachments=[attach(outline("Tổ 1"))])
    for path in (
        "/gioi-thieu/lien-he",
        "/gioi-thieu/di-tich-danh-thang",
        f"/gioi-thieu/di-tich-danh-thang/{relic}-dinh-lang",
    ):
        page = site().get(path).text
        assert f'data-ground="{PAGE}/{layer}.geojson"' in page
        assert re.search(r'data-marks="\[\[16\.05, 107\.05, ', page)


def test_relics_are_filtered_by_rank(site: Open, publish: Publish) -> None:
    publish("heritage_site", **SITE)
    publish("heritage_site", **{**SITE, "title": "Chùa cổ", "rank": "national"})
    page = "/gioi-thieu/di-tich-danh-thang"
    assert "Chùa cổ" in site().get(page).text
    found = site().get(f"{page}?xep-hang=national").text
    assert "Chùa cổ" in found
    assert "Đình làng" not in found
    assert site().get(f"{page}?xep-hang=khong-co").status_code == 200


def test_pictures_are_shown_with_what_they_show(
    site: Open, desk: Desk, publish: Publish, attach: Attach
) -> None:
    picture = attach(
        bytes.fromhex("89504e470d0a1a0a0000000d49484452000000010000000108000000003a7e9b55"
                      "0000000a49444154789c6360000000020001e221bc330000000049454e44ae426082"),
        name="anh.png",
    )  # fmt: skip
    with desk() as work, pytest.raises(Refused) as refused:
        item = actions.create(work, "heritage_site", {**SITE, "attachments": [picture]})
        actions.publish(work, item)
    assert [problem.field for problem in refused.value.problems] == ["captions"]
    plan = attach(b"%PDF-1.4\n%%EOF\n", name="so-do.pdf")
    item_id = publish(
        "heritage_site", **SITE, attachments=[picture, plan], captions=[{"caption": "Cổng đình"}]
    )
    page = site().get(f"/gioi-thieu/di-tich-danh-thang/{item_id}-dinh-lang").text
    assert re.search(r'<img src="/tep/\d+/anh.png" alt="Cổng đình"', page)
    attached = page.partition('class="files"')[2]
    assert "so-do.pdf" in attached
    assert "anh.png" not in attached
