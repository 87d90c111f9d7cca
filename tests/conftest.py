"""Fixtures of the platform's own tests; those for authors of plugins are in the wheel."""

from __future__ import annotations

import importlib
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
from click.testing import CliRunner, Result

MANIFEST = """
name = "{name}"
title = {{ vi = "Thử", en = "Trial" }}
version = "1.0"
api = 1
requires_core = ">=0.1,<1"
default_on = true
permissions = ["{name}.edit"]
"""
SECTION = """
from hoitu.core.hookspecs import hookimpl

class Section:
{body}

section = Section()
"""

Plant = Callable[..., str]


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Name files and long texts by their place: workers packing a zip differ in its time."""
    return argname if isinstance(val, bytes) or len(str(val)) > 200 else None


@pytest.fixture
def hoitu(
    instance: Path, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Result]:
    """Return a function that runs a command on this test's instance, as an operator would."""
    from hoitu.core.cli import commands

    monkeypatch.setenv("HOITU_INSTANCE", str(instance))
    monkeypatch.setenv("HOITU_DATABASE_URL", database_url)

    def run(*arguments: str, **options: Any) -> Result:
        return CliRunner().invoke(commands(), arguments, **options)

    return run


@pytest.fixture
def plant(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Plant]:
    """Return a function that installs a plugin: package, manifest and distribution metadata.

    ``hooks`` is the body of the plugin class, ``module`` the whole module instead; ``manifest`` is
    the whole manifest, ``extra`` more lines of the usual one; ``files`` are further files by path.
    """
    root = tmp_path / "site-packages"
    root.mkdir()
    monkeypatch.syspath_prepend(str(root))
    planted: set[str] = set()

    def install(
        name: str,
        hooks: str = "pass",
        *,
        module: str | None = None,
        manifest: str | None = None,
        extra: str = "",
        files: dict[str, str] | None = None,
        group: str = "hoitu.plugins",
        package: str = "",
    ) -> str:
        package = package or name
        body = "\n".join("    " + line for line in dedent(hooks).splitlines())
        texts = {
            f"{package}/__init__.py": "",
            f"{package}/section.py": module if module is not None else SECTION.format(body=body),
            f"{package}/section.toml": (manifest or MANIFEST.format(name=name)) + extra,
            f"{package}-1.0.dist-info/METADATA": f"Name: {package}\nVersion: 1.0\n",
            f"{package}-1.0.dist-info/entry_points.txt": (
                f"[{group}]\n{name} = {package}.section:section\n"
            ),
            **{f"{package}/{path}": text for path, text in (files or {}).items()},
        }
        for path, text in texts.items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text(dedent(text), encoding="utf-8")
        planted.add(package)
        importlib.invalidate_caches()
        return name

    yield install
    for module in [m for m in sys.modules if m.partition(".")[0] in planted]:
        del sys.modules[module]


@pytest.fixture
def document() -> Callable[..., dict[str, object]]:
    """Return a function that gives the values of a complete legal document."""

    def values(number: str = "389/KH-UBND", **more: object) -> dict[str, object]:
        return {
            "requirement": "administrative_documents",
            "kind": "KH",
            "number": number,
            "summary": "Xây dựng nền tảng hội tụ",
            "issuer": "Ủy ban nhân dân tỉnh",
            "issued_on": "27/11/2023",
            "body": "<p>Toàn văn</p>",
            **more,
        }

    return values


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Open Chromium, once in a process: two of these cannot live beside each other."""
    from playwright.sync_api import sync_playwright

    program = shutil.which("chromium")
    if program is None:
        pytest.skip("chromium is not installed")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield opened
        opened.close()
