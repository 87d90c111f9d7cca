"""Forgetting who sent something, and blacking out what tells of people in a text.

Both change the public text and every version that is kept of it at once: a version somebody could
bring back must not bring back what was taken out. Neither makes a new version.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import delete, select
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import flag_modified

from hoitu.core import text
from hoitu.core.content import redaction
from hoitu.core.content.actions.context import ActionContext
from hoitu.core.content.actions.linking import index_text, index_waiting
from hoitu.core.content.actions.recording import event_of, flush, record
from hoitu.core.content.item import PUBLISHED, Item, ItemVersion
from hoitu.core.content.kinds import Email, Line, Paragraphs, RichText
from hoitu.core.content.open_forms import OpenForm
from hoitu.core.content.preview_links import PreviewLink
from hoitu.core.content.problems import Problem, Refused
from hoitu.core.content.types import ContentType

#: Kinds of value that hold words, which may tell of somebody.
_WORDY = (Line, Paragraphs, RichText)
#: The words of an item that nobody reads any more.
_TEXTS = ("title", "summary", "body")

#: Forgets, within the unit, what a package repeats of an item.
Forget = Callable[[Session, int], None]
_forgets: list[Forget] = []


def also(forget: Forget) -> None:
    """Have ``forget`` called with the session and the id of each item whose sender is forgotten."""
    _forgets.append(forget)


def personal_fields(kind: ContentType) -> tuple[str, ...]:
    """Return the fields of a type that hold personal data."""
    return tuple(name for name, declared in kind.model.fields().items() if declared.personal)


def words_of_sender(kind: ContentType, item: Item) -> dict[str, str]:
    """Return what an item keeps of its sender: name, telephone, mail and address."""
    found: dict[str, str] = {}
    for name in personal_fields(kind):
        declared, value = kind.model.fields()[name], getattr(item, name)
        if not isinstance(value, str) or not value or not isinstance(declared.kind, Line):
            continue
        if isinstance(declared.kind, Email) or "@" in value:
            why = redaction.EMAIL
        elif sum(sign.isdigit() for sign in value) * 2 > len(value.replace(" ", "")):
            why = redaction.PHONE
        else:
            why = redaction.ADDRESS if redaction.NAME in found else redaction.NAME
        found.setdefault(why, value)
    return found


def holds_sender(kind: ContentType, item: Item) -> bool:
    """Say whether an item still holds anything of its sender that can be forgotten."""
    unread = () if item.state == PUBLISHED else kind.sent_words
    return any(getattr(item, name) for name in (*personal_fields(kind), *unread))


def forget_sender(
    context: ActionContext, item: Item, known: Iterable[str] = (), *, why: str = "retention"
) -> None:
    """Take out of an item, and of every version of it, who sent it.

    The fields with personal data become empty; where the remaining text names the sender, or has
    one of the words ``known`` of that person, these are blacked out. With ``why`` other than
    `retention` a text that is not public is emptied as a whole.

    :raises PermissionDenied: the actor may not delete here.
    :raises Refused: visitors do not send such entries.
    """
    kind = context.type_of(item)
    if not kind.receivable:
        raise Refused([Problem("", _("Visitors do not send such entries."))])
    if not context.actor.is_system:
        context.actor.demand(kind.permission("delete"), item.unit_id)
    words = [*words_of_sender(kind, item).values(), *known]
    blank = set(personal_fields(kind))
    if why != "retention" and item.state != PUBLISHED:
        blank |= {n for n in (*_TEXTS, *kind.sent_words) if n in kind.model.fields()}
    versions = _versions(context, item)
    for version in versions:
        words += [str(v) for n, v in version.values.items() if n in blank and _is_short(v)]
    _rewrite(context, item, versions, blank=blank, words=[w for w in words if w], private=True)
    context.session.execute(
        delete(OpenForm).where(OpenForm.item_id == item.id).execution_options(**_BULK)
    )
    for link in context.session.scalars(select(PreviewLink).where(PreviewLink.item_id == item.id)):
        link.label = ""
    for forget in _forgets:
        forget(context.session, item.id)
    _finish(context, item, "forget", why=why, versions=len(versions))


def redact(context: ActionContext, item: Item, words: Iterable[str]) -> int:
    """Black out words in what visitors read of an item and its versions; return how many places.

    What only the desk sees stays as it is.

    :raises PermissionDenied: the actor may not edit here.
    :raises Refused: no words were given, or they stand nowhere.
    """
    kind = context.type_of(item)
    context.actor.demand(kind.permission("edit"), item.unit_id)
    wanted = [text.nfc(each).strip() for each in words]
    wanted = [each for each in wanted if each][: redaction.MOST]
    if not wanted:
        raise Refused([Problem("", _("Choose or type what is to be blacked out."))])
    unfit = (e for e in wanted if not redaction.SHORTEST <= len(e) <= redaction.LONGEST)
    if said := next(unfit, ""):
        shown = text.excerpt(said, 60)
        message = _("“%(words)s” is too short or too long to be found.", words=shown)
        raise Refused([Problem("", message)])
    versions = _versions(context, item)
    found = _rewrite(context, item, versions, blank=set(), words=wanted, private=False)
    if not found:
        message = _("These words stand nowhere in the texts. Check how they are written.")
        raise Refused([Problem("", message)])
    for form in context.session.scalars(select(OpenForm).where(OpenForm.item_id == item.id)):
        form.typed, typed_found = redaction.blacked_value(form.typed, wanted)
        form.title, _found = redaction.blacked(form.title, wanted)
        found += typed_found
    _finish(context, item, "redact", places=found, versions=len(versions))
    return found


#: Rows that are deleted are not in the session.
_BULK: dict[str, Any] = {"synchronize_session": False}


def _versions(context: ActionContext, item: Item) -> list[ItemVersion]:
    chosen = select(ItemVersion).where(ItemVersion.item_id == item.id).order_by(ItemVersion.id)
    return list(context.session.scalars(chosen))


def _is_short(value: Any) -> bool:
    return isinstance(value, str) and redaction.SHORTEST < len(value) <= 120


def _rewrite(
    context: ActionContext,
    item: Item,
    versions: Iterable[ItemVersion],
    *,
    blank: set[str],
    words: list[str],
    private: bool,
) -> int:
    """Empty fields and black out words in an item and its versions; return how many places."""
    kind = context.type_of(item)
    declared = kind.model.fields()
    wordy = {
        name
        for name, field in declared.items()
        if name not in blank and isinstance(field.kind, _WORDY) and (private or not field.private)
    }
    count = 0
    with context.session.no_autoflush:
        for name in blank:
            setattr(item, name, declared[name].kind.empty)
        for name in wordy:
            said, found = redaction.blacked(getattr(item, name) or "", words)
            if found:
                setattr(item, name, said)
                count += found
        for version in versions:
            values, found = _cleaned(version.values, blank, wordy, words)
            version.note, noted = redaction.blacked(version.note, words)
            version.values = values
            count += found + noted
        item.slug = text.slug(item.title or "")
        item.updated_at = context.now()
        flag_modified(item, "updated_at")
    return count


def _cleaned(
    values: Mapping[str, Any], blank: set[str], wordy: set[str], words: list[str]
) -> tuple[dict[str, Any], int]:
    cleaned, count = dict(values), 0
    for name, value in values.items():
        if name in blank:
            cleaned[name] = _nothing(value)
        elif name in wordy:
            cleaned[name], found = redaction.blacked_value(value, words)
            count += found
    return cleaned, count


def _nothing(value: Any) -> Any:
    """Return what stands in the place of a value: nothing, of the same kind."""
    return "" if isinstance(value, str) else [] if isinstance(value, list) else None


def _finish(context: ActionContext, item: Item, action: str, **told: Any) -> None:
    flush(context)
    index_text(context, item)
    if item.draft_id is not None:
        waiting = context.session.get(ItemVersion, item.draft_id)
        index_waiting(context, item, dict(waiting.values) if waiting else None)
    record(context, item, action, event_of(item, item.state), **told)
