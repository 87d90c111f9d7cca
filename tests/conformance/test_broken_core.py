"""What core guards for a section is checked as well: with core out of order the kit tells so."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

SAMPLES = Path(__file__).parent / "samples"


def test_a_promise_core_does_not_keep_is_told(
    plant_notices: Callable[..., Path], judge: Callable[..., dict[str, str]]
) -> None:
    root = plant_notices()
    shutil.copy(SAMPLES / "broken_core.py", root)
    report = judge(root, "-m", "gold", "-p", "broken_core")
    assert set(report) == {
        "test_access.test_drafts_are_shown_to_nobody",
        "test_access.test_forms_without_their_token_are_refused",
        "test_access.test_strangers_are_refused",
        "test_content.test_an_edit_waits_until_it_is_published",
        "test_search.test_nothing_is_found_after_unpublish",
        "test_units.test_no_page_answers_while_it_is_off",
        "test_units.test_nothing_leads_to_it_while_it_is_off",
    }, report
