"""Checks that no plugin can fail alone, since core prevents it, are called with a made-up trial."""

from __future__ import annotations

from pathlib import Path
from subprocess import CompletedProcess
from types import SimpleNamespace
from typing import Any

import pytest

from hoitu.core.testing.conformance import test_access as access
from hoitu.core.testing.conformance import test_removal as removal
from hoitu.core.testing.conformance import test_units as units
from hoitu.core.testing.conformance.findings import SHOWN, demand
from hoitu.core.testing.conformance.snapshot import THERE
from hoitu.core.web.access import UndeclaredAccess


def test_a_route_without_access_is_told() -> None:
    def access_of(_rule: Any) -> str:
        raise UndeclaredAccess("open declares nothing")

    trial: Any = SimpleNamespace(rules=[SimpleNamespace(rule="/open")], access_of=access_of)
    with pytest.raises(pytest.fail.Exception, match="/open: open declares nothing"):
        access.test_every_route_declares_access(trial)


def test_a_section_that_shows_nothing_is_told() -> None:
    shot = SimpleNamespace(samples={THERE: ["a sample"]}, files={})
    trial: Any = SimpleNamespace(snapshot=shot, rules=[])
    with pytest.raises(pytest.fail.Exception, match="no public route of the plugin shows"):
        units.test_its_own_unit_shows_it(trial)


def test_a_platform_that_misses_the_plugin_is_told(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    counts = iter((3, 2))
    failed = CompletedProcess([], 1, "/ answers 500\n", "no such module")
    monkeypatch.setattr(removal, "_count", lambda _trial: next(counts))
    monkeypatch.setattr(removal, "run", lambda *_arguments, **_variables: failed)
    trial: Any = SimpleNamespace(
        plugin=SimpleNamespace(needs=frozenset),
        platform=SimpleNamespace(instance=tmp_path, config=SimpleNamespace(database_url="")),
        close=lambda: None,
        host=lambda: "mot.test",
    )
    with pytest.raises(pytest.fail.Exception) as told:
        removal.test_the_core_runs_without_it(trial, tmp_path)
    for part in ("hoitu upgrade fails: no such module", "/ answers 500", "3 items were there, 2"):
        assert part in str(told.value)


def test_a_long_list_of_findings_is_cut() -> None:
    demand([], "nothing to do")
    with pytest.raises(pytest.fail.Exception) as told:
        demand(range(SHOWN + 3), "Mend them.")
    lines = str(told.value).splitlines()
    assert lines[0] == "Mend them."
    assert lines[-1] == "  and 3 more"
    assert len(lines) == SHOWN + 2
