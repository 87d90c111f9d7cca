"""What source may not say: checks of Python and templates that no linter makes.

A check takes a parsed module and yields (line, what). The platform's own tests and the conformance
kit call the same ones.
"""

from __future__ import annotations

import ast
import importlib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

from hoitu.core import text

Find = Callable[[ast.Module], Iterator[tuple[int, str]]]

#: Modules of core that sections and plugins may import from, besides the packages' ``__all__``.
PLAIN = frozenset({
    "text", "clock", "db", "hookspecs", "extensions", "events", "geojson", "numbers", "sheets",
})  # fmt: skip
#: Functions that lift or replace the scope of the running request.
SCOPE_LIFTERS = frozenset({"all_units", "enter_scope", "leave_scope"})
#: The name of the product, and the numbers of documents that English messages quote.
NAMES = re.compile(r"Hội Tụ|\b\d+/(?:\d{4}/)?[A-ZĐ]+-[A-ZĐ]+\b")

JINJA = re.compile(r"\{%.*?%\}|\{\{.*?\}\}|\{#.*?#\}", re.DOTALL)
TEMPLATE_FAULTS = {
    # A data block is not run.
    "inline script": re.compile(
        r"<script\b(?![^>]*(?:\bsrc=|type=.application/ld\+json))", re.IGNORECASE
    ),
    "inline style": re.compile(r"<style\b|<[a-z][^>]*\sstyle\s*=", re.IGNORECASE),
    "event handler": re.compile(r"<[a-z][^>]*\son[a-z]+\s*=|[\"']\s*javascript:", re.IGNORECASE),
    "foreign asset": re.compile(
        r"<(?:script|link|img|source|iframe|video|audio|embed|object|use|track)\b[^>]*"
        r"\b(?:src|href|srcset|data|poster)\s*=\s*[\"']?\s*(?:https?:)?//",
        re.IGNORECASE,
    ),
}
#: What a template may say in any language: tags, entities, texts that go through a catalogue.
_TRANSLATED = re.compile(r"\{%-?\s*trans\b.*?\bendtrans\s*-?%\}", re.DOTALL)
_TAG = re.compile(r"<!--.*?-->|</?[a-z][^>]*>|<!doctype[^>]*>|&#?\w+;", re.DOTALL | re.IGNORECASE)
_SPOKEN = re.compile(
    r"""<[a-z][^<>]*?\s(?:title|alt|placeholder|aria-label)\s*=\s*["']([^"'<>]*)["']""",
    re.IGNORECASE,
)
_LETTERS = re.compile(r"[^\W\d_]+")
#: A sentence, a name or a word with marks. A lone lower-case word may be a class or an attribute.
_TOLD = re.compile(r"[^\W\d_]{2,}\s+[^\W\d_]{2,}|[A-Z][^\W\d_]|(?![×÷])[À-ỹ]")


def files(folder: Path, *suffixes: str) -> list[Path]:
    """Return the source files below a folder, without what builds leave behind."""
    found = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return [p for p in found if p.suffix in suffixes and not {"_build", "__pycache__"} & {*p.parts}]


def faults(root: Path, found: Iterable[Path], find: Find) -> list[str]:
    """Return ``file:line what`` for all that ``find`` reports."""
    return [
        f"{path.relative_to(root)}:{line} {what}"
        for path in found
        for line, what in find(ast.parse(path.read_text("utf-8"), str(path)))
    ]


