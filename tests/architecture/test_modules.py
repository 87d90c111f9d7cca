"""The habits no linter checks, each with a planted fault that shows the check can fail."""

from __future__ import annotations

import ast
import importlib
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

SHIPPED = ("core", "sections", "plugins", "themes", "migrations")
FREE = ("tools", "docs", "examples", "newsfragments", ".ci")
AIM, LIMIT = 300, 500
GRAB_BAGS = {"utils", "util", "helpers", "helper", "common", "misc"}
#: Modules of core that sections and plugins may import from, besides the packages' ``__all__``.
PLAIN = {"text", "clock", "db", "hookspecs", "extensions", "events"}
#: Python files that hold Vietnamese, and why; everywhere else it is in catalogues and data files.
VIETNAMESE = {
    "core/text.py": "the tables of letters and marks",
    "core/cli/demos.py": "the names of the demonstration's people",
    "core/testing/": "test data",
}
#: The name of the product, and the numbers of documents that English messages quote.
NAMES = re.compile(r"Hội Tụ|\b\d+/(?:\d{4}/)?[A-ZĐ]+-[A-ZĐ]+\b")
MACHINE_PATH = re.compile(r"(?<![\w.:/])/(?:work|tmp|home|root)/")
JINJA = re.compile(r"\{%.*?%\}|\{\{.*?\}\}|\{#.*?#\}", re.DOTALL)
TEMPLATE_FAULTS = {
    "inline script": re.compile(r"<script\b(?![^>]*\bsrc=)", re.IGNORECASE),
    "inline style": re.compile(r"<style\b|<[a-z][^>]*\sstyle\s*=", re.IGNORECASE),
    "event handler": re.compile(r"<[a-z][^>]*\son[a-z]+\s*=|[\"']\s*javascript:", re.IGNORECASE),
    "foreign asset": re.compile(
        r"<(?:script|link|img|source|iframe|video|audio|embed|object|use|track)\b[^>]*"
        r"\b(?:src|href|srcset|data|poster)\s*=\s*[\"']?\s*(?:https?:)?//",
        re.IGNORECASE,
    ),
}
FOREIGN_STYLE = re.compile(r"(?:url\(|@import)\s*[\"']?\s*(?:https?:)?//", re.IGNORECASE)

Find = Callable[[ast.Module], Iterator[tuple[int, str]]]


def files(root: Path, *roots: str, suffixes: tuple[str, ...] = (".py",)) -> list[Path]:
    """Return the source files below some folders."""
    found = [p for name in roots for p in sorted((root / name).rglob("*")) if p.is_file()]
    return [p for p in found if p.suffix in suffixes and not {"_build", "__pycache__"} & {*p.parts}]


def faults(root: Path, found: list[Path], find: Find) -> list[str]:
    """Return `file:line what` for all that ``find`` reports."""
    return [
        f"{path.relative_to(root)}:{line} {what}"
        for path in found
        for line, what in find(ast.parse(path.read_text("utf-8")))
    ]


def clock_reads(tree: ast.Module) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr in ("now", "today", "utcnow"):
            owner = node.value.attr if isinstance(node.value, ast.Attribute) else node.value
            name = owner.id if isinstance(owner, ast.Name) else owner
            if name in ("datetime", "date"):
                yield node.lineno, f"{name}.{node.attr}"


def raw_sql(tree: ast.Module) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("sqlalchemy"):
            yield from ((node.lineno, "text()") for a in node.names if a.name == "text")
        elif isinstance(node, ast.Attribute):
            if node.attr in ("__table__", "exec_driver_sql"):
                yield node.lineno, node.attr
            elif node.attr == "text" and ast.unparse(node.value) in ("sa", "sqlalchemy"):
                yield node.lineno, "text()"


