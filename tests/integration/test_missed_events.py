"""An event that a plugin missed reaches it later, alone; nobody else waits for it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from hoitu.core.clock import FrozenClock
from hoitu.core.content import ActionContext, actions
from hoitu.core.events import Event, OutboxEntry
from hoitu.core.extensions import KEY, Platform
from hoitu.core.jobs import Worker
from hoitu.core.jobs.queue import ATTEMPTS, DEAD, DONE, READY, JobRow
from hoitu.core.plugin import PluginState
from hoitu.core.plugin.breaker import ERRORS, PAUSE

Desk = Callable[..., AbstractContextManager[ActionContext]]
Values = Callable[..., dict[str, object]]

LISTENER = """
    heard = []
    error = None

    @hookimpl
    def handle_event(self, event):
        if Section.error:
            raise Section.error
        Section.heard.append(event)
"""


class Listeners:
    """Two plugins that hear events, the first of which may fail, and a worker that tells them."""

    def __init__(self, app: Any, failing: Any, other: Any, clock: FrozenClock) -> None:
        self.app = app
        self.platform: Platform = app.extensions[KEY]
        self.failing, self.other = failing, other
        self.clock = clock
        self.drain = Worker(app).drain
        failing.error = RuntimeError("the other side is down")

    def jobs(self) -> list[tuple[str, int, str]]:
        """Return (state, attempts, error) of the jobs by which events are told again."""
        told = select(JobRow).where(JobRow.name == "core.tell").order_by(JobRow.id)
        with self.platform.open_session(False) as session:
            return [(row.state, row.attempts, row.error) for row in session.scalars(told)]

    def undelivered(self) -> list[Event]:
        waiting = select(OutboxEntry.id).where(OutboxEntry.delivered_at.is_(None))
        with self.platform.open_session(False) as session:
            return list(session.scalars(waiting))

    def pass_time(self, **duration: float) -> None:
        self.clock.move(timedelta(**duration))
        self.drain()


@pytest.fixture
def listeners(
    plant: Any, make_app: Any, clock: FrozenClock, monkeypatch: pytest.MonkeyPatch
) -> Listeners:
    plant("a_failing", LISTENER)
    plant("listener", LISTENER)
    import a_failing.section  # type: ignore[import-not-found]
    import listener.section  # type: ignore[import-not-found]

    app = make_app()
    breaker = app.extensions[KEY].hooks._breaker
    monkeypatch.setattr(breaker, "_now", lambda: clock.now().timestamp())
    return Listeners(app, a_failing.section.Section, listener.section.Section, clock)


@pytest.fixture
def happen(desk: Desk, document: Values) -> Callable[[int], None]:
    """Return a function that makes so many events."""

    def make(times: int) -> None:
        with desk() as work:
            for number in range(times):
                actions.create(work, "legal_document", document(f"{number}/KH-UBND"))

    return make


def test_who_failed_is_told_again_and_alone(listeners: Listeners, happen: Any) -> None:
    happen(2)
    listeners.drain()
    assert listeners.undelivered() == []
    assert len(listeners.other.heard) == 2
    listeners.failing.error = None
    happen(1)
    listeners.pass_time(seconds=1)
    assert len(listeners.failing.heard) == 1, "a younger event does not wait for the older ones"
    listeners.pass_time(seconds=60)
    youngest, *again = listeners.failing.heard
    assert [*again, youngest] == listeners.other.heard
    assert [job[0] for job in listeners.jobs()] == [DONE, DONE]


def test_who_fails_for_ever_is_told_later_and_later_until_the_job_is_dead(
    listeners: Listeners, happen: Any, hoitu: Any
) -> None:
    happen(1)
    listeners.drain()
    error = "Missed: a_failing: RuntimeError('the other side is down')"
    for attempt in range(1, ATTEMPTS + 1):
        assert listeners.jobs() == [(READY if attempt < ATTEMPTS else DEAD, attempt, error)]
        listeners.pass_time(seconds=2**attempt - 1)
        assert listeners.jobs()[0][1] == attempt
        # So late that the breaker has forgotten the last error.
        listeners.pass_time(seconds=61)
    assert listeners.failing.heard == []
    assert "jobs: 1 dead" in hoitu("doctor").output
    listeners.failing.error = None
    hoitu("worker", "--once", "--retry-dead")
    assert listeners.failing.heard == listeners.other.heard
    assert [job[0] for job in listeners.jobs()] == [DONE]


def test_what_happens_while_a_hook_is_left_out_is_told_afterwards(
    listeners: Listeners, happen: Any
) -> None:
    happen(ERRORS + 2)
    listeners.drain()
    assert len(listeners.other.heard) == ERRORS + 2
    listeners.failing.error = None
    for _ in range(4):
        listeners.pass_time(seconds=61)
    assert listeners.failing.heard == []
    assert {attempts for _, attempts, _ in listeners.jobs()} == {0}, "no attempt is used up"
    listeners.pass_time(seconds=PAUSE)
    assert sorted(map(repr, listeners.failing.heard)) == sorted(map(repr, listeners.other.heard))


@pytest.mark.parametrize(
    ("state", "ends"),
    [
        (PluginState.QUARANTINED, [READY, READY]),
        (PluginState.BLOCKED, [READY, READY]),
        (PluginState.RETIRED, [DONE]),
        (PluginState.MISSING, [DONE]),
    ],
)
def test_a_plugin_out_of_use_is_waited_for_if_it_may_come_back(
    listeners: Listeners, happen: Any, make_app: Any, state: PluginState, ends: list[str]
) -> None:
    happen(1)
    listeners.drain()
    listeners.platform.plugins.withdraw("a_failing", state, "in a test")
    happen(1)
    for _ in range(ATTEMPTS):
        listeners.pass_time(hours=1)
    assert [job[0] for job in listeners.jobs()] == ends
    assert len(listeners.other.heard) == 2
    listeners.failing.error = None
    listeners.clock.move(timedelta(hours=1))
    Worker(make_app()).drain()
    heard = 2 if len(ends) == 2 else 0
    assert len(listeners.failing.heard) == heard, "it hears all it missed once it is back"


@pytest.mark.parametrize(("error", "rounds"), [(KeyError("x"), 0), (SystemExit(3), 3)])
def test_an_error_of_the_platform_itself_holds_up_no_event_for_ever(
    listeners: Listeners, happen: Any, error: BaseException, rounds: int, monkeypatch: Any
) -> None:
    hooks = listeners.platform.hooks
    tell, troubled = hooks.handle_event, []

    def handle_event(event: Any, *rest: Any) -> Any:
        troubled.append(event)
        if event == troubled[0]:
            raise error
        return tell(event, *rest)

    listeners.failing.error = None
    happen(3)
    with monkeypatch.context() as patch:
        patch.setattr(hooks, "handle_event", handle_event)
        listeners.drain()
        for _ in range(rounds):
            listeners.pass_time(seconds=6)
        assert listeners.undelivered() == []
        assert len(listeners.other.heard) == 2
        assert [job[0] for job in listeners.jobs() if job[0] != DONE] == [READY]
    listeners.pass_time(hours=1)
    assert len(listeners.other.heard) == 3
    assert len(listeners.failing.heard) == 3
