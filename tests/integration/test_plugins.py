"""Broken plugins: each is named with its reason, and nobody's site is concerned."""

from __future__ import annotations

import inspect
import sys
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest

from hoitu.core import hookspecs
from hoitu.core.access import UnknownPermission, public
from hoitu.core.content import ActionContext, Refused, actions
from hoitu.core.extensions import KEY, Platform
from hoitu.core.plugin import PluginRow, PluginState
from hoitu.core.web.access import UndeclaredAccess, check_declared

Desk = Callable[..., AbstractContextManager[ActionContext]]
Plant = Callable[..., str]

HOSTS = ("tinh.test", "mot.test", "hai.test", "so.test", "trung-tam.test", "huyen.test")

PAGES = """
@hookimpl
def register_blueprints(self):
    from flask import Blueprint
    from hoitu.core.access import public, requires
    pages = Blueprint("{blueprint}", __name__, url_prefix="/{name}")
    pages.add_url_rule("/", "index", {view})
    return [pages]
"""
LOOSE_SETTINGS = """
@hookimpl
def register_settings(self):
    from dataclasses import dataclass
    @dataclass
    class Loose:
        size: int = 1
    return [Loose]
"""


def pages(name: str, view: str, blueprint: str = "") -> str:
    return PAGES.format(name=name, view=view, blueprint=blueprint or name)


def returns(hook: str, value: str) -> str:
    return f"@hookimpl\ndef {hook}(self): return {value}"


#: Name -> how it is broken, the state it gets, what its reason says.
BROKEN: dict[str, tuple[dict[str, Any], PluginState, str]] = {
    "raises_at_import": (
        {"module": "raise RuntimeError('no licence')"},
        PluginState.QUARANTINED,
        "RuntimeError: no licence",
    ),
    "exits_at_import": ({"module": "exit(1)"}, PluginState.QUARANTINED, "SystemExit: 1"),
    "no_python": ({"module": "def ("}, PluginState.QUARANTINED, "SyntaxError"),
    "no_object": ({"module": "pass"}, PluginState.QUARANTINED, "AttributeError"),
    "misspelt_hook": (
        {"hooks": returns("menu_entires", "[]")},
        PluginState.QUARANTINED,
        "unknown hook 'menu_entires'",
    ),
    "unknown_argument": (
        {"hooks": "@hookimpl\ndef menu_entries(self, unit, colour): return []"},
        PluginState.QUARANTINED,
        "colour",
    ),
    "unreadable_manifest": ({"manifest": "name = ["}, PluginState.BLOCKED, "cannot be read"),
    "mistyped_manifest": ({"extra": "wieght = 3"}, PluginState.BLOCKED, "unknown key `wieght`"),
    "wrong_api": (
        {"manifest": 'name="wrong_api"\ntitle={vi="a",en="b"}\nversion="1"\napi=99'},
        PluginState.BLOCKED,
        "speaks hook interface 99",
    ),
    "wrong_core": (
        {"manifest": 'name="wrong_core"\ntitle={vi="a",en="b"}\nversion="1"\napi=1\n'
         'requires_core=">=9"'},
        PluginState.BLOCKED,
        "needs core >=9",
    ),
    "needs_nobody": (
        {"extra": 'requires_sections = ["nobody"]'},
        PluginState.BLOCKED,
        "needs nobody, which is not active",
    ),
    "needs_a_broken_one": (
        {"extra": 'requires_sections = ["raises_at_import"]'},
        PluginState.BLOCKED,
        "needs raises_at_import, which is not active",
    ),
    "raises_at_registration": (
        {"hooks": "@hookimpl\ndef register_jobs(self): 1/0"},
        PluginState.BLOCKED,
        "register_jobs: ZeroDivisionError",
    ),
    "registers_junk": (
        {"hooks": returns("register_content_types", "['junk']")},
        PluginState.BLOCKED,
        "not a list of ContentType",
    ),
    "route_without_access": (
        {"hooks": pages("route_without_access", "lambda: 'open'")},
        PluginState.BLOCKED,
        "declares neither `public` nor `requires",
    ),
    "route_with_unknown_permission": (
        {"hooks": pages("route_with_unknown_permission", "requires('x.read')(lambda: '')")},
        PluginState.BLOCKED,
        "'x.read' is declared by no manifest",
    ),
    "foreign_blueprint": (
        {"hooks": pages("foreign_blueprint", "public(lambda: '')", "home")},
        PluginState.BLOCKED,
        "must be named foreign_blueprint",
    ),
    "loose_settings": (
        {"hooks": LOOSE_SETTINGS},
        PluginState.BLOCKED,
        "must be a frozen dataclass",
    ),
}  # fmt: skip


