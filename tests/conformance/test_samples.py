"""The kit judges rightly: the healthy sample passes gold, each spoilt one fails what it breaks."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

# Each runs the whole kit in a process of its own.
pytestmark = pytest.mark.slow

Change = tuple[str, str, str]

LEAK = '''
@pages.blueprint.get("/moi-nhat")
@public
def everywhere() -> ResponseReturnValue:
    """Return the newest notices of all units: they belong to theirs."""
    units = [unit.id for unit in platform.units.all()]
    found = queries.of_units(session(), Notice, units, now())
    return jsonify([notice.title for notice in found])


def menu() -> '''
LOSES_TEXT = '''
class Forgetful(ContentType):
    """A type whose search documents have no number."""

    def search_document(self, item: Item) -> SearchDocument:
        return replace(super().search_document(item), number="", summary="")


notice = Forgetful('''
IMPORTS = "from flask import jsonify, redirect, render_template, url_for\n"

#: What is spoilt -> how, and the checks that must find it.
SPOILT: dict[str, tuple[list[Change], set[str]]] = {
    "shows another unit's items on a route": (
        [
            ("views.py", "\ndef menu() -> ", LEAK),
            (
                "views.py",
                "from hoitu.core.extensions import platform, session\n",
                "from hoitu.core.content import queries\n"
                "from hoitu.core.extensions import platform, session\n"
                "from hoitu.core.web import now\nfrom notices.models import Notice\n",
            ),
        ],
        {"test_units.test_nothing_of_another_unit_is_shown"},
    ),
    "a table without the prefix": (
        [
            ("models.py", '"notices_recipient"', '"notice_recipient"'),
            (
                "migrations/versions/notices_0001_create_the_notices_tables.py",
                "notices_recipient",
                "notice_recipient",
            ),
        ],
        {"test_isolation.test_tables_carry_the_prefix"},
    ),
    "imports a private name of core": (
        [("views.py", IMPORTS, f"{IMPORTS}from hoitu.core.content.item import PUBLISHED\n")],
        {"test_isolation.test_it_enters_core_by_its_doors"},
    ),
    "a message without translation": (
        [("locale/vi/messages.po", 'msgstr "Nơi nhận"', 'msgstr ""')],
        {"test_languages.test_every_message_is_translated"},
    ),
    "search documents that lose text": (
        [
            ("types.py", "\nnotice = ContentType(", LOSES_TEXT),
            (
                "types.py",
                "from hoitu.core.content import INTAKE, ContentType, FieldGroup, path_below\n",
                "from dataclasses import replace\n"
                "from hoitu.core.content import INTAKE, ContentType, FieldGroup, Item, path_below\n"
                "from hoitu.core.search import SearchDocument\n",
            ),
        ],
        {"test_search.test_pages_are_found"},
    ),
    "a rule that its own samples break": (
        [("demo.yaml", "TB-12", "12"), ("demo.yaml", "TB-13", "13")],
        {
            "test_content.test_a_complete_sample_can_be_made",
            "test_pages.test_pages_answer_in_both_languages",
        },
    ),
    "a model that no migration made": (
        [("models.py", "Index(\"ix_notices_notice_number\", \"unit_id\", \"number\")",
          "Index(\"ix_notices_notice_audience\", \"unit_id\", \"audience\")")],
        {"test_schema.test_the_tables_equal_the_models"},
    ),
}  # fmt: skip


def test_the_healthy_sample_passes_gold(
    plant_notices: Callable[..., Path], judge: Callable[..., dict[str, str]]
) -> None:
    assert judge(plant_notices(), "-m", "gold") == {}


@pytest.mark.parametrize("fault", SPOILT)
def test_a_spoilt_sample_fails_what_it_breaks(
    fault: str, plant_notices: Callable[..., Path], judge: Callable[..., dict[str, str]]
) -> None:
    changes, checks = SPOILT[fault]
    report = judge(plant_notices(*changes), "-m", "gold")
    assert set(report) == checks, report
