"""Themes and their template environments.

A name is looked up in the unit's theme, its parents, the ``base`` theme, then in the package that
owns the template. ``!name`` skips the themes, so that an override can extend what it overrides.
A theme is a package with ``theme.toml``, ``templates/`` and ``static/``; it contains no Python.
"""

from __future__ import annotations

import hashlib
import logging
import tomllib
from collections.abc import Callable, MutableMapping
from dataclasses import dataclass
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

from flask.templating import Environment as FlaskEnvironment
from jinja2 import (
    BaseLoader,
    BytecodeCache,
    ChoiceLoader,
    Environment,
    FileSystemLoader,
    TemplateNotFound,
)
from jinja2.bccache import Bucket

from hoitu.core.plugin.manifest import ManifestError, package_folder

log = logging.getLogger(__name__)

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
    #: Colours a unit may choose instead of the theme's own: names by language, by key.
    accents: dict[str, dict[str, str]]

    def title_in(self, language: str) -> str:
        """Return its title in a language, else in the first one it has, else its name."""
        return self.title.get(language) or next(iter(self.title.values()), self.name)

    @property
    def static(self) -> Path:
        """The folder of its assets."""
        return self.folder / "static"


class CompiledTemplates(BytecodeCache):
    """Compiled templates of this process, kept in memory by the checksum of their source.

    Environments of several themes share what they have in common instead of compiling it anew.
    """

    def __init__(self) -> None:
        self._compiled: dict[tuple[str, str], bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Fill the bucket if its source was compiled before."""
        found = self._compiled.get((bucket.key, bucket.checksum))
        if found is not None:
            bucket.bytecode_from_string(found)

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep what was compiled."""
        self._compiled[bucket.key, bucket.checksum] = bucket.bytecode_to_string()


#: One for all applications of the process; keys hold the checksum of the source.
COMPILED = CompiledTemplates()


class TemplateEnvironment(FlaskEnvironment):
    """Flask's environment, whose templates share its globals as one plain dictionary.

    Jinja gives each template a ``ChainMap`` of its own and compares its keys at every import of
    macros: a tenth of the cost of a list.
    """

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        """Return the globals of a template that was loaded with ``d`` besides."""
        return super().make_globals(d) if d else self.globals


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
        self._themes: dict[str, Theme] = {}
        for entry in entry_points(group=GROUP):
            try:
                self._themes[entry.name] = _read(entry.name, entry.value)
            except ThemeError:
                # Its units get the default theme; everybody else's site is not concerned.
                log.exception("theme %s cannot be used", entry.name)
        if BASE not in self._themes:
            raise ThemeError("the theme `base` is not installed; reinstall hoitu")
        self.default = default if default in self._themes else BASE
        self._environments: dict[str, Environment] = {}
        #: (theme, path) -> (theme that has the asset, fingerprint).
        self._assets: dict[tuple[str, str], tuple[str, str]] = {}
        self._fingerprints: dict[str, str] = {}

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
        """Return (theme that has the asset, fingerprint of that theme's assets).

        :raises ThemeError: no theme of the chain has it.
        """
        if (theme.name, path) not in self._assets:
            owner = next((t for t in self.chain(theme) if (t.static / path).is_file()), None)
            if owner is None:
                raise ThemeError(f"no theme has the asset {path}")
            self._assets[theme.name, path] = owner.name, self.fingerprint(owner)
        return self._assets[theme.name, path]

    def fingerprint(self, theme: Theme) -> str:
        """Return the fingerprint of all assets of a theme.

        One for all: a style sheet names fonts and pictures relative to itself, so they have the
        fingerprint of its address and may be kept as long as it.
        """
        if theme.name not in self._fingerprints:
            digest = hashlib.sha256()
            for file in sorted(f for f in theme.static.rglob("*") if f.is_file()):
                digest.update(file.relative_to(theme.static).as_posix().encode() + b"\0")
                digest.update(hashlib.sha256(file.read_bytes()).digest())
            self._fingerprints[theme.name] = digest.hexdigest()[:12]
        return self._fingerprints[theme.name]


def _read(name: str, package: str) -> Theme:
    try:
        folder = package_folder(package)
    except ManifestError as error:
        raise ThemeError(f"theme {name}: {error}") from error
    try:
        data = tomllib.loads((folder / "theme.toml").read_text(encoding="utf-8"))
        return Theme(
            name, folder, dict(data["title"]), data.get("parent", ""), data.get("accents", {})
        )
    except (OSError, KeyError, tomllib.TOMLDecodeError) as error:
        raise ThemeError(f"theme {name}: {folder / 'theme.toml'}: {error}") from error