def statuses(app: Any) -> dict[str, int]:
    visitor = app.test_client()
    return {h: visitor.get("/", headers={"Host": h}).status_code for h in HOSTS}


ALL_WELL = dict.fromkeys(HOSTS, 200)


def test_every_broken_plugin_is_named_with_its_reason_and_every_site_goes_on(
    plant: Plant, make_app: Callable[..., Any], hoitu: Callable[..., Any]
) -> None:
    for name, (how, _, _) in BROKEN.items():
        plant(name, **how)
    plant("whole", pages("whole", "public(lambda: 'whole')"))
    app = make_app()
    parts: Platform = app.extensions[KEY]
    assert statuses(app) == ALL_WELL
    assert app.test_client().get("/whole/", headers={"Host": "mot.test"}).text == "whole"
    assert (
        app.test_client().get("/route_without_access/", headers={"Host": "mot.test"}).status_code
        == 404
    )

    ready = app.test_client().get("/readyz").get_json()
    assert ready["ready"]
    doctor = hoitu("doctor")
    assert doctor.exit_code == 1
    listed = hoitu("plugin", "list").output
    for name, (_, state, reason) in BROKEN.items():
        found = parts.plugins.get(name)
        assert found is not None
        assert found.state is state, name
        assert reason in found.reason, name
        # Anybody may ask whether the platform is ready; the reasons are the operator's.
        assert ready["plugins"][name] == state
        assert f"plugin {name}: {state} {found.reason.splitlines()[0]}" in doctor.output
        assert name in listed
    # Nothing of theirs is left in use.
    assert parts.plugins.get("whole").is_active  # type: ignore[union-attr]
    assert not {m.name for m in parts.plugins.sections()} & set(BROKEN)
    assert not set(parts.settings.schemas()) & set(BROKEN)


def test_what_is_blocked_by_its_manifest_is_never_imported(
    plant: Plant, make_app: Callable[..., Any], tmp_path: Any
) -> None:
    trace = tmp_path / "imported"
    code = f"from pathlib import Path; Path({str(trace)!r}).touch()"
    how = BROKEN["wrong_api"][0]
    plant("wrong_api", module=code, files={"__init__.py": code}, **how)
    make_app()
    assert not trace.exists()


def test_nobody_takes_the_name_of_a_section_of_the_platform(
    plant: Plant, make_app: Callable[..., Any], caplog: Any
) -> None:
    plant("legal_documents", package="intruder", module="raise RuntimeError")
    parts: Platform = make_app().extensions[KEY]
    found = parts.plugins.get("legal_documents")
    assert found is not None
    assert (found.state, found.package) == (
        PluginState.ACTIVE,
        "hoitu.sections.legal_documents",
    )
    assert "legal_documents of intruder.section is ignored" in caplog.text
    assert "intruder" not in sys.modules


# -- errors in use -----------------------------------------------------------------------------

SPECS = {
    name: list(inspect.signature(function).parameters)
    for name, function in vars(hookspecs).items()
    if hasattr(function, f"{hookspecs.PROJECT}_spec")
}


def in_every_hook(statement: str) -> str:
    """Return the body of a plugin that does the same in every hook called after the start."""
    return "\n".join(
        f"@hookimpl\ndef {name}(self, {', '.join(arguments)}): {statement}"
        for name, arguments in SPECS.items()
        if not name.startswith("register_")
    )


JUNK = (
    "None", "5", "'text'", "object()", "[None]", "['text']", "[object()]", "{}", "print",
    "[type('P', (), {'weight': 1})()]",
    "[__import__('hoitu.core.web').core.web.MenuEntry('x', 'nowhere.index')]",
    "[__import__('hoitu.core.web').core.web.MenuEntry('x', None, weight='heavy')]",
    "[__import__('hoitu.core.web').core.web.Panel('x', 'x', 'nowhere.html')]",
    "[__import__('hoitu.core.web').core.web.Panel('x', None, None, weight=None)]",
    "[__import__('hoitu.core.web').core.web.HeadTag('meta', None)]",
    "[__import__('hoitu.core.web').core.web.HeadTag('script', {'src': 'https://x.example/'})]",
)  # fmt: skip


