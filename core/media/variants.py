"""Copies of pictures in other sizes and formats: made by a job, or by command where they lack.

Whatever adds a picture to a library queues its job in the same transaction. Copies are made outside
any transaction that writes, since that may take seconds, and stored in one that is short.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Any, Final

from sqlalchemy import Connection, event, insert, inspect, select
from sqlalchemy.orm import Mapper, Session

from hoitu.core import imaging
from hoitu.core.content import File, FileVariant
from hoitu.core.content.files import FileStore
from hoitu.core.extensions import Platform, platform
from hoitu.core.jobs import Job
from hoitu.core.jobs.queue import JobContext, JobRow
from hoitu.core.units import unit_scope

#: Widths of copies, never larger than the picture.
WIDTHS: Final = (320, 640, 1024, 1600)
JOB: Final = "media_variants"
_SPARED: Final = "has copies"
#: The columns of a copy but for whose it is.
_COPIED: Final = ("width", "height", "format", "sha256", "size")


class NoPicture(Exception):
    """No copies can be made of a file; the text says why."""


@event.listens_for(File, "after_insert")
def _queue(_mapper: Mapper[Any], connection: Connection, file: File) -> None:
    """Queue the copies of a picture that was just added, by whatever way."""
    if file.width is None or inspect(file).info.get(_SPARED):
        return
    values = {"name": f"core.{JOB}", "payload": {"unit_id": file.unit_id, "file_id": file.id}}
    connection.execute(insert(JobRow).values(**values, run_at=file.uploaded_at))


@dataclass(frozen=True, slots=True)
class Made:
    """What was made of a picture: its size and the rows of its copies, yet to be stored."""

    size: imaging.Size | None = None
    copies: tuple[FileVariant, ...] = ()


def make(parts: Platform, unit_id: int, file_id: int) -> Made:
    """Make and keep the bytes of a picture's copies; nothing of a file that is gone.

    :raises NoPicture: its bytes are gone or are no picture.
    """
    with unit_scope(unit_id), parts.open_session(False) as session:
        file = session.get(File, file_id)
        if file is None or file.media_type not in imaging.FORMATS:
            return Made()
        sha256, media_type = file.sha256, file.media_type
    try:
        with parts.files.open(sha256) as source:
            size = imaging.size_of(source, media_type)
            copies = imaging.copies(source, media_type, WIDTHS)
            return Made(size, tuple(_kept(parts.files, unit_id, file_id, c) for c in copies))
    except (FileNotFoundError, imaging.ImageError) as error:
        raise NoPicture(str(error)) from error


def store(session: Session, file_id: int, made: Made) -> None:
    """Store the rows of copies in place of those there are; the caller commits."""
    file = session.get(File, file_id)
    if file is None or made.size is None:
        return
    # What was uploaded before there were copies has no size either.
    file.width, file.height = made.size.width, made.size.height
    for old in session.scalars(select(FileVariant).where(FileVariant.file_id == file_id)):
        session.delete(old)
    session.flush()
    session.add_all(made.copies)
    session.flush()


def read(session: Session, file_id: int) -> tuple[Mapping[str, Any], ...]:
    """Return what there is of a picture's copies, to be given to :func:`add_known`."""
    rows = session.scalars(select(FileVariant).where(FileVariant.file_id == file_id))
    return tuple({name: getattr(row, name) for name in _COPIED} for row in rows)


def add_known(session: Session, file: File, copies: Sequence[Mapping[str, Any]]) -> None:
    """Add a file whose bytes have copies already: none is made again. The caller commits."""
    if copies:
        inspect(file).info[_SPARED] = True
    session.add(file)
    session.flush()
    session.add_all(
        FileVariant(file_id=file.id, unit_id=file.unit_id, **values) for values in copies
    )


def run(context: JobContext) -> None:
    """Make the copies of one picture. The job's own session writes only at the end."""
    unit_id, file_id = context.payload["unit_id"], context.payload["file_id"]
    try:
        made = make(platform, unit_id, file_id)
    except NoPicture:
        # Nothing a second attempt could mend: the picture is shown as it is.
        return
    store(context.session, file_id, made)


def lacking(session: Session, files: FileStore) -> Iterator[tuple[int, int]]:
    """Yield (unit id, file id) of the pictures in scope that have no copy, in the order of ids.

    Those that move are left out: they have none ever. One whose bytes are gone is among them.
    """
    has = select(FileVariant.file_id).where(FileVariant.file_id == File.id)
    wanted = select(File.unit_id, File.id, File.sha256, File.media_type).where(
        File.media_type.in_(sorted(imaging.FORMATS)), ~has.exists()
    )
    for row in session.execute(wanted.order_by(File.id)):
        if not _is_animation(files, row.sha256, row.media_type):
            yield row.unit_id, row.id


def _is_animation(files: FileStore, sha256: str, media_type: str) -> bool:
    try:
        with files.open(sha256) as source:
            return imaging.is_animation(source, media_type)
    except FileNotFoundError:
        return False


def _kept(files: FileStore, unit_id: int, file_id: int, copy: imaging.Copy) -> FileVariant:
    sha256, size = files.put(BytesIO(copy.content))
    return FileVariant(
        file_id=file_id,
        unit_id=unit_id,
        width=copy.width,
        height=copy.height,
        format=copy.format,
        sha256=sha256,
        size=size,
    )


JOBS = (Job(JOB, run, patient=True),)
