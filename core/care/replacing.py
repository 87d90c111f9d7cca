"""Find and replace: words in the texts of one unit, looked at one by one before they change.

Only words that are read are touched: never tags, addresses, numbers of documents or what visitors
sent. Words are found within one run of text; a word half of which is bold is two runs.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, String, cast, or_, select, true
from sqlalchemy.orm import selectinload, undefer

from hoitu.core import text
from hoitu.core.care.passages import (
    Occurrence,
    Search,
    columns_with_words,
    fields_with_words,
    occurrences,
    replaced,
)
from hoitu.core.content import (
    ActionContext,
    ContentType,
    Item,
    ItemVersion,
    Problem,
    Refused,
    Rows,
    RowsAttribute,
    actions,
)
from hoitu.core.content.item import PUBLISHED
from hoitu.core.content.workflow import RESTING

#: Entries read for one search at most, type by type, the last changed first.
READ = 5000
#: Rows fetched at a time.
FETCHED = 200


@dataclass(frozen=True, slots=True)
class Found:
    """An entry with the places where the words stand in the text an editor works on."""

    item: Item
    kind: ContentType
    occurrences: Sequence[Occurrence]


@dataclass(frozen=True, slots=True)
class Finding:
    """What a search found, and whether it came to an end."""

    entries: Sequence[Found]
    #: There is more than was asked for, or entries were left unread.
    more: bool


def kinds_of(context: ActionContext, kinds: Iterable[ContentType]) -> list[ContentType]:
    """Return the types in which the actor may replace words; what visitors send is theirs."""
    able = context.actor.can
    return [
        kind
        for kind in kinds
        if not kind.receivable and able(kind.permission("edit"), context.unit.id)
    ]


def find(
    context: ActionContext,
    search: Search,
    kinds: Sequence[tuple[ContentType, ColumnElement[bool]]],
    *,
    most: int,
    most_places: int,
) -> Finding:
    """Return the entries of the unit in which the words stand, the last changed first.

    ``kinds`` are types, each with a condition its entries fulfil. What rests in the archive or the
    trash is left out. ``most`` entries and ``most_places`` occurrences are returned.
    """
    found: list[Found] = []
    places, read, cut = 0, 0, False
    for kind, condition in kinds:
        for item, values in _candidates(context, search, kind, condition, READ + 1 - read):
            read += 1
            if read > READ:
                return Finding(found, more=True)
            held = occurrences(kind, values, search)
            if not held:
                continue
            left = most_places - places
            if len(found) == most or not left:
                return Finding(found, more=True)
            found.append(Found(item, kind, held[:left]))
            places += min(left, len(held))
            cut = cut or len(held) > left
    return Finding(found, more=cut)


def apply_one(
    context: ActionContext,
    item: Item,
    search: Search,
    chosen: frozenset[int],
    *,
    publish: bool = False,
) -> str:
    """Replace the chosen occurrences in one entry and return what became of it.

    It becomes a version with a note. Of a published entry it is a new version that waits, unless
    it is to be published and the actor may; where others have to approve, it is submitted.

    :raises PermissionDenied: the actor may not edit here.
    :raises Refused: the words do not stand there any more, or do not fit in.
    """
    kind = context.type_of(item)
    values = replaced(kind, actions.waiting_values(context, item), search, chosen)
    if not values:
        raise Refused([Problem("", _("The words do not stand there any more."))])
    waited = item.draft_id is not None
    was_public = item.state == PUBLISHED
    note = _("Replaced “%(wanted)s” by “%(instead)s”", **_told(search))
    actions.edit(context, item, values, expected_version=item.version, note=note)
    if not was_public:
        return str(_("Replaced."))
    if waited:
        return str(_("Replaced in the version that waits, which has other changes besides."))
    if not publish:
        return str(_("Replaced in a new version; visitors see it once it is published."))
    return _published(context, item, note)


def _published(context: ActionContext, item: Item, note: str) -> str:
    """Publish what was replaced, or hand it to whoever may; say which."""
    possible = {step.name for step in actions.steps(context, item)}
    step = next((name for name in ("publish", "submit") if name in possible), None)
    if step is None:
        return str(_("Replaced in a new version; somebody else has to publish it."))
    try:
        actions.advance(context, item, step, note)
    except Refused as refused:
        reasons = " ".join(str(problem) for problem in refused.problems)
        return str(_("Replaced in a new version, but not published: %(reasons)s", reasons=reasons))
    if step == "publish":
        return str(_("Replaced and published."))
    return str(_("Replaced and submitted: somebody else has to approve it."))


def _told(search: Search) -> dict[str, str]:
    return {
        "wanted": text.excerpt(search.wanted, 200),
        "instead": text.excerpt(search.instead, 200) if search.instead else "",
    }


# -- entries worth reading ------------------------------------------------------------------------


def _candidates(
    context: ActionContext,
    search: Search,
    kind: ContentType,
    condition: ColumnElement[bool],
    most: int,
) -> Iterator[tuple[Item, Mapping[str, Any]]]:
    """Yield entries in which the words may stand, with the text an editor works on."""
    chosen = (
        select(kind.model)
        .where(Item.type == kind.name, Item.state.not_in(sorted(RESTING)), condition)
        .where(_may_hold(kind, search))
        .options(*_loaded(kind))
        .order_by(Item.updated_at.desc(), Item.id.desc())
        .limit(most)
    )
    rows = context.session.scalars(chosen.execution_options(yield_per=FETCHED))
    # Whoever has enough leaves the rest unread.
    with closing(rows):
        for part in rows.partitions():
            waiting = _waiting(context, part)
            for item in part:
                yield item, waiting.get(item.id) or _own(kind, item)


def _waiting(context: ActionContext, items: Sequence[Item]) -> dict[int, Mapping[str, Any]]:
    """Return the values of the versions that wait behind some of the items: one statement."""
    versions = [item.draft_id for item in items if item.draft_id is not None]
    if not versions:
        return {}
    chosen = select(ItemVersion.item_id, ItemVersion.values).where(ItemVersion.id.in_(versions))
    return {row.item_id: row.values for row in context.session.execute(chosen)}


def _own(kind: ContentType, item: Item) -> Mapping[str, Any]:
    """Return the values of an entry itself, those with words alone."""
    return {name: getattr(item, name) for name in fields_with_words(kind)}


def _loaded(kind: ContentType) -> Iterator[Any]:
    """Yield the options by which all texts come with their entries, not one by one."""
    for name in fields_with_words(kind):
        attribute = getattr(kind.model, name)
        if isinstance(attribute, RowsAttribute):
            yield selectinload(attribute.of(kind.model))
        else:
            yield undefer(attribute)


def _may_hold(kind: ContentType, search: Search) -> ColumnElement[bool]:
    """Return a condition that is true of every entry in whose text, own or waiting, words stand.

    Databases know no search without marks, nor one for signs that HTML escapes: then all are read.
    """
    word = max(re.findall(r"[^\W_]+", search.wanted), key=len, default="")
    if search.fold or not word:
        return true()
    behind = ItemVersion.id == Item.draft_id, ItemVersion.unit_id == Item.unit_id
    kept_behind = _written(ItemVersion.values, word)
    mentioned: ColumnElement[bool] = select(ItemVersion.id).where(*behind, kept_behind).exists()
    for name, declared in fields_with_words(kind).items():
        attribute: Any = getattr(kind.model, name)
        if isinstance(attribute, RowsAttribute):
            columns = [c.name for c in columns_with_words(declared.kind)]
            cells = [_mentions(getattr(attribute.row, column), word) for column in columns]
            mentioned |= attribute.of(kind.model).any(or_(*cells))
        elif isinstance(declared.kind, Rows):
            mentioned |= _written(attribute, word)
        else:
            mentioned |= _mentions(attribute, word)
    return mentioned


def _written(document: Any, word: str) -> ColumnElement[bool]:
    """Return the condition that a word is in a JSON document, in its own letters or in escapes."""
    kept = cast(document, String)
    return or_(_mentions(kept, word), _mentions(kept, json.dumps(word)[1:-1]))


def _mentions(column: Any, word: str) -> ColumnElement[bool]:
    found: ColumnElement[bool] = column.contains(word, autoescape=True)
    return found
