"""One section with every mistake at once: the checks that find none are the ones to worry about."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

MIGRATION = "migrations/versions/notices_0001_create_the_notices_tables.py"
NEVER_CALLED = '''

def never_called() -> None:
    """Hold what may not even be written."""
    from datetime import datetime

    import hoitu.sections.links.types
    from hoitu.core.content.item import DRAFT
    from hoitu.core.units import all_units
    from sqlalchemy import text

    print("Xin chào", datetime.now(), DRAFT, all_units, text, hoitu)
'''
SETTINGS = '''
    @hookimpl
    def register_settings(self) -> list[type]:
        """Return the settings of somebody else."""
        from dataclasses import dataclass
        from hoitu.core.settings import setting

        @dataclass(frozen=True)
        class Loose:
            size: int = setting(3, label="Size")

        Loose.__module__ = "elsewhere"
        return [Loose]

    @hookimpl
    def slot_panels(self, slot: str) -> list[Panel]:
        """Fail."""
        raise RuntimeError("no such slot")

    @hookimpl
    def freshness(self, unit: Unit) -> list[date]:
        """Know nothing."""
        return []

    @hookimpl
    def check_transition(self, item: Item, transition: Transition) -> list[Problem]:
        """Object to what the workflow allows."""
        from hoitu.core.content import Problem

        return [Problem("", "No.")] if item.type == "notice" and transition.name == "submit" else []

    @hookimpl
    def check_item('''
VIEWS = '''

@pages.blueprint.get("/tat-ca")
@public
def everything() -> ResponseReturnValue:
    """Show drafts as well, a statement for each; fail in English and where there is nothing."""
    found = session().scalars(select(Notice)).all()
    [row.recipients for row in found]
    if request.environ.get("hoitu.language") == "en":
        raise RuntimeError("no English")
    return jsonify(first=found[0].title, all=[row.title for row in found])


@pages.blueprint.get("/hom-thu")
@public
def addresses() -> ResponseReturnValue:
    """Tell who wrote."""
    return jsonify([row.sender_email for row in queries.newest(Reply, size=50, now=now())])


@pages.blueprint.post("/sua/<int:item_id>")
@public
def change(item_id: int) -> ResponseReturnValue:
    """Change an item of whatever unit."""
    with unit_scope(*(unit.id for unit in platform.units.all())):
        session().get_one(Item, item_id).title = "Changed"
        session().commit()
    return redirect(url_for("notices.index"), 303)


@pages.blueprint.get("/trang")
@public
def page() -> str:
    """Show a page nobody can use."""
    return (
        '<!doctype html><html lang="fr"><body><h1>A</h1><h3 style="color: red">B</h3>'
        '<input name="q"><a href="/"></a><img src="/x.png"></body></html>'
    )


def menu() -> '''
IMPORTS = """
from flask import jsonify, redirect, render_template, request, url_for
from hoitu.core.content import Item, queries
from hoitu.core.units import unit_scope
from hoitu.core.web import now
from notices.models import Notice

