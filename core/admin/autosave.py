"""What is typed is kept while it is typed, and whoever opens the same item is seen by the others.

Nothing here touches an item. A page says hello when it opens its form, sends what was typed every
few seconds, and a sign of life when nothing was; the answers tell who else is there, whether
somebody saved a newer version, and what the accessibility checks find.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import abort, flash, jsonify, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from werkzeug.datastructures import MultiDict

from hoitu.core.access import requires
from hoitu.core.admin import work
from hoitu.core.admin.blueprint import blueprint
from hoitu.core.admin.checks import text_findings
from hoitu.core.admin.item_page import (
    ITEM,
    KEY,
    NOTE,
    VERSION,
    ItemPage,
    form_for,
    open_page,
    others_told,
    time_of,
    values_at_work,
)
from hoitu.core.content import Conflict, ContentType, Item, OpenForm, actions, open_forms
from hoitu.core.content.workflow import RESTING
from hoitu.core.extensions import session
from hoitu.core.forms import ContentForm
from hoitu.core.web import now
from hoitu.core.web.access import current_actor

#: Parts of a page's messages: how many it has sent, and that it is being closed.
SEQUENCE, LEAVING = "form-sequence", "form-leaving"
#: Where the messages go.
ENDPOINTS = frozenset({"desk.presence", "desk.autosave"})
_LARGEST = 2**31 - 1
_ELSEWHERE = lazy_gettext(
    "This form was opened again in another window. Go on writing there; what you type here is no "
    "longer kept."
)
TOO_LONG = lazy_gettext(
    "This text cannot be kept before it is saved: it is too long, or you have too many "
    "unsaved texts. Save it soon."
)
#: What is answered when a message cannot be followed.
_REFUSALS: dict[type[Exception], tuple[int, Any]] = {
    open_forms.Overtaken: (409, _ELSEWHERE),
    Conflict: (409, _ELSEWHERE),
    open_forms.Gone: (
        410,
        lazy_gettext(
            "This text was saved or thrown away in another window. What you type here is no "
            "longer kept."
        ),
    ),
    open_forms.Full: (413, TOO_LONG),
}


@dataclass(frozen=True, slots=True)
class _Subject:
    """What a message is about; ``item`` is None for a new one."""

    kind: ContentType
    item: Item | None
    key: str
    version: int | None


@blueprint.post("/<type_name>/dang-mo")
@requires("core.desk")
def presence(type_name: str) -> ResponseReturnValue:
    """Note that a page has a form open, still or no longer; say who else has."""
    subject, account_id = _subject(type_name), _account_id()
    sequence = request.form.get(SEQUENCE, "")
    if not sequence:
        return _told(subject, lambda: {"sequence": open_forms.hello(session(), _form(subject))})
    if LEAVING in request.form:
        open_forms.leave(session(), subject.key, account_id, _number(sequence))
        session().commit()
        return "", 204

    def still_open() -> dict[str, Any]:
        open_forms.keep(session(), subject.key, account_id, _number(sequence), now())
        return {}

    return _told(subject, still_open)


@blueprint.post("/<type_name>/tu-luu")
@requires("core.desk")
def autosave(type_name: str) -> ResponseReturnValue:
    """Keep what was typed and is not saved yet, for whoever typed it."""
    subject = _subject(type_name)
    typed = _typed(subject.kind)

    def keep() -> dict[str, Any]:
        stored = {} if subject.item is None else values_at_work(subject.kind, subject.item)
        form = form_for(subject.kind, stored, MultiDict(typed))
        open_forms.keep(
            session(),
            subject.key,
            _account_id(),
            _number(request.form.get(SEQUENCE, "")),
            now(),
            typed=typed,
            title=_title(subject, form),
            version=subject.version,
        )
        findings = render_template("desk/_findings.html", findings=text_findings(form))
        told = _("Kept at %(at)s. It is not saved yet.", at=time_of(now()))
        return {"kept": told, "findings": findings}

    return _told(subject, keep)


@blueprint.post("/<type_name>/bo-go-do")
@requires("core.desk")
def throw_away(type_name: str) -> ResponseReturnValue:
    """Forget what was typed and not saved; the saved text is shown again."""
    subject = _subject(type_name)
    open_forms.forget(session(), subject.key, _account_id())
    session().commit()
    flash(_("What you had typed and not saved was thrown away."))
    return redirect(ItemPage(subject.kind, subject.item, form_for(subject.kind, {})).path, 303)


def page_of_new(kind: ContentType, key: str) -> ItemPage:
    """Return the page of a new item: with the account's unsaved text, if there is any.

    ``key`` names the text, or begins an empty form; '' stands for the newest text.
    """
    account_id = _account_id()
    if open_forms.is_key(key):
        left = open_forms.of_key(session(), account_id, key)
        if left is not None and (left.type, left.item_id) != (kind.name, None):
            abort(404)
    else:
        key, left = "", open_forms.unsaved(session(), account_id, kind.name, None)
    page = ItemPage(kind, None, form_for(kind, {}))
    if left is not None:
        _take_up(page, left)
    elif key:
        page.key = key
    return page


def page_of(kind: ContentType, item: Item) -> ItemPage:
    """Return the page of an item, with the account's unsaved text of it, if there is any."""
    if item.state in RESTING or not work.may(kind, "edit"):
        return open_page(kind, item)
    left = open_forms.unsaved(session(), _account_id(), kind.name, item.id)
    page = open_page(kind, item)
    if left is not None:
        _take_up(page, left)
    return page


