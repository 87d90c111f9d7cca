"""Which checks a run asks, of which plugins; collected in a process of its own, none is run."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parents[2]
CLAIMS_BRONZE = ("section.toml", 'tier = "gold"', 'tier = "bronze"')
OF_BRONZE, OF_SILVER, OF_GOLD = (
    "test_nothing_of_another_unit_is_shown",
    "test_pages_are_found",
    "test_freshness_is_told",
)
LEVELS = {OF_BRONZE, OF_SILVER, OF_GOLD}

Plant = Callable[..., Path]
Done = subprocess.CompletedProcess[str]


def collect(site_packages: Path, folder: Path, *options: str) -> Done:
    """List what the kit would ask, started in a folder."""
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("HOITU_", "PYTEST_"))}
    command = [
        sys.executable, "-P", "-m", "pytest", "--collect-only", "-q",
        "--pyargs", "hoitu.core.testing.conformance", *options,
    ]  # fmt: skip
    return subprocess.run(
        command, cwd=folder, env={**clean, "PYTHONPATH": str(site_packages)},
        capture_output=True, text=True, check=False,
    )  # fmt: skip


def asked(done: Done) -> set[str]:
    """Return the names of the checks that are asked."""
    assert done.returncode == 0, done.stdout + done.stderr
    lines = [line for line in done.stdout.splitlines() if "::" in line]
    return {line.rpartition("::")[2].partition("[")[0] for line in lines}


@pytest.mark.parametrize(
    ("options", "changes", "expected"),
    [
        ((), (), LEVELS),
        ((), (CLAIMS_BRONZE,), {OF_BRONZE}),
        (("-m", "gold"), (CLAIMS_BRONZE,), LEVELS),
        (("-m", "silver"), (), {OF_BRONZE, OF_SILVER}),
        (("-m", "bronze"), (), {OF_BRONZE}),
        (("-k", "freshness"), (), {OF_GOLD}),
    ],
)
def test_levels_are_cumulative_and_claimed_by_the_manifest(
    options: tuple[str, ...],
    changes: tuple[tuple[str, str, str], ...],
    expected: set[str],
    plant_notices: Plant,
    tmp_path: Path,
) -> None:
    done = collect(plant_notices(*changes), tmp_path, "--portal-plugin", "notices", *options)
    assert asked(done) & LEVELS == expected


def test_every_installed_plugin_is_asked(plant_notices: Plant, tmp_path: Path) -> None:
    done = collect(plant_notices(), tmp_path, "-m", "bronze")
    for name in ("notices", "legal_documents", "news", "agency", "links"):
        assert f"{OF_BRONZE}[{name}" in done.stdout


@pytest.mark.parametrize("mode", ["prepend", "append", "importlib"])
def test_it_runs_under_the_settings_of_whatever_folder(
    mode: str, plant_notices: Plant, tmp_path: Path
) -> None:
    root = plant_notices()
    strict = f"--strict-markers --strict-config --import-mode={mode}"
    (tmp_path / "pytest.ini").write_text(f"[pytest]\naddopts = {strict}\nfilterwarnings = error\n")
    there = asked(collect(root, tmp_path, "--portal-plugin", "notices"))
    assert there >= LEVELS
    assert there == asked(collect(root, CHECKOUT, "--portal-plugin", "notices"))


def test_a_plugin_that_is_not_installed_is_refused(plant_notices: Plant, tmp_path: Path) -> None:
    done = collect(plant_notices(), tmp_path, "--portal-plugin", "nobody")
    assert done.returncode == pytest.ExitCode.USAGE_ERROR
    assert "--portal-plugin nobody: no such plugin; installed: " in done.stderr