def clock_reads(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Report reads of the machine's clock; the time comes from the clock of the platform."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr in ("now", "today", "utcnow"):
            owner = node.value.attr if isinstance(node.value, ast.Attribute) else node.value
            name = owner.id if isinstance(owner, ast.Name) else owner
            if name in ("datetime", "date"):
                yield node.lineno, f"{name}.{node.attr}"


def raw_sql(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Report SQL that the unit scope cannot see: text and bare tables."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("sqlalchemy"):
            yield from ((node.lineno, "text()") for a in node.names if a.name == "text")
        elif isinstance(node, ast.Attribute):
            if node.attr in ("__table__", "exec_driver_sql"):
                yield node.lineno, node.attr
            elif node.attr == "text" and ast.unparse(node.value) in ("sa", "sqlalchemy"):
                yield node.lineno, "text()"


def scope_lifts(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Report uses of what lifts the unit scope; sections may read other units by core's queries."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            yield from ((node.lineno, a.name) for a in node.names if a.name in SCOPE_LIFTERS)
        elif isinstance(node, ast.Attribute) and node.attr in SCOPE_LIFTERS:
            yield node.lineno, node.attr


def closed_doors(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Report imports from core that are not part of its import surface."""
    whole: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (
                (node.lineno, f"import {a.name}")
                for a in node.names
                if a.name.startswith("hoitu.core")
            )
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("hoitu.core"):
            open_names = _open_names(str(node.module))
            for alias in node.names:
                if node.module == "hoitu.core" and _open_names(f"hoitu.core.{alias.name}"):
                    whole[alias.asname or alias.name] = alias.name
                    continue
                is_private = alias.name.startswith("_") or alias.name == "*"
                if is_private or (open_names is not None and alias.name not in open_names):
                    yield node.lineno, f"from {node.module} import {alias.name}"
    yield from _reached_into(tree, whole)


def _reached_into(tree: ast.Module, whole: Mapping[str, str]) -> Iterator[tuple[int, str]]:
    """Report what is used of packages that are imported as a whole and is not public."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            package = whole.get(node.value.id)
            if package and node.attr not in (_open_names(f"hoitu.core.{package}") or ()):
                yield node.lineno, f"hoitu.core.{package}.{node.attr}"


def _open_names(module: str) -> frozenset[str] | None:
    """Return the names a plugin may import from a module; None = every public one."""
    _, _, *below = module.split(".")
    if not below:
        return PLAIN
    if len(below) > 1:
        return frozenset()
    if below[0] in PLAIN:
        return None
    try:
        return frozenset(getattr(importlib.import_module(module), "__all__", ()))
    except ModuleNotFoundError:
        return frozenset()


def imports_of(packages: Iterable[str]) -> Find:
    """Return a check that reports imports of these packages and of what is below them."""
    wanted = tuple(packages)

    def find(tree: ast.Module) -> Iterator[tuple[int, str]]:
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                yield from ((node.lineno, f"import {a.name}") for a in node.names if _in(a.name))
            elif isinstance(node, ast.ImportFrom) and not node.level:
                named = (f"{node.module}.{a.name}" for a in node.names)
                if _in(str(node.module)) or any(map(_in, named)):
                    yield node.lineno, f"from {node.module} import ..."

    def _in(module: str) -> bool:
        return any(module == p or module.startswith(f"{p}.") for p in wanted)

    return find


def vietnamese(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Report literals with words beyond ASCII; docstrings may have them."""
    docs = {
        id(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docs:
            rest = NAMES.sub("", node.value)
            if any(_is_said(word) for word in _LETTERS.findall(rest)):
                yield node.lineno, repr(node.value[:60])


def _is_said(word: str) -> bool:
    """Say whether letters are a word with marks; a table of signs has no vowels."""
    return not word.isascii() and not set("aeiouy").isdisjoint(text.fold(word))


def template_faults(template: str) -> list[str]:
    """Return what in a template the content security policy would stop."""
    markup = JINJA.sub("", template)
    return [name for name, pattern in TEMPLATE_FAULTS.items() if pattern.search(markup)]


def bare_words(template: str) -> list[str]:
    """Return the texts of a template that are in one language only: they pass no catalogue."""
    markup = JINJA.sub("\0", _TRANSLATED.sub("", template))
    told = [*_SPOKEN.findall(markup), *re.split(r"[\0\n]", _TAG.sub("\0", markup))]
    return [words.strip() for words in told if _TOLD.search(words)]
