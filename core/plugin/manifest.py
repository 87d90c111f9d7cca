"""``section.toml``: what a plugin says about itself, read without importing it.

A plugin that cannot be imported can thus still be listed, explained and blocked. A plugin that is
no section, since it has no pages of its own and works for the whole platform, says the same in a
file called ``plugin.toml``.
"""

from __future__ import annotations

import importlib.util
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

from packaging.specifiers import InvalidSpecifier, SpecifierSet

FILE, SERVICE_FILE = "section.toml", "plugin.toml"
TIERS = ("bronze", "silver", "gold")


def _is_text(value: object) -> bool:
    return isinstance(value, str)


#: How a value is checked, by the annotation of its attribute in :class:`Manifest`.
_FORMS: Mapping[str, Callable[[Any], bool]] = {
    "str": _is_text,
    "int": lambda value: type(value) is int,
    "bool": lambda value: type(value) is bool,
    "tuple[str, ...]": lambda value: isinstance(value, list) and all(map(_is_text, value)),
    "Mapping[str, str]": lambda value: (
        isinstance(value, dict) and all(map(_is_text, value.values()))
    ),
    "tuple[PersonalData, ...]": lambda value: (
        isinstance(value, list) and all(isinstance(entry, dict) for entry in value)
    ),
}
#: Whose data are kept: those of visitors who send something, of staff with an account, of people
#: who sign in, and of people named in official content, such as signers.
VISITOR, STAFF, PERSON, NAMED = "visitor", "staff", "person", "named"
PEOPLE = (VISITOR, STAFF, PERSON, NAMED)


class ManifestError(ValueError):
    """A manifest is missing or wrong; the message names the file and the key."""


@dataclass(frozen=True, slots=True)
class PersonalData:
    """Personal data that are kept together: whose, what for, and for how long."""

    #: Names of fields; a column of a table that is no content is ``table.column``.
    fields: tuple[str, ...]
    #: One of :data:`PEOPLE`.
    of: str
    #: By language: vi and en.
    purpose: Mapping[str, str]
    #: Days from the day they came; 0: as long as what they belong to is kept.
    kept_days: int
    #: Key of the law in the catalogue, '' where the purpose says enough.
    basis: str = ""
    #: What it is, by language; only where `fields` are columns of tables, which have no label.
    title: Mapping[str, str] = field(default_factory=dict)
    #: Key of the law that sets ``kept_days``, '' where they are a choice of the platform.
    days_basis: str = ""

    def told_title(self, language: str) -> str:
        """Return what it is in ``language``, or in Vietnamese; '' for fields of content."""
        return self.title.get(language) or self.title.get("vi", "")

    def told_purpose(self, language: str) -> str:
        """Return the purpose in ``language``, or in Vietnamese."""
        return self.purpose.get(language) or self.purpose["vi"]


@dataclass(frozen=True, slots=True)
class Manifest:
    """The declared facts of one plugin. Unknown keys are refused."""

    name: str
    title: Mapping[str, str]
    version: str
    api: int
    requires_core: str = ""
    requires_sections: tuple[str, ...] = ()
    table_prefix: str = ""
    tier: str = "bronze"
    weight: int = 100
    publisher: str = ""
    #: Catalogue keys this section fulfils.
    requirements: tuple[str, ...] = ()
    #: Ids or groups of unit types that may have it; empty = all with a site.
    allowed_unit_types: tuple[str, ...] = ()
    #: Whether a unit that may have it gets it without asking.
    default_on: bool = False
    permissions: tuple[str, ...] = ()
    #: What it keeps of people, for the register.
    personal_data: tuple[PersonalData, ...] = ()
    #: Works for every unit and is not switched: no section. Told by the name of the file.
    service: bool = False

    def label(self, language: str) -> str:
        """Return the title in ``language``, or in Vietnamese."""
        return self.title.get(language) or self.title["vi"]


def package_of(entry: EntryPoint) -> str:
    """Return the package a plugin's entry point lives in."""
    return entry.module.rpartition(".")[0] or entry.module


def package_folder(package: str) -> Path:
    """Return the folder of a package without importing the package itself.

    :raises ManifestError: the package is not installed.
    """
    try:
        spec = importlib.util.find_spec(package)
    except Exception as error:
        # The package itself is not imported, but those it lies in are.
        raise ManifestError(f"package {package} cannot be found: {error}") from error
    if spec is None or not spec.submodule_search_locations:
        raise ManifestError(f"package {package} is not installed")
    return Path(next(iter(spec.submodule_search_locations)))


