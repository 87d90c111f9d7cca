"""The habits no linter checks, each with a planted fault that shows the check can fail."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from hoitu.core.testing import source
from hoitu.core.testing.source import (
    Find,
    bare_words,
    clock_reads,
    closed_doors,
    faults,
    imports_of,
    raw_sql,
    scope_lifts,
    template_faults,
    vietnamese,
)

SHIPPED = ("core", "sections", "plugins", "themes", "migrations")
FREE = ("tools", "docs", "examples", "newsfragments", ".ci")
AIM, LIMIT = 300, 500
GRAB_BAGS = {"utils", "util", "helpers", "helper", "common", "misc"}
#: Python files that hold Vietnamese, and why; everywhere else it is in catalogues and data files.
VIETNAMESE = {
    "core/text.py": "the tables of letters and marks",
    "core/search/keystrokes.py": "the letters that keys of an input method stand for",
    "core/cli/demos.py": "the names of the demonstration's people",
    "core/testing/": "test data",
}
MACHINE_PATH = re.compile(r"(?<![\w.:/])/(?:work|tmp|home|root)/")
FOREIGN_STYLE = re.compile(r"(?:url\(|@import)\s*[\"']?\s*(?:https?:)?//", re.IGNORECASE)


def files(root: Path, *roots: str, suffixes: tuple[str, ...] = (".py",)) -> list[Path]:
    """Return the source files below some folders."""
    return [path for name in roots for path in source.files(root / name, *suffixes)]


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


def test_plugins_lift_no_scope(root: Path) -> None:
    assert faults(root, files(root, "sections", "plugins"), scope_lifts) == []


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
    # A library of others is kept unchanged; what a browser may load, the security policy decides.
    scripts = [p for p in styles if p.suffix == ".js" and not (p.parent / "LICENSE.txt").exists()]
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
        (closed_doors, "from hoitu.core import text, schema", ["from hoitu.core import schema"]),
        (
            closed_doors,
            "from hoitu.core import content as c; c.Item, c.gap",
            ["hoitu.core.content.gap"],
        ),
        (closed_doors, "from hoitu.core.text import fold", []),
        (closed_doors, "from hoitu.core.text import _x", ["from hoitu.core.text import _x"]),
        (closed_doors, "from hoitu.core.nowhere import x", ["from hoitu.core.nowhere import x"]),
        (
            imports_of(["hoitu.sections.news", "acme"]),
            "import acme.views, acmeish; from hoitu.sections import news; from . import acme",
            ["import acme.views", "from hoitu.sections import ..."],
        ),
        (scope_lifts, "from hoitu.core.units import Unit, all_units", ["all_units"]),
        (scope_lifts, "units.enter_scope(3); units.unit_scope(3)", ["enter_scope"]),
        (vietnamese, "_('Văn bản')", ["'Văn bản'"]),
        (vietnamese, "_('Older – like 54/2023/QĐ-UBND of Hội Tụ')", []),
        (vietnamese, "rstrip('₫đĐ')", []),
        (vietnamese, "['ở', 'Đđ']", ["'ở'"]),
        (vietnamese, "def of():\n    'Văn bản'", []),
    ],
)
def test_a_planted_fault_is_found(find: Find, source: str, found: list[str]) -> None:
    assert [what for _, what in find(ast.parse(source))] == found


@pytest.mark.parametrize(
    ("template", "found"),
    [
        ('<p>{{ _("Older") }} · {% trans %}Newer{% endtrans %}</p>', []),
        ("<p>{{ title }} Xem thêm</p>", ["Xem thêm"]),
        ("<p>← × » ★ {{ title }} ({{ n }})</p>", []),
        ('<b class="{% block c %} columns{% endblock %}">đã</b>', ["đã"]),
        ('<a aria-label="Close" title="{{ _("Close") }}" class="wide">×</a>', ["Close"]),
        ("{# a comment #}<!-- another --><p>&nbsp;{% if a %}%{% endif %}</p>", []),
    ],
)
def test_words_outside_the_catalogues_are_found(template: str, found: list[str]) -> None:
    assert bare_words(template) == found


@pytest.mark.parametrize(
    ("markup", "found"),
    [
        ("<script>go()</script>", ["inline script"]),
        ('<script type="application/ld+json">{}</script>', []),
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
