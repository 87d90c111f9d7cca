"""The text of documents, so that search finds what only an attachment says.

Whatever adds a document to a library queues its reading in the same transaction. It is read by
:mod:`hoitu.core.media.extractor` in a process of its own, with little memory and time: a document
that breaks the program that reads it breaks nothing else. Then the public items that have it are
fed to search again.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any, Final

from sqlalchemy import Connection, delete, event, insert, select
from sqlalchemy.orm import Mapper, Session

from hoitu.core import text
from hoitu.core.content import File, Item, ItemFile, queries
from hoitu.core.content.file_texts import (
    DONE,
    FAILED,
    LOCKED,
    OLD_FONT,
    SCAN,
    TOO_LARGE,
    FileText,
)
from hoitu.core.content.files import ALLOWED, FileStore
from hoitu.core.extensions import platform
from hoitu.core.jobs import Job
from hoitu.core.jobs.indexing import feed_later
from hoitu.core.jobs.queue import JobContext, JobRow
from hoitu.core.media import extractor
from hoitu.core.units import all_units

JOB: Final = "media_texts"
#: What can be read, by media type.
EXTENSIONS: Final = {ALLOWED[extension]: extension for extension in extractor.READERS}
#: Most bytes of a document that is read.
BYTES: Final = 100 << 20
#: Seconds, after which the reading is ended; its processor time is limited apart from that.
PATIENCE: Final = 90
_CHUNK = 1 << 20
_STATES = {extractor.DONE: DONE, extractor.SCAN: SCAN, extractor.LOCKED: LOCKED}

#: Signs that TCVN3 fonts draw as Vietnamese letters. Hardly one stands within a word elsewhere.
_OF_OLD_FONTS = re.compile(
    r"[\u00a1-\u00aa\u00ac-\u00ae\u00b5-\u00b9\u00bc-\u00be\u00c6\u00d7-\u00d8]"
)
#: Letters with breve, horn or stroke, and all with two marks, as Unicode has them.
_LETTERS_OF_TODAY = re.compile(r"[\u0111\u0110\u0103\u0102\u01a1\u01a0\u01b0\u01af\u1ea0-\u1ef9]")
_LETTER = re.compile(r"[^\W\d_]")


@event.listens_for(File, "after_insert")
def _queue(_mapper: Mapper[Any], connection: Connection, file: File) -> None:
    """Queue the reading of a document that was just added, by whatever way."""
    if file.media_type in EXTENSIONS:
        payload = {"sha256": file.sha256, "media_type": file.media_type}
        values = {"name": f"core.{JOB}", "payload": payload, "run_at": file.uploaded_at}
        connection.execute(insert(JobRow).values(**values))


@dataclass(frozen=True, slots=True)
class Reading:
    """What came of reading a document; the text is '' unless the state is `done`."""

    state: str
    text: str = ""


def read(files: FileStore, sha256: str, media_type: str) -> Reading:
    """Return the text of a stored document in NFC, or why there is none; never raises for it.

    It takes seconds: call it outside any transaction that writes.
    """
    with TemporaryFile() as document, TemporaryFile() as told:
        try:
            with files.open(sha256) as source:
                if not _copy(source, document):
                    return Reading(TOO_LARGE)
        except FileNotFoundError:
            return Reading(FAILED)
        code = _extract(EXTENSIONS[media_type], document, told)
        state = _STATES.get(code, FAILED)
        if state != DONE:
            return Reading(state)
        told.seek(0)
        return judged(text.nfc(told.read().decode("utf-8", "replace")))


def judged(found: str) -> Reading:
    """Return the reading of a text: done, unless there are no letters or only those of old fonts.

    A text set in a TCVN3 font looks right on paper; what it holds are other letters, by which
    nobody would find it.
    """
    if not _LETTER.search(found):
        return Reading(SCAN)
    old, now = len(_OF_OLD_FONTS.findall(found)), len(_LETTERS_OF_TODAY.findall(found))
    if old > 3 * now and old * 25 > len(_LETTER.findall(found)):
        return Reading(OLD_FONT)
    return Reading(DONE, found)


def store(session: Session, sha256: str, reading: Reading, now: datetime) -> None:
    """Keep what was read, and queue the update of search for who has it; the caller commits."""
    session.merge(FileText(sha256=sha256, state=reading.state, text=reading.text, read_at=now))
    session.flush()
    if reading.text:
        with all_units("public items that have a document"):
            feed_later(session, _having(session, sha256, now), now)


def lacking(session: Session, *, again: bool = False) -> Iterator[tuple[str, str]]:
    """Yield (SHA-256, media type) of the documents in scope that were never read.

    With ``again`` also those of which nothing could be read.
    """
    read_before = select(FileText.sha256).where(FileText.sha256 == File.sha256)
    if again:
        read_before = read_before.where(FileText.state != FAILED)
    wanted = (
        select(File.sha256, File.media_type)
        .where(File.media_type.in_(sorted(EXTENSIONS)), ~read_before.exists())
        .group_by(File.sha256, File.media_type)
        .order_by(File.sha256)
    )
    for row in session.execute(wanted):
        yield row.sha256, row.media_type


def run(context: JobContext) -> None:
    """Read one document. The job's own session writes only at the end."""
    sha256, media_type = context.payload["sha256"], context.payload["media_type"]
    with platform.open_session(False) as session:
        known = session.get(FileText, sha256) is not None
    if not known:
        reading = read(platform.files, sha256, media_type)
        store(context.session, sha256, reading, context.clock.now())


def forget(context: JobContext) -> None:
    """Delete the texts of documents that no library has any more."""
    with all_units("texts that no file has"):
        has = select(File.id).where(File.sha256 == FileText.sha256)
        context.session.execute(
            delete(FileText).where(~has.exists()).execution_options(synchronize_session=False)
        )


def _having(session: Session, sha256: str, now: datetime) -> dict[str, set[int]]:
    """Return the public items in scope to which a document is attached, by type."""
    chosen = (
        select(Item.type, Item.id)
        .join(ItemFile, ItemFile.item_id == Item.id)
        .join(File, File.id == ItemFile.file_id)
        .where(File.sha256 == sha256, queries.is_public(now))
    )
    found: dict[str, set[int]] = defaultdict(set)
    for row in session.execute(chosen):
        found[row.type].add(row.id)
    return found


def _copy(source: IO[bytes], target: IO[bytes]) -> bool:
    """Copy a document; False when it is larger than what is read."""
    copied = 0
    while chunk := source.read(_CHUNK):
        copied += len(chunk)
        if copied > BYTES:
            return False
        target.write(chunk)
    target.flush()
    target.seek(0)
    return True


def _extract(extension: str, document: IO[bytes], told: IO[bytes]) -> int:
    """Run the program that reads and return its exit code; it learns nothing of this process."""
    command = [sys.executable, "-I", str(Path(extractor.__file__)), extension]
    try:
        done = subprocess.run(  # noqa: S603 (a program of ours, and an extension we know)
            command,
            stdin=document,
            stdout=told,
            stderr=subprocess.DEVNULL,
            env={},
            cwd="/",
            timeout=PATIENCE,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return -1
    return done.returncode


JOBS = (Job(JOB, run, patient=True), Job("media_texts_tidy", forget, every=timedelta(days=1)))