def test_there_are_hooks_to_break() -> None:
    assert len(SPECS) >= 16
    assert SPECS["check_transition"] == ["item", "transition", "actor"]


@pytest.mark.parametrize("junk", JUNK)
def test_junk_from_every_hook_spoils_no_page(
    plant: Plant, make_app: Callable[..., Any], junk: str
) -> None:
    plant("junk", in_every_hook(f"return {junk}"))
    app = make_app()
    visitor = app.test_client()
    for path in ("/", "/van-ban", "/so-do-cong", "/khong-co", "/en/"):
        answer = visitor.get(path, headers={"Host": "mot.test"})
        assert answer.status_code == (404 if path == "/khong-co" else 200), path
        assert "x.example" not in answer.text


def test_a_plugin_that_raises_in_every_hook_is_quarantined_for_good(
    plant: Plant,
    make_app: Callable[..., Any],
    hoitu: Callable[..., Any],
    desk: Desk,
    document: Callable[..., dict[str, object]],
) -> None:
    plant("raises", in_every_hook("raise RuntimeError('out of order')"))
    app, other = make_app(), make_app()
    assert other.extensions[KEY].plugins.is_active("raises")
    for _ in range(5):
        assert statuses(app) == ALL_WELL
    found = app.extensions[KEY].plugins.get("raises")
    assert found.state is PluginState.QUARANTINED
    assert found.reason.endswith("RuntimeError: out of order")
    # Another process: its next request takes the plugin out of use there.
    assert statuses(other) == ALL_WELL
    assert other.extensions[KEY].plugins.get("raises").state is PluginState.QUARANTINED
    # A later start does not even import it.
    for name in [m for m in sys.modules if m.partition(".")[0] == "raises"]:
        del sys.modules[name]
    assert make_app().extensions[KEY].plugins.get("raises").state is PluginState.QUARANTINED
    assert "raises" not in sys.modules
    # It comes back by command only.
    assert "quarantined" in hoitu("plugin", "list").output
    assert hoitu("plugin", "release", "raises").exit_code == 0
    assert make_app().extensions[KEY].plugins.is_active("raises")
    assert hoitu("plugin", "release", "raises").exit_code == 1


def test_quarantine_does_not_wait_for_the_change_that_caused_it(
    plant: Plant, make_app: Callable[..., Any], document: Callable[..., dict[str, object]]
) -> None:
    """SQLite has one write lock, and the failing hook runs while it is held."""
    from hoitu.core.access import SYSTEM
    from hoitu.core.jobs import Worker
    from hoitu.core.settings.refresh import refresh
    from hoitu.core.units import unit_scope

    plant("raises", in_every_hook("raise RuntimeError('out of order')"))
    app = make_app()
    parts: Platform = app.extensions[KEY]
    with parts.open_session(False) as session:
        refresh(parts, session)
    unit = parts.units.by_slug("phuong-mot")
    assert unit is not None
    started = time.monotonic()
    with app.test_request_context(base_url="http://mot.test"), unit_scope(unit.id):
        for number in range(6):
            with parts.open_session(True) as session:
                work = ActionContext(
                    session, SYSTEM, unit, parts.types, parts.hooks, parts.switchboard, parts.clock
                )
                item = actions.create(work, "legal_document", document(f"{number + 1}/KH-UBND"))
                with pytest.raises(Refused):
                    actions.publish(work, item)
                session.commit()
    Worker(app).drain()
    assert time.monotonic() - started < 20
    assert parts.plugins.get("raises").state is PluginState.QUARANTINED  # type: ignore[union-attr]
    with parts.open_session(False) as session:
        row = session.get(PluginRow, "raises")
        assert row is not None
        assert (row.state, row.version) == ("quarantined", "1.0")


