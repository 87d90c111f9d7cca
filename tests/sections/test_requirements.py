"""Every requirement of the plan has its page on every unit that owes it, and on no other."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from hoitu.core.cli import commands
from hoitu.core.extensions import KEY, Platform
from hoitu.core.requirements import Catalogues, Requirement, UnitType
from hoitu.core.requirements.catalogue import PLATFORM
from hoitu.core.testing.fixtures import TODAY, Site
from hoitu.core.units import Unit
from hoitu.core.web import requirement_path

DAY = TODAY.date()
CATALOGUE = Catalogues.load(Path("does-not-exist")).on(DAY)
OWED = [r for r in CATALOGUE.requirements.values() if PLATFORM not in r.unit_types]
TYPES = [t for t in CATALOGUE.unit_types.values() if t.has_site]
#: Where the demonstration has most; any other unit of the type will do as well.
CHOSEN = {
    "commune": "xa-phong-my",
    "department": "so-tai-chinh",
    "district_rural": "phong-dien",
    "ward": "phuong-phong-dien",
}
Demo = Callable[..., Site]


def unit_of(parts: Platform, kind: UnitType) -> Unit:
    """Return a unit of a type with a site, the same every time."""
    found = [u for u in parts.units.all() if u.type == kind.id and u.has_site]
    assert found, f"the demonstration has no {kind.id} with a site"
    chosen = CHOSEN.get(kind.id)
    return next(u for u in found if chosen in (None, u.slug))


def page_of(site: Site, requirement: Requirement, section: str) -> str:
    """Return the path of the page of a requirement at a site."""
    app = site.client.application
    with app.test_request_context("/", base_url=f"http://{site.host}"):
        app.preprocess_request()
        return requirement_path(section, requirement.id)


def shows(site: Site, path: str) -> bool:
    """Say whether a site has a page, and on it the place that the path names."""
    page, _, place = path.partition("#")
    answer = site.get(page)
    assert answer.status_code in (200, 404), path
    found = answer.status_code == 200
    return found and (not place or f'id="{place}"' in answer.get_data(as_text=True))


def offers(site: Site, menu: str, path: str) -> bool:
    """Say whether a site leads to a page, or has it."""
    return f'href="{path}"' in menu or shows(site, path)


def test_the_plan_asks_for_47_things_six_of_them_of_committees_only() -> None:
    assert len(OWED) == 47
    assert sum(r.people_committee_only for r in OWED) == 6


@pytest.mark.parametrize("kind", TYPES, ids=lambda kind: kind.id)
def test_every_requirement_has_its_page_where_it_applies_and_nowhere_else(
    demo: Demo, kind: UnitType
) -> None:
    parts: Platform = demo().client.application.extensions[KEY]
    served = {r: m.name for m in parts.plugins.sections() for r in m.requirements}
    unit = unit_of(parts, kind)
    site = demo(unit.slug)
    menu = site.get("/").get_data(as_text=True)
    day = unit.living_day(DAY)
    wrong = []
    for requirement in OWED:
        section = served[requirement.id]
        path = page_of(site, requirement, section)
        decision = parts.switchboard.explain(unit, section, requirement.id)
        if requirement.binds(kind, day):
            if not shows(site, path):
                wrong.append(f"{requirement.id} has no page: {path}")
        elif decision.on and decision.source != "profile":
            wrong.append(f"{requirement.id} is on: {decision}")
        elif not decision.on and requirement.holds_on(day) and offers(site, menu, path):
            # A duty that ended (the districts) leaves its archives on the page of the section.
            wrong.append(f"{requirement.id} is shown: {path}")
    assert wrong == []


@pytest.mark.parametrize(
    "requirement", [r for r in OWED if r.people_committee_only], ids=lambda r: r.id
)
def test_what_only_committees_owe_is_on_no_other_unit(demo: Demo, requirement: Requirement) -> None:
    parts: Platform = demo().client.application.extensions[KEY]
    section = next(m.name for m in parts.plugins.sections() if requirement.id in m.requirements)
    others = [t for t in TYPES if not t.matches(requirement.unit_types)]
    assert len(others) >= 5
    for kind in others:
        site = demo(unit_of(parts, kind).slug)
        path = page_of(site, requirement, section)
        assert not offers(site, site.get("/").text, path), kind.id


def test_the_command_lists_the_47_with_their_sections(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOITU_INSTANCE", str(tmp_path))
    result: Any = CliRunner().invoke(commands(), ["requirements", "--check"])
    assert result.exit_code == 0, result.output
    assert "47 requirements of units, 0 without a section." in result.output
    assert "-  " not in {line[30:33] for line in result.output.splitlines()}


def test_the_districts_ended_with_june_2025() -> None:
    ended = [r for r in OWED if r.valid_until]
    assert [(r.id, r.valid_until) for r in ended] == [
        ("link_district_committees", date(2025, 6, 30))
    ]
