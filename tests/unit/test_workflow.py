from __future__ import annotations

import pytest

from hoitu.core.content.workflow import STATES, TWO_STEP

#: State -> steps that lead out of it, with where they lead.
STEPS = {
    "draft": {"submit": "submitted", "publish": "published", "trash": "trashed"},
    "returned": {"submit": "submitted", "publish": "published", "trash": "trashed"},
    "submitted": {"return": "returned", "publish": "published", "trash": "trashed"},
    "published": {"unpublish": "unpublished", "archive": "archived"},
    "unpublished": {"publish": "published", "archive": "archived", "trash": "trashed"},
    "archived": {"trash": "trashed", "restore": "draft"},
    "trashed": {"restore": "draft"},
}


def test_every_state_is_covered() -> None:
    assert set(STEPS) == set(STATES)


@pytest.mark.parametrize("state", STEPS)
def test_the_steps_out_of_a_state(state: str) -> None:
    assert {t.name: t.target for t in TWO_STEP.available(state)} == STEPS[state]


def test_what_is_public_is_never_deleted_directly() -> None:
    assert "published" not in TWO_STEP.transition("trash").sources


def test_who_may_take_a_step() -> None:
    assert {t.name: t.verb for t in TWO_STEP.transitions} == {
        "submit": "edit",
        "return": "publish",
        "publish": "publish",
        "unpublish": "publish",
        "archive": "publish",
        "trash": "delete",
        "restore": "edit",
    }


def test_steps_that_undo_somebody_elses_work_need_a_reason() -> None:
    assert {t.name for t in TWO_STEP.transitions if t.needs_note} == {"return", "unpublish"}


def test_an_item_must_be_complete_before_others_look_at_it() -> None:
    assert {t.name for t in TWO_STEP.transitions if t.completes} == {"submit", "publish"}


def test_an_unknown_step_is_an_error() -> None:
    with pytest.raises(KeyError):
        TWO_STEP.transition("explode")