def read(entry: EntryPoint) -> Manifest:
    """Return the manifest of the plugin behind ``entry``.

    :raises ManifestError: missing file, wrong TOML, unknown or missing key, or a name that differs
        from the entry point's.
    """
    folder = package_folder(package_of(entry))
    service = (folder / SERVICE_FILE).is_file()
    path = folder / (SERVICE_FILE if service else FILE)
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ManifestError(f"{path} cannot be read: {error}") from error
    manifest = parse(data, str(path))
    if manifest.name != entry.name:
        raise ManifestError(
            f"{path}: name `{manifest.name}` must be the entry point `{entry.name}`"
        )
    if service and manifest.requirements:
        raise ManifestError(f"{path}: `requirements` are fulfilled by sections: name it {FILE}")
    return replace(manifest, service=service)


def parse(data: Mapping[str, Any], source: str) -> Manifest:
    """Return the manifest in ``data``; see :func:`read` for the errors."""
    known = {f.name: f.type for f in fields(Manifest) if f.name != "service"}
    if unknown := sorted(set(data) - set(known)):
        raise ManifestError(f"{source}: unknown key `{unknown[0]}`")
    for key, value in data.items():
        if not _FORMS[str(known[key])](value):
            raise ManifestError(f"{source}: `{key}` has a value of the wrong type")
    values: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in data.items()}
    values["personal_data"] = personal_data(data.get("personal_data", ()), source)
    try:
        manifest = Manifest(**values)
    except TypeError as error:
        raise ManifestError(f"{source}: {error}") from error
    if not manifest.title.get("vi") or not manifest.title.get("en"):
        raise ManifestError(f"{source}: `title` needs vi and en")
    if manifest.tier not in TIERS:
        raise ManifestError(f"{source}: `tier` must be one of {', '.join(TIERS)}")
    try:
        SpecifierSet(manifest.requires_core)
    except InvalidSpecifier as error:
        raise ManifestError(f"{source}: `requires_core`: {error}") from error
    for permission in manifest.permissions:
        if not permission.startswith(manifest.name + "."):
            raise ManifestError(f"{source}: permission `{permission}` must start with the name")
    return manifest


def personal_data(tables: Iterable[Mapping[str, Any]], source: str) -> tuple[PersonalData, ...]:
    """Return what the tables ``[[personal_data]]`` of a file say.

    :raises ManifestError: a key is unknown, missing or wrong, or a field is named twice.
    """
    found = tuple(_personal_data(table, source) for table in tables)
    named = [name for entry in found for name in entry.fields]
    if twice := next((name for name in named if named.count(name) > 1), ""):
        raise ManifestError(f"{source}: `personal_data` names the field `{twice}` twice")
    return found


def _personal_data(table: Mapping[str, Any], source: str) -> PersonalData:
    known = {f.name: str(f.type) for f in fields(PersonalData)}
    for key, value in table.items():
        if key not in known:
            raise ManifestError(f"{source}: `personal_data` has the unknown key `{key}`")
        if not _FORMS[known[key]](value):
            raise ManifestError(f"{source}: `personal_data.{key}` has a value of the wrong type")
    try:
        values: dict[str, Any] = {k: tuple(v) if k == "fields" else v for k, v in table.items()}
        found = PersonalData(**values)
    except TypeError as error:
        raise ManifestError(f"{source}: `personal_data`: {error}") from error
    if not found.fields:
        raise ManifestError(f"{source}: `personal_data.fields` is empty")
    if found.of not in PEOPLE:
        raise ManifestError(f"{source}: `personal_data.of` must be one of {', '.join(PEOPLE)}")
    if not found.purpose.get("vi") or not found.purpose.get("en"):
        raise ManifestError(f"{source}: `personal_data.purpose` needs vi and en")
    if any("." in name for name in found.fields) and not (
        found.title.get("vi") and found.title.get("en")
    ):
        raise ManifestError(f"{source}: `personal_data.title` needs vi and en for columns")
    if found.kept_days < 0:
        raise ManifestError(f"{source}: `personal_data.kept_days` is less than 0")
    return found
