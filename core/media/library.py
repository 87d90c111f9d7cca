"""The library of a unit: lists of its files, and what is done with one.

As with items, every change checks the right, does it and writes the audit entry in the caller's
transaction; the caller commits.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext
from sqlalchemy import ColumnElement, Select, and_, delete, func, or_, select
from sqlalchemy.orm import Session

from hoitu.core import text
from hoitu.core.access import audit
from hoitu.core.content import ActionContext, File, FileVariant, Problem, Refused
from hoitu.core.content.files import refold
from hoitu.core.media import rights, usage

#: What a list may be narrowed to.
PICTURES, DOCUMENTS, UNDESCRIBED, UNUSED = "anh", "tai-lieu", "chua-mo-ta", "chua-dung"
KINDS = {
    PICTURES: lazy_gettext("Pictures"),
    DOCUMENTS: lazy_gettext("Documents"),
    UNDESCRIBED: lazy_gettext("Without a description"),
    UNUSED: lazy_gettext("Not used"),
}
#: What is told of a file, by the names of its columns.
TOLD = ("alt", "decorative", "source", "rights")
_IS_PICTURE = File.media_type.startswith("image/")


@dataclass(frozen=True, slots=True)
class Files:
    """One page of a list of files, the newest first, and the ids at which its neighbours begin."""

    files: Sequence[File]
    #: The next page has what is below this id; None on the last.
    older: int | None = None
    #: The page before has what is above this id; None on the first.
    newer: int | None = None


@dataclass(frozen=True, slots=True)
class Description:
    """What is told of a file."""

    alt: str = ""
    decorative: bool = False
    source: str = ""
    rights: str = ""

    def onto(self, seen: Description, stored: Description) -> Description:
        """Return what is stored, with what was changed here against what was seen."""
        told = self.tidy()
        return Description(
            **{
                name: getattr(stored if getattr(told, name) == getattr(seen, name) else told, name)
                for name in TOLD
            }
        )

    def tidy(self) -> Description:
        """Return it as it is stored: each text one line."""
        return Description(
            alt=text.one_line(self.alt),
            decorative=self.decorative,
            source=text.one_line(self.source),
            rights=text.one_line(self.rights),
        )


def narrowed(
    kind: str,
    words: str,
    files: Select[Any] | None = None,
    *,
    unused: ColumnElement[bool] | None = None,
) -> Select[Any]:
    """Return a select of the files in scope, of one kind, whose name or description has words.

    ``files`` is what to choose from, by default every file; ``unused`` the condition that nothing
    uses one, which the kind ``UNUSED`` needs.
    """
    chosen = select(File) if files is None else files
    if kind in (PICTURES, UNDESCRIBED):
        chosen = chosen.where(_IS_PICTURE)
    if kind == UNDESCRIBED:
        chosen = chosen.where(File.alt == "", File.decorative.is_(False))
    elif kind == DOCUMENTS:
        chosen = chosen.where(~_IS_PICTURE)
    elif kind == UNUSED and unused is not None:
        chosen = chosen.where(unused)
    if folded := text.fold(words).split():
        found = [File.folded.contains(part, autoescape=True) for part in folded[:8]]
        # What was uploaded before there was a folded name is found as it is written.
        chosen = chosen.where(or_(and_(*found), File.name.icontains(words, autoescape=True)))
    return chosen


def page(
    session: Session,
    chosen: Select[Any],
    *,
    before: int | None = None,
    after: int | None = None,
    size: int,
) -> Files:
    """Return one page of a list, by key: page 500 costs what page 1 costs.

    It has what is below the id ``before``, or just above the id ``after``.
    """
    if before is not None:
        chosen = chosen.where(File.id < before)
    elif after is not None:
        chosen = chosen.where(File.id > after)
    backwards = before is None and after is not None
    order = File.id.asc() if backwards else File.id.desc()
    rows = list(session.scalars(chosen.order_by(order).limit(size + 1)))
    more, rows = len(rows) > size, rows[:size]
    if not rows:
        return Files(())
    if backwards:
        rows.reverse()
    return Files(
        rows,
        older=rows[-1].id if more or backwards else None,
        newer=rows[0].id if (more and backwards) or before is not None else None,
    )


def thumbnails(session: Session, files: Sequence[File]) -> dict[int, tuple[int, str]]:
    """Return (width, format) of the smallest copy of each picture that has one: one statement."""
    ids = [file.id for file in files if file.width is not None]
    if not ids:
        return {}
    smallest = (
        select(FileVariant.file_id, func.min(FileVariant.width).label("width"))
        .where(FileVariant.file_id.in_(ids), FileVariant.format == "webp")
        .group_by(FileVariant.file_id)
    )
    return {row.file_id: (row.width, "webp") for row in session.execute(smallest)}


def describe(
    context: ActionContext, file: File, told: Description, seen: Description | None = None
) -> bool:
    """Store what is told of a file; say whether anything changed.

    ``seen`` is what was told of it when somebody began to write, if that may be a while ago.

    :raises PermissionDenied: the actor may not edit anything in this unit.
    :raises Refused: a text is too long, a picture is both described and decorative, or somebody
        else changed the same since it was seen.
    """
    rights.demand(rights.may_use(context), context)
    told = told.tidy()
    problems = [] if seen is None else _overtaken(file, told, seen)
    problems += [
        Problem(name, _("At most %(limit)d characters.", limit=limit))
        for name, limit in (("alt", 300), ("source", 200), ("rights", 200))
        if len(getattr(told, name)) > limit
    ]
    if told.alt and told.decorative:
        message = _("A decorative picture has no description. Remove one of the two.")
        problems.append(Problem("alt", message))
    if problems:
        raise Refused(problems)
    changed = {
        name: getattr(told, name) for name in TOLD if getattr(file, name) != getattr(told, name)
    }
    for name, value in changed.items():
        setattr(file, name, value)
    if changed:
        refold(file)
        record(context, file, "describe", changed)
    return bool(changed)


def _overtaken(file: File, told: Description, seen: Description) -> list[Problem]:
    """Return what somebody else changed since it was seen, to something else than told."""
    return [
        Problem(
            name,
            _(
                "Somebody else changed this meanwhile; it says now: “%(text)s”. What you wrote is "
                "still here: save it to replace theirs.",
                text=getattr(file, name) or _("nothing"),
            ),
        )
        for name in ("alt", "source", "rights")
        if getattr(file, name) not in (getattr(seen, name), getattr(told, name))
    ]


def is_undescribed(file: File) -> bool:
    """Say whether a file is a picture that somebody has yet to describe."""
    return file.media_type.startswith("image/") and not (file.alt or file.decorative)


def remove(context: ActionContext, file: File, held: Collection[int] = ()) -> None:
    """Delete a file that nothing uses. Its bytes stay in the store: another file may have them.

    ``held`` are the ids that something else than items and settings has use for.

    :raises PermissionDenied: the actor may not edit anything in this unit; or it is offered to
        others and the actor may not offer; or a setting names it and the actor does not decide it.
    :raises Refused: something uses it.
    """
    rights.demand(rights.may_use(context), context)
    rights.demand(not file.shared or rights.may_share(context), context)
    is_set = usage.is_set(context.session, context.unit.id, file.id)
    rights.demand(not is_set or rights.may_decide_look(context), context)
    if is_set or file.id in held or usage.is_used(context.session, file.id):
        message = _("The file is used. Take it out of everything below first.")
        raise Refused([Problem("", message)])
    record(context, file, "delete", {"sha256": file.sha256})
    context.session.execute(delete(FileVariant).where(FileVariant.file_id == file.id))
    context.session.delete(file)
    context.session.flush()


def record(context: ActionContext, file: File, action: str, detail: dict[str, Any]) -> None:
    """Write the audit entry of something done with a file."""
    context.session.flush()
    audit.record(
        context.session,
        context.actor,
        f"file.{action}",
        object_type="file",
        object_id=file.id,
        unit_id=context.unit.id,
        now=context.now(),
        detail={"name": file.name, **detail},
    )
