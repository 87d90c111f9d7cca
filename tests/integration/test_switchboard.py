"""The switchboard: what is on for a unit, who decided, and what a visitor sees of it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from hoitu.core.access import SYSTEM, PermissionDenied
from hoitu.core.clock import FrozenClock
from hoitu.core.content import ActionContext
from hoitu.core.extensions import KEY, Platform
from hoitu.core.settings import switching
from hoitu.core.settings.refresh import refresh
from hoitu.core.settings.switching import SwitchContext, SwitchRefused
from hoitu.core.units import Decision, Source, Unit

Desk = Callable[..., AbstractContextManager[ActionContext]]
Values = Callable[..., dict[str, object]]

#: A section nobody must have, one that needs it, and one only wards may have.
FREE = """
@hookimpl
def register_blueprints(self):
    from flask import Blueprint
    from hoitu.core.access import public
    pages = Blueprint("{name}", __name__, url_prefix="/{name}")
    pages.add_url_rule("/", "index", public(lambda: "{name} of the unit"))
    return [pages]

@hookimpl
def menu_entries(self, unit):
    from hoitu.core.web import MenuEntry
    return [MenuEntry("Menu {name}", "{name}.index")]
"""
MANIFEST = """
name = "{name}"
title = {{ vi = "Thử", en = "Trial" }}
version = "1.0"
api = 1
"""


@pytest.fixture
def sections(plant: Callable[..., str]) -> None:
    for name, more in (
        ("free", ""),
        ("needing", 'requires_sections = ["free"]'),
        ("wards", 'allowed_unit_types = ["ward"]\ndefault_on = true'),
        ("maps", 'requirements = ["administrative_map"]'),
    ):
        plant(name, FREE.format(name=name), manifest=MANIFEST.format(name=name), extra=more)


@pytest.fixture
def board(sections: None, platform: Platform) -> Platform:
    return platform


Switch = Callable[..., None]


@pytest.fixture
def switch(desk: Desk, platform: Platform) -> Callable[..., AbstractContextManager[SwitchContext]]:
    """Return a function that opens the switches of a unit, for a role or the system."""
    from contextlib import contextmanager

    @contextmanager
    def opened(at: Unit | None = None, role: str | None = None) -> Any:
        with desk(at, role) as work:
            yield SwitchContext(
                work.session, work.actor, work.unit, work.hooks, work.switchboard, work.clock
            )
        with platform.open_session(False) as session:
            refresh(platform, session)

    return opened


def explain(board: Platform, unit: Unit, part: str) -> tuple[bool, Source]:
    section, _, requirement = part.partition(".")
    decision = board.switchboard.explain(unit, section, requirement)
    return decision.on, decision.source


@pytest.mark.parametrize(
    ("slug", "part", "on", "source"),
    [
        ("phuong-mot", "legal_documents.normative_documents", True, Source.LAW),
        ("so-thu", "legal_documents.normative_documents", True, Source.LAW),
        ("don-vi-su-nghiep", "legal_documents.normative_documents", False, Source.DEFAULT),
        ("don-vi-su-nghiep", "legal_documents.administrative_documents", True, Source.LAW),
        ("phuong-mot", "maps.administrative_map", True, Source.LAW),
        # Duties of people's committees only: nobody else may have them.
        ("so-thu", "maps.administrative_map", False, Source.UNIT_TYPE),
        # Dissolved on 30/06/2025: the law of its last day.
        ("huyen-cu", "legal_documents.normative_documents", True, Source.LAW),
        ("huyen-cu", "links.link_district_committees", True, Source.LAW),
        ("phuong-mot", "links.link_district_committees", False, Source.UNIT_TYPE),
        ("phuong-mot", "links.link_people_committee", True, Source.LAW),
        ("phuong-mot", "wards", True, Source.DEFAULT),
        ("so-thu", "wards", False, Source.UNIT_TYPE),
        ("phuong-mot", "free", False, Source.DEFAULT),
        ("phuong-mot", "legal_documents.surveys", False, Source.PLUGIN),
        ("phuong-mot", "nowhere", False, Source.PLUGIN),
    ],
)
def test_who_decides(
    board: Platform, units: Any, slug: str, part: str, on: bool, source: Source
) -> None:
    assert explain(board, units(slug), part) == (on, source)


def test_a_section_is_on_when_one_of_its_requirements_is(board: Platform, units: Any) -> None:
    service = units("don-vi-su-nghiep")
    assert board.switchboard.section_on(service, "legal_documents")
    assert board.switchboard.requirements_on(service, "legal_documents") == {
        "administrative_documents"
    }


def test_a_duty_names_its_basis_and_has_no_switch(board: Platform, unit: Unit, switch: Any) -> None:
    decision = board.switchboard.explain(unit, "legal_documents", "normative_documents")
    assert decision.locked
    assert decision.legal_basis and not any(basis.expired for basis in decision.legal_basis)
    with pytest.raises(SwitchRefused), switch(role="unit_admin") as context:
        switching.switch(context, "legal_documents", "normative_documents", False)


def test_what_is_not_allowed_or_not_installed_has_no_switch(
    board: Platform, units: Any, switch: Any
) -> None:
    for section in ("wards", "nowhere"):
        with pytest.raises(SwitchRefused), switch(units("so-thu")) as context:
            switching.switch(context, section, "", True)


def test_a_unit_chooses_and_withdraws_its_choice(
    board: Platform, unit: Unit, other_unit: Unit, switch: Any
) -> None:
    with switch(role="unit_admin") as context:
        switching.switch(context, "free", "", True, "theo đề nghị")
    assert explain(board, unit, "free") == (True, Source.CHOICE)
    assert explain(board, other_unit, "free") == (False, Source.DEFAULT)
    with switch(role="unit_admin") as context:
        switching.switch(context, "wards", "", False)
        switching.withdraw(context, "free", "")
    assert explain(board, unit, "wards") == (False, Source.CHOICE)
    assert explain(board, unit, "free") == (False, Source.DEFAULT)


def test_what_another_section_needs_cannot_be_off(board: Platform, unit: Unit, switch: Any) -> None:
    with switch() as context:
        switching.switch(context, "needing", "", True)
    assert explain(board, unit, "free") == (True, Source.NEEDED)
    with pytest.raises(SwitchRefused), switch() as context:
        switching.switch(context, "free", "", False)
    with switch() as context:
        switching.switch(context, "needing", "", False)
    assert explain(board, unit, "free") == (False, Source.DEFAULT)


def test_a_waiver_has_reason_number_and_end(
    board: Platform, unit: Unit, switch: Any, clock: FrozenClock
) -> None:
    part = ("legal_documents", "normative_documents")
    day = clock.today() + timedelta(days=10)
    good: dict[str, Any] = {"reason": "Chưa có", "decision_no": "12/QĐ-UBND", "until": day}
    for wrong in ({"reason": " "}, {"decision_no": ""}, {"until": clock.today()}):
        with pytest.raises(SwitchRefused), switch() as context:
            switching.waive(context, *part, **{**good, **wrong})
    with pytest.raises(PermissionDenied), switch(role="unit_admin") as context:
        switching.waive(context, *part, **good)
    with switch(role="platform_admin") as context:
        switching.waive(context, *part, **good)
    decision = board.switchboard.explain(unit, *part)
    assert (decision.on, decision.source) == (False, Source.WAIVER)
    assert decision.detail == "12/QĐ-UBND: Chưa có"
    # The last day still counts; on the next the law decides again.
    for days, on in ((10, False), (1, True)):
        clock.move(timedelta(days=days))
        with board.open_session(False) as session:
            refresh(board, session)
        assert board.switchboard.explain(unit, *part).on is on


def test_only_who_manages_the_unit_may_switch(
    board: Platform, units: Any, other_unit: Unit, switch: Any
) -> None:
    for role in ("editor", "approver"):
        with pytest.raises(PermissionDenied), switch(role=role) as context:
            switching.switch(context, "free", "", True)
    with pytest.raises(PermissionDenied), switch(role="unit_admin") as context:
        switching.switch(replace(context, unit=other_unit), "free", "", True)


def test_a_plugin_may_object(
    plant: Any, sections: None, make_app: Any, unit: Unit, platform: Platform
) -> None:
    plant(
        "objector",
        """
        @hookimpl
        def check_enable(self, unit, section):
            from hoitu.core.content import Problem
            return [Problem("", f"{section} chưa có người phụ trách")]
        """,
    )
    app = make_app()
    parts: Platform = app.extensions[KEY]
    with app.test_request_context(), parts.open_session(True) as session:
        refresh(parts, session)
        context = SwitchContext(session, SYSTEM, unit, parts.hooks, parts.switchboard, parts.clock)
        with pytest.raises(SwitchRefused, match="free chưa có người phụ trách"):
            switching.switch(context, "free", "", True)


def test_every_switch_is_recorded(board: Platform, unit: Unit, switch: Any) -> None:
    from sqlalchemy import select

    from hoitu.core.access.audit import AuditEntry
    from hoitu.core.events import OutboxEntry

    with switch(role="unit_admin") as context:
        switching.switch(context, "free", "", True, "theo đề nghị")
    with board.open_session(False) as session:
        entry = session.scalars(select(AuditEntry)).one()
        assert (entry.action, entry.object_id, entry.unit_id) == ("section.on", "free", unit.id)
        assert (entry.actor, entry.detail) == ("Thử unit_admin", {"reason": "theo đề nghị"})
        event = session.scalars(select(OutboxEntry)).one()
        assert event.kind == "SectionSwitched"
        assert event.payload == {
            "unit_id": unit.id, "section": "free", "requirement": "", "on": True,
        }  # fmt: skip


def test_other_processes_see_a_switch_at_their_next_request(
    board: Platform, make_app: Any, switch: Any
) -> None:
    visitor = make_app().test_client()
    assert visitor.get("/free/", headers={"Host": "mot.test"}).status_code == 404
    with switch() as context:
        switching.switch(context, "free", "", True)
    assert visitor.get("/free/", headers={"Host": "mot.test"}).status_code == 200
    assert visitor.get("/free/", headers={"Host": "hai.test"}).status_code == 404


# -- what a visitor sees -----------------------------------------------------------------------


def test_a_decision_made_before_a_change_does_not_outlive_it(
    board: Platform, unit: Unit, switch: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One thread decides while another reads the configuration anew."""
    decide = board.switchboard._decide

    def interrupted(*arguments: Any) -> Decision:
        found = decide(*arguments)
        monkeypatch.undo()
        with switch() as context:
            switching.switch(context, "free", "", True)
        return found

    monkeypatch.setattr(board.switchboard, "_decide", interrupted)
    assert not board.switchboard.section_on(unit, "free")
    assert board.switchboard.section_on(unit, "free")


