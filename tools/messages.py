"""Keep the Vietnamese catalogues complete: one ``locale/vi/messages.po`` per package.

Usage: python -P tools/messages.py [--check]

Without an option every message of the source is written to its package's catalogue, translations
kept: what core translates is not repeated in a section or theme, and a message that moves takes its
translation along. Then, and with ``--check`` alone, everything that is wrong is listed; any finding
makes the exit status 1.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_file
from babel.messages.pofile import write_po

from hoitu.core.testing import messages as catalogues
from hoitu.core.testing.messages import KEYWORDS, Key, messages, strings

ROOT = Path(__file__).resolve().parent.parent
#: Modules of other projects whose messages a form may show; core translates them.
LIBRARIES = (
    "wtforms.validators",
    "wtforms.fields.choices",
    "wtforms.fields.datetime",
    "wtforms.fields.numeric",
    "wtforms.csrf.core",
    "flask_wtf.file",
)
#: Fixed, so that the catalogue changes only when a message does.
HEADER = """\
# Vietnamese messages of {package}.
# Order and references are written by tools/messages.py; edit the msgstr lines only.
msgid ""
msgstr ""
"Language: vi\\n"
"Plural-Forms: nplurals=1; plural=0;\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"

"""


@dataclass(frozen=True, slots=True)
class Package:
    """A folder with a catalogue of its own: core, a section, a plugin or a theme."""

    folder: Path
    root: Path

    @property
    def name(self) -> str:
        """Its import name."""
        return ".".join(("hoitu", *self.folder.relative_to(self.root).parts))

    @property
    def path(self) -> Path:
        """Its catalogue; the file is missing while the package has no message."""
        return catalogues.catalogue_path(self.folder)

    def extracted(self) -> Catalog:
        """Return the messages of its source, untranslated."""
        catalog = catalogues.extracted(self.folder, self.root)
        if self.folder.name == "core":
            for library in LIBRARIES:
                _add_library(catalog, library)
        return catalog

    def stored(self) -> Catalog:
        """Return its catalogue as it is on disk."""
        return catalogues.stored(self.folder)


def packages(root: Path) -> list[Package]:
    """Return every package with messages, core first: that is the order in which they are read."""
    folders = [root / "core"]
    for kind in ("sections", "plugins", "themes"):
        folders += sorted(f.parent for f in (root / kind).glob("*/__init__.py"))
    return [Package(folder, root) for folder in folders]


def wanted(root: Path) -> dict[Package, Catalog]:
    """Return, for each package, the messages its catalogue must hold."""
    found = {package: package.extracted() for package in packages(root)}
    core = messages(next(iter(found.values())))
    for catalog in list(found.values())[1:]:
        for context, text in messages(catalog).keys() & core.keys():
            catalog.delete(text, context)
    return found


def update(root: Path) -> None:
    """Write every catalogue; a translation is taken from wherever the message stood before."""
    needed = wanted(root)
    stored = {package: messages(package.stored()) for package in needed}
    everywhere: dict[Key, Message] = {}
    for entries in reversed(stored.values()):
        everywhere |= {key: m for key, m in entries.items() if strings(m)}
    for package, catalog in needed.items():
        for key, message in messages(catalog).items():
            known = stored[package].get(key) or everywhere.get(key)
            if known is not None and isinstance(known.id, str) == isinstance(message.id, str):
                message.string = known.string
                message.flags |= known.flags & {"fuzzy"}
        _write(package, catalog)


def problems(root: Path) -> Iterator[str]:
    """Yield one line for everything that is wrong."""
    translated: dict[Key, str] = {}
    for package, catalog in wanted(root).items():
        where = package.path.relative_to(root).as_posix()
        stored = messages(package.stored())
        for found in catalogues.gaps(messages(catalog), stored):
            yield f"{where}: {found}"
        for key, message in stored.items():
            text = "\0".join(strings(message))
            if text and translated.setdefault(key, text) != text:
                yield f"{where}: translated otherwise in another package: {key[1]!r}"
        for path, found in catalogues.unknown_names(sorted(package.folder.rglob("*.py"))):
            yield f"{path.relative_to(root).as_posix()}: {found}"


def main(arguments: list[str]) -> int:
    """Write or check the catalogues and return the exit status."""
    parser = argparse.ArgumentParser(description="Keep the Vietnamese catalogues complete.")
    parser.add_argument("--check", action="store_true", help="write nothing")
    parser.add_argument("--root", type=Path, default=ROOT, help="another source tree")
    options = parser.parse_args(arguments)
    if not options.check:
        update(options.root)
    found = list(problems(options.root))
    for line in found:
        print(line)
    return 1 if found else 0


def _add_library(catalog: Catalog, module: str) -> None:
    spec = find_spec(module)
    if spec is None or spec.origin is None:
        raise SystemExit(f"{module} is not installed")
    location = (spec.origin.rpartition("site-packages/")[2], 0)
    for _line, message, _comments, context in extract_from_file("python", spec.origin, KEYWORDS):
        catalog.add(message, locations=[location], context=context)


def _write(package: Package, catalog: Catalog) -> None:
    if not messages(catalog):
        package.path.unlink(missing_ok=True)
        return
    body = BytesIO()
    write_po(body, catalog, width=100, omit_header=True, sort_output=True, include_lineno=False)
    package.path.parent.mkdir(parents=True, exist_ok=True)
    text = HEADER.format(package=package.name) + body.getvalue().decode("utf-8").rstrip() + "\n"
    package.path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
