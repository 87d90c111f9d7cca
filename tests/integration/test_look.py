"""The look of a unit's site and the order of its menu: the unit's choice inside a common frame."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote

import pytest
from PIL import Image
from sqlalchemy import select

from hoitu.core.access import SYSTEM
from hoitu.core.access.audit import AuditEntry
from hoitu.core.testing.fixtures import Site
from hoitu.core.units import Unit

People = Callable[..., Any]


def png(width: int = 200, height: int = 100) -> bytes:
    target = io.BytesIO()
    Image.new("RGB", (width, height), "#0f5c73").save(target, "PNG")
    return target.getvalue()


def headings(page: str) -> list[str]:
    menu = re.search(r'<ul class="menu".*?</nav>', page, re.DOTALL)
    assert menu
    return re.findall(r"(?:<li>\s*\n\s*<a[^>]*>|<summary[^>]*>)([^<]+)<", menu[0])


def test_the_colour_is_one_of_those_the_theme_offers(
    staff: People, site: Callable[..., Site]
) -> None:
    admin = staff("unit_admin")
    form = admin.open("/quan-tri/dien-mao").form("/quan-tri/dien-mao")
    assert admin.send(form, accent="river").status == 303
    assert 'data-accent="river"' in site().get("/").text
    form = admin.open("/quan-tri/dien-mao").form("/quan-tri/dien-mao")
    admin.send(form, accent="black-on-black")
    assert 'data-accent="river"' in site().get("/").text
    admin.send(form, accent="")
    assert "data-accent" not in site().get("/").text


def theme_of(page: str) -> str:
    return re.findall(r"/assets/(\w+)/\w+/css/theme.css", page)[0]


def test_a_unit_chooses_its_theme_and_no_other_units(
    staff: People, site: Callable[..., Site], other_unit: Unit, platform: Any
) -> None:
    admin = staff("unit_admin")
    assert theme_of(site().get("/").text) == "civic"
    form = admin.open("/quan-tri/dien-mao").form("/quan-tri/dien-mao")
    assert admin.send(form, theme="heritage", accent="").status == 303
    page = site().get("/").text
    assert theme_of(page) == "heritage"
    assert 'class="masthead crest' in page
    assert theme_of(site(other_unit).get("/").text) == "civic"
    with platform.open_session(False) as session:
        [entry] = session.scalars(select(AuditEntry).where(AuditEntry.action == "setting.change"))
        assert entry.detail["value"] == "heritage"
    form = admin.open("/quan-tri/dien-mao").form("/quan-tri/dien-mao")
    assert form.values["theme"] == ["heritage"]
    admin.send(form, theme="no-such-theme")
    assert "Hãy chọn một giao diện trong danh sách." in admin.open("/quan-tri/dien-mao").text
    assert theme_of(site().get("/").text) == "heritage"
    admin.send(admin.open("/quan-tri/dien-mao").form("/quan-tri/dien-mao"), theme="")
    assert theme_of(site().get("/").text) == "civic"


def test_a_unit_without_a_choice_follows_the_platform(
    staff: People, site: Callable[..., Site], platform: Any, clock: Any
) -> None:
    with platform.open_session(True) as session:
        platform.settings.store(
            session, SYSTEM, "platform", "core.look", "theme", "heritage", clock.now()
        )
        session.commit()
    assert theme_of(site().get("/").text) == "heritage"
    admin = staff("unit_admin")
    form = admin.open("/quan-tri/dien-mao").form("/quan-tri/dien-mao")
    assert form.values["theme"] == [""]
    assert "Di sản" in admin.open("/quan-tri/dien-mao").text
    admin.send(form, theme="civic")
    assert theme_of(site().get("/").text) == "civic"


def test_a_theme_is_tried_on_without_visitors_noticing(
    staff: People, site: Callable[..., Site]
) -> None:
    admin = staff("unit_admin")
    before = site().get("/").text
    tried = admin.open("/quan-tri/dien-mao/xem-thu/heritage").text
    assert theme_of(tried) == "heritage"
    assert 'class="masthead crest' in tried
    assert theme_of(site().get("/").text) == theme_of(before) == "civic"
    assert "masthead crest" not in site().get("/").text
    assert admin.open("/quan-tri/dien-mao/xem-thu/nowhere").status == 404
    assert staff("editor").open("/quan-tri/dien-mao/xem-thu/heritage").status == 403


def test_a_colour_of_another_theme_is_left_aside(staff: People, site: Callable[..., Site]) -> None:
    admin = staff("unit_admin")
    admin.send(admin.open("/quan-tri/dien-mao").form("/quan-tri/dien-mao"), accent="river")
    admin.send(admin.open("/quan-tri/dien-mao").form("/quan-tri/dien-mao"), theme="heritage")
    assert "data-accent" not in site().get("/").text
    admin.send(admin.open("/quan-tri/dien-mao").form("/quan-tri/dien-mao"), accent="jade")
    assert 'data-accent="jade"' in site().get("/").text


def test_a_mark_and_a_banner_are_shown_to_everybody_and_only_here(
    staff: People, site: Callable[..., Site], other_unit: Unit
) -> None:
    admin = staff("unit_admin")
    form = admin.open("/quan-tri/dien-mao").form("/quan-tri/dien-mao")
    sent = {"mark": (io.BytesIO(png(200, 200)), "dau.png"), "banner": (io.BytesIO(png()), "b.png")}
    assert admin.send(form, **sent).status == 303
    page = site().get("/").text
    [mark] = set(re.findall(r"/dien-mao/mark/\w+", page))
    [banner] = set(re.findall(r"/dien-mao/banner/\w+", page))
    shown = site().get(mark, buffered=True)
    assert shown.status_code == 200
    assert shown.mimetype == "image/png"
    assert "immutable" in shown.headers["Cache-Control"]
    assert site().get(banner, buffered=True).status_code == 200
    assert site().get("/dien-mao/mark/0123456789abcdef").status_code == 404
    assert site(other_unit).get(mark).status_code == 404
    assert "/dien-mao/mark/" not in site(other_unit).get("/").text
    form = admin.open("/quan-tri/dien-mao").form("/quan-tri/dien-mao")
    admin.send(form, mark__remove="1", banner__remove="1")
    assert "/dien-mao/" not in site().get("/").text


def test_what_is_no_picture_is_refused_with_its_name(
    staff: People, site: Callable[..., Site]
) -> None:
    admin = staff("unit_admin")
    form = admin.open("/quan-tri/dien-mao").form("/quan-tri/dien-mao")
    admin.send(form, mark=(io.BytesIO(b"%PDF-1.4\n%%EOF"), "dau.pdf"))
    told = admin.open("/quan-tri/dien-mao").text
    assert "dau.pdf" in told
    assert "/dien-mao/mark/" not in site().get("/").text


def test_the_menu_follows_the_order_of_the_unit(
    staff: People, site: Callable[..., Site], other_unit: Unit
) -> None:
    admin = staff("unit_admin")
    before = headings(site().get("/").text)
    others = headings(site(other_unit).get("/").text)
    path = "/quan-tri/dien-mao/menu"
    form = admin.open("/quan-tri/dien-mao").form(path)
    keys = re.findall(r'name="down" value="([^"]+)"', admin.open("/quan-tri/dien-mao").text)
    assert admin.send(form, down=keys[0]).status == 303
    after = headings(site().get("/").text)
    assert (after[1], after[2]) == (before[2], before[1])
    assert sorted(after) == sorted(before)
    assert headings(site(other_unit).get("/").text) == others
    form = admin.open("/quan-tri/dien-mao").form(path)
    admin.send(form, up=keys[1])
    assert headings(site().get("/").text) == after
    admin.send(form, reset="1")
    assert headings(site().get("/").text) == before


def test_a_heading_the_law_demands_cannot_be_left_out(
    staff: People, site: Callable[..., Site]
) -> None:
    admin = staff("unit_admin")
    page = admin.open("/quan-tri/dien-mao").text
    before = headings(site().get("/").text)
    keys = re.findall(r'name="down" value="([^"]+)"', page)
    offered = re.findall(r'name="leave-out" value="([^"]+)"', page)
    demanded = [key for key in keys if key not in offered]
    assert demanded
    form = admin.open("/quan-tri/dien-mao").form("/quan-tri/dien-mao/menu")
    admin.send(form, leave__out=demanded[0])
    assert headings(site().get("/").text) == before


@pytest.mark.parametrize(
    ("path", "theirs", "mine"),
    [
        ("/quan-tri/dien-mao", {"accent": "river"}, {"accent": "", "mark": "a picture"}),
        ("/quan-tri/dien-mao/menu", {"down": "first"}, {"down": "first"}),
    ],
)
def test_what_somebody_else_changed_meanwhile_is_not_changed_back(
    staff: People, platform: Any, unit: Unit, path: str, theirs: Any, mine: Any
) -> None:
    from hoitu.core.settings import SettingRow

    def stored() -> dict[str, Any]:
        with platform.open_session(False) as session:
            return {row.key: row.value for row in session.scalars(select(SettingRow))}

    other, admin = staff("unit_admin"), staff("unit_admin")
    page = admin.open("/quan-tri/dien-mao")
    first = re.findall(r'name="down" value="([^"]+)"', page.text)[0]
    files = {"a picture": (io.BytesIO(png()), "dau.png"), "first": first}
    theirs, mine = ({k: files.get(v, v) for k, v in each.items()} for each in (theirs, mine))
    form = page.form(path)
    assert other.send(other.open("/quan-tri/dien-mao").form(path), **theirs).status == 303
    before = stored()
    assert before
    assert admin.send(form, **mine).status == 303
    assert stored() == before
    assert "Có người khác đã thay đổi" in admin.open("/quan-tri/dien-mao").text
    unmarked = {name: None for name in form.values if name.startswith("seen-")}
    assert unmarked
    admin.send(form, **unmarked, **{k: v for k, v in mine.items() if k != "mark"})
    assert stored() == before


@pytest.mark.parametrize("role", ["editor", "reviewer", "approver"])
def test_only_administrators_of_the_unit_decide(staff: People, role: str) -> None:
    assert staff(role).open("/quan-tri/dien-mao").status == 403


def test_whoever_moves_a_heading_goes_on_at_its_button_and_is_told_its_place(staff: People) -> None:
    admin, path = staff("unit_admin"), "/quan-tri/dien-mao/menu"

    def send(**pressed: str) -> tuple[str, str]:
        sent = admin.send(admin.open("/quan-tri/dien-mao").form(path), **pressed)
        where, _mark, button = str(sent.response.location).partition("#")
        button = unquote(button)
        page = admin.open(where).text
        assert re.search(rf'<button type="submit" id="{button}"[^>]*?(?<!disabled)>', page), button
        told = re.search(r'<p role="status" data-moved>([^<]*)</p>', page)
        assert told is not None
        return button, told[1]

    keys = re.findall(r'name="down" value="([^"]+)"', admin.open("/quan-tri/dien-mao").text)
    second, count = keys[1], len(keys)
    button, told = send(down=second)
    assert button == f"down-{second}" and f"vị trí 3 trên {count}." in told
    button, told = send(up=second)
    assert button == f"up-{second}" and f"vị trí 2 trên {count}." in told
    button, told = send(up=second)
    assert button == f"down-{second}", "at the top the other button goes on"
    assert f"vị trí 1 trên {count}." in told
