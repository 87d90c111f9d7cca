from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask_babel import gettext, lazy_gettext, ngettext

from hoitu.core.i18n import ENVIRON_KEY

ROOT = Path(__file__).parents[2]

SOURCE = """
from flask_babel import gettext as _, ngettext
_("Page %(n)d", n=1)
ngettext("%(n)d file", "%(n)d files", 2, n=2)
"""
TEMPLATE = '<p>{{ _("Older") }} {% trans %}Newer{% endtrans %}</p>'
CATALOGUE = """
msgid ""
msgstr "Content-Type: text/plain; charset=utf-8\\n"

msgid "Page %(n)d"
msgstr "Trang %(n)d"

msgid "%(n)d file"
msgid_plural "%(n)d files"
msgstr[0] "%(n)d tệp"

msgid "Newer"
msgstr "Mới hơn"

msgid "Older"
msgstr "Cũ hơn"
"""


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-P", str(ROOT / "tools" / "messages.py"), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_every_message_is_translated() -> None:
    result = run("--check")
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    (tmp_path / "core").mkdir()
    folder = tmp_path / "sections" / "notices"
    (folder / "templates").mkdir(parents=True)
    (folder / "locale" / "vi").mkdir(parents=True)
    (folder / "__init__.py").write_text(SOURCE)
    (folder / "templates" / "page.html").write_text(TEMPLATE)
    (folder / "locale" / "vi" / "messages.po").write_text(CATALOGUE)
    return tmp_path


def findings(tree: Path, *options: str) -> list[str]:
    result = run(*options, "--root", str(tree))
    return [line for line in result.stdout.splitlines() if line.startswith("sections/")]


def test_a_complete_catalogue_passes(tree: Path) -> None:
    assert findings(tree, "--check") == []


@pytest.mark.parametrize(
    ("right", "wrong", "finding"),
    [
        ('msgid "Older"', 'msgid "Oldest"', "missing: 'Older'"),
        ('msgstr "Cũ hơn"', 'msgstr ""', "untranslated: 'Older'"),
        ('msgid "Older"', '#, fuzzy\nmsgid "Older"', "fuzzy: 'Older'"),
        ("Trang %(n)d", "Trang %(m)d", "other placeholders: 'Page %(n)d'"),
        ("Trang %(n)d", "Trang %(n)s", "other placeholders: 'Page %(n)d'"),
        ("%(n)d tệp", "tệp", "other placeholders: '%(n)d file'"),
        ("%(n)d tệp", "100% %(n)d tệp", "other placeholders: '%(n)d file'"),
        ("Cũ hơn", "Cu\u0303 hơn", "not NFC: 'Older'"),
        ("Cũ hơn", "Cũ hơn ", "other spaces at its ends: 'Older'"),
    ],
)
def test_a_fault_is_found(tree: Path, right: str, wrong: str, finding: str) -> None:
    assert right in CATALOGUE
    path = tree / "sections" / "notices" / "locale" / "vi" / "messages.po"
    path.write_text(CATALOGUE.replace(right, wrong))
    (line,) = findings(tree, "--check")
    assert line.endswith(finding)


def test_a_function_under_an_unknown_name_is_found(tree: Path) -> None:
    source = "from flask_babel import lazy_gettext as translated\ntranslated('Lost')\n"
    (tree / "sections" / "notices" / "names.py").write_text(source)
    (line,) = findings(tree, "--check")
    assert "lazy_gettext is not extracted under the name translated" in line


def test_an_update_keeps_translations_and_is_stable(tree: Path) -> None:
    path = tree / "sections" / "notices" / "locale" / "vi" / "messages.po"
    assert findings(tree) == []
    written = path.read_text()
    assert "Trang %(n)d" in written
    findings(tree)
    assert path.read_text() == written


def test_a_moved_message_takes_its_translation_along(tree: Path) -> None:
    (tree / "core" / "__init__.py").write_text("_('Older')")
    findings(tree)
    core = (tree / "core" / "locale" / "vi" / "messages.po").read_text()
    section = (tree / "sections" / "notices" / "locale" / "vi" / "messages.po").read_text()
    assert 'msgid "Older"\nmsgstr "Cũ hơn"' in core
    assert "Older" not in section


ABSTRACT = lazy_gettext("Abstract")


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("vi", ["Trích yếu", "12 kết quả", "Nội dung phải có ít nhất 2 ký tự."]),
        ("en", ["Abstract", "12 results", "Field must be at least 2 characters long."]),
    ],
)
def test_messages_follow_the_language_of_the_request(
    app: Any, language: str, expected: list[str]
) -> None:
    singular = "Field must be at least %(min)d character long."
    plural = "Field must be at least %(min)d characters long."
    with app.test_request_context(environ_overrides={ENVIRON_KEY: language}):
        shown = [
            str(ABSTRACT),
            gettext("%(n)d results", n=12),
            ngettext(singular, plural, 2, min=2),
        ]
    assert shown == expected


def test_pages_follow_their_language(site: Callable[[], Any]) -> None:
    visitor = site()
    assert "Trang chủ" in visitor.get("/").text
    assert "Home" in visitor.get("/en/").text
    assert "Trang chủ" not in visitor.get("/en/").text