CONTENT = "Xây dựng nền tảng hội tụ"
PLACES = (
    "/",
    "/van-ban",
    "/van-ban/feed.atom",
    "/van-ban/data.json",
    "/feed.atom",
    "/sitemap.xml",
    "/so-do-cong",
    "/tim-kiem?q=389",
    "/api/v1/legal_document",
    "/api/v1/openapi.json",
    "/en/van-ban",
)


def test_a_section_that_is_off_is_nowhere_and_comes_back_as_it_was(
    site: Any, publish: Any, document: Values, drain: Any, switch: Any, clock: FrozenClock,
    platform: Platform,
) -> None:  # fmt: skip
    item_id = publish("legal_document", **document())
    drain()
    item_path = f"/van-ban/{item_id}-ke-hoach-389-kh-ubnd"
    places = (*PLACES, item_path, f"{item_path}/in", f"{item_path}.json",
              f"/api/v1/legal_document/{item_id}")  # fmt: skip
    visitor = site()
    before = {path: visitor.get(path).data for path in places}
    for path in (*PLACES[:3], "/feed.atom", "/sitemap.xml", "/tim-kiem?q=389", item_path):
        assert b"389" in before[path], path

    waived = {"reason": "x", "decision_no": "1", "until": clock.today() + timedelta(days=9)}
    with switch() as context:
        for requirement in context.switchboard.parts("legal_documents"):
            switching.waive(context, "legal_documents", requirement, **waived)
    for path in places:
        answer = visitor.get(path)
        gone = "van-ban" in path or "legal_document" in path
        assert answer.status_code == (404 if gone else 200), path
        assert b"389/KH-UBND" not in answer.data.replace(b"q=389", b""), path
        if not gone:
            assert b"van-ban" not in answer.data, path

    with switch() as context:
        for requirement in context.switchboard.parts("legal_documents"):
            switching.withdraw(context, "legal_documents", requirement)
    assert {path: visitor.get(path).data for path in places} == before


