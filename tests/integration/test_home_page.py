"""The home page, the shared headings of the menu, and what the foot and its pages tell."""

from __future__ import annotations

import io
import re
import tomllib
from collections.abc import Callable, Iterator
from importlib import resources
from typing import Any

import pytest
from PIL import Image
from sqlalchemy import select

from hoitu.core.plugin.manifest import package_folder
from hoitu.core.settings import SettingRow
from hoitu.core.testing.fixtures import Site
from hoitu.core.units import Unit
from hoitu.core.web import home_order
from hoitu.core.web.contributions import MenuEntry, Panel
from hoitu.core.web.home_order import Order, arranged, usual_order

People = Callable[..., Any]
Open = Callable[..., Site]

DESK, BLOCKS, FOOT = (
    "/quan-tri/trang-chu", "/quan-tri/trang-chu/khoi", "/quan-tri/trang-chu/chan-trang",
)  # fmt: skip


def panel(name: str, weight: int = 50, place: str = "main") -> Panel:
    return Panel(name, f"Khối {name}", "web/panel.html", {"found": []}, weight, place=place)


@pytest.fixture
def contributed(platform: Any, monkeypatch: pytest.MonkeyPatch) -> list[Panel]:
    """Return what the plugins contribute: three blocks of the wide column, two of the other."""
    found = [
        panel("mot", 1), panel("hai", 2), panel("ba", 3),
        panel("bon", 4, "side"), panel("nam", 5, "side"),
    ]  # fmt: skip
    monkeypatch.setattr(platform.hooks, "home_panels", lambda unit: list(found))
    return found


def shown(site: Site) -> list[str]:
    """Return the names of the blocks of a home page, in the order of the document."""
    return re.findall(r'aria-labelledby="panel-(mot|hai|ba|bon|nam|sau)"', site.get("/").text)


def stored(platform: Any) -> dict[str, Any]:
    with platform.open_session(False) as session:
        rows = session.scalars(select(SettingRow).where(SettingRow.plugin == home_order.NAME))
        return {row.key: row.value for row in rows}


# -- the order by type of unit ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("unit_type", "first", "third"),
    [
        ("province", "news_hot", "legal_document"),
        ("department", "news_hot", "consultations"),
        ("ward", "procedures", "legal_document"),
        ("commune", "procedures", "legal_document"),
        ("district_rural", "legal_document", "disclosures"),
        ("subordinate_unit", "news_hot", "disclosures"),
    ],
)
def test_each_type_of_unit_has_an_order_of_its_own(
    app: Any, unit_type: str, first: str, third: str
) -> None:
    with app.app_context():
        order = usual_order(unit_type)
    assert (order.main[0], order.main[2]) == (first, third)
    assert not set(order.main) & set(order.side)


def test_every_type_with_a_site_has_an_order(app: Any, platform: Any) -> None:
    day = platform.clock.today()
    types = [t for t in platform.catalogues.on(day).unit_types.values() if t.has_site]
    with app.app_context():
        assert all(usual_order(t.id).main for t in types)
        assert usual_order("no such type") == Order()


def test_the_orders_name_blocks_that_sections_contribute(app: Any, platform: Any) -> None:
    """A name that nobody uses would be dead data; ``news_`` is put before those of its panels."""
    folders = [package_folder(p.package) for p in platform.plugins.all()]
    told = "".join(p.read_text("utf-8") for f in folders for p in f.glob("panels.py"))
    data = resources.files("hoitu.core.web") / "data" / "home.toml"
    profiles = tomllib.loads(data.read_text("utf-8"))["profile"]
    named = {name for entry in profiles for name in (*entry["main"], *entry["side"])}
    assert [n for n in sorted(named) if f'"{n.removeprefix("news_")}"' not in told] == []


def test_unknown_names_are_passed_over_and_new_blocks_stand_by_weight() -> None:
    order = Order(main=("ba", "gone", "mot"), side=("hai",))
    found = [panel("mot", 1), panel("moi", 2), panel("hai", 3), panel("ba", 4), panel("la", 9, "x")]
    wide, narrow = arranged(order, found)
    assert [p.name for p in wide] == ["ba", "la", "mot", "moi"]
    assert [p.name for p in narrow] == ["hai"]


