"""The settings registry: declared by plugins, stored per scope, seen by every process."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import select

from hoitu.core.access import Actor
from hoitu.core.access.audit import AuditEntry
from hoitu.core.events import OutboxEntry
from hoitu.core.extensions import KEY, Platform
from hoitu.core.settings import SettingError, SettingRow, setting
from hoitu.core.settings.refresh import refresh
from hoitu.core.units import Unit


@dataclass(frozen=True)
class Looks:
    """Settings of a plugin called `looks`."""

    size: int = setting(20, label="Page size")
    notice: str = setting("", label="Notice", help="Shown above the list.")
    open: bool = setting(True, label="Open")


ACTOR = Actor(3, "Quản trị", frozenset({("platform_admin", None)}))


class Shelf:
    """Stores settings and reads them as a request would."""

    def __init__(self, parts: Platform) -> None:
        self.parts = parts
        parts.settings.register("looks", Looks)

    @contextmanager
    def session(self) -> Iterator[Any]:
        with self.parts.open_session(True) as session:
            yield session
            session.commit()

    def store(self, scope: str, key: str, value: Any) -> None:
        with self.session() as session:
            now = self.parts.clock.now()
            self.parts.settings.store(session, ACTOR, scope, "looks", key, value, now)

    def of(self, unit: Unit) -> Looks:
        with self.parts.open_session(False) as session:
            refresh(self.parts, session)
        return self.parts.settings.of(Looks, unit)


@pytest.fixture
def shelf(platform: Platform) -> Shelf:
    return Shelf(platform)


def test_unit_before_type_before_platform_before_default(
    shelf: Shelf, unit: Unit, other_unit: Unit, units: Callable[[str], Unit]
) -> None:
    department = units("so-thu")
    assert shelf.of(unit) == Looks()
    shelf.store("platform", "size", 30)
    assert {shelf.of(u).size for u in (unit, other_unit, department)} == {30}
    shelf.store("type:ward", "size", 40)
    assert [shelf.of(u).size for u in (unit, other_unit, department)] == [40, 40, 30]
    shelf.store(f"unit:{unit.id}", "size", 50)
    assert [shelf.of(u).size for u in (unit, other_unit, department)] == [50, 40, 30]
    origin = shelf.parts.settings.origin("looks", "size", unit)
    assert (origin.value, origin.scope) == (50, f"unit:{unit.id}")
    shelf.store(f"unit:{unit.id}", "size", None)
    assert shelf.of(unit).size == 40
    assert shelf.parts.settings.origin("looks", "open", unit).scope == "default"


@pytest.mark.parametrize(
    ("key", "value"),
    [("sise", 1), ("size", "20"), ("size", True), ("size", 1.5), ("open", 1), ("notice", ["x"])],
)
def test_an_unknown_key_or_a_wrong_type_is_refused(shelf: Shelf, key: str, value: Any) -> None:
    with pytest.raises(SettingError, match=f"looks.{key}"):
        shelf.store("platform", key, value)
    with shelf.session() as session:
        assert session.scalars(select(SettingRow)).all() == []


def test_a_plugin_that_is_not_registered_has_no_settings(shelf: Shelf, unit: Unit) -> None:
    @dataclass(frozen=True)
    class Stranger:
        size: int = setting(1, label="Size")

    with pytest.raises(SettingError, match="Stranger is not registered"):
        shelf.parts.settings.of(Stranger, unit)


def test_a_declaration_without_default_or_label_is_refused(shelf: Shelf) -> None:
    @dataclass(frozen=True)
    class Bare:
        size: int

    @dataclass(frozen=True)
    class Unlabelled:
        size: int = 1

    for schema in (Bare, Unlabelled, dict):
        with pytest.raises(SettingError):
            shelf.parts.settings.register("x", schema)


def test_every_change_is_recorded_and_told(shelf: Shelf, unit: Unit) -> None:
    shelf.store(f"unit:{unit.id}", "notice", "Nghỉ lễ")
    with shelf.session() as session:
        entry = session.scalars(select(AuditEntry)).one()
        assert (entry.action, entry.object_id, entry.unit_id) == (
            "setting.change",
            "looks.notice",
            unit.id,
        )
        assert entry.detail == {"scope": f"unit:{unit.id}", "value": "Nghỉ lễ"}
        event = session.scalars(select(OutboxEntry)).one()
        assert (event.kind, event.payload["key"]) == ("SettingChanged", "notice")


def test_other_processes_read_it_at_their_next_request(
    shelf: Shelf, make_app: Callable[..., Any], unit: Unit
) -> None:
    other = Shelf(make_app().extensions[KEY])
    assert other.of(unit).size == 20
    shelf.store("platform", "size", 30)
    assert other.of(unit).size == 30


def test_a_value_kept_from_an_older_release_does_not_matter(shelf: Shelf, unit: Unit) -> None:
    from hoitu.core import stamp

    with shelf.session() as session:
        session.add(SettingRow(scope="platform", plugin="looks", key="gone", value=1))
        stamp.bump(session)
    assert shelf.of(unit) == Looks()


def test_a_day_that_begins_changes_names_and_hosts(
    app: Any, platform: Platform, units: Callable[[str], Unit]
) -> None:
    """Nobody touches the configuration; only the calendar turns."""
    from datetime import date, timedelta

    from hoitu.core.units.models import HostRow

    with platform.open_session(True) as session:
        host = session.scalars(select(HostRow).where(HostRow.name == "mot.test")).one()
        host.valid_until = platform.clock.today()
        session.add(
            HostRow(
                unit_id=units("phuong-hai").id,
                name="mot.test",
                valid_from=platform.clock.today() + timedelta(days=1),
            )
        )
        from hoitu.core import stamp

        stamp.bump(session)
        session.commit()
    visitor = app.test_client()
    assert "phường Một" in visitor.get("/", headers={"Host": "mot.test"}).text
    platform.clock.move(timedelta(days=1))  # type: ignore[attr-defined]
    assert platform.clock.today() == date(2026, 11, 24)
    assert "phường Hai" in visitor.get("/", headers={"Host": "mot.test"}).text