def test_one_requirement_that_is_off_hides_its_items_only(
    site: Any, publish: Any, document: Values, drain: Any, switch: Any, clock: FrozenClock
) -> None:
    normative = document("54/2023/QĐ-UBND", kind="QĐ", requirement="normative_documents")
    hidden = publish("legal_document", **normative)
    publish("legal_document", **document())
    drain()
    with switch() as context:
        switching.waive(
            context, "legal_documents", "normative_documents",
            reason="x", decision_no="1", until=clock.today() + timedelta(days=9),
        )  # fmt: skip
    visitor = site()
    paths = ("/van-ban", "/feed.atom", "/sitemap.xml", "/tim-kiem?q=hội+tụ")
    for path in (*paths, "/van-ban/data.json", "/api/v1/legal_document"):
        text = visitor.get(path).text
        assert "54/2023" not in text and "54-2023" not in text, path
        assert "389" in text, path
    assert visitor.get(f"/van-ban/{hidden}").status_code == 404
    assert visitor.get(f"/api/v1/legal_document/{hidden}").status_code == 404


def test_a_later_catalogue_changes_the_duties_from_its_day_on(
    make_app: Any, instance: Path, clock: FrozenClock, unit: Unit, platform: Platform
) -> None:
    from importlib import resources

    import yaml

    shipped = resources.files("hoitu.core.requirements") / "data"
    (name,) = [f.name for f in shipped.iterdir() if f.name.endswith("yaml")]
    data = yaml.safe_load((shipped / name).read_text("utf-8"))
    data["meta"]["effective_from"] = "2026-12-01"
    for group in data["sections"]:
        if group["plugin"] == "legal_documents":
            for requirement in group["requirements"]:
                requirement["unit_types"] = ["all_departments"]
    (instance / "catalogues").mkdir()
    path = instance / "catalogues" / "2026-12-01.yaml"
    path.write_text(yaml.safe_dump(data, allow_unicode=True), encoding="utf-8")

    app = make_app()
    parts: Platform = app.extensions[KEY]
    before = Decision(True, Source.LAW)
    for day, expected in ((date(2026, 11, 30), before), (date(2026, 12, 1), None)):
        clock.move(timedelta(days=(day - clock.today()).days))
        found = parts.switchboard.explain(unit, "legal_documents", "administrative_documents")
        assert (found.source is Source.LAW) is (expected is not None)
        answer = app.test_client().get("/van-ban", headers={"Host": "mot.test"})
        assert answer.status_code == (200 if expected else 404)
