"""The installed plugins, as the kit sees them: entry point, package and manifest."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest import mock

from hoitu.core.testing import source

if TYPE_CHECKING:
    from hoitu.core.plugin import Manifest

GROUP = "hoitu.plugins"
#: Plugins of the platform's own wheel: nobody takes their names.
OWN = "hoitu."
#: Of environment variables that configure an installation.
PREFIX = "HOITU_"


def installed() -> dict[str, EntryPoint]:
    """Return the entry points of the installed sections by name; services have no pages."""
    found = sorted(entry_points(group=GROUP), key=lambda e: (e.name, not e.module.startswith(OWN)))
    return {entry.name: entry for entry in reversed(found) if not _is_service(entry)}


def _is_service(entry: EntryPoint) -> bool:
    from hoitu.core.plugin import manifest

    try:
        folder = manifest.package_folder(manifest.package_of(entry))
    except manifest.ManifestError:
        return False
    return (folder / manifest.SERVICE_FILE).is_file()


@dataclass(frozen=True)
class PortalPlugin:
    """One installed plugin."""

    entry: EntryPoint

    @property
    def name(self) -> str:
        """Its name: that of the entry point."""
        return self.entry.name

    @property
    def package(self) -> str:
        """The package it lives in."""
        return self.entry.module.rpartition(".")[0] or self.entry.module

    @cached_property
    def folder(self) -> Path:
        """The folder of its package; the package is not imported."""
        from hoitu.core.plugin.manifest import package_folder

        return package_folder(self.package)

    @cached_property
    def manifest(self) -> Manifest:
        """Its manifest.

        :raises ManifestError: it cannot be read.
        """
        from hoitu.core.plugin import manifest

        return manifest.read(self.entry)

    @property
    def modules(self) -> list[Path]:
        """Its Python files, without migrations: those are frozen."""
        return [p for p in source.files(self.folder, ".py") if "migrations" not in p.parts]

    @property
    def templates(self) -> list[Path]:
        """Its templates."""
        return source.files(self.folder, ".html", ".xml")

    def needs(self) -> frozenset[str]:
        """Return the names of the plugins it cannot do without, theirs included."""
        known, found, waiting = installed(), set[str](), list(self.manifest.requires_sections)
        while waiting:
            name = waiting.pop()
            if name not in found and name in known:
                found.add(name)
                waiting += PortalPlugin(known[name]).manifest.requires_sections
        return frozenset(found)


@contextmanager
def unconfigured() -> Iterator[None]:
    """Hide the settings of an installation that happen to be in the environment."""
    clean = {k: v for k, v in os.environ.items() if not k.startswith(PREFIX)}
    with mock.patch.dict(os.environ, clean, clear=True):
        yield


@contextmanager
def only(names: Collection[str]) -> Iterator[None]:
    """Let the application find no other plugins than these, while it starts inside the block."""
    from hoitu.core.plugin import manager

    def chosen(*, group: str) -> list[EntryPoint]:
        return [entry for entry in entry_points(group=group) if entry.name in names]

    with mock.patch.object(manager, "entry_points", chosen):
        yield


def run(
    code: str, folder: Path, *options: str, **variables: str
) -> subprocess.CompletedProcess[str]:
    """Run Python code in a fresh process that sees the same packages."""
    clean: dict[str, Any] = {k: v for k, v in os.environ.items() if not k.startswith(PREFIX)}
    # Packages on this process's path only, such as a checkout under test, are seen as well.
    clean["PYTHONPATH"] = os.pathsep.join(p for p in sys.path if p and Path(p).is_dir())
    command = [sys.executable, "-P", *options, "-c", code]
    return subprocess.run(  # noqa: S603 (our own code)
        command, cwd=folder, env={**clean, **variables}, capture_output=True, text=True, check=False
    )
