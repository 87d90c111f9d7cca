"""Message catalogues: what a package says in English, and whether its translation is complete.

Every package has its own ``locale/<language>/messages.po``; what core translates need not be
repeated. The platform's tool for translators and the conformance kit read catalogues with the same
functions.
"""

from __future__ import annotations

import ast
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.pofile import read_po

LANGUAGE = "vi"
METHODS = [("**.py", "python"), ("**.html", "jinja2"), ("**.xml", "jinja2")]
#: A template that cannot be parsed is an error, not a template without messages.
OPTIONS = {"**.html": {"silent": "false"}, "**.xml": {"silent": "false"}}
KEYWORDS = {
    **DEFAULT_KEYWORDS,
    "lazy_gettext": None,
    "lazy_ngettext": (1, 2),
    "lazy_pgettext": ((1, "c"), 2),
}
PLACEHOLDER = re.compile(r"%\((\w+)\)([diouxXeEfFgGcrs])|\{(\w*)\}")

#: What tells messages apart: context and (singular) id.
Key = tuple[str | None, str]


def catalogue_path(folder: Path) -> Path:
    """Return the catalogue of a package; the file is missing while the package has no message."""
    return folder / "locale" / LANGUAGE / "messages.po"


def extracted(folder: Path, root: Path) -> Catalog:
    """Return the messages of a package's source, untranslated; places are relative to ``root``."""
    catalog = Catalog(locale=LANGUAGE, fuzzy=False)
    for name, _line, message, _comments, context in extract_from_dir(
        folder, METHODS, OPTIONS, KEYWORDS
    ):
        location = (folder / name).relative_to(root)
        catalog.add(message, locations=[(location.as_posix(), 0)], context=context)
    return catalog


def stored(folder: Path) -> Catalog:
    """Return the catalogue of a package as it is on disk."""
    path = catalogue_path(folder)
    if not path.is_file():
        return Catalog(locale=LANGUAGE, fuzzy=False)
    with path.open("rb") as source:
        return read_po(source, locale=LANGUAGE, abort_invalid=True)


def messages(catalog: Catalog) -> dict[Key, Message]:
    """Return the messages of a catalogue without its header."""
    return {(m.context, singular(m)): m for m in catalog if m.id}


def gaps(wanted: Mapping[Key, Message], known: Mapping[Key, Message]) -> Iterator[str]:
    """Yield one line for each message whose translation is missing or wrong."""
    for key, message in wanted.items():
        if found := problem(message, known.get(key)):
            yield f"{found}: {singular(message)!r}"


def problem(message: Message, translation: Message | None) -> str:
    """Return what is wrong with the stored translation of a message, or ''."""
    if translation is None or isinstance(translation.id, str) != isinstance(message.id, str):
        return "missing"
    if translation.fuzzy:
        return "fuzzy"
    found = strings(translation)
    faults = {
        "untranslated": not found,
        "other placeholders": any(
            _placeholders(s) != _placeholders(_plural(message)) for s in found
        ),
        "not NFC": any(not unicodedata.is_normalized("NFC", s) for s in found),
        "other spaces at its ends": any(_margins(s) != _margins(singular(message)) for s in found),
    }
    return next((fault for fault, is_there in faults.items() if is_there), "")


def unknown_names(paths: Iterable[Path]) -> Iterator[tuple[Path, str]]:
    """Yield imports of gettext functions under names that the extraction does not look for."""
    for path in paths:
        for node in ast.walk(ast.parse(path.read_bytes(), str(path))):
            if not isinstance(node, ast.ImportFrom) or node.module != "flask_babel":
                continue
            for alias in node.names:
                used = alias.asname or alias.name
                if "gettext" in alias.name and _signature(used) != _signature(alias.name):
                    yield path, f"{alias.name} is not extracted under the name {used}"


def strings(message: Message) -> list[str]:
    """Return the translations of a message; none when one of its forms is empty."""
    found = [message.string] if isinstance(message.string, str) else list(message.string or ())
    return found if all(found) else []


def singular(message: Message) -> str:
    """Return the id of a message, its singular if it has two forms."""
    return message.id if isinstance(message.id, str) else message.id[0]


def _plural(message: Message) -> str:
    # Where a singular spells its one out ("One file"), the plural alone has all placeholders.
    return message.id if isinstance(message.id, str) else message.id[1]


def _signature(name: str) -> object:
    return KEYWORDS.get(name, "unknown")


def _placeholders(text: str) -> tuple[frozenset[tuple[str, ...]], bool]:
    """Return the placeholders of a text, and whether it has a percent sign that is none."""
    rest = PLACEHOLDER.sub("", text).replace("%%", "")
    return frozenset(PLACEHOLDER.findall(text)), "%" in rest


def _margins(text: str) -> tuple[bool, bool]:
    return text != text.lstrip(), text != text.rstrip()