# -- the unit's own order ---------------------------------------------------------------------


def test_blocks_follow_the_order_of_the_unit(
    staff: People, site: Open, other_unit: Unit, contributed: Any, platform: Any
) -> None:
    assert shown(site()) == ["mot", "hai", "ba", "bon", "nam"]
    admin = staff("unit_admin")
    assert admin.send(admin.open(DESK).form(BLOCKS), down="mot").status == 303
    assert shown(site()) == ["hai", "mot", "ba", "bon", "nam"]
    admin.send(admin.open(DESK).form(BLOCKS), up="nam")
    assert shown(site()) == ["hai", "mot", "ba", "nam", "bon"]
    admin.send(admin.open(DESK).form(BLOCKS), across="hai")
    assert shown(site()) == ["mot", "ba", "nam", "bon", "hai"]
    assert shown(site(other_unit)) == ["mot", "hai", "ba", "bon", "nam"]
    admin.send(admin.open(DESK).form(BLOCKS), reset="1")
    assert shown(site()) == ["mot", "hai", "ba", "bon", "nam"]
    assert stored(platform) == {}


def test_a_block_that_is_left_out_can_be_shown_again(
    staff: People, site: Open, contributed: Any
) -> None:
    admin = staff("unit_admin")
    admin.send(admin.open(DESK).form(BLOCKS), leave__out="hai")
    assert shown(site()) == ["mot", "ba", "bon", "nam"]
    assert 'name="take-in" value="hai"' in admin.open(DESK).text
    admin.send(admin.open(DESK).form(BLOCKS), take__in="hai")
    assert shown(site()) == ["mot", "hai", "ba", "bon", "nam"]


def test_a_block_without_content_keeps_its_place(
    staff: People, site: Open, contributed: list[Panel]
) -> None:
    admin = staff("unit_admin")
    admin.send(admin.open(DESK).form(BLOCKS), down="mot")
    absent = contributed.pop(0)
    admin.send(admin.open(DESK).form(BLOCKS), leave__out="bon")
    contributed.insert(0, absent)
    assert [name for name in shown(site()) if name != "nam"] == ["hai", "mot", "ba"]


def test_blocks_of_a_plugin_that_is_gone_are_passed_over(
    staff: People, site: Open, contributed: list[Panel]
) -> None:
    admin = staff("unit_admin")
    admin.send(admin.open(DESK).form(BLOCKS), down="mot")
    del contributed[0]
    contributed.append(panel("sau", 9))
    assert shown(site()) == ["hai", "ba", "sau", "bon", "nam"]
    assert admin.open(DESK).status == 200


def test_leaving_out_what_the_law_asks_for_is_told(staff: People, publish: Any, site: Open) -> None:
    publish("hotline", phone="0234 000 0009", purpose="Tiếp nhận phản ánh")
    assert "0234 000 0009" in site().get("/").text
    admin = staff("unit_admin")
    admin.send(admin.open(DESK).form(BLOCKS), leave__out="hotlines")
    assert "pháp luật yêu cầu" in admin.open(DESK).text
    assert 'id="panel-hotlines"' not in site().get("/").text


def test_whoever_moves_a_block_goes_on_at_its_button(staff: People, contributed: Any) -> None:
    admin = staff("unit_admin")
    sent = admin.send(admin.open(DESK).form(BLOCKS), down="mot")
    where, _mark, button = str(sent.response.location).partition("#")
    assert button == "down-mot"
    assert "cột rộng, vị trí 2 trên 3." in admin.open(where).text


@pytest.mark.parametrize("pressed", [{"up": "mot"}, {"down": "nam"}, {"up": "no such block"}, {}])
def test_what_leads_nowhere_changes_nothing(
    staff: People, site: Open, contributed: Any, pressed: dict[str, str]
) -> None:
    admin = staff("unit_admin")
    assert admin.send(admin.open(DESK).form(BLOCKS), **pressed).status == 303
    assert shown(site()) == ["mot", "hai", "ba", "bon", "nam"]


