"""Emergency banners: up at once, on every site they are for, and over when they say so."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from sqlalchemy import select

from hoitu.core.access import PermissionDenied, audit
from hoitu.core.jobs import Worker
from hoitu.core.units import Unit, all_units
from hoitu.plugins.emergency import publishing
from hoitu.plugins.emergency.models import EmergencyBanner
from hoitu.plugins.emergency.publishing import NotYours, Place

PATH = "/quan-tri/khan-cap"
ROLE = "emergency_publisher"
TEXTS = {
    "severity": "emergency",
    "headline": "Bão số 5 đổ bộ tối nay",
    "detail": "Không ra khỏi nhà.\nGọi 112 khi cần cứu giúp.",
    "headline_en": "",
    "detail_en": "",
    "link": "",
    "begins_at": None,
}


@pytest.fixture
def province(platform: Any) -> Unit:
    found = platform.units.province()
    assert found is not None
    return found


@pytest.fixture
def put_up(desk: Any, hire: Callable[..., int], platform: Any) -> Callable[..., int]:
    """Return a function that puts a banner up from the desk of a unit: its id."""
    made: dict[int, int] = {}
    numbers = count(1)

    def put(at: Unit, of: Unit | None = None, *, below: bool = False, **changed: Any) -> int:
        from hoitu.core.access import Actor, Grant

        if at.id not in made:
            made[at.id] = hire(f"khancap{at.id}", ROLE, at=at)
        actor = Actor(made[at.id], "Bà Trực", frozenset({Grant(ROLE, at.id)}))
        hours = changed.pop("hours", 24)
        uid = changed.pop("uid", f"{next(numbers):032x}")
        with desk(at) as work:
            place = Place(of or at, below)
            publishing.put_up(actor, at, place, uid, {**TEXTS, **changed}, hours)
            work.session.flush()
        with platform.open_session(False) as session, all_units("a test"):
            newest = select(EmergencyBanner.id).order_by(EmergencyBanner.id.desc())
            return int(session.scalar(newest.limit(1)))

    return put


def filled(person: Any, **typed: Any) -> Any:
    """Send the form for a preview."""
    form = person.open(PATH).form(PATH)
    values = {"severity": "warning", "headline": "Mưa lớn", "hours": "24", "step": "preview"}
    return person.send(form, **{**values, **typed})


@pytest.fixture
def end_of(platform: Any) -> Callable[[int], str]:
    """Return a function that tells the end of a banner as the form has it."""

    def read(banner_id: int) -> str:
        with platform.open_session(False) as session, all_units("a test"):
            row: Any = session.get_one(EmergencyBanner, banner_id)
            return str(row.ends_at.isoformat())

    return read


# -- on the sites ------------------------------------------------------------------------------


@pytest.mark.both_databases
def test_another_process_shows_it_at_its_next_request(
    make_app: Any, put_up: Any, site: Any, province: Unit, clock: Any
) -> None:
    visitor, host = make_app().test_client(), {"Host": site().host}
    for path in ("/", "/tin-tuc", "/khong-co"):
        assert "Bão số 5" not in visitor.get(path, headers=host).text
    put_up(province, below=True)
    for path in ("/", "/tin-tuc", "/khong-co"):
        assert "Bão số 5" in visitor.get(path, headers=host).text
    clock.move(timedelta(hours=24) - timedelta(seconds=1))
    assert "Bão số 5" in visitor.get("/", headers=host).text
    clock.move(timedelta(seconds=1))
    assert "Bão số 5" not in visitor.get("/", headers=host).text


def test_it_begins_by_the_clock_though_the_page_was_kept_before(
    put_up: Any, site: Any, unit: Unit, clock: Any
) -> None:
    put_up(unit, begins_at=clock.now() + timedelta(seconds=40))
    assert "Bão số 5" not in site().get("/").text
    clock.move(timedelta(seconds=39))
    assert "Bão số 5" not in site().get("/").text
    clock.move(timedelta(seconds=1))
    assert "Bão số 5" in site().get("/").text


def test_a_banner_of_one_site_stands_on_no_other(
    put_up: Any, site: Any, unit: Unit, other_unit: Unit, province: Unit
) -> None:
    put_up(unit)
    assert "Bão số 5" in site().get("/").text
    assert "Bão số 5" not in site(other_unit).get("/").text
    assert "Bão số 5" not in site(province).get("/").text
    put_up(province, headline="Chỉ trang tỉnh")
    assert "Chỉ trang tỉnh" in site(province).get("/").text
    assert "Chỉ trang tỉnh" not in site().get("/").text


def test_the_province_announces_for_one_site_that_cannot_hide_it(
    put_up: Any, site: Any, staff: Any, unit: Unit, other_unit: Unit, province: Unit
) -> None:
    banner = put_up(province, of=unit)
    assert "Bão số 5" in site().get("/").text
    assert "Bão số 5" not in site(other_unit).get("/").text
    person = staff(ROLE)
    page = person.open(PATH).text
    assert "Bão số 5" in page and f"{PATH}/{banner}/go" not in page
    assert person.post(f"{PATH}/{banner}/go").status == 404
    assert person.post(f"{PATH}/{banner}/gia-han", hours="24").status == 404
    assert "Bão số 5" in site().get("/").text


def test_it_costs_a_page_no_statement(
    put_up: Any, site: Any, unit: Unit, statements: Callable[[], list[str]]
) -> None:
    visitor = site()
    put_up(unit)
    visitor.get("/tin-tuc")
    statements()
    assert "Bão số 5" in visitor.get("/tin-tuc").text
    assert not [one for one in statements() if "emergency_banner" in one]


def test_the_gravest_comes_first_and_says_so_in_words(put_up: Any, site: Any, unit: Unit) -> None:
    put_up(unit, severity="information", headline="Lịch cắt điện")
    put_up(unit)
    put_up(unit, severity="warning", headline="Nước dâng")
    page = site().get("/").text
    sections = (
        r'class="emergency emergency-(\w+)" aria-labelledby="(.+?)".*?id="\2"><strong .*?>(.+?)<'
    )
    found = [(grade, word) for grade, _id, word in re.findall(sections, page, re.DOTALL)]
    assert found == [
        ("emergency", "Khẩn cấp"), ("warning", "Cảnh báo"), ("information", "Thông tin"),
    ]  # fmt: skip
    assert 'role="alert"' not in page


def test_in_english_what_has_no_english_is_marked(put_up: Any, site: Any, unit: Unit) -> None:
    put_up(unit)
    page = site().get("/en/").text
    assert '<span lang="vi">Bão số 5' in page and "not available in English" in page
    put_up(unit, headline="Nước", headline_en="Flood tonight")
    assert "Flood tonight" in site().get("/en/").text
    assert "Flood tonight" not in site().get("/").text


def test_a_link_of_the_province_leads_to_its_site(
    put_up: Any, site: Any, unit: Unit, province: Unit
) -> None:
    put_up(province, below=True, link="/tin-tuc")
    host = province.hosts[-1].name
    assert f'href="https://{host}/tin-tuc"' in site().get("/").text
    assert 'href="/tin-tuc">Xem thêm' in site(province).get("/").text


def test_what_is_typed_is_text(put_up: Any, site: Any, unit: Unit) -> None:
    put_up(unit, headline="<script>x</script>", detail="<b>y</b>")
    page = site().get("/").text
    assert "<script>x" not in page and "&lt;script&gt;x" in page and "<b>y" not in page


# -- who may -----------------------------------------------------------------------------------


def test_whoever_has_this_role_alone_lands_on_the_form_and_opens_nothing_else(
    staff: Any, unit: Unit
) -> None:
    person = staff(ROLE)
    assert person.open("/quan-tri/dang-nhap").response.location.endswith(PATH)
    assert person.open(PATH).status == 200
    for path in ("", "thung-rac", "lich", "nguoi-dung", "nhat-ky", "thu-vien", "viet-moi"):
        assert person.open(f"/quan-tri/{path}").status == 403
    assert person.open("/quan-tri/mat-khau").status == 200
    assert "Đăng xuất" in person.open(PATH).text


@pytest.mark.parametrize("role", ["editor", "approver", "unit_admin"])
def test_other_roles_may_not(staff: Any, role: str) -> None:
    person = staff(role)
    assert person.open(PATH).status == 403
    assert person.post(PATH, headline="x").status == 403


def test_a_unit_announces_for_itself_only(
    put_up: Any, staff: Any, unit: Unit, other_unit: Unit
) -> None:
    with pytest.raises(NotYours):
        put_up(unit, of=other_unit)
    assert staff(ROLE, visits=other_unit).open(PATH).status == 403
    answer = filled(staff(ROLE), place=f"{other_unit.slug}")
    assert answer.status == 422


def test_nobody_announces_without_the_right(desk: Any, unit: Unit) -> None:
    with desk(role="unit_admin") as work, pytest.raises(PermissionDenied):
        publishing.put_up(work.actor, unit, Place(unit, False), "0" * 32, TEXTS, 1)


def test_only_the_platform_gives_the_role(staff: Any, hire: Any, unit: Unit) -> None:
    hire("moi")
    path = "/quan-tri/nguoi-dung"
    admin, platform = staff("unit_admin"), staff("platform_admin")
    assert ROLE not in admin.open(path).text
    assert admin.post(path, email="moi@thu.example", role=ROLE).status == 422
    shown = platform.open(path)
    assert ROLE in shown.text
    assert platform.send(shown.form(path), email="moi@thu.example", role=ROLE).status == 303

    def takings(person: Any) -> list[Any]:
        return [f for f in person.open(path).forms if f.action.endswith("/thu-hoi")]

    theirs = {form.action for form in takings(platform)} - {f.action for f in takings(admin)}
    (taking,) = theirs
    assert admin.post(taking).status == 403
    assert platform.post(taking).status == 303


# -- the form ----------------------------------------------------------------------------------


def test_one_press_after_a_preview(staff: Any, site: Any) -> None:
    person = staff(ROLE)
    preview = filled(person, headline="Vỡ đập", detail="Lên chỗ cao.")
    assert preview.status == 200 and "Vỡ đập" in preview.text
    assert "Vỡ đập" not in site().get("/").text
    form = preview.form(PATH)
    assert person.send(form, step="publish").status == 303
    assert "Vỡ đập" in site().get("/").text
    # Sent twice, it is one banner.
    assert person.send(form, step="publish").status == 303
    assert site().get("/").text.count('class="emergency ') == 1


def test_what_was_previewed_can_be_changed(staff: Any) -> None:
    person = staff(ROLE)
    form = filled(person, headline="Vỡ đập").form(PATH)
    again = person.send(form, step="change").form(PATH)
    assert again.values["headline"] == ["Vỡ đập"]


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("headline", ""),
        ("severity", "disaster"),
        ("hours", "9999"),
        ("hours", ""),
        ("link", "//evil.example"),
        ("link", "javascript:alert(1)"),
        ("begins_at", "01/01/2020 08:00"),
        ("begins_at", "hôm qua"),
        ("detail_en", "Only here"),
    ],
)
def test_bad_input_is_explained(staff: Any, name: str, typed: str) -> None:
    answer = filled(staff(ROLE), **{name: typed})
    assert answer.status == 422 and 'id="summary-heading"' in answer.text


def test_extending_and_taking_down(
    put_up: Any, staff: Any, site: Any, unit: Unit, clock: Any, end_of: Any
) -> None:
    banner = put_up(unit, hours=1)
    person = staff(ROLE)
    form = person.open(PATH).form(f"{PATH}/{banner}/gia-han")
    assert form.values["until"] == [end_of(banner)]
    # Pressed twice, or by two people who saw the same: it is put off once.
    for _ in range(2):
        assert person.send(form, hours="3").status == 303
    assert "đã được gia hạn trước đó" in person.open(PATH).text
    clock.move(timedelta(hours=3, minutes=59))
    assert "Bão số 5" in site().get("/").text
    person = staff(ROLE)
    assert person.post(f"{PATH}/{banner}/go").status == 303
    assert "Bão số 5" not in site().get("/").text
    assert person.post(f"{PATH}/{banner}/go").status == 404
    assert person.post(f"{PATH}/{banner}/gia-han", hours="3").status == 404


@pytest.mark.both_databases
def test_every_change_is_in_the_log_and_told(
    put_up: Any, staff: Any, province: Unit, unit: Unit, platform: Any, app: Any, instance: Any,
    end_of: Any,
) -> None:  # fmt: skip
    admin, operator = staff("unit_admin"), staff("platform_admin")
    banner = put_up(province, of=unit)
    person = staff(ROLE, at=province)
    until = end_of(banner)
    assert person.post(f"{PATH}/{banner}/gia-han", hours="3", until=until).status == 303
    assert person.post(f"{PATH}/{banner}/go").status == 303
    with platform.open_session(False) as session:
        chosen = select(audit.AuditEntry).where(audit.AuditEntry.action.like("emergency.%"))
        entries = session.scalars(chosen.order_by(audit.AuditEntry.id)).all()
    assert [e.action.partition(".")[2] for e in entries] == ["publish", "extend", "withdraw"]
    assert {e.unit_id for e in entries} == {unit.id}
    Worker(app).drain()
    mails = [p.read_text("utf-8") for p in (instance / "outbox").rglob("*.eml")]
    to = [m for m in mails if "khẩn" in m or "emergency" in m.lower() or "B=C3=A3o" in m]
    for one in (admin, operator):
        assert len([m for m in mails if f"<{one.email}>" in m]) == 3
    assert to
    log = admin.open("/quan-tri/nhat-ky")
    assert log.status == 200 and "Bão số 5" in log.text


def test_the_desk_tells_of_it_on_its_first_page(put_up: Any, staff: Any, province: Unit) -> None:
    put_up(province, below=True)
    page = staff("editor").open("/quan-tri/").text
    assert "Bão số 5" in page and PATH not in page
    assert PATH in staff("platform_admin").open("/quan-tri/").text


# -- for machines ------------------------------------------------------------------------------


def test_machines_read_it(put_up: Any, site: Any, unit: Unit, province: Unit) -> None:
    from xml.etree import ElementTree

    visitor = site()
    assert visitor.get("/api/v1/emergency").get_json() == {"items": []}
    put_up(province, below=True, headline_en="Storm")
    (told,) = visitor.get("/api/v1/emergency").get_json()["items"]
    assert told["headline"] == {"vi": "Bão số 5 đổ bộ tối nay", "en": "Storm"}
    answer = visitor.get("/khan-cap.atom")
    assert answer.mimetype == "application/atom+xml" and told["cap"] in answer.text
    assert ElementTree.fromstring(answer.data) is not None
    cap = visitor.get(told["cap"])
    assert cap.mimetype == "application/cap+xml"
    name = "{urn:oasis:names:tc:emergency:cap:1.2}"
    root = ElementTree.fromstring(cap.data)
    infos = root.findall(f"{name}info")
    assert [i.findtext(f"{name}language") for i in infos] == ["vi-VN", "en"]
    assert infos[0].findtext(f"{name}severity") == "Extreme"
    assert 'href="/khan-cap.atom"' in visitor.get("/").text


@pytest.mark.both_databases
def test_each_message_has_a_name_and_names_those_before(
    put_up: Any, staff: Any, site: Any, unit: Unit, other_unit: Unit, clock: Any, end_of: Any
) -> None:
    from xml.etree import ElementTree

    visitor, uid = site(), "a" * 32
    path = f"/api/v1/emergency/{uid}.cap"

    def told(name: str) -> str:
        root = ElementTree.fromstring(visitor.get(path).data)
        return root.findtext(f"{{urn:oasis:names:tc:emergency:cap:1.2}}{name}") or ""

    def message() -> str:
        return ",".join(told(name) for name in ("sender", "identifier", "sent"))

    banner = put_up(unit, uid=uid)
    messages = [message()]
    assert (told("msgType"), told("references")) == ("Alert", "")
    for hours in ("1", "3"):
        clock.move(timedelta(minutes=5))
        path_of_form = f"{PATH}/{banner}/gia-han"
        assert staff(ROLE).post(path_of_form, hours=hours, until=end_of(banner)).status == 303
        assert (told("msgType"), told("references").split()) == ("Update", messages)
        messages.append(message())
    clock.move(timedelta(minutes=5))
    assert staff(ROLE).post(f"{PATH}/{banner}/go").status == 303
    assert (told("msgType"), told("references").split()) == ("Cancel", messages)
    assert len({*messages, message()}) == 4
    assert site(other_unit).get(path).status_code == 404
    clock.move(timedelta(hours=24))
    assert visitor.get(path).status_code == 404


def test_of_what_was_taken_down_before_it_began_machines_learn_nothing(
    put_up: Any, staff: Any, site: Any, unit: Unit, clock: Any
) -> None:
    banner = put_up(unit, uid="a" * 32, begins_at=clock.now() + timedelta(hours=1))
    assert staff(ROLE).post(f"{PATH}/{banner}/go").status == 303
    assert site().get(f"/api/v1/emergency/{'a' * 32}.cap").status_code == 404
