"""The accessibility statement of a site."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from hoitu.core.access import SYSTEM
from hoitu.core.web.statement import bases

PATH = "/ho-tro-tiep-can"


def test_it_names_what_is_in_force_and_what_is_in_doubt() -> None:
    before = {found.number: found.doubt_from for found in bases(date(2026, 6, 30), "vi")}
    assert before == {
        "51/2010/QH12": None,
        "32/2017/TT-BTTTT": date(2024, 4, 5),
        "26/2020/TT-BTTTT": None,
    }
    after = {found.number: found.doubt_from for found in bases(date(2026, 7, 1), "vi")}
    assert after["51/2010/QH12"] is None
    assert after["26/2020/TT-BTTTT"] == date(2026, 7, 1)
    assert [found.number for found in bases(date(2017, 1, 1), "vi")] == ["51/2010/QH12"]


def test_a_document_that_was_repealed_is_not_named(monkeypatch: pytest.MonkeyPatch) -> None:
    from hoitu.core.web import statement

    old = {"number": "1/2000", "vi": "Cũ", "valid_from": date(2000, 1, 1)}
    told = {"bases": [old | {"valid_until": date(2020, 12, 31)}]}
    monkeypatch.setattr(statement, "_data", lambda: told)
    assert [found.title for found in bases(date(2020, 12, 31), "en")] == ["Cũ"]
    assert bases(date(2021, 1, 1), "en") == []


def test_every_page_leads_to_it_and_it_says_what_the_unit_adds(
    visitor: Any, platform: Any, unit: Any, clock: Any
) -> None:
    assert f'href="{PATH}"' in visitor().open("/").text
    page = visitor().open(PATH).text
    assert "Tuyên bố về khả năng tiếp cận" in page
    assert "WCAG 2.2" in page
    assert "51/2010/QH12" in page
    added = {
        "limits": "Bản đồ chưa dùng được bằng bàn phím & <b>",
        "checked": "20/11/2026: không còn lỗi",
        "contact": "Văn phòng, 0234",
    }
    with platform.open_session(True) as session:
        for key, value in added.items():
            platform.settings.store(
                session, SYSTEM, f"unit:{unit.id}", "core.statement", key, value, clock.now()
            )
        session.commit()
    page = visitor().open(PATH).text
    assert "bàn phím &amp; &lt;b&gt;" in page
    assert all(added[key] in page for key in ("checked", "contact"))
    assert '<p lang="vi">20/11/2026: không còn lỗi</p>' in visitor().open("/en" + PATH).text


def test_it_tells_of_reading_aloud_and_whom_to_ask(visitor: Any, publish: Any) -> None:
    publish(
        "contact_point", address="40 Phò Trạch", phone="0234 3551 222", email="p@hue.example",
    )  # fmt: skip
    page = visitor().open(PATH).text
    assert "có thể nghe" in page
    assert page.count("40 Phò Trạch") == 2  # here, and at the foot of the page


def test_the_site_maps_have_it(visitor: Any) -> None:
    assert (
        f'<a href="{PATH}">Tuyên bố về khả năng tiếp cận</a>' in visitor().open("/so-do-cong").text
    )
    assert f"{PATH}</loc>" in visitor().open("/sitemap.xml").text


def test_the_desk_has_a_form_for_what_the_unit_adds(staff: Any, visitor: Any) -> None:
    desk = staff("unit_admin")
    page = desk.open("/quan-tri/thiet-lap")
    assert "Tuyên bố về khả năng tiếp cận" in page.text
    form = next(f for f in page.forms if f.action.endswith("/thiet-lap/core.statement"))
    form.values["core.statement-checked"] = ["20/11/2026: đạt"]
    desk.send(form)
    assert "20/11/2026: đạt" in visitor().open(PATH).text
