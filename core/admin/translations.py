"""Translations at the desk: those an entry has, beginning another, and what the law still wants."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import abort, flash, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from sqlalchemy import select

from hoitu.core.access import requires
from hoitu.core.admin import work
from hoitu.core.admin.blueprint import blueprint
from hoitu.core.admin.item_page import open_page
from hoitu.core.content import ContentType, Item, Refused, actions
from hoitu.core.content.item import TRASHED
from hoitu.core.extensions import platform, session
from hoitu.core.i18n import DEFAULT, LANGUAGES, NAMES
from hoitu.core.web import Panel, kept, today
from hoitu.core.web.language_duties import missing_pages

#: Name of the language in the form.
LANGUAGE = "language"


@dataclass(frozen=True, slots=True)
class Versions:
    """What the page of an entry says of its languages."""

    language: Any
    #: The other versions, the original first.
    others: Sequence[Item]
    #: Languages into which the account may begin a translation, by key.
    wanted: dict[str, Any]
    names: dict[str, Any]


@blueprint.app_context_processor
def values() -> dict[str, Any]:
    """Give the page of an item its part about languages."""
    if request.blueprint != blueprint.name:
        return {}
    return {"versions_of": versions_of, "TRANSLATE_INTO": LANGUAGE}


def versions_of(kind: ContentType, item: Item) -> Versions:
    """Return the languages of an item: one statement, if any other is linked."""
    others: list[Item] = []
    if item.original_id is not None:
        linked = select(Item).where(
            Item.unit_id == item.unit_id,
            Item.original_id == item.original_id,
            Item.id != item.id,
            Item.state != TRASHED,
        )
        others = sorted(
            session().scalars(linked), key=lambda other: (other.is_translation, other.id)
        )
    wanted: dict[str, Any] = {}
    may = work.may(kind, "create") and actions.is_translatable(kind)
    if may and not item.is_translation and item.state != TRASHED:
        held = {item.language, *kind.languages(item), *(other.language for other in others)}
        wanted = {tongue: NAMES[tongue] for tongue in LANGUAGES if tongue not in held}
    return Versions(NAMES.get(item.language, item.language), others, wanted, NAMES)


@blueprint.post(f"/<type_name>/<{work.ID}:item_id>/dich")
@requires("core.desk")
def translate(type_name: str, item_id: int) -> ResponseReturnValue:
    """Begin a translation and open it; the text of the entry is what is to be overwritten."""
    kind = work.kind_named(type_name)
    item = work.item_of(kind, item_id)
    if not work.may(kind, "create"):
        abort(403)
    try:
        draft = actions.translate(work.context(), item, request.form.get(LANGUAGE, ""))
        session().commit()
    except Refused as refused:
        session().rollback()
        page = open_page(kind, item)
        page.form.refuse(refused.problems)
        return page.answer(422)
    flash(
        _("This is the draft of the translation. Replace each text by its translation, then save.")
    )
    return redirect(url_for("desk.edit", type_name=kind.name, item_id=draft.id), 303)


def duty_panels() -> list[Panel]:
    """Return the block that names what the law wants in English; none when all is there."""
    missing = kept("language duties", lambda: missing_pages(platform, session(), g.unit, today()))
    rights = [found for found in missing if work.may(found.kind, "edit")]
    title = lazy_gettext("Pages that are missing in English")
    shown = {"missing": rights, "DEFAULT": DEFAULT}
    return [Panel("language-duties", title, "desk/_language_duties.html", shown)] if rights else []
