from __future__ import annotations

import pytest

from hoitu.core.content.workflow import (
    EDITORIAL,
    INTAKE,
    PENDING,
    STATES,
    THREE_STEP,
    TWO_STEP,
    WORKFLOWS,
    Workflow,
)

#: State -> steps that lead out of it, with where they lead.
SUBMIT = {"submit": "submitted"}
PUBLISH = {"publish": "published"}
URGENTLY = {"publish_urgently": "published"}
TRASH = {"trash": "trashed"}
BACK = {"return": "returned", "take_back": "draft"}
LEAVING = {
    "published": {"unpublish": "unpublished", "archive": "archived"},
    "archived": {**TRASH, "restore": "draft"},
    "trashed": {"restore": "draft"},
}
STEPS: dict[str, dict[str, dict[str, str]]] = {
    "two_step": {
        "draft": {**SUBMIT, **PUBLISH, **URGENTLY, **TRASH},
        "returned": {**SUBMIT, **PUBLISH, **URGENTLY, **TRASH},
        "submitted": {**BACK, **PUBLISH, **URGENTLY, **TRASH},
        "reviewed": {**BACK, **PUBLISH, **URGENTLY, **TRASH},
        "unpublished": {**SUBMIT, **PUBLISH, **URGENTLY, **TRASH, "archive": "archived"},
        **LEAVING,
    },
    "three_step": {
        "draft": {**SUBMIT, **URGENTLY, **TRASH},
        "returned": {**SUBMIT, **URGENTLY, **TRASH},
        "submitted": {**BACK, "forward": "reviewed", **URGENTLY, **TRASH},
        "reviewed": {**BACK, **PUBLISH, **URGENTLY, **TRASH},
        "unpublished": {**SUBMIT, **URGENTLY, **TRASH, "archive": "archived"},
        **LEAVING,
    },
    "intake": {
        "draft": {"forward": "reviewed", **PUBLISH, "archive": "archived", **TRASH},
        "submitted": {"forward": "reviewed", **PUBLISH, "archive": "archived", **TRASH},
        "reviewed": {"return": "submitted", **PUBLISH, "archive": "archived", **TRASH},
        "published": {"archive": "archived"},
        "unpublished": {**PUBLISH, "archive": "archived", **TRASH},
        "archived": {**PUBLISH, **TRASH, "restore": "submitted"},
        "trashed": {"restore": "submitted"},
    },
}
NEEDED = [(name, state) for name, states in STEPS.items() for state in states]


def test_every_workflow_and_state_is_covered() -> None:
    assert set(STEPS) == set(WORKFLOWS)
    assert set().union(*STEPS.values()) == set(STATES)
    for name, states in STEPS.items():
        assert set(WORKFLOWS[name].states) == set(states)


@pytest.mark.parametrize(("name", "state"), NEEDED)
def test_the_steps_out_of_a_state(name: str, state: str) -> None:
    assert {t.name: t.target for t in WORKFLOWS[name].available(state)} == STEPS[name][state]


@pytest.mark.parametrize("workflow", WORKFLOWS.values(), ids=lambda w: w.name)
def test_what_is_public_is_never_deleted_directly(workflow: Workflow) -> None:
    assert "published" not in workflow.transition("trash").sources


@pytest.mark.parametrize("workflow", WORKFLOWS.values(), ids=lambda w: w.name)
def test_every_state_leads_to_publication(workflow: Workflow) -> None:
    """No state is a dead end, whatever else can be done there."""
    reached = {"published"}
    for _step in workflow.transitions:
        reached |= {s for t in workflow.transitions if t.target in reached for s in t.sources}
    assert reached == set(workflow.states)


def test_a_unit_that_changes_its_steps_leaves_no_text_behind() -> None:
    """Whatever state a text was in, the other workflow leads on from there."""
    for one in EDITORIAL.values():
        for other in EDITORIAL.values():
            for state in PENDING & set(one.states):
                onward = [t for t in other.available(state) if t.completes and not t.urgent]
                assert onward, (one.name, other.name, state)
                assert "return" in {t.name for t in other.available(state)} or state in {
                    "draft",
                    "returned",
                }


def test_who_may_take_a_step() -> None:
    leaving = {"unpublish": "publish", "archive": "publish", "trash": "delete", "restore": "edit"}
    both = {"submit": "edit", "take_back": "edit", "publish": "publish", **leaving}
    urgently = {"publish_urgently": "publish"}
    assert {t.name: t.verb for t in TWO_STEP.transitions} == {
        **both,
        **urgently,
        "return": "publish",
    }
    assert {t.name: t.verb for t in THREE_STEP.transitions} == {
        **both,
        **urgently,
        "return": "review",
        "forward": "review",
    }
    assert {t.name: t.verb for t in INTAKE.transitions} == {
        "forward": "edit",
        "return": "publish",
        "publish": "publish",
        "archive": "publish",
        "trash": "delete",
        "restore": "edit",
    }


def test_steps_that_undo_or_pass_by_somebody_elses_work_need_a_reason() -> None:
    told = {"return", "unpublish", "publish_urgently"}
    for workflow in EDITORIAL.values():
        assert {t.name for t in workflow.transitions if t.needs_note} == told
    assert {t.name for t in INTAKE.transitions if t.needs_note} == {"return", "archive"}


def test_an_item_must_be_complete_before_others_look_at_it() -> None:
    complete = {"submit", "publish", "publish_urgently"}
    assert {t.name for t in TWO_STEP.transitions if t.completes} == complete
    assert {t.name for t in THREE_STEP.transitions if t.completes} == {*complete, "forward"}
    assert {t.name for t in INTAKE.transitions if t.completes} == {"forward", "publish"}


def test_a_workflow_calls_states_by_names_of_its_own() -> None:
    assert str(TWO_STEP.label("submitted")) == "Waiting for approval"
    assert str(THREE_STEP.label("submitted")) == "Waiting to be checked"
    assert str(INTAKE.label("submitted")) == "Waiting for an answer"
    assert str(THREE_STEP.label("published")) == str(STATES["published"])


def test_an_unknown_step_is_an_error() -> None:
    with pytest.raises(KeyError):
        TWO_STEP.transition("explode")