print("views are imported")
"""
LOOSE = '''
class Loose(Base):
    """Rows of nobody, in a table that no migration makes."""

    __tablename__ = "notices_loose"

    id: Mapped[int] = mapped_column(primary_key=True)


class Growing(Paragraphs):
    """A text that is longer whenever it is saved."""

    def clean(self, value: object) -> str:
        return super().clean(value) + "."


class Reply('''
MESSAGE = 'msgid "Recipients"\nmsgstr "Nơi nhận"'

CHANGES: list[tuple[str, str, str]] = [
    ("section.toml", 'version = "1.2.0"', 'version = "first"'),
    ("section.toml", '"notices.delete"', '"notices.read"'),
    ("section.toml", '["topic_channels"]', '["topic_channels", "no_such_duty"]'),
    ("section.toml", '["sender_email"]', '["title"]'),
    ("section.toml", "kept_days = 365", 'kept_days = 365\nbasis = "no_such_law"'),
    ("section.py", "from hoitu.core.hookspecs", "import notices.models\nfrom hoitu.core.hookspecs"),
    ("section.py", "\n    @hookimpl\n    def check_item(", SETTINGS),
    ("views.py", "\ndef menu() -> ", NEVER_CALLED + VIEWS),
    ("views.py", "\nfrom flask import jsonify, redirect, render_template, url_for\n", IMPORTS),
    ("views.py", 'path="/thong-bao"', 'path="/tin-tuc"'),
    ("models.py", "\nclass Reply(", LOOSE),
    ("models.py", "field(Paragraphs(2000), label=_(\"Your", "field(Growing(2000), label=_(\"Your"),
    ("models.py", 'label=_("Valid until")', 'label=""'),
    ("types.py", "model=Notice,", 'model=Notice, path=lambda item: f"/tin-tuc/gone/{item.id}",'),
    ("templates/elsewhere/page.html", "", '<p style="color: red">{{ _("Notices") }}</p>'),
    ("locale/vi/messages.po", MESSAGE, MESSAGE.replace("Nơi nhận", "")),
    (MIGRATION, 'op.drop_table("notices_reply")', "pass"),
    (MIGRATION, "\nimport sqlalchemy", "\nimport notices\nimport sqlalchemy"),
    ("README.md", "remove", "forget"),
    ("README.md", "uninstall", "drop"),
    ("padding.py", "", "X = 1\n" * 900),
]  # fmt: skip
FOUND = {
    "test_access": {"drafts_are_shown_to_nobody", "private_fields_are_shown_to_nobody"},
    "test_content": {
        "a_list_costs_the_same_however_long_it_is",
        "every_step_works_and_is_recorded",
        "the_form_keeps_values",
    },
    "test_evidence": {
        "freshness_is_told",
        "it_can_be_read_in_one_sitting",
        "the_package_is_typed",
        "the_readme_says_how_to_remove_it",
    },
    "test_import": {"it_works_beside_the_others", "the_import_is_light", "the_import_is_silent"},
    "test_isolation": {
        "it_enters_core_by_its_doors",
        "it_imports_no_other_plugin",
        "it_lifts_no_scope",
        "it_reads_no_clock",
        "it_writes_no_raw_sql",
        "rows_belong_to_a_unit",
        "settings_are_its_own",
        "templates_are_in_their_own_folder",
        "templates_obey_the_content_security_policy",
    },
    "test_languages": {
        "every_message_is_translated",
        "labels_are_in_both_languages",
        "no_text_is_outside_the_catalogues",
    },
    "test_manifest": {
        "bases_of_personal_data_are_known",
        "permissions_are_declared",
        "one_name_everywhere",
        "personal_data_is_declared",
        "requirements_are_in_the_catalogue",
        "requirements_are_served",
        "the_manifest_is_valid",
        "what_visitors_send_is_not_kept_for_ever",
    },
    "test_pages": {
        "forms_answer_whatever_is_sent",
        "headings_are_an_outline",
        "inputs_have_labels",
        "links_and_pictures_have_text",
        "no_contribution_fails",
        "pages_answer_in_both_languages",
        "pages_answer_while_there_is_nothing",
        "pages_hold_nothing_inline",
        "pages_say_their_language",
    },
    "test_schema": {
        "down_leaves_nothing",
        "migrations_are_one_frozen_line",
        "the_tables_equal_the_models",
    },
    "test_search": {"the_search_page_leads_to_it"},
    "test_units": {"no_form_changes_another_unit"},
}


def test_every_mistake_is_found(
    plant_notices: Callable[..., Path], judge: Callable[..., dict[str, str]]
) -> None:
    root = plant_notices(*CHANGES)
    (root / "notices" / "py.typed").unlink()
    shutil.rmtree(root / "notices" / "templates" / "notices")
    report = judge(root, "-m", "gold")
    found: dict[str, set[str]] = {}
    for name in report:
        module, _, check = name.partition(".")
        found.setdefault(module, set()).add(check.removeprefix("test_"))
    assert found == FOUND, "\n".join(report.values())


def test_what_does_not_start_is_told_once(
    plant_notices: Callable[..., Path], judge: Callable[..., dict[str, str]]
) -> None:
    report = judge(plant_notices(("section.py", "def menu_entries", "def menu_entires")))
    assert set(report) == {
        "test_import.test_no_hook_is_misspelt",
        "test_import.test_it_works_alone",
        "test_import.test_it_works_beside_the_others",
    }
    assert "menu_entires" in report["test_import.test_it_works_alone"]
