"""The settings registry: where a value comes from, who may change it, who hears of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from hoitu.core import stamp
from hoitu.core.access import Actor
from hoitu.core.access.audit import AuditEntry
from hoitu.core.clock import FrozenClock
from hoitu.core.events import OutboxEntry, SettingChanged, restore
from hoitu.core.extensions import KEY, Platform
from hoitu.core.settings import SettingsRegistry, setting
from hoitu.core.settings.refresh import refresh
from hoitu.core.settings.registry import SettingError, SettingRow
from hoitu.core.units import Unit
from hoitu.core.units.models import HostRow

ACTOR = Actor(7, "Bà Quản trị")


@dataclass(frozen=True)
class News:
    """Settings of a section, as its author declares them."""

    per_page: int = setting(20, label="Số tin trên một trang")
    banner: str = setting("", label="Biểu ngữ", help="Hiện ở đầu trang")
    comments: bool = setting(False, label="Bình luận")


@dataclass(frozen=True)
class Care:
    """Settings with a number that has bounds."""

    months: int = setting(12, label="Tháng", largest=120)


@pytest.fixture
def registry(platform: Platform) -> SettingsRegistry:
    platform.settings.register("news", News)
    return platform.settings


@pytest.fixture
def store(platform: Platform, registry: SettingsRegistry) -> Callable[..., None]:
    """Return a function that stores a value in a scope and reads the configuration anew."""

    def put(scope: str, key: str, value: Any) -> None:
        with platform.open_session(True) as session:
            registry.store(session, ACTOR, scope, "news", key, value, platform.clock.now())
            session.commit()
            refresh(platform, session)

    return put


def test_a_number_is_kept_within_its_bounds(
    platform: Platform, registry: SettingsRegistry, unit: Unit
) -> None:
    registry.register("care", Care)
    scope, now = f"unit:{unit.id}", platform.clock.now()
    with platform.open_session(True) as session:
        for value in (-1, 121, 10**12):
            with pytest.raises(SettingError, match=r"care\.months is between 0 and 120"):
                registry.store(session, ACTOR, scope, "care", "months", value, now)
        for value in (0, 120):
            registry.store(session, ACTOR, scope, "care", "months", value, now)


def test_whoever_saw_older_settings_than_are_stored_is_told(
    platform: Platform, registry: SettingsRegistry, store: Any, unit: Unit, other_unit: Unit
) -> None:
    scope = f"unit:{unit.id}"
    seen = registry.mark(scope, "news")

    def unchanged() -> bool:
        with platform.open_session(True) as session:
            return registry.is_unchanged(session, scope, "news", seen)

    assert unchanged()
    store(f"unit:{other_unit.id}", "per_page", 30)
    store("platform", "per_page", 30)
    assert unchanged()
    # By another process: nothing was read anew here.
    with platform.open_session(True) as session:
        now = platform.clock.now()
        registry.store(session, ACTOR, scope, "news", "comments", False, now)
        session.commit()
    assert registry.mark(scope, "news") == seen
    assert not unchanged()


def test_the_nearest_scope_decides(
    registry: SettingsRegistry, store: Any, unit: Unit, other_unit: Unit, units: Any
) -> None:
    department = units("so-thu")

    def values() -> list[int]:
        return [registry.of(News, at).per_page for at in (unit, other_unit, department)]

    assert values() == [20, 20, 20]
    store("platform", "per_page", 30)
    assert values() == [30, 30, 30]
    store("type:ward", "per_page", 40)
    assert values() == [40, 40, 30]
    store(f"unit:{unit.id}", "per_page", 50)
    assert values() == [50, 40, 30]
    origins = [
        registry.origin("news", "per_page", at).scope for at in (unit, other_unit, department)
    ]
    assert origins == [f"unit:{unit.id}", "type:ward", "platform"]
    store("type:ward", "per_page", None)
    assert values() == [50, 30, 30]
    store(f"unit:{unit.id}", "per_page", None)
    store("platform", "per_page", None)
    assert values() == [20, 20, 20]
    assert registry.origin("news", "per_page", unit).scope == "default"
    # The other settings were never touched.
    assert registry.of(News, unit) == News()


def test_false_and_empty_are_values(registry: SettingsRegistry, store: Any, unit: Unit) -> None:
    for key, far, near in (("comments", True, False), ("banner", "Chào", ""), ("per_page", 9, 0)):
        store("platform", key, far)
        store(f"unit:{unit.id}", key, near)
        assert registry.origin("news", key, unit).value == near
        assert registry.origin("news", key, unit).scope == f"unit:{unit.id}"


@pytest.mark.parametrize(
    ("plugin", "key", "value"),
    [
        ("news", "per_page", "30"),
        ("news", "per_page", True),
        ("news", "per_page", 3.0),
        ("news", "banner", 5),
        ("news", "comments", 1),
        ("news", "no_such", 1),
        ("no_such", "per_page", 1),
    ],
)
def test_what_does_not_fit_is_refused_by_name(
    platform: Platform, registry: SettingsRegistry, plugin: str, key: str, value: Any
) -> None:
    with platform.open_session(True) as session:
        with pytest.raises(SettingError, match=f"{plugin}.{key}"):
            registry.store(session, ACTOR, "platform", plugin, key, value, platform.clock.now())
        session.commit()
        for table in (SettingRow, AuditEntry, OutboxEntry):
            assert session.scalars(select(table)).all() == []


def test_a_change_is_on_record_and_told(platform: Platform, store: Any, unit: Unit) -> None:
    store(f"unit:{unit.id}", "banner", "Chúc mừng")
    store("platform", "per_page", 30)
    with platform.open_session(False) as session:
        entries = session.scalars(select(AuditEntry).order_by(AuditEntry.id)).all()
        assert [(e.actor, e.action, e.object_id, e.unit_id, e.detail) for e in entries] == [
            (ACTOR.name, "setting.change", "news.banner", unit.id,
             {"scope": f"unit:{unit.id}", "value": "Chúc mừng", "before": None}),
            (ACTOR.name, "setting.change", "news.per_page", None,
             {"scope": "platform", "value": 30, "before": None}),
        ]  # fmt: skip
        events = [restore(row) for row in session.scalars(select(OutboxEntry))]
        assert events == [
            SettingChanged(unit.id, "news", "banner"),
            SettingChanged(0, "news", "per_page"),
        ]


def test_removing_what_nobody_set_changes_nothing(
    platform: Platform, registry: SettingsRegistry, unit: Unit
) -> None:
    now = platform.clock.now()
    with platform.open_session(True) as session:
        before = stamp.read(session)
        for scope in (f"unit:{unit.id}", "platform"):
            registry.store(session, ACTOR, scope, "news", "banner", None, now)
        session.commit()
        assert stamp.read(session) == before
        for table in (SettingRow, AuditEntry, OutboxEntry):
            assert session.scalars(select(table)).all() == []
        with pytest.raises(SettingError, match=r"news\.no_such"):
            registry.store(
                session, ACTOR, "platform", "news", "no_such", None, platform.clock.now()
            )


def test_what_was_read_before_a_change_does_not_outlive_it(
    registry: SettingsRegistry, store: Any, unit: Unit, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One thread resolves the settings while another reads the configuration anew."""
    resolve = registry.origin

    def interrupted(plugin: str, key: str, at: Unit) -> Any:
        found = resolve(plugin, key, at)
        if key == "per_page":
            monkeypatch.undo()
            store("platform", "per_page", 30)
        return found

    monkeypatch.setattr(registry, "origin", interrupted)
    assert registry.of(News, unit).per_page == 20
    assert registry.of(News, unit).per_page == 30


