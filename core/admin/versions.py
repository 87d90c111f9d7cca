"""Versions of an item: the list, any two side by side, and taking an old one up again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select

from hoitu.core.access import requires
from hoitu.core.admin import work
from hoitu.core.admin.blueprint import blueprint
from hoitu.core.admin.comparison import comparisons
from hoitu.core.admin.flashes import PROBLEM
from hoitu.core.admin.item_page import VERSION, loaded, values_at_work
from hoitu.core.admin.steps import CHANGED, LOOK_AGAIN, sent_version
from hoitu.core.content import Conflict, ContentType, Item, ItemVersion, Refused, actions
from hoitu.core.content.item import PUBLISHED
from hoitu.core.content.workflow import RESTING
from hoitu.core.extensions import session

SIZE = 50
#: Parameter: only versions before this one.
BEFORE = "truoc"
#: Parameters of the comparison, and what they may name besides the id of a version.
LEFT, RIGHT = "trai", "phai"
AT_WORK, PUBLIC = "hien-tai", "cong-khai"


@dataclass(frozen=True, slots=True)
class Line:
    """A version in the list, with the labels of the fields that changed since the one before."""

    version: ItemVersion
    changed: Sequence[str]
    first: bool


@dataclass(frozen=True, slots=True)
class Side:
    """One of two texts to be compared; ``version`` is None for what is no version of its own."""

    name: str
    title: str
    values: dict[str, Any]
    version: ItemVersion | None = None


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
    lines = _lines(kind, found)[:SIZE]
    return render_template(
        "desk/versions.html",
        kind=kind,
        item=item,
        lines=lines,
        older=_older(kind, item, found),
        LEFT=LEFT,
        RIGHT=RIGHT,
        AT_WORK=AT_WORK,
        PUBLIC=PUBLIC if item.state == PUBLISHED else "",
    )


@blueprint.get(f"/<type_name>/<{work.ID}:item_id>/phien-ban/so-sanh")
@requires("core.desk")
def compare(type_name: str, item_id: int) -> ResponseReturnValue:
    """Show two versions side by side; what is worked on and what is public can be one of them."""
    kind = work.kind_named(type_name)
    item = work.item_of(kind, item_id)
    named = [request.args.get(LEFT, ""), request.args.get(RIGHT, "")]
    if "" in named:
        flash(_("Choose two versions to compare."), PROBLEM)
        return redirect(url_for("desk.versions", type_name=kind.name, item_id=item.id))
    left, right = (_side(kind, item, name) for name in named)
    return _shown(kind, item, left, right)


@blueprint.get(f"/<type_name>/<{work.ID}:item_id>/phien-ban/<{work.ID}:version_id>")
@requires("core.desk")
def version(type_name: str, item_id: int, version_id: int) -> ResponseReturnValue:
    """Show a version beside what is worked on now."""
    kind = work.kind_named(type_name)
    item = work.item_of(kind, item_id)
    return _shown(kind, item, _side(kind, item, str(version_id)), _side(kind, item, AT_WORK))


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
        flash(_restored(item, found.number))
    except Refused as refused:
        session().rollback()
        reasons = "; ".join(map(str, refused.problems))
        flash(_("The version cannot be restored: %(reasons)s", reasons=reasons), PROBLEM)
    except Conflict:
        session().rollback()
        flash(f"{CHANGED} {LOOK_AGAIN}", PROBLEM)
    return redirect(_path(kind, item), 303)


def _restored(item: Item, number: int) -> str:
    """Return what is told after a version was restored."""
    if item.draft_state:
        told = _(
            "Version %(n)d is restored as a new version behind the public text, which stays as it "
            "is until the new version is approved and published.",
            n=number,
        )
    else:
        told = _("Version %(n)d is restored as the newest version.", n=number)
    return str(told)


def _shown(kind: ContentType, item: Item, left: Side, right: Side) -> ResponseReturnValue:
    compared = comparisons(kind, left.values, right.values)
    editable = work.may(kind, "edit") and item.state not in RESTING
    return render_template(
        "desk/compare.html",
        kind=kind,
        item=item,
        left=left,
        right=right,
        differences=[field for field in compared if field.differs],
        alike=[field for field in compared if not field.differs],
        restorable=[side.version for side in (left, right) if side.version and editable],
        VERSION=VERSION,
        LEFT=LEFT,
        RIGHT=RIGHT,
    )


def _side(kind: ContentType, item: Item, name: str) -> Side:
    """Return what a parameter names: a version of the item, or one of its present texts."""
    if name == AT_WORK:
        return Side(name, _("Present text"), values_at_work(kind, item))
    if name == PUBLIC and item.state == PUBLISHED:
        return Side(name, _("Public text"), loaded(kind, actions.values_of(kind, item)))
    if not (name.isascii() and name.isdigit() and len(name) < 19):
        abort(404)
    found = _version_of(item, int(name))
    title = _("Version %(n)d", n=found.number)
    return Side(name, title, loaded(kind, found.values), found)


def _lines(kind: ContentType, found: Sequence[ItemVersion]) -> list[Line]:
    lines = []
    for number, one in enumerate(found):
        before = found[number + 1].values if number + 1 < len(found) else None
        changed = [
            str(declared.label)
            for name, declared in kind.fields.items()
            if before is not None and one.values.get(name) != before.get(name)
        ]
        lines.append(Line(one, changed, before is None))
    return lines


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
