"""Fixtures that run the kit on planted plugins, as their authors would."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import pytest

SAMPLES = Path(__file__).parent / "samples"

Report = dict[str, str]
Judge = Callable[..., Report]


@pytest.fixture
def plant_notices(tmp_path: Path) -> Callable[..., Path]:
    """Return a function that installs the sample section in a folder, with texts replaced.

    ``changes`` are (file, old text, new text); the old text must be there, and is all of the file
    when it is empty.
    """

    def install(*changes: tuple[str, str, str]) -> Path:
        root = tmp_path / "site-packages"
        package = root / "notices"
        shutil.copytree(SAMPLES / "notices", package, ignore=shutil.ignore_patterns("__pycache__"))
        for name, old, new in changes:
            path = package / name
            path.parent.mkdir(parents=True, exist_ok=True)
            text = path.read_text("utf-8") if old else ""
            assert old in text, f"{name} does not hold {old!r}"
            path.write_text(text.replace(old, new) if old else new, encoding="utf-8")
        info = root / "notices-1.2.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text("Metadata-Version: 2.1\nName: notices\nVersion: 1.2.0\n")
        entry = "[hoitu.plugins]\nnotices = notices.section:section\n"
        (info / "entry_points.txt").write_text(entry)
        return root

    return install


@pytest.fixture
def judge(tmp_path: Path, database: str) -> Judge:
    """Return a function that runs the kit in a fresh process: (check, what it says) of failures."""

    def run(site_packages: Path, *options: str) -> Report:
        work = tmp_path / "elsewhere"
        work.mkdir(exist_ok=True)
        target = work / "report.xml"
        clean = {k: v for k, v in os.environ.items() if not k.startswith(("HOITU_", "PYTEST_"))}
        command = [
            sys.executable, "-P", "-m", "pytest", "--pyargs", "hoitu.core.testing.conformance",
            "--portal-plugin", "notices", "--database", database, f"--junit-xml={target}",
            "--strict-markers", "-q", *options,
        ]  # fmt: skip
        done = subprocess.run(
            command, cwd=work, env={**clean, "PYTHONPATH": str(site_packages)},
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert target.is_file(), done.stdout + done.stderr
        return _failures(target)

    return run


def _failures(report: Path) -> Report:
    found = {}
    for case in ElementTree.parse(report).iter("testcase"):
        wrong = case.find("failure")
        wrong = case.find("error") if wrong is None else wrong
        if wrong is not None:
            module = case.get("classname", "").rpartition(".")[2]
            check = case.get("name", "").partition("[")[0]
            found[f"{module}.{check}"] = f"{wrong.get('message')}\n{wrong.text}"
    return found