def test_what_is_rolled_back_changes_nothing(
    platform: Platform, registry: SettingsRegistry, unit: Unit
) -> None:
    with platform.open_session(True) as session:
        registry.store(session, ACTOR, "platform", "news", "per_page", 3, platform.clock.now())
        session.rollback()
        refresh(platform, session)
        assert registry.of(News, unit).per_page == 20
        assert session.scalars(select(OutboxEntry)).all() == []


def test_another_process_sees_a_change_at_its_next_request(
    make_app: Callable[..., Any], store: Any, registry: SettingsRegistry, unit: Unit
) -> None:
    other = make_app()
    theirs: Platform = other.extensions[KEY]
    theirs.settings.register("news", News)
    client = other.test_client()
    assert client.get("/", headers={"Host": "mot.test"}).status_code == 200
    assert theirs.settings.of(News, unit).per_page == 20
    store(f"unit:{unit.id}", "per_page", 7)
    assert theirs.settings.of(News, unit).per_page == 20
    assert client.get("/so-do-cong", headers={"Host": "mot.test"}).status_code == 200
    assert theirs.settings.of(News, unit).per_page == 7
    assert registry.of(News, unit).per_page == 7


def test_a_schema_must_be_frozen_and_complete() -> None:
    @dataclass
    class Loose:
        a: int = setting(1, label="a")

    @dataclass(frozen=True)
    class Bare:
        a: int = 1

    @dataclass(frozen=True)
    class Unnamed:
        a: int

    class Plain:
        pass

    for schema in (Loose, Bare, Unnamed, Plain):
        with pytest.raises(SettingError, match=schema.__name__):
            SettingsRegistry().register("x", schema)


def test_settings_nobody_registered_are_an_error(platform: Platform, unit: Unit) -> None:
    with pytest.raises(SettingError, match="News"):
        platform.settings.of(News, unit)


def test_a_value_kept_from_an_older_release_does_not_matter(
    platform: Platform, registry: SettingsRegistry, unit: Unit
) -> None:
    with platform.open_session(True) as session:
        session.add(SettingRow(scope="platform", plugin="news", key="gone", value=1))
        stamp.bump(session)
        session.commit()
        refresh(platform, session)
    assert registry.of(News, unit) == News()


def test_a_day_that_begins_changes_hosts_without_anybody_touching_them(
    app: Any, platform: Platform, clock: FrozenClock, units: Any
) -> None:
    with platform.open_session(True) as session:
        host = session.scalars(select(HostRow).where(HostRow.name == "mot.test")).one()
        host.valid_until = clock.today()
        tomorrow = clock.today() + timedelta(days=1)
        other = units("phuong-hai").id
        session.add(HostRow(unit_id=other, name="mot.test", valid_from=tomorrow))
        stamp.bump(session)
        session.commit()
    visitor = app.test_client()
    assert "phường Một" in visitor.get("/", headers={"Host": "mot.test"}).text
    clock.move(timedelta(days=1))
    assert "phường Hai" in visitor.get("/", headers={"Host": "mot.test"}).text


def test_settings_of_core_are_set_by_command(hoitu: Callable[..., Any]) -> None:
    name = "core.editorial.review_months"
    assert f"{name} = 12 (default)" in hoitu("setting", "list").output
    assert hoitu("setting", "set", name, "6").exit_code == 0
    assert f"{name} = 6 (set)" in hoitu("setting", "list").output
