from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from importlib.metadata import EntryPoint
from types import SimpleNamespace
from typing import Any

import pytest

from hoitu.core.content import Problem
from hoitu.core.plugin import Breaker, Dispatcher, Plugins, PluginState
from hoitu.core.web import MenuEntry

UNIT: Any = SimpleNamespace(id=1)
ITEM: Any = SimpleNamespace()
Load = Callable[..., Dispatcher]


@pytest.fixture
def plugins() -> Plugins:
    return Plugins()


@pytest.fixture
def time() -> list[float]:
    return [0.0]


@pytest.fixture
def load(plugins: Plugins, plant: Callable[..., str], time: list[float]) -> Load:
    """Return a function that installs plugins (hooks by name) and returns their dispatcher."""

    def make(weights: dict[str, int] | None = None, **hooks: str) -> Dispatcher:
        for name, body in hooks.items():
            plant(name, body, extra=f"weight = {(weights or {}).get(name, 100)}")
        entries = [EntryPoint(n, f"{n}.section:section", "hoitu.plugins") for n in hooks]
        for entry in plugins.discover(entries, {}):
            plugins.register(entry)
        breaker = Breaker(
            lambda name, why: plugins.withdraw(name, PluginState.QUARANTINED, why),
            now=lambda: time[0],
        )
        checks = dict.fromkeys(("check_item", "check_transition", "check_enable"), Problem)
        return Dispatcher(plugins, breaker, {"menu_entries": MenuEntry, **checks})

    return make


def menu(label: str, weight: int = 100) -> str:
    return f"""
    @hookimpl
    def menu_entries(self, unit):
        from hoitu.core.web import MenuEntry
        return [MenuEntry("{label}", "x.index", weight={weight})]
    """


def labels(hooks: Dispatcher) -> list[str]:
    return [entry.label for entry in hooks.menu_entries(UNIT)]


def state(plugins: Plugins, name: str) -> tuple[PluginState, str]:
    found = plugins.get(name)
    assert found is not None
    return found.state, found.reason


def test_order_is_weight_then_name_never_registration(load: Load) -> None:
    hooks = load({"c": 10}, b=menu("b"), a=menu("a"), c=menu("c"), d=menu("d", weight=5))
    assert labels(hooks) == ["d", "c", "a", "b"]


def test_one_that_raises_loses_only_its_own_contribution(load: Load) -> None:
    hooks = load(a=menu("a"), b="@hookimpl\ndef menu_entries(self, unit): 1/0", c=menu("c"))
    assert labels(hooks) == ["a", "c"]


@pytest.mark.parametrize("junk", ["None", "5", "'ab'", "['x']", "[None]", "{}", "iter(())"])
def test_junk_is_dropped_and_counted(
    load: Load, plugins: Plugins, time: list[float], junk: str
) -> None:
    hooks = load(a=menu("a"), bad=f"@hookimpl\ndef menu_entries(self, unit): return {junk}")
    for _ in range(3):
        assert state(plugins, "bad") == (PluginState.ACTIVE, "")
        for _ in range(5):
            assert labels(hooks) == ["a"]
        time[0] += 1000
    found, reason = state(plugins, "bad")
    assert found is PluginState.QUARANTINED
    assert reason.startswith("menu_entries: TypeError: returned ")


def test_an_open_breaker_leaves_the_hook_alone(load: Load) -> None:
    hooks = load(
        bad="calls = 0\n@hookimpl\ndef menu_entries(self, unit):\n    Section.calls += 1\n    1/0"
    )
    for _ in range(12):
        assert labels(hooks) == []
    import bad.section  # type: ignore[import-not-found]

    assert bad.section.Section.calls == 5


def test_only_plugins_that_are_on_for_the_unit_are_asked(load: Load) -> None:
    hooks = load(a=menu("a"), b=menu("b"))
    hooks.is_on = lambda unit, plugin: plugin == "b"
    assert labels(hooks) == ["b"]


def test_a_withdrawn_plugin_is_not_asked_any_more(load: Load, plugins: Plugins) -> None:
    hooks = load(a=menu("a"), b=menu("b"))
    assert labels(hooks) == ["a", "b"]
    plugins.withdraw("a", PluginState.RETIRED, "")
    assert labels(hooks) == ["b"]