def sent_key() -> str:
    """Return the key of the form that was sent, or a new one when it has none."""
    key = request.form.get(KEY, "")
    return key if open_forms.is_key(key) else open_forms.new_key()


def _take_up(page: ItemPage, left: OpenForm) -> None:
    """Put unsaved text into a form, as it was typed and for the version it was typed for."""
    typed = MultiDict((name, value) for name, value in left.typed or ())
    stored = {} if page.item is None else values_at_work(page.kind, page.item)
    page.form = form_for(page.kind, stored, typed)
    page.note = typed.get(NOTE, "")
    page.key, page.typed_at = left.key, left.typed_at
    if left.version is not None:
        page.seen_version = left.version


def _subject(type_name: str) -> _Subject:
    """Return what a message is about; it must be the account's to write."""
    kind = work.kind_named(type_name)
    sent = request.form.get(ITEM, "")
    item = work.item_of(kind, _number(sent, 2**63 - 1)) if sent else None
    if not work.may(kind, "create" if item is None else "edit"):
        abort(403)
    key = request.form.get(KEY, "")
    if not open_forms.is_key(key):
        abort(400)
    version = request.form.get(VERSION, "")
    return _Subject(kind, item, key, _number(version) if version else None)


def _form(subject: _Subject) -> OpenForm:
    actor = current_actor()
    return OpenForm(
        key=subject.key,
        type=subject.kind.name,
        item_id=subject.item.id if subject.item is not None else None,
        account_id=_account_id(),
        account_name=actor.name,
        version=subject.version,
        opened_at=now(),
        seen_at=now(),
    )


def _told(subject: _Subject, done: Callable[[], dict[str, Any]]) -> ResponseReturnValue:
    """Do what a message asks for and answer it; what was not possible is told in a sentence."""
    try:
        answer = done()
        session().commit()
    except tuple(_REFUSALS) as error:
        session().rollback()
        code, told = _REFUSALS[type(error)]
        return jsonify(told=str(told)), code
    return jsonify(**answer, **_surroundings(subject))


def _surroundings(subject: _Subject) -> dict[str, Any]:
    """Tell who else has the item open, and whether somebody saved it since."""
    item = subject.item
    if item is None:
        return {"others": [], "newer": ""}
    newer = ""
    if subject.version is not None and item.version != subject.version:
        newer = _(
            "%(who)s saved a newer version at %(at)s. Go on writing: when you save, both texts are "
            "shown side by side and you choose.",
            who=item.updated_by,
            at=time_of(item.updated_at),
        )
    return {"others": others_told(item), "newer": newer}


def _typed(kind: ContentType) -> list[tuple[str, str]]:
    """Return the (name, value) pairs of the form's fields; nothing else is kept."""
    # PostgreSQL stores no NUL, not even in JSON.
    return [
        (name, value.replace("\0", ""))
        for name, value in request.form.items(multi=True)
        if name == NOTE or name.partition("-")[0] in kind.fields
    ]


def _title(subject: _Subject, form: ContentForm) -> str:
    """Return by what an account recognises its unsaved text."""
    proposed = actions.proposal(work.context(), subject.kind, subject.item, form.values())
    return proposed.title or ""


def _account_id() -> int:
    account_id = current_actor().account_id
    assert account_id is not None  # whoever signs in has one
    return account_id


def _number(sent: str, largest: int = _LARGEST) -> int:
    """Return a number of a message; 400 when it is none."""
    if not (sent.isascii() and sent.isdigit() and len(sent) < 20) or int(sent) > largest:
        abort(400)
    return int(sent)
