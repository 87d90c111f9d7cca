"""Themes and their template environments.

A name is looked up in the unit's theme, its parents, the ``base`` theme, then in the package that
owns the template. ``!name`` skips the themes, so that an override can extend what it overrides.
A theme is a package with ``theme.toml``, ``templates/`` and ``static/``; it contains no Python.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import entry_points
from pathlib import Path

from jinja2 import BaseLoader, ChoiceLoader, Environment, FileSystemLoader, TemplateNotFound

from hoitu.core.plugin.manifest import package_folder

GROUP = "hoitu.themes"
BASE = "base"


class ThemeError(RuntimeError):
    """A theme is missing or incomplete; the message names it."""


@dataclass(frozen=True, slots=True)
class Theme:
    """A declared theme."""

    name: str
    folder: Path
    title: dict[str, str]
    parent: str

    @property
    def static(self) -> Path:
        """The folder of its assets."""
        return self.folder / "static"


class OwnerLoader(BaseLoader):
    """Loads ``!name``, and every name no theme has, from the template's owner."""

    def __init__(self, themes: list[Path], owner: BaseLoader) -> None:
        self._themes = ChoiceLoader([FileSystemLoader(folder / "templates") for folder in themes])
        self._owner = owner

    def get_source(
        self, environment: Environment, template: str
    ) -> tuple[str, str | None, Callable[[], bool] | None]:
        """Return source, path and freshness check of a template."""
        if not template.startswith("!"):
            try:
                return self._themes.get_source(environment, template)
            except TemplateNotFound:
                pass
        return self._owner.get_source(environment, template.removeprefix("!"))


class Themes:
    """Every installed theme; environments are made once per theme and kept."""

    def __init__(self, default: str) -> None:
        self._themes = {
            entry.name: _read(entry.name, entry.value) for entry in entry_points(group=GROUP)
        }
        if BASE not in self._themes:
            raise ThemeError("the theme `base` is not installed; reinstall hoitu")
        self.default = default if default in self._themes else BASE
        self._environments: dict[str, Environment] = {}
        self._fingerprints: dict[tuple[str, str], str] = {}

    def all(self) -> list[Theme]:
        """Return every theme by name."""
        return [self._themes[name] for name in sorted(self._themes)]

    def named(self, name: str) -> Theme:
        """Return a theme, or the default one when it is not installed (any more)."""
        return self._themes.get(name) or self._themes[self.default]

    def chain(self, theme: Theme) -> list[Theme]:
        """Return the theme, its parents and ``base``, in the order of lookup."""
        chain = [theme]
        while chain[-1].parent and chain[-1].parent in self._themes:
            chain.append(self._themes[chain[-1].parent])
        if chain[-1].name != BASE:
            chain.append(self._themes[BASE])
        return chain

    def environment(self, theme: Theme, origin: Environment) -> Environment:
        """Return the theme's environment, an overlay of the application's."""
        if theme.name not in self._environments:
            assert origin.loader is not None
            folders = [t.folder for t in self.chain(theme)]
            self._environments[theme.name] = origin.overlay(
                loader=OwnerLoader(folders, origin.loader)
            )
        return self._environments[theme.name]

    def asset(self, theme: Theme, path: str) -> tuple[str, str]:
        """Return (theme that has the asset, fingerprint of its bytes).

        :raises ThemeError: no theme of the chain has it.
        """
        for candidate in self.chain(theme):
            file = candidate.static / path
            key = (candidate.name, path)
            if key in self._fingerprints:
                return candidate.name, self._fingerprints[key]
            if file.is_file():
                self._fingerprints[key] = hashlib.sha256(file.read_bytes()).hexdigest()[:12]
                return candidate.name, self._fingerprints[key]
        raise ThemeError(f"no theme has the asset {path}")


def _read(name: str, package: str) -> Theme:
    folder = package_folder(package)
    try:
        data = tomllib.loads((folder / "theme.toml").read_text(encoding="utf-8"))
        return Theme(name, folder, dict(data["title"]), data.get("parent", ""))
    except (OSError, KeyError, tomllib.TOMLDecodeError) as error:
        raise ThemeError(f"theme {name}: {folder / 'theme.toml'}: {error}") from error
