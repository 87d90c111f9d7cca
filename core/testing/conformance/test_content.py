"""Content: complete samples, every step of the workflow, forms that keep values, cheap lists."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event, func, select

from hoitu.core.access.audit import AuditEntry
from hoitu.core.content import (
    ActionContext,
    ContentType,
    Item,
    ItemVersion,
    Refused,
    Transition,
    Workflow,
    actions,
)
from hoitu.core.content.item import PUBLISHED
from hoitu.core.kept import Kept
from hoitu.core.testing.conformance.findings import demand
from hoitu.core.testing.conformance.levels import bronze, silver
from hoitu.core.testing.conformance.snapshot import EMPTY, HERE, MARKS
from hoitu.core.testing.conformance.trial import Trial
from hoitu.core.testing.copies import copy_of
from hoitu.core.testing.factories import NoSample, text_field
from hoitu.core.testing.markup import Element, Page

NOTE = "Kiểm tra"
FEW, MANY = 10, 200


def _samples(trial: Trial) -> Iterator[tuple[ActionContext, ContentType, Any]]:
    """Yield (context, type, factory) for each type of which there are samples.

    At the unit without content: what may be there only once is not there yet.
    """
    made = {sample.type for sample in trial.snapshot.samples[HERE]}
    for kind in trial.kinds:
        if kind.name in made:
            with trial.desk(EMPTY) as work:
                yield work, kind, trial.factory(work, MARKS[HERE])


@bronze
def test_a_complete_sample_can_be_made(trial: Trial) -> None:
    """An item of every type can be published, from its fields and ``demo.yaml`` alone."""
    demand(
        trial.snapshot.missing.values(),
        "Give demo.yaml an entry of the type that your own rules accept (key, unit, type, state, "
        "fields).",
    )


@bronze
def test_every_step_works_and_is_recorded(fresh_trial: Trial) -> None:
    """Each step of the workflow leads where it says and leaves an audit entry."""
    found: list[str] = []
    for work, kind, factory in _samples(fresh_trial):
        item = factory.create(kind)
        _check_recorded(work, item, "receive" if kind.receivable else "create", found)
        for step in route(kind.workflow, actions.work_state(item)):
            try:
                actions.advance(work, item, step.name, NOTE)
            except Refused as error:
                reasons = "; ".join(str(p.message) for p in error.problems)
                found.append(f"{kind.name}: {step.name} is refused: {reasons}")
                break
            if actions.work_state(item) != step.target:
                found.append(f"{kind.name}: {step.name} leads to {actions.work_state(item)}")
            _check_recorded(work, item, step.name, found)
    demand(found, "Let check_item and check_transition accept a complete item at every step.")


def route(workflow: Workflow, state: str) -> Iterator[Transition]:
    """Yield steps, one after the other from ``state``, until each that can be taken was taken."""
    untaken = set(workflow.transitions)
    while way := _way(workflow, state, untaken):
        for step in way:
            yield step
            untaken.discard(step)
            state = step.target


def _way(workflow: Workflow, state: str, wanted: set[Transition]) -> list[Transition]:
    """Return the shortest way that ends with a wanted step."""
    ways: list[tuple[str, list[Transition]]] = [(state, [])]
    seen = {state}
    for at, way in ways:
        for step in workflow.available(at):
            if step in wanted:
                return [*way, step]
            if step.target not in seen:
                seen.add(step.target)
                ways.append((step.target, [*way, step]))
    return []


def _check_recorded(work: ActionContext, item: Item, action: str, found: list[str]) -> None:
    """Note a step that is not the newest entry of the audit log."""
    mine = (AuditEntry.object_type == item.type, AuditEntry.object_id == str(item.id))
    newest = select(AuditEntry.action).where(*mine).order_by(AuditEntry.id.desc()).limit(1)
    if (last := work.session.scalar(newest)) != f"item.{action}":
        found.append(f"{item.type}: {action} is not in the audit log (its last entry: {last})")


@bronze
def test_an_edit_waits_until_it_is_published(fresh_trial: Trial) -> None:
    """A change of a published item is public with the next publication, not before."""
    found = []
    for work, kind, factory in _samples(fresh_trial):
        name = text_field(kind)
        item = factory.publish(kind)
        if not name:
            continue
        before = getattr(item, name)
        new = kind.fields[name].kind.clean(factory.value(kind.fields[name]))
        actions.edit(work, item, {name: new})
        if getattr(item, name) != before:
            found.append(f"{kind.name}: a waiting {name} is public at once")
        if actions.waiting_values(work, item).get(name) != new:
            found.append(f"{kind.name}: a waiting {name} is not kept")
        actions.discard_draft(work, item)
        if getattr(item, name) != before or item.draft_id is not None:
            found.append(f"{kind.name}: discarding a waiting version changes the public one")
    demand(found, "Set values through actions only; `derive` must not write what visitors read.")


@silver
def test_the_form_keeps_values(fresh_trial: Trial) -> None:
    """The desk's form of an item, sent back as it came, changes nothing."""
    trial = fresh_trial
    made: list[tuple[str, int]] = []
    for _work, kind, factory in _samples(trial):
        try:
            item = factory.create(kind, dates=True)
        except NoSample:
            item = factory.create(kind)
        made.append((kind.name, item.id))
    staff, found = trial.staff(EMPTY, EMPTY), []
    for name, item_id in made:
        path = trial.path_of("desk.edit", type_name=name, item_id=item_id)
        before = _state(trial, item_id)
        shown = trial.get(path, EMPTY, client=staff)
        form = _form(Page(shown.get_data(as_text=True)), path)
        if form is None:
            found.append(f"{name}: {path} shows no form (status {shown.status_code})")
            continue
        page, element = form
        sent: dict[str, list[str]] = {}
        for key, value in page.form_data(element):
            sent.setdefault(key, []).append(value)
        answer = trial.send("POST", path, EMPTY, client=staff, data=sent)
        if answer.status_code != 303:
            errors = [e.text for e in Page(answer.get_data(as_text=True)).elements
                      if "error" in e.get("class").split()]  # fmt: skip
            found.append(f"{name}: the form is refused ({answer.status_code}): {'; '.join(errors)}")
        elif (after := _state(trial, item_id)) != before:
            changed = [k for k in before[1] if before[1][k] != after[1].get(k)]
            found.append(f"{name}: saving changes {', '.join(changed) or 'the version'}")
    demand(found, "Let `clean`, `dump` and `load` of each kind give back what they were given.")