def test_what_fails_inside_a_change_is_undone_in_its_savepoint(load: Load) -> None:
    hooks = load(
        a="@hookimpl\ndef check_item(self, item):\n"
        "    from hoitu.core.content import Problem\n"
        "    return [Problem('title', 'no title')]",
        b="@hookimpl\ndef check_item(self, item): 1/0",
    )
    ended: list[str] = []

    @contextmanager
    def savepoint() -> Iterator[None]:
        try:
            yield
        except ZeroDivisionError:
            ended.append("undone")
            raise
        ended.append("kept")

    first, second = hooks.check_item(ITEM, UNIT, savepoint)
    assert first == Problem("title", "no title")
    assert "could not check" in str(second)
    assert ended == ["kept", "undone"]


def check(hooks: Dispatcher, hook: str) -> list[str]:
    calls = {
        "check_item": lambda: hooks.check_item(ITEM, UNIT, nullcontext),
        "check_transition": lambda: hooks.check_transition(ITEM, ITEM, ITEM, UNIT, nullcontext),
        "check_enable": lambda: hooks.check_enable(UNIT, "news", nullcontext),
    }
    return [str(problem) for problem in calls[hook]()]


@pytest.mark.parametrize("hook", ["check_item", "check_transition", "check_enable"])
@pytest.mark.parametrize(
    "body", ["1/0", "return None", "return 'well'", "return ['a']", "return iter(())"]
)
def test_who_cannot_check_objects(
    load: Load, plugins: Plugins, time: list[float], hook: str, body: str
) -> None:
    hooks = load(bad=f"@hookimpl\ndef {hook}(self): {body}")
    for calls in (8, 8, 5):
        # Five failures open the breaker; in its pause the hook is not even asked.
        for _ in range(calls):
            assert plugins.is_active("bad")
            (problem,) = check(hooks, hook)
            assert problem.startswith("Thử could not check this. Please try again")
        time[0] += 1000
    # Once it is quarantined it is no longer there to check.
    assert state(plugins, "bad")[0] is PluginState.QUARANTINED
    assert check(hooks, hook) == []


def test_who_is_off_or_withdrawn_does_not_check(load: Load, plugins: Plugins) -> None:
    hooks = load(bad="@hookimpl\ndef check_item(self): 1/0")
    hooks.is_on = lambda unit, plugin: False
    assert check(hooks, "check_item") == []
    hooks.is_on = lambda unit, plugin: True
    assert len(check(hooks, "check_item")) == 1
    plugins.withdraw("bad", PluginState.BLOCKED, "")
    assert check(hooks, "check_item") == []


def test_every_plugin_may_object_to_a_section_being_switched_on(load: Load) -> None:
    problem = "from hoitu.core.content import Problem\n    return [Problem('', "
    hooks = load(
        a=f"@hookimpl\ndef check_enable(self, unit, section):\n    {problem}f'{{section}} "
        "{unit.id}')]",
        b=f"@hookimpl\ndef check_enable(self):\n    {problem}'b')]",
    )
    # Whether the plugin itself is on for the unit does not matter here.
    hooks.is_on = lambda unit, plugin: False
    assert check(hooks, "check_enable") == ["news 1", "b"]


def test_the_first_answer_wins_and_none_passes_the_question_on(load: Load) -> None:
    answer = "@hookimpl\ndef resolve_storage(self, name): return {}"
    hooks = load(a=answer.format("None"), b=answer.format("'b'"), c=answer.format("'c'"))
    assert hooks.resolve_storage("s3", None) == "b"  # type: ignore[arg-type, comparison-overlap]


def test_a_failing_registration_blocks_the_plugin(load: Load, plugins: Plugins) -> None:
    hooks = load(
        a="@hookimpl\ndef register_jobs(self): return []",
        b="@hookimpl\ndef register_jobs(self): 1/0",
    )
    assert list(hooks.register_jobs()) == [("a", [])]
    assert state(plugins, "b") == (
        PluginState.BLOCKED,
        "register_jobs: ZeroDivisionError: division by zero",
    )
    assert state(plugins, "a")[0] is PluginState.ACTIVE
