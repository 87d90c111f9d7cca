"""What an import brings along; each in a process of its own."""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import entry_points
from importlib.util import find_spec

import pytest

FOLDERS = ("core", "sections", "plugins", "themes", "migrations")
OWN = [e for e in entry_points(group="hoitu.plugins") if e.module.startswith("hoitu.")]

Script = Callable[[str], str]


@pytest.mark.parametrize("folder", FOLDERS)
def test_no_folder_has_a_second_name(folder: str, script: Script) -> None:
    """A class imported under two names would be mapped twice."""
    assert find_spec(folder) is None
    assert find_spec(f"hoitu.{folder}") is not None
    assert script(f"import importlib.util as u; print(u.find_spec({folder!r}))") == "None"


def test_there_are_sections_to_look_at() -> None:
    assert {"legal_documents", "news", "agency", "links"} <= {entry.name for entry in OWN}


def test_the_application_imports_no_plugin(script: Script) -> None:
    code = """
import sys
import hoitu.core.app
outside = ("hoitu.sections", "hoitu.plugins", "hoitu.themes")
print([name for name in sys.modules if name.startswith(outside)])
"""
    assert script(code) == "[]"


@pytest.mark.parametrize("name", [entry.name for entry in OWN])
def test_a_manifest_is_read_without_an_import(name: str, script: Script) -> None:
    code = f"""
import sys
from importlib.metadata import entry_points
from hoitu.core.plugin import manifest
(entry,) = entry_points(group="hoitu.plugins", name={name!r})
print(manifest.read(entry).name, manifest.package_of(entry) in sys.modules)
"""
    assert script(code) == f"{name} False"


@pytest.mark.parametrize("entry", OWN, ids=lambda entry: entry.name)
def test_a_section_is_registered_without_models_and_views(entry: object, script: Script) -> None:
    """Else one section's slow or broken import would be everybody's."""
    module = entry.module  # type: ignore[attr-defined]
    package = module.rpartition(".")[0]
    code = f"""
import sys
import {module}
heavy = {{"sqlalchemy", "flask", "wtforms"}} & set(sys.modules)
print(sorted(heavy), sorted(name for name in sys.modules if name.startswith({package!r})))
"""
    assert script(code) == f"[] {[package, module]}"
