"""Blacking out words in what is published of a received item; works without a script."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext, ngettext
from sqlalchemy import select

from hoitu.core.access import requires
from hoitu.core.admin import work
from hoitu.core.admin.blueprint import blueprint
from hoitu.core.admin.flashes import PROBLEM
from hoitu.core.admin.item_page import VERSION
from hoitu.core.admin.steps import CHANGED, LOOK_AGAIN, sent_version
from hoitu.core.content import Conflict, ContentType, Item, ItemVersion, Refused, actions, redaction
from hoitu.core.content.redaction import Candidate
from hoitu.core.extensions import session
from hoitu.core.privacy import traces
from hoitu.core.web import now

#: Names in the form: what was ticked, and further words, one line each.
TICKED, TYPED = "tu-ngu", "tu-khac"
#: Why words were found.
WHY: Final[dict[str, Any]] = {
    redaction.NAME: lazy_gettext("Name of the sender"),
    redaction.PHONE: lazy_gettext("Telephone number"),
    redaction.EMAIL: lazy_gettext("E-mail address"),
    redaction.ADDRESS: lazy_gettext("Address of the sender"),
    redaction.IDENTITY: lazy_gettext("Number of identity"),
}
#: What visitors read of an item.
_READ: Final = ("title", "summary", "body")


@blueprint.get(f"/<type_name>/<{work.ID}:item_id>/bo-ten")
@requires("core.desk")
def redaction_page(type_name: str, item_id: int) -> ResponseReturnValue:
    """Show what of a received item may tell who somebody is, to be ticked."""
    kind, item = _found(type_name, item_id)
    return _page(kind, item)


@blueprint.post(f"/<type_name>/<{work.ID}:item_id>/bo-ten")
@requires("core.desk")
def redact(type_name: str, item_id: int) -> ResponseReturnValue:
    """Black out what was ticked or typed, in the public text and in every version."""
    kind, item = _found(type_name, item_id)
    typed = request.form.get(TYPED, "")
    ticked = request.form.getlist(TICKED)[: redaction.MOST]
    try:
        if item.version != sent_version():
            raise Conflict(f"item {item.id} is at version {item.version}")
        places = actions.redact(work.context(), item, [*ticked, *typed.splitlines()])
        traces.clear_later(session(), now())
        session().commit()
    except Refused as refused:
        session().rollback()
        return _page(kind, item, ticked, typed, refused)
    except Conflict:
        session().rollback()
        flash(f"{CHANGED} {LOOK_AGAIN}", PROBLEM)
        return redirect(_path(kind, item), 303)
    done = ngettext(
        "Blacked out in %(num)d place, older versions included.",
        "Blacked out in %(num)d places, older versions included.",
        places,
    )
    flash(done)
    return redirect(url_for("desk.edit", type_name=kind.name, item_id=item.id), 303)


def _found(type_name: str, item_id: int) -> tuple[ContentType, Item]:
    kind = work.kind_named(type_name)
    item = work.item_of(kind, item_id)
    if not kind.receivable:
        abort(404)
    if not work.may(kind, "edit"):
        abort(403)
    return kind, item


def _page(
    kind: ContentType,
    item: Item,
    ticked: Sequence[str] = (),
    typed: str = "",
    refused: Refused | None = None,
) -> ResponseReturnValue:
    body = render_template(
        "desk/privacy/redact.html",
        kind=kind,
        item=item,
        candidates=candidates(kind, item),
        ticked=ticked,
        typed=typed,
        problems=[str(problem) for problem in refused.problems] if refused else [],
        texts=[(kind.fields[n].label, getattr(item, n)) for n in _READ if n in kind.fields],
        WHY=WHY,
        TICKED=TICKED,
        TYPED=TYPED,
        VERSION=VERSION,
        MARK=redaction.MARK,
    )
    return body, 422 if refused else 200


def candidates(kind: ContentType, item: Item) -> list[Candidate]:
    """Return what stands in the public text or in a version of it, and may tell who somebody is."""
    said = [str(getattr(item, name) or "") for name in _READ if name in kind.fields]
    kept = select(ItemVersion.values).where(ItemVersion.item_id == item.id)
    shown = [name for name in _READ if name in kind.fields]
    for values in session().scalars(kept.order_by(ItemVersion.id.desc()).limit(50)):
        said += [str(values.get(name) or "") for name in shown]
    # The same words in each version count once in what is shown: those that differ come in full.
    return redaction.candidates(dict.fromkeys(said), actions.words_of_sender(kind, item))


def _path(kind: ContentType, item: Item) -> str:
    return url_for("desk.redaction_page", type_name=kind.name, item_id=item.id)
