"""Versions of an item: the list, one of them beside the present text, and taking one up again."""

from __future__ import annotations

from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select

from hoitu.core.access import requires
from hoitu.core.admin import work
from hoitu.core.admin.blueprint import blueprint
from hoitu.core.admin.item_page import VERSION, Difference, values_at_work
from hoitu.core.admin.steps import CHANGED, LOOK_AGAIN, PROBLEM, sent_version
from hoitu.core.content import Conflict, ContentType, Item, ItemVersion, Refused, actions
from hoitu.core.content.workflow import RESTING
from hoitu.core.extensions import session
from hoitu.core.forms import shown

SIZE = 50
#: Parameter: only versions before this one.
BEFORE = "truoc"


@blueprint.get(f"/<type_name>/<{work.ID}:item_id>/phien-ban")
@requires("core.desk")
def versions(type_name: str, item_id: int) -> str:
    """List the versions of an item, newest first."""
    kind = work.kind_named(type_name)
    item = work.item_of(kind, item_id)
    chosen = select(ItemVersion).where(ItemVersion.item_id == item.id)
    before = request.args.get(BEFORE, "")
    if before.isascii() and before.isdigit() and len(before) < 19:
        chosen = chosen.where(ItemVersion.id < int(before))
    found = list(session().scalars(chosen.order_by(ItemVersion.id.desc()).limit(SIZE + 1)))
    return render_template(
        "desk/versions.html",
        kind=kind,
        item=item,
        versions=found[:SIZE],
        older=_older(kind, item, found),
    )


@blueprint.get(f"/<type_name>/<{work.ID}:item_id>/phien-ban/<{work.ID}:version_id>")
@requires("core.desk")
def version(type_name: str, item_id: int, version_id: int) -> str:
    """Show a version beside what is worked on now."""
    kind = work.kind_named(type_name)
    item = work.item_of(kind, item_id)
    found = _version_of(item, version_id)
    now = values_at_work(kind, item)
    lines = []
    for name, declared in kind.fields.items():
        then = shown(declared, declared.kind.load(found.values.get(name)))
        lines.append(Difference(str(declared.label), shown(declared, now.get(name)), then))
    return render_template(
        "desk/version.html",
        kind=kind,
        item=item,
        version=found,
        lines=lines,
        VERSION=VERSION,
        restorable=work.may(kind, "edit") and item.state not in RESTING,
    )


@blueprint.post(f"/<type_name>/<{work.ID}:item_id>/phien-ban/<{work.ID}:version_id>")
@requires("core.desk")
def restore_version(type_name: str, item_id: int, version_id: int) -> ResponseReturnValue:
    """Make an old version the one that is worked on; publishing it is a step of its own."""
    kind = work.kind_named(type_name)
    item = work.item_of(kind, item_id)
    if item.state in RESTING or not work.may(kind, "edit"):
        abort(403)
    found, seen = _version_of(item, version_id), sent_version()
    try:
        actions.restore_version(work.context(), item, found, expected_version=seen)
        session().commit()
        flash(_("Version %(n)d is taken up again.", n=found.number))
    except Refused as refused:
        session().rollback()
        reasons = "; ".join(map(str, refused.problems))
        flash(_("The version can no longer be taken up: %(reasons)s", reasons=reasons), PROBLEM)
    except Conflict:
        session().rollback()
        flash(f"{CHANGED} {LOOK_AGAIN}", PROBLEM)
    return redirect(_path(kind, item), 303)


def _version_of(item: Item, version_id: int) -> ItemVersion:
    found = session().get(ItemVersion, version_id)
    if found is None or found.item_id != item.id:
        abort(404)
    return found


def _older(kind: ContentType, item: Item, found: list[ItemVersion]) -> str:
    if len(found) <= SIZE:
        return ""
    place: dict[str, Any] = {BEFORE: found[SIZE - 1].id}
    return url_for("desk.versions", type_name=kind.name, item_id=item.id, **place)


def _path(kind: ContentType, item: Item) -> str:
    return url_for("desk.edit", type_name=kind.name, item_id=item.id)
