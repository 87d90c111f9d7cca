"""The page of modules: why something is on, what is locked, and what off and on again do."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from hoitu.core.access.audit import AuditEntry
from hoitu.core.clock import FrozenClock
from hoitu.core.content import ActionContext, Item, ItemVersion
from hoitu.core.extensions import Platform
from hoitu.core.plugin import PluginState
from hoitu.core.units import Unit
from hoitu.core.units.switchboard import UnitSectionRow

Staff = Callable[..., Any]
Desk = Callable[..., AbstractContextManager[ActionContext]]
Values = Callable[..., dict[str, object]]

TYPE = "legal_document"
#: A service unit may publish normative documents and need not.
FREE = "/quan-tri/chuyen-muc/legal_documents.normative_documents"
LOCKED = "/quan-tri/chuyen-muc/legal_documents.administrative_documents"


@pytest.fixture
def service(units: Callable[[str], Unit]) -> Unit:
    return units("don-vi-su-nghiep")


@pytest.fixture
def admin(staff: Staff, service: Unit) -> Any:
    return staff("unit_admin", at=service)


@pytest.fixture
def switched_on(admin: Any, platform: Platform) -> None:
    """The service unit has chosen to publish normative documents."""
    from hoitu.core.settings.refresh import refresh

    assert switch(admin, FREE, "bat").status == 303
    with platform.open_session(False) as session:
        refresh(platform, session)


def switch(person: Any, path: str, button: str, **typed: str) -> Any:
    return person.send(person.open(path).form(f"/{button}"), reason="Theo nhu cầu", **typed)


def everywhere(person: Any, item_id: int, drain: Callable[[], None]) -> dict[str, bool]:
    """Return where an item can be found today."""
    drain()
    places = {
        "page": f"/van-ban/{item_id}",
        "list": "/van-ban",
        "feed": "/van-ban/feed.atom",
        "site feed": "/feed.atom",
        "data": "/van-ban/data.json",
        "api": f"/api/v1/{TYPE}/{item_id}",
        "search": "/tim-kiem?q=54/2023/QĐ-UBND",
        "sitemap": "/sitemap.xml",
        "home": "/",
        "desk": f"/quan-tri/{TYPE}/{item_id}",
        "desk list": f"/quan-tri/{TYPE}",
        "desk search": f"/quan-tri/{TYPE}?q=54",
    }
    found = {}
    for place, path in places.items():
        shown = person.open(path)
        assert shown.status in (200, 301, 404), (place, shown.status)
        found[place] = shown.status == 301 or (
            shown.status == 200
            and re.search(rf"/van-ban/{item_id}-|/{TYPE}/{item_id}\b", shown.text) is not None
        )
    return found


def test_every_duty_is_named_with_its_reason(admin: Any, platform: Platform) -> None:
    text = admin.open("/quan-tri/chuyen-muc").text
    catalogue = platform.catalogues.on(platform.clock.today())
    for duty in catalogue.requirements.values():
        if "platform" not in duty.unit_types:
            assert f"{duty.section}.{duty.id}" in text, duty.id


def test_only_the_platforms_administrators_read_why_a_plugin_was_stopped(
    staff: Staff, platform: Platform
) -> None:
    people = [staff(role) for role in ("unit_admin", "platform_admin")]
    platform.plugins.withdraw(
        "news", PluginState.QUARANTINED, "RuntimeError: /srv/secret is <gone>"
    )
    platform.stamp = None
    shown = [person.open("/quan-tri/chuyen-muc").text for person in people]
    assert ["RuntimeError: /srv/secret is &lt;gone&gt;" in text for text in shown] == [False, True]


def test_what_the_law_demands_has_no_switch(
    staff: Staff, unit: Unit, platform: Platform, desk: Desk
) -> None:
    admin = staff("unit_admin")
    page = admin.open(LOCKED)
    assert [f.action for f in page.forms if "/chuyen-muc/" in f.action] == []
    basis = platform.switchboard.explain(unit, "legal_documents", "administrative_documents")
    assert basis.legal_basis
    for act in basis.legal_basis:
        assert act.ref.split(" (")[0] in page.text
    for action in ("tat", "bat"):
        assert admin.post(f"{LOCKED}/{action}", reason="Thử").status == 303
    with desk() as work:
        assert work.session.scalar(select(func.count(UnitSectionRow.id))) == 0
    assert admin.open("/van-ban").status == 200


def test_on_off_and_on_again_gives_the_same_bytes(
    admin: Any,
    switched_on: None,
    publish: Callable[..., int],
    document: Values,
    drain: Callable[[], None],
    visitor: Callable[..., Any],
    service: Unit,
    desk: Desk,
) -> None:
    values = document("54/2023/QĐ-UBND", requirement="normative_documents", kind="QĐ")
    normative = publish(TYPE, service, **values)
    everything = everywhere(admin, normative, drain)
    assert all(everything.values()), everything
    citizen = visitor(service)
    address = citizen.open(f"/van-ban/{normative}").response.location
    pages = [address, f"{address}/in", f"{address}.json", "/van-ban", "/van-ban/feed.atom"]
    before = [citizen.open(path).response.data for path in pages]

    def stored() -> list[Any]:
        with desk(service) as work:
            items = work.session.scalars(select(Item).where(Item.id == normative)).all()
            versions = work.session.scalar(select(func.count(ItemVersion.id)))
            return [(i.version, i.updated_at, i.state, i.title) for i in items] + [versions]

    rows = stored()
    assert switch(admin, FREE, "tat").status == 303
    off = everywhere(admin, normative, drain)
    assert not any(off.values()), off
    assert citizen.open(address).status == 404
    assert stored() == rows

    switch(admin, FREE, "bat")
    assert [citizen.open(path).response.data for path in pages] == before
    assert stored() == rows


def test_a_whole_section_goes_and_comes_back(
    staff: Staff,
    unit: Unit,
    publish: Callable[..., int],
    document: Values,
    visitor: Callable[..., Any],
    clock: FrozenClock,
) -> None:
    root = staff("platform_admin")
    item_id = publish(TYPE, **document())
    citizen = visitor()
    address = citizen.open(f"/van-ban/{item_id}").response.location
    pages = [address, "/van-ban", "/", "/so-do-cong"]
    before = [citizen.open(path).response.data for path in pages]
    until = (clock.today() + timedelta(days=30)).strftime("%d/%m/%Y")
    duties = ("normative_documents", "administrative_documents", "draft_consultations")

    for duty in duties:
        path = f"/quan-tri/chuyen-muc/legal_documents.{duty}"
        form = root.open(path).form("/mien")
        done = root.send(form, reason="Chờ sáp nhập", decision_no="1/QĐ-UBND", until=until)
        assert done.status == 303, done.text
        assert "1/QĐ-UBND" in root.open(path).text
    for path in ("/van-ban", address, "/van-ban/feed.atom", f"/quan-tri/{TYPE}"):
        assert root.open(path).status == 404, path
    assert root.post(f"/quan-tri/{TYPE}/{item_id}").status == 404
    assert "/van-ban" not in citizen.open("/").text
    assert f"/quan-tri/{TYPE}" not in root.open("/quan-tri/").text

    for duty in duties:
        path = f"/quan-tri/chuyen-muc/legal_documents.{duty}"
        assert root.send(root.open(path).form("/bo-lua-chon")).status == 303
    assert [citizen.open(path).response.data for path in pages] == before


@pytest.mark.parametrize(
    "typed",
    [
        {"reason": ""},
        {"decision_no": " "},
        {"until": ""},
        {"until": "31/02/2030"},
        {"until": "01/01/2020"},
        {"decision_no": "x" * 81},
        {"reason": "x" * 200_000},
    ],
)
def test_a_waiver_names_reason_decision_and_end(
    staff: Staff, typed: dict[str, str], desk: Desk
) -> None:
    root = staff("platform_admin")
    complete = {"reason": "Chờ sáp nhập", "decision_no": "1/QĐ-UBND", "until": "01/01/2030"}
    shown = root.send(root.open(LOCKED).form("/mien"), **{**complete, **typed})
    assert shown.status == 422
    kept = shown.form("/mien").values
    assert {name: kept[name][0].strip() for name in complete} == {
        name: value.strip() for name, value in {**complete, **typed}.items()
    }
    with desk() as work:
        assert work.session.scalar(select(func.count(UnitSectionRow.id))) == 0


def test_an_administrator_of_the_unit_cannot_end_a_waiver(
    staff: Staff, desk: Desk, clock: FrozenClock
) -> None:
    root, admin = staff("platform_admin"), staff("unit_admin")
    root.send(root.open(LOCKED).form("/mien"), reason="a", decision_no="b", until="01/01/2030")
    assert all(not f.action.endswith("/bo-lua-chon") for f in admin.open(LOCKED).forms)
    assert admin.post(f"{LOCKED}/bo-lua-chon").status == 403
    assert admin.post(f"{LOCKED}/bat", reason="a").status == 303
    with desk() as work:
        assert [row.state for row in work.session.scalars(select(UnitSectionRow))] == ["waived"]


def test_the_simulator_counts_what_would_go(
    admin: Any,
    switched_on: None,
    service: Unit,
    publish: Callable[..., int],
    document: Values,
    desk: Desk,
) -> None:
    from hoitu.core.content import actions

    values = {"requirement": "normative_documents", "kind": "QĐ"}
    for number in ("1/2023/QĐ-UBND", "2/2023/QĐ-UBND", "3/2023/QĐ-UBND"):
        publish(TYPE, service, **document(number, **values))
    with desk(service) as work:
        actions.create(work, TYPE, document("4/2023/QĐ-UBND", **values))
    text = admin.open(FREE).text
    numbers = re.findall(r"<li>(\d+) ", text)
    assert numbers[:3] == ["3", "3", "1"]
    assert "1/2023" in admin.open("/van-ban").text, "only looked, nothing was switched"


def test_switching_off_needs_a_reason_and_is_logged(admin: Any, desk: Desk, service: Unit) -> None:
    switch(admin, FREE, "bat")
    refused = admin.send(admin.open(FREE).form("/tat"), reason="  ")
    assert refused.status == 422
    admin.send(admin.open(FREE).form("/tat"), reason="Không còn ban hành")
    assert "Không còn ban hành" in admin.open("/quan-tri/nhat-ky").text
    assert "Không còn ban hành" in admin.open(FREE).text
    with desk(service) as work:
        actions = work.session.scalars(
            select(AuditEntry.action).where(AuditEntry.action.like("section.%"))
        ).all()
    assert actions == ["section.on", "section.off"]


def test_a_choice_can_be_taken_back(admin: Any, desk: Desk, service: Unit) -> None:
    switch(admin, FREE, "bat")
    admin.send(admin.open(FREE).form("/bo-lua-chon"))
    with desk(service) as work:
        assert work.session.scalar(select(func.count(UnitSectionRow.id))) == 0


def test_a_switch_is_moved_for_its_own_unit_only(
    switched_on: None, service: Unit, desk: Desk
) -> None:
    with desk(service) as work:
        rows = work.session.scalars(select(UnitSectionRow)).all()
    assert [(row.unit_id, row.state) for row in rows] == [(service.id, "on")]


def test_what_is_off_cannot_be_chosen_in_a_form(admin: Any, document: Values) -> None:
    path = f"/quan-tri/{TYPE}/moi"
    page = admin.open(path)
    assert 'value="normative_documents"' not in page.text.partition("<form")[2]
    values = document("54/2023/QĐ-UBND", requirement="normative_documents", kind="QĐ")
    refused = admin.send(page.form(path), **values)
    assert refused.status == 422


def test_switches_take_posts_only(admin: Any) -> None:
    for action in ("bat", "tat", "mien", "bo-lua-chon"):
        assert admin.open(f"{FREE}/{action}").status in (404, 405)


def test_the_desk_of_a_unit_that_ended_says_so_on_every_page(
    staff: Any, units: Callable[[str], Unit]
) -> None:
    ended = units("huyen-cu")
    admin = staff("unit_admin", at=ended)
    for path in ("/quan-tri/", "/quan-tri/nhat-ky", "/quan-tri/khong/co"):
        text = admin.open(path).text
        assert "kết thúc hoạt động ngày 30/06/2025" in text, path
        assert "https://mot.test/" in text, path
    living = staff("unit_admin")
    assert "kết thúc hoạt động" not in living.open("/quan-tri/").text
