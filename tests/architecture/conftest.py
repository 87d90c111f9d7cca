"""Fixtures of the tests that look at the source instead of running it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

Script = Callable[[str], str]


@pytest.fixture(scope="session")
def root() -> Path:
    """Return the folder of the checkout."""
    return Path(__file__).parents[2]


@pytest.fixture
def script(tmp_path: Path) -> Script:
    """Return a function that runs Python code in a fresh process; what it printed."""
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("HOITU_", "PYTHON"))}

    def run(code: str) -> str:
        command = [sys.executable, "-P", "-c", code]
        done = subprocess.run(
            command, cwd=tmp_path, env=clean, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    return run