def closed_doors(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Report imports from core that are not part of its import surface."""
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
                is_private = alias.name.startswith("_") or alias.name == "*"
                if is_private or (open_names is not None and alias.name not in open_names):
                    yield node.lineno, f"from {node.module} import {alias.name}"


def _open_names(module: str) -> set[str] | None:
    """Return the names a plugin may import from a module; None = every public one."""
    _, _, *below = module.split(".")
    if not below:
        return PLAIN
    if len(below) > 1:
        return set()
    return None if below[0] in PLAIN else set(importlib.import_module(module).__all__)


def vietnamese(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Report literals with letters beyond ASCII; docstrings may have them."""
    docs = {
        id(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docs:
            rest = NAMES.sub("", node.value)
            if any(c.isalpha() and not c.isascii() for c in rest):
                yield node.lineno, repr(node.value[:60])


def template_faults(text: str) -> list[str]:
    markup = JINJA.sub("", text)
    return [name for name, pattern in TEMPLATE_FAULTS.items() if pattern.search(markup)]


def test_modules_stay_small(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lengths = {
        str(path.relative_to(root)): len(path.read_text("utf-8").splitlines())
        for path in files(root, *SHIPPED, "tools")
        if "versions" not in path.parts
    }
    long = {name: lines for name, lines in lengths.items() if lines > AIM}
    with capsys.disabled():
        print(f"\nover {AIM} lines:", *(f"{name} ({lines})" for name, lines in long.items()))
    assert {name: lines for name, lines in long.items() if lines > LIMIT} == {}


def test_no_module_is_a_grab_bag(root: Path) -> None:
    named = [p for p in files(root, *SHIPPED, "tools") if GRAB_BAGS & {p.stem, p.parent.name}]
    assert named == []


def test_only_the_clock_reads_the_clock(root: Path) -> None:
    readers = [
        path
        for path in files(root, *SHIPPED)
        if not path.is_relative_to(root / "core" / "testing") and path != root / "core" / "clock.py"
    ]
    assert faults(root, readers, clock_reads) == []
    assert faults(root, [root / "core" / "clock.py"], clock_reads) != []


def test_plugins_write_no_raw_sql(root: Path) -> None:
    written = [p for p in files(root, "sections", "plugins") if "migrations" not in p.parts]
    assert faults(root, written, raw_sql) == []


def test_plugins_enter_core_by_its_doors(root: Path) -> None:
    assert faults(root, files(root, "sections", "plugins", "examples"), closed_doors) == []


def test_vietnamese_is_in_catalogues_and_data(root: Path) -> None:
    found = faults(root, files(root, "core", "sections", "plugins"), vietnamese)
    assert [line for line in found if not line.startswith(tuple(VIETNAMESE))] == []
    # An exception that is no longer needed goes.
    assert [place for place in VIETNAMESE if not any(f.startswith(place) for f in found)] == []


def test_no_source_names_a_place_of_one_machine(root: Path) -> None:
    text = (".py", ".md", ".toml", ".yaml", ".cfg", ".html", ".css", ".js", ".po", ".mako", "")
    sources = files(root, *SHIPPED, *FREE, suffixes=text)
    sources += [p for p in root.iterdir() if p.is_file() and p.suffix in text]
    assert [str(p) for p in sources if MACHINE_PATH.search(p.read_text("utf-8"))] == []


def test_templates_obey_the_content_security_policy(root: Path) -> None:
    found = {
        str(path.relative_to(root)): wrong
        for path in files(root, *SHIPPED, suffixes=(".html", ".xml", ".svg"))
        if (wrong := template_faults(path.read_text("utf-8"))) and path.suffix == ".html"
    }
    assert found == {}


def test_styles_and_scripts_load_nothing_from_elsewhere(root: Path) -> None:
    styles = files(root, *SHIPPED, suffixes=(".css", ".js"))
    assert styles != []
    assert [str(p) for p in styles if FOREIGN_STYLE.search(p.read_text("utf-8"))] == []
    scripts = [p for p in styles if p.suffix == ".js"]
    assert [str(p) for p in scripts if re.search(r"https?://", p.read_text("utf-8"))] == []


@pytest.mark.parametrize(
    ("find", "source", "found"),
    [
        (clock_reads, "datetime.now(UTC)", ["datetime.now"]),
        (clock_reads, "datetime.date.today()", ["date.today"]),
        (clock_reads, "clock.now(); platform.clock.today()", []),
        (raw_sql, "from sqlalchemy import select, text", ["text()"]),
        (raw_sql, "import sqlalchemy as sa; sa.text('select 1')", ["text()"]),
        (raw_sql, "Item.__table__.insert()", ["__table__"]),
        (raw_sql, "session.connection().exec_driver_sql('select 1')", ["exec_driver_sql"]),
        (raw_sql, "from hoitu.core import text; text.fold('a')", []),
        (closed_doors, "import hoitu.core.db", ["import hoitu.core.db"]),
        (
            closed_doors,
            "from hoitu.core.content.item import Item",
            ["from hoitu.core.content.item import Item"],
        ),
        (
            closed_doors,
            "from hoitu.core.content import Item, gap",
            ["from hoitu.core.content import gap"],
        ),
        (closed_doors, "from hoitu.core import text, config", ["from hoitu.core import config"]),
        (closed_doors, "from hoitu.core.text import fold", []),
        (closed_doors, "from hoitu.core.text import _x", ["from hoitu.core.text import _x"]),
        (vietnamese, "_('Văn bản')", ["'Văn bản'"]),
        (vietnamese, "_('Older – like 54/2023/QĐ-UBND of Hội Tụ')", []),
        (vietnamese, "def of():\n    'Văn bản'", []),
    ],
)
def test_a_planted_fault_is_found(find: Find, source: str, found: list[str]) -> None:
    assert [what for _, what in find(ast.parse(source))] == found


@pytest.mark.parametrize(
    ("markup", "found"),
    [
        ("<script>go()</script>", ["inline script"]),
        ('<script src="{{ asset("x.js") }}" defer></script>', []),
        ("<style>a {}</style>", ["inline style"]),
        ('<p class="a" {% if a > b %}lang="en"{% endif %} style="x">', ["inline style"]),
        ('<a href="/" onclick="go()">', ["event handler"]),
        ('<a href="javascript:go()">', ["event handler"]),
        ('<link rel="stylesheet" href="//cdn.example/x.css">', ["foreign asset"]),
        ('<img alt="" src="https://elsewhere.example/x.png">', ["foreign asset"]),
        ('<a href="https://elsewhere.example/">once upon = a time</a>', []),
    ],
)
def test_a_planted_template_fault_is_found(markup: str, found: list[str]) -> None:
    assert template_faults(markup) == found


@pytest.mark.parametrize(
    ("text", "is_found"),
    [("folder = '/tmp/x'", True), ("/home/me/portal", True), ("https://a.vn/home/", False)],
)
def test_a_planted_machine_path_is_found(text: str, is_found: bool) -> None:
    assert bool(MACHINE_PATH.search(text)) is is_found
