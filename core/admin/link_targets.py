"""What a text can link to inside the site: the unit's entries, found by title or number."""

from __future__ import annotations

from flask import jsonify, request
from flask.typing import ResponseReturnValue
from sqlalchemy import ColumnElement, false, or_, select

from hoitu.core import text
from hoitu.core.access import requires
from hoitu.core.admin import work
from hoitu.core.admin.blueprint import blueprint
from hoitu.core.admin.frame import state_label
from hoitu.core.content import ContentType, Item
from hoitu.core.content.item import PUBLISHED, TRASHED
from hoitu.core.extensions import platform, session
from hoitu.core.web import pages_of
from hoitu.core.web.site import active_unit

#: Most entries that are offered; more words find the others.
LIMIT = 20


@blueprint.get("/lien-ket.json")
@requires("core.desk")
def link_targets() -> ResponseReturnValue:
    """Return the newest entries with a page that ``q`` names, by title, summary or number.

    Of the types the account works with, whatever their state; of the others what is public. With
    ``public`` only what is public is returned, as where visitors are to be led to it.
    """
    words = text.nfc(request.args.get("q", ""))[:200].strip()
    kinds = _linkable()
    visible = _seen(kinds) & (Item.title != "")
    if request.args.get("public"):
        visible &= Item.state == PUBLISHED
    if words:
        visible &= _named(kinds, words)
    newest = select(Item).where(visible).order_by(Item.updated_at.desc(), Item.id.desc())
    found = session().scalars(newest.limit(LIMIT))
    return jsonify(items=[_told(item) for item in found])


def _linkable() -> list[ContentType]:
    """Return the types whose items have a page of their own on this site."""
    return [
        kind
        for manifest in platform.switchboard.sections_on(active_unit())
        for kind in platform.types.of_section(manifest.name)
        if pages_of(kind.name) is not None
    ]


def _seen(kinds: list[ContentType]) -> ColumnElement[bool]:
    """Return the condition that an item is public, or the account's to work on."""
    mine = {kind.name for kind in work.kinds()}
    condition: ColumnElement[bool] = false()
    for kind in kinds:
        state = Item.state != TRASHED if kind.name in mine else Item.state == PUBLISHED
        condition |= work.within([kind]) & state
    return condition


def _named(kinds: list[ContentType], words: str) -> ColumnElement[bool]:
    """Return the condition that an item is called something like ``words``, marked or not."""
    found = [Item.title.icontains(words, autoescape=True)]
    found.append(Item.summary.icontains(words, autoescape=True))
    if folded := "-".join(text.words(words)):
        # The slug is the title without marks.
        found.append(Item.slug.contains(folded, autoescape=True))
    for kind in kinds:
        names = [name for name, field in kind.fields.items() if field.search == "exact"]
        exact = [getattr(kind.model, n).icontains(words, autoescape=True) for n in names]
        key = text.number_key(words)
        if kind.cited_by and any(sign.isdigit() for sign in key):
            exact.append(getattr(kind.model, kind.cited_by).contains(key, autoescape=True))
        if exact:
            found.append(Item.id.in_(select(kind.model.id).where(or_(*exact))))
    return or_(*found)


def _told(item: Item) -> dict[str, object]:
    kind = platform.types[item.type]
    return {
        "id": item.id,
        "title": item.title,
        "summary": text.excerpt(item.summary, 160),
        "type": str(kind.label),
        "state": str(state_label(item, item.state)),
        "path": f"/bai/{item.id}",
    }
