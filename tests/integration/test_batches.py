"""Batches: kinds of work, and a runner that does each row once, for itself, as whoever asked."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from flask_babel import gettext
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from hoitu.core import batches
from hoitu.core.access import Account, Actor, Grant, RoleGrant, accounts
from hoitu.core.access.audit import AuditEntry
from hoitu.core.batches import Batch, BatchRow, Do, NewRow, running
from hoitu.core.clock import FrozenClock
from hoitu.core.content import ActionContext, Conflict, Item, Problem, Refused, actions
from hoitu.core.extensions import Platform
from hoitu.core.units import Unit

pytestmark = pytest.mark.both_databases

Desk = Callable[..., AbstractContextManager[ActionContext]]
Values = Callable[..., dict[str, object]]

TYPE = "legal_document"


@pytest.fixture
def trial(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> Callable[[Do], None]:
    """Return a function that makes a kind `trial` known for this test."""
    return lambda do: monkeypatch.setitem(platform.batch_kinds, "trial", do)


@pytest.fixture
def editor(desk: Desk, platform: Platform, unit: Unit) -> Callable[[], Any]:
    """Return a function that opens the desk as an account that is in the database."""
    with platform.open_session(True) as session:
        account = accounts.create(session, email="bt@thu.example", name="Bà Tư", password="x" * 14)
        accounts.grant(session, account, "editor", unit.id)
        session.commit()
        actor = Actor(account.id, account.name, frozenset({Grant("editor", unit.id)}))

    @contextmanager
    def work() -> Iterator[ActionContext]:
        with desk() as opened:
            yield replace(opened, actor=actor)

    return work


@pytest.fixture
def begin(editor: Callable[[], Any]) -> Callable[..., int]:
    """Return a function that makes a batch of the kind `trial` with rows, and begins it."""

    def make(rows: int, **params: Any) -> int:
        with editor() as work:
            made = [NewRow(label=str(n), values={"n": n}) for n in range(1, rows + 1)]
            batch = batches.start(work, "trial", made, params, title="Thử")
            batches.begin(work, batch)
            return batch.id

    return make


@pytest.fixture
def told(desk: Desk) -> Callable[[int], tuple[str, list[tuple[str, str]]]]:
    """Return a function that gives the state of a batch, and state and message of its rows."""

    def read(batch_id: int) -> tuple[str, list[tuple[str, str]]]:
        with desk() as work:
            rows = select(BatchRow).where(BatchRow.batch_id == batch_id).order_by(BatchRow.position)
            state = work.session.get_one(Batch, batch_id).state
            return state, [(row.state, row.message) for row in work.session.scalars(rows)]

    return read


def write(work: ActionContext, row: BatchRow, document: Values) -> None:
    row.item_id = actions.create(work, TYPE, document(f"{row.values['n']}/KH-UBND")).id


def test_what_raises_is_the_result_of_its_row_alone(
    trial: Any, begin: Any, told: Any, document: Values, desk: Desk
) -> None:
    raised: dict[int, Exception] = {
        2: Refused([Problem("", "Thiếu ngày."), Problem("", "Thiếu số.")]),
        3: Conflict("x"),
        4: accounts_denied(),
        5: ZeroDivisionError(),
    }

    def do(work: ActionContext, row: BatchRow, _params: Mapping[str, Any]) -> str:
        write(work, row, document)
        if error := raised.get(row.values["n"]):
            raise error
        return "Xong."

    trial(do)
    state, rows = told(begin(6))
    assert state == "done"
    assert [s for s, _ in rows] == ["ok", "refused", "refused", "refused", "refused", "ok"]
    assert rows[0][1] == "Xong."
    assert rows[1][1] == "Thiếu ngày. Thiếu số."
    assert len({message for _, message in rows[1:5]}) == 4
    with desk() as work:
        kept = sorted(item.number for item in work.session.scalars(select(_model(work))))
        assert kept == ["1/KH-UBND", "6/KH-UBND"], "what a refused row did is undone"


def _model(work: ActionContext) -> Any:
    return work.types[TYPE].model


def accounts_denied() -> Exception:
    from hoitu.core.access import PermissionDenied

    return PermissionDenied("x")


def test_a_long_batch_is_done_in_slices_and_other_work_has_its_turn(
    trial: Any, begin: Any, told: Any, drain: Callable[[], None]
) -> None:
    done: list[int] = []
    trial(lambda _work, row, _params: str(done.append(row.position) or ""))
    batch_id = begin(running.AT_ONCE + running.SLICE * 2)
    assert done == []
    drain()
    assert done == list(range(1, running.AT_ONCE + running.SLICE * 2 + 1))
    assert told(batch_id)[0] == "done"


def test_a_runner_that_died_left_what_it_did_and_nothing_half_done(
    trial: Any,
    begin: Any,
    told: Any,
    drain: Callable[[], None],
    document: Values,
    desk: Desk,
    clock: FrozenClock,
) -> None:
    deaths = [30, 60, 61]

    def do(work: ActionContext, row: BatchRow, _params: Mapping[str, Any]) -> str:
        write(work, row, document)
        if deaths and row.position == deaths[0]:
            deaths.pop(0)
            raise SystemExit
        return ""

    trial(do)
    batch_id = begin(80)
    for _attempt in range(4):
        drain()
        clock.move(timedelta(minutes=5))
    state, rows = told(batch_id)
    assert (state, deaths) == ("done", [])
    assert {s for s, _ in rows} == {"ok"}
    with desk() as work:
        numbers = [item.number for item in work.session.scalars(select(_model(work)))]
        assert len(numbers) == len(set(numbers)) == 80


def test_a_request_that_died_is_finished_by_the_job(
    trial: Any, begin: Any, told: Any, drain: Callable[[], None], clock: FrozenClock
) -> None:
    died: list[int] = []

    def do(_work: ActionContext, row: BatchRow, _params: Mapping[str, Any]) -> str:
        if row.position == 3 and not died:
            died.append(3)
            raise SystemExit
        return ""

    trial(do)
    with pytest.raises(SystemExit):
        begin(5)
    drain()
    clock.move(running.GUARD + timedelta(seconds=1))
    drain()
    assert told(1) == ("done", [("ok", "Đã thực hiện.")] * 5)


def test_the_database_out_of_reach_is_no_result(
    trial: Any, begin: Any, told: Any, drain: Callable[[], None], clock: FrozenClock
) -> None:
    failed: list[int] = []

    def do(_work: ActionContext, row: BatchRow, _params: Mapping[str, Any]) -> str:
        if not failed:
            failed.append(row.position)
            raise OperationalError("select", {}, Exception("gone"))
        return ""

    trial(do)
    batch_id = begin(60)
    drain()
    assert {s for s, _ in told(batch_id)[1]} == {"waiting"}
    clock.move(timedelta(minutes=5))
    drain()
    assert {s for s, _ in told(batch_id)[1]} == {"ok"}


def test_it_stops_between_two_rows(
    trial: Any, begin: Any, told: Any, drain: Callable[[], None], platform: Platform, desk: Desk
) -> None:
    def do(work: ActionContext, row: BatchRow, _params: Mapping[str, Any]) -> str:
        if row.position == 10:
            batch = work.session.get_one(Batch, row.batch_id)
            assert batches.stop(work, batch)
        return ""

    trial(do)
    batch_id = begin(60)
    drain()
    state, rows = told(batch_id)
    assert state == "stopped"
    with desk() as work:
        [entry] = work.session.scalars(select(AuditEntry).where(AuditEntry.action == "batch.stop"))
        assert (entry.object_id, entry.unit_id) == (str(batch_id), work.unit.id)
        assert entry.detail["rows"] == 51, "those that waited then"
    assert [s for s, _ in rows] == ["ok"] * 10 + ["waiting"] * 50


def test_the_job_acts_with_the_rights_the_account_has_then(
    trial: Any, begin: Any, told: Any, drain: Callable[[], None], document: Values, desk: Desk
) -> None:
    def do(work: ActionContext, row: BatchRow, _params: Mapping[str, Any]) -> str:
        write(work, row, document)
        return work.actor.name

    trial(do)
    batch_id = begin(60)
    with desk() as work:
        account = work.session.scalar(select(Account).where(Account.email == "bt@thu.example"))
        assert account is not None
        own = select(RoleGrant).where(RoleGrant.account_id == account.id)
        work.session.delete(work.session.scalar(own))
    drain()
    assert {s for s, _ in told(batch_id)[1]} == {"refused"}


def test_an_account_that_is_closed_does_nothing_more(
    trial: Any, begin: Any, told: Any, drain: Callable[[], None], document: Values, desk: Desk
) -> None:
    trial(lambda work, row, _params: str(write(work, row, document) or ""))
    batch_id = begin(60)
    with desk() as work:
        account = work.session.scalar(select(Account).where(Account.email == "bt@thu.example"))
        assert account is not None
        account.active = False
    drain()
    assert {s for s, _ in told(batch_id)[1]} == {"refused"}
    with desk() as work:
        assert work.session.scalars(select(Item)).all() == []


def test_results_are_told_in_the_language_of_whoever_asked(
    trial: Any, editor: Any, told: Any, drain: Callable[[], None]
) -> None:
    from flask_babel import force_locale

    trial(lambda _work, _row, _params: gettext("Draft made."))
    with editor() as work, force_locale("en"):
        rows = [NewRow(label=str(n)) for n in range(60)]
        batch = batches.start(work, "trial", rows, title="Trial")
        batches.begin(work, batch)
        batch_id = batch.id
    drain()
    assert {message for _, message in told(batch_id)[1]} == {"Draft made."}


def test_a_batch_begins_once(trial: Any, editor: Any, told: Any) -> None:
    trial(lambda _work, _row, _params: "")
    with editor() as work:
        rows = [NewRow(label=str(n)) for n in range(60)]
        batch = batches.start(work, "trial", rows, title="Thử")
        assert batches.begin(work, batch)
        assert not batches.begin(work, batch)


def test_nobody_does_what_no_kind_is_for(editor: Any) -> None:
    with editor() as work, pytest.raises(LookupError):
        batches.start(work, "no-such-kind", [], title="?")


def test_each_beginning_is_in_the_log(trial: Any, begin: Any, desk: Desk) -> None:
    trial(lambda _work, _row, _params: "")
    batch_id = begin(3)
    with desk() as work:
        entries = select(AuditEntry).where(AuditEntry.action == "batch.begin")
        (entry,) = work.session.scalars(entries).all()
        assert (entry.object_id, entry.detail["rows"]) == (str(batch_id), 3)


def test_batches_are_forgotten_after_ninety_days(
    trial: Any, begin: Any, drain: Callable[[], None], desk: Desk, clock: FrozenClock
) -> None:
    trial(lambda _work, _row, _params: "")
    old = begin(2)
    clock.move(running.KEPT - timedelta(days=1))
    young = begin(2)
    drain()
    with desk() as work:
        assert set(work.session.scalars(select(Batch.id))) == {old, young}
    clock.move(timedelta(days=2))
    drain()
    with desk() as work:
        assert set(work.session.scalars(select(Batch.id))) == {young}
        assert set(work.session.scalars(select(BatchRow.batch_id))) == {young}