def test_objections_of_plugins_are_all_shown(
    plant: Plant, make_app: Callable[..., Any], document: Callable[..., dict[str, object]]
) -> None:
    from hoitu.core.access import SYSTEM
    from hoitu.core.settings.refresh import refresh
    from hoitu.core.units import unit_scope

    for name in ("first", "second"):
        plant(
            name,
            f"@hookimpl\ndef check_item(self, item):\n    from hoitu.core.content import Problem\n"
            f"    return [Problem('number', '{name}')]",
        )
    app = make_app()
    parts: Platform = app.extensions[KEY]
    with parts.open_session(False) as session:
        refresh(parts, session)
    unit = parts.units.by_slug("phuong-mot")
    assert unit is not None
    with (
        app.test_request_context(base_url="http://mot.test"),
        unit_scope(unit.id),
        parts.open_session(True) as session,
    ):
        work = ActionContext(
            session, SYSTEM, unit, parts.types, parts.hooks, parts.switchboard, parts.clock
        )
        item = actions.create(work, "legal_document", document())
        with pytest.raises(Refused) as caught:
            actions.publish(work, item)
        assert [p.message for p in caught.value.problems] == ["first", "second"]


# -- other states ------------------------------------------------------------------------------


def test_safe_mode_imports_nothing_but_our_own(
    plant: Plant, make_app: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    plant("vendor")
    for settings in ({"plugins": "core"}, {}):
        if not settings:
            monkeypatch.setenv("HOITU_PLUGINS", "core")
        app = make_app(**settings)
        assert app.extensions[KEY].plugins.get("vendor") is None
        assert app.extensions[KEY].plugins.is_active("legal_documents")
        assert statuses(app) == ALL_WELL
    assert "vendor" not in sys.modules


def test_a_plugin_whose_package_is_gone_is_missing_and_keeps_its_data(
    make_app: Callable[..., Any], platform: Platform, hoitu: Callable[..., Any]
) -> None:
    with platform.open_session(True) as session:
        session.add(
            PluginRow(name="gone", version="1.0", state="active", changed_at=platform.clock.now())
        )
        session.commit()
    app = make_app()
    assert app.extensions[KEY].plugins.get("gone").state is PluginState.MISSING
    assert statuses(app) == ALL_WELL
    assert "plugin gone: missing its package is gone" in hoitu("doctor").output
    assert hoitu("upgrade").exit_code == 0


def test_a_view_that_raises_costs_its_own_page_only(
    plant: Plant, make_app: Callable[..., Any]
) -> None:
    plant("fragile", pages("fragile", "public(lambda: 1 / 0)"))
    app = make_app()
    answer = app.test_client().get("/fragile/", headers={"Host": "mot.test"})
    assert answer.status_code == 500
    assert "ZeroDivisionError" not in answer.text
    # In the frame of the site.
    assert "Một" in answer.text
    assert statuses(app) == ALL_WELL


def test_a_search_engine_may_come_from_a_plugin(
    plant: Plant, make_app: Callable[..., Any], caplog: Any
) -> None:
    plant(
        "engine",
        """
        @hookimpl
        def resolve_search_backend(self, name, instance):
            from hoitu.core.search import NullBackend
            return NullBackend() if name == "fast" else None
        """,
    )
    assert type(make_app(search_backend="fast").extensions[KEY].search).__name__ == "NullBackend"
    assert "fast" not in caplog.text
    make_app(search_backend="slow")
    assert "no active plugin provides the search engine slow" in caplog.text


def test_the_start_stops_when_a_route_of_core_declares_no_access(
    app: Any, platform: Platform
) -> None:
    check_declared(app.view_functions, platform.permissions)
    views = {**app.view_functions, "home.forgotten": lambda: ""}
    with pytest.raises(UndeclaredAccess, match=r"home\.forgotten"):
        check_declared(views, platform.permissions)
    with pytest.raises(UnknownPermission):
        platform.permissions.check_known("home.read")
    assert public(views["home.forgotten"]) is views["home.forgotten"]
    check_declared(views, platform.permissions)


def test_create_app_makes_that_check(
    make_app: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    from hoitu.core.web import home

    monkeypatch.delattr(home.index, "__hoitu_access__")
    with pytest.raises(UndeclaredAccess, match=r"home\.index"):
        make_app()


def test_a_broken_theme_is_left_out(
    plant: Plant, make_app: Callable[..., Any], caplog: Any
) -> None:
    plant("ugly", group="hoitu.themes")
    app = make_app(default_theme="ugly")
    assert statuses(app) == ALL_WELL
    assert "theme ugly cannot be used" in caplog.text