def test_what_somebody_else_ordered_meanwhile_stays(
    staff: People, site: Open, contributed: Any
) -> None:
    admin, other = staff("unit_admin"), staff("unit_admin")
    form = admin.open(DESK).form(BLOCKS)
    other.send(other.open(DESK).form(BLOCKS), down="mot")
    admin.send(form, down="hai")
    assert shown(site())[:3] == ["hai", "mot", "ba"]
    assert "Có người khác đã thay đổi" in admin.open(DESK).text


# -- the menu ---------------------------------------------------------------------------------


def test_the_menu_has_the_headings_of_every_portal(app: Any, site: Open, unit: Unit) -> None:
    from flask import g

    from hoitu.core.units import unit_scope
    from hoitu.core.web.menus import headings

    with app.test_request_context("/", base_url=f"http://{site().host}"):
        app.preprocess_request()
        g.unit = unit
        with unit_scope(unit.id):
            labels = [heading.link.label for heading in headings()]
    assert labels == [
        "Giới thiệu", "Tin tức - Sự kiện", "Chỉ đạo điều hành", "Văn bản", "TTHC - DVC",
        "Quy hoạch - Kế hoạch", "Công khai", "Tuyên truyền", "Hỏi đáp - Góp ý", "Liên hệ",
    ]  # fmt: skip


def test_home_comes_first_and_the_site_map_last(site: Open) -> None:
    menu = re.search(r'<ul class="menu".*?</nav>', site().get("/").text, re.DOTALL)
    assert menu
    paths = re.findall(r'href="([^"]+)"', menu[0])
    assert (paths[0], paths[-1]) == ("/", "/so-do-cong")
    assert "/gioi-thieu/lien-he" in paths


def test_an_order_from_before_headings_were_shared_still_holds(
    site: Open, platform: Any, unit: Unit, monkeypatch: pytest.MonkeyPatch
) -> None:
    from hoitu.core.access import SYSTEM
    from hoitu.core.web import menus

    own = platform.hooks.menu_entries
    guest = MenuEntry("Trước đây là một mục", "feeds.site", under="contact")
    monkeypatch.setattr(platform.hooks, "menu_entries", lambda unit: [*own(unit), guest])
    assert "Trước đây là một mục" in site().get("/tin-tuc").text
    with platform.open_session(True) as session:
        for key, value in (("order", "feeds\nnews\nagency"), ("left_out", "feeds")):
            platform.settings.store(
                session, SYSTEM, f"unit:{unit.id}", menus.NAME, key, value, platform.clock.now()
            )
        session.commit()
    page = site().get("/").text
    menu = re.search(r'<ul class="menu".*?</nav>', page, re.DOTALL)
    assert menu
    assert menu[0].index("Tin tức - Sự kiện") < menu[0].index("Giới thiệu")
    assert "Trước đây là một mục" not in menu[0]


# -- the foot and its pages -------------------------------------------------------------------


def png() -> io.BytesIO:
    target = io.BytesIO()
    Image.new("RGB", (90, 40), "#0f5c73").save(target, "PNG")
    return io.BytesIO(target.getvalue())


def foot(site: Site) -> str:
    return site.get("/").text.partition('<footer class="site-footer">')[2]