def _state(trial: Trial, item_id: int) -> tuple[int, dict[str, Any]]:
    """Return how many versions an item has, and the values that are worked on."""
    with trial.desk(EMPTY) as work:
        item = work.session.get_one(Item, item_id)
        versions = select(func.count()).select_from(ItemVersion)
        count = work.session.scalar(versions.where(ItemVersion.item_id == item_id)) or 0
        return count, actions.waiting_values(work, item)


def _form(page: Page, path: str) -> tuple[Page, Element] | None:
    forms = [e for e in page.all("form") if e.get("action") == path]
    return (page, forms[0]) if forms else None


@silver
def test_a_list_costs_the_same_however_long_it_is(fresh_trial: Trial) -> None:
    """The pages without an id need as many statements for 200 rows of a type as for 10."""
    trial = fresh_trial
    paths = [
        trial.path_of(rule.endpoint)
        for rule in trial.rules
        if not rule.arguments and "GET" in (rule.methods or ()) and trial.is_public(rule)
    ]
    for kind in trial.kinds:
        _grow(trial, kind, FEW)
    few = {path: seen for path in paths if (seen := _statements(trial, path))}
    for kind in trial.kinds:
        _grow(trial, kind, MANY)
    many = {path: _statements(trial, path) for path in few}
    found = [
        f"{path}: {len(few[path])} statements for {FEW} rows, {len(many[path])} for {MANY}"
        + _repeated(many[path])
        for path in few
        if len(few[path]) != len(many[path])
    ]
    demand(found, "Load what rows need in one statement (selectinload, a join, ids in a list).")


def _grow(trial: Trial, kind: ContentType, size: int) -> None:
    """Let a type have ``size`` public items, rows like those of a sample."""
    with trial.desk() as work:
        is_public = (Item.type == kind.name, Item.state == PUBLISHED)
        there = work.session.scalars(select(Item.id).where(*is_public)).all()
        if not there:
            return
        pattern = work.session.get_one(Item, there[0])
        for _number in range(size - len(there)):
            work.session.add(copy_of(pattern))
        work.session.flush()


def _statements(trial: Trial, path: str) -> list[str]:
    """Return the statements of a page when nothing of it is kept; none if it does not answer."""
    trial.get(path)
    trial.platform.kept = Kept()
    with heard(trial) as seen:
        status = trial.get(path).status_code
    statements = [s for s in seen if not s.upper().startswith(("BEGIN", "PRAGMA"))]
    return statements if status == 200 else []


@contextmanager
def heard(trial: Trial) -> Iterator[list[str]]:
    """Collect the statements inside the block."""
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        seen.append(statement)

    listener: Callable[..., None] = note
    event.listen(trial.platform.engine, "before_cursor_execute", listener)
    try:
        yield seen
    finally:
        event.remove(trial.platform.engine, "before_cursor_execute", listener)


def _repeated(statements: list[str]) -> str:
    most = max(statements, key=statements.count, default="")
    count = statements.count(most)
    return f"; {count} times: {' '.join(most.split())[:160]}" if count > 1 else ""
