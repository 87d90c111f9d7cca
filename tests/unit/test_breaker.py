from __future__ import annotations

import pytest

from hoitu.core.plugin.breaker import ERRORS, OPENINGS, PAUSE, WINDOW, Breaker


class Bench:
    """A breaker whose time is moved by hand and whose quarantines are kept."""

    def __init__(self) -> None:
        self.time = 1000.0
        self.quarantined: list[tuple[str, str]] = []
        self.breaker = Breaker(lambda *what: self.quarantined.append(what), lambda: self.time)

    def fail(self, times: int = 1, plugin: str = "p", hook: str = "h", apart: float = 0.0) -> None:
        for _ in range(times):
            self.breaker.record(plugin, hook, ValueError("broken"))
            self.time += apart


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_the_figures_are_those_of_the_design() -> None:
    assert (ERRORS, WINDOW, PAUSE, OPENINGS) == (5, 60.0, 300.0, 3)


def test_the_fifth_error_within_a_minute_opens_for_five_minutes(bench: Bench) -> None:
    bench.fail(4)
    assert not bench.breaker.is_open("p", "h")
    bench.fail()
    assert bench.breaker.is_open("p", "h")
    bench.time += PAUSE - 0.1
    assert bench.breaker.is_open("p", "h")
    bench.time += 0.1
    assert not bench.breaker.is_open("p", "h")


def test_errors_further_apart_than_a_minute_do_not_open(bench: Bench) -> None:
    bench.fail(100, apart=WINDOW / 4 + 0.1)
    assert not bench.breaker.is_open("p", "h")
    bench.fail(5, apart=WINDOW / 4)
    assert bench.breaker.is_open("p", "h")


def test_hooks_and_plugins_are_counted_apart(bench: Bench) -> None:
    for plugin, hook in (("p", "h"), ("p", "other"), ("q", "h")):
        bench.fail(4, plugin, hook)
    assert not any(bench.breaker.is_open(p, h) for p in "pq" for h in ("h", "other"))
    bench.fail(1, "p", "h")
    assert bench.breaker.is_open("p", "h")
    assert not bench.breaker.is_open("q", "h")


def test_the_third_opening_quarantines_the_plugin_with_the_reason(bench: Bench) -> None:
    for hook in ("h", "other", "h"):
        assert bench.quarantined == []
        bench.fail(5, hook=hook)
        bench.time += PAUSE
    assert bench.quarantined == [("p", "h: ValueError: broken")]