def test_the_foot_tells_who_is_responsible_and_shows_the_badge(
    staff: People, site: Open, other_unit: Unit
) -> None:
    admin = staff("unit_admin")
    assert "người chịu trách nhiệm nội dung" in admin.open(DESK).text
    assert "Chịu trách nhiệm nội dung" not in foot(site())
    sent = {
        "responsible": "Ông Trần Văn Mẫu, Chánh Văn phòng",
        "badge_link": "https://tinnhiem.example/trang",
        "badge": (png(), "dau.png"),
    }
    assert admin.send(admin.open(DESK).form(FOOT), **sent).status == 303
    told = foot(site())
    assert "Chịu trách nhiệm nội dung: Ông Trần Văn Mẫu, Chánh Văn phòng" in told
    assert 'href="https://tinnhiem.example/trang"' in told
    [badge] = re.findall(r"/dau-tin-nhiem/\w+", told)
    assert site().get(badge, buffered=True).mimetype == "image/png"
    assert site().get("/dau-tin-nhiem/0123456789abcdef").status_code == 404
    assert site(other_unit).get(badge).status_code == 404
    assert "người chịu trách nhiệm nội dung" not in admin.open(DESK).text
    admin.send(admin.open(DESK).form(FOOT), badge__remove="1")
    assert "/dau-tin-nhiem/" not in foot(site())


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        ({"responsible": "Tổng Biên Tập Nguyễn Văn A"}, "từ dùng cho báo chí"),
        ({"responsible": "a" * 201}, "Tối đa 200 ký tự"),
        ({"badge_link": "http://tinnhiem.example"}, "https://"),
        ({"badge_link": "javascript:alert(1)"}, "https://"),
        ({"badge_link": "https://[::1"}, "https://"),
        ({"badge": (io.BytesIO(b"%PDF-1.4\n%%EOF"), "dau.pdf")}, "dau.pdf"),
    ],
)
def test_what_must_not_stand_in_the_foot_is_refused(
    staff: People, site: Open, sent: dict[str, Any], told: str
) -> None:
    admin = staff("unit_admin")
    assert admin.send(admin.open(DESK).form(FOOT), **sent).status == 303
    assert told in admin.open(DESK).text
    assert "Biên Tập" not in foot(site())
    assert "tinnhiem" not in foot(site())


def test_a_missing_contact_point_is_told_at_the_desk_and_is_no_empty_line(
    staff: People, site: Open, publish: Any
) -> None:
    admin = staff("unit_admin")
    assert "hãy xuất bản một đầu mối liên hệ" in admin.open(DESK).text
    assert "Điện thoại" not in foot(site())
    publish("contact_point", address="01 Đường Mẫu", phone="0234 000 0001", email="a@b.example")
    assert "hãy xuất bản một đầu mối liên hệ" not in admin.open(DESK).text
    assert "01 Đường Mẫu" in foot(site())


def test_the_foot_leads_to_site_map_statement_privacy_and_feed(site: Open) -> None:
    for path in ("/so-do-cong", "/ho-tro-tiep-can", "/quyen-rieng-tu"):
        assert f'href="{path}"' in foot(site())
        assert site().get(path).status_code == 200
    assert 'type="application/atom+xml"' in foot(site())


def every_personal_field(platform: Any) -> Iterator[tuple[str, str, str]]:
    for manifest in platform.plugins.sections():
        for kind in platform.types.of_section(manifest.name):
            for name, field in kind.fields.items():
                if field.personal:
                    yield manifest.name, kind.name, name


def test_the_privacy_page_names_every_registered_field(
    app: Any, platform: Any, site: Open, unit: Unit
) -> None:
    from hoitu.core.web.privacy import personal_data

    with app.test_request_context("/", base_url=f"http://{site().host}"):
        app.preprocess_request()
        told = sum(len(entry.fields) for entry in personal_data())
    on = {m.name for m in platform.switchboard.sections_on(unit)}
    assert told == sum(section in on for section, _type, _name in every_personal_field(platform))
    assert told > 5
    page = site().get("/quyen-rieng-tu").text
    assert "Những gì bạn gửi đến" in page
    for line in ("Từ khóa tìm không thấy được giữ 90 ngày", "địa chỉ nhận và thời điểm, trong 30"):
        assert line in page


def test_the_privacy_page_forgets_a_section_that_is_off(
    platform: Any, site: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "Hỏi đáp, " in site().get("/quyen-rieng-tu").text
    on = platform.switchboard.sections_on
    monkeypatch.setattr(
        platform.switchboard, "sections_on", lambda u: [m for m in on(u) if m.name != "questions"]
    )
    assert "<strong>Hỏi đáp, " not in site().get("/quyen-rieng-tu").text


def test_the_contact_page_tells_how_to_reach_the_agency(site: Open, publish: Any) -> None:
    publish(
        "contact_point", address="01 Đường Mẫu", phone="0234 000 0001", email="a@b.example",
        working_hours="Thứ Hai đến thứ Sáu",
    )  # fmt: skip
    page = site().get("/gioi-thieu/lien-he").text
    for told in ("01 Đường Mẫu", 'href="tel:02340000001"', "mailto:a@b.example", "Thứ Hai đến"):
        assert told in page
    assert 'href="/gioi-thieu/danh-ba"' in page
