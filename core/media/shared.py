"""The shared library of the province: files it offers to all units, read and never written there.

The functions here are the only way to files of another unit. They read what is offered and nothing
else, at the units that have no superior, in a session of their own that only reads; what they
return are plain values, which nobody can write back.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from hoitu.core.content import ActionContext, File, FileVariant, Problem, Refused
from hoitu.core.content.files import download_name, refold
from hoitu.core.extensions import Platform
from hoitu.core.media import library, rights, variants
from hoitu.core.units import Unit, UnitDirectory, unit_scope


@dataclass(frozen=True, slots=True)
class Offered:
    """A file that the province offers, without who put it there."""

    id: int
    unit_id: int
    sha256: str
    name: str
    media_type: str
    size: int
    uploaded_at: datetime
    alt: str
    decorative: bool
    source: str
    rights: str
    width: int | None
    height: int | None
    #: The name in its address.
    download: str

    @property
    def shared(self) -> bool:
        """As every file that is offered."""
        return True


@dataclass(frozen=True, slots=True)
class Page:
    """One page of what is offered, the newest first; as :class:`library.Files`."""

    files: tuple[Offered, ...]
    older: int | None = None
    newer: int | None = None


def is_provider(units: UnitDirectory, unit: Unit, day: date) -> bool:
    """Say whether a unit may offer files to all others: it has no superior, as the province."""
    return unit.has_site and unit.exists_on(day) and units.parent(unit, day) is None


def page(
    parts: Platform,
    day: date,
    kind: str,
    words: str,
    *,
    before: int | None = None,
    after: int | None = None,
    size: int,
) -> Page:
    """Return one page of what the province offers, of one kind, with words; see :mod:`library`."""
    with _reading(parts, day) as session:
        chosen = library.narrowed(kind, words, select(File).where(File.shared.is_(True)))
        found = library.page(session, chosen, before=before, after=after, size=size)
        return Page(tuple(_plain(file) for file in found.files), found.older, found.newer)


def offered(parts: Platform, day: date, file_id: int) -> Offered | None:
    """Return a file that the province offers; None when it does not."""
    with _reading(parts, day) as session:
        file = _found(session, file_id)
        return _plain(file) if file is not None else None


def small_copy(parts: Platform, day: date, file_id: int) -> tuple[str, str] | None:
    """Return bytes (by their SHA-256) and format of the smallest copy of an offered picture."""
    with _reading(parts, day) as session:
        file = _found(session, file_id)
        small = library.thumbnails(session, [file]).get(file_id) if file is not None else None
        copy = session.get(FileVariant, (file_id, *small)) if small else None
        return (copy.sha256, copy.format) if copy is not None else None


def offer(context: ActionContext, units: UnitDirectory, file: File, shared: bool) -> bool:
    """Offer a file to all units, or no longer; say whether that changed anything.

    Files that units took over before stay theirs.

    :raises PermissionDenied: the actor may not publish anything in this unit.
    :raises Refused: the unit has a superior.
    """
    rights.demand(rights.may_share(context), context)
    if shared and not is_provider(units, context.unit, context.clock.today()):
        raise Refused([Problem("", _("Only the province offers files to all units."))])
    if file.shared == shared:
        return False
    file.shared = shared
    library.record(context, file, "share" if shared else "unshare", {})
    return True


def take_over(context: ActionContext, parts: Platform, file_id: int) -> File | None:
    """Give the context's unit a file of the shared library, with its description; None if not so.

    Its bytes and those of its copies are there already; nothing is made again. Bytes the unit has
    stay the file they are.

    :raises PermissionDenied: the actor may not upload anything in this unit.
    """
    rights.demand(rights.may_use(context), context)
    session = context.session
    with _reading(parts, context.clock.today()) as reading:
        found = _found(reading, file_id)
        if found is None:
            return None
        origin = _plain(found)
        copies: tuple[Mapping[str, Any], ...] = variants.read(reading, file_id)
    if origin.unit_id == context.unit.id:
        return session.get(File, file_id)
    same = select(File).where(File.sha256 == origin.sha256).order_by(File.id)
    known = session.scalar(same.limit(1))
    if known is not None:
        return known
    row = File(
        **{name: getattr(origin, name) for name in _COPIED},
        uploaded_at=context.now(),
        uploaded_by=context.actor.name,
        unit_id=context.unit.id,
        origin_id=origin.id,
    )
    refold(row)
    variants.add_known(session, row, copies)
    library.record(context, row, "take", {"origin": origin.id})
    return row


_COPIED = (
    "sha256", "name", "media_type", "size", "alt", "decorative", "source", "rights", "width",
    "height",
)  # fmt: skip


@contextmanager
def _reading(parts: Platform, day: date) -> Iterator[Session]:
    """Open a session that reads at the units at the top, and nowhere else."""
    top = [unit.id for unit in parts.units.all() if is_provider(parts.units, unit, day)]
    with unit_scope(*top), parts.open_session(False) as session:
        yield session


def _found(session: Session, file_id: int) -> File | None:
    return session.scalar(select(File).where(File.shared.is_(True), File.id == file_id))


def _plain(file: File) -> Offered:
    names = (*_COPIED, "id", "unit_id", "uploaded_at")
    values = {name: getattr(file, name) for name in names}
    return Offered(**values, download=download_name(file))
