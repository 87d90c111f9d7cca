"""The files that come with a table: one by one, a folder, or a zip file that holds one."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from tempfile import SpooledTemporaryFile
from typing import IO, Any

from hoitu.core import archives, text
from hoitu.core.content import ActionContext, File, Refused
from hoitu.core.content.files import FileStore, kept_name, upload

#: What a zip file of a folder may hold.
LIMITS = archives.Limits(members=2_000, unpacked=1 << 30, ratio=200)
_SPOOLED = 4 << 20
_UTF8_NAME = 0x800
#: Left behind in folders by operating systems.
_NOISE = ("__macosx", "thumbs.db", "desktop.ini", ".ds_store", ".")


def take(
    context: ActionContext, store: FileStore, name: str, source: IO[bytes]
) -> tuple[dict[str, int], list[str]]:
    """Store an upload, of a zip file what it holds; commit after each.

    Returns the ids of the stored files by name, and what is told of those that were refused.
    """
    stored: dict[str, int] = {}
    refused: list[str] = []
    try:
        for sent, content in _members(name, source):
            member = kept_name(sent)
            try:
                row: File = upload(context, store, member, content)
                context.session.commit()
                # Under the name it came with: the unit may have its bytes under another one.
                stored[_free(stored, member, row.id)] = row.id
            except Refused as error:
                context.session.rollback()
                refused += [str(problem) for problem in error.problems]
    except archives.ArchiveError as wrong:
        refused.append(f"{name}: {wrong}")
    return stored, refused


def merged(known: Mapping[str, int], more: Mapping[str, int]) -> dict[str, int]:
    """Return the uploads of a batch with more of them; other files of one name keep both."""
    found = dict(known)
    for name, file_id in more.items():
        found[_free(found, name, file_id)] = file_id
    return found


def _free(taken: Mapping[str, int], name: str, file_id: int) -> str:
    """Return a key for a file: its name, with folders made up where another has it."""
    key, number = name, 1
    while taken.get(key, file_id) != file_id:
        number += 1
        key = f"{number}/{name}"
    return key


def _members(name: str, source: IO[bytes]) -> Iterator[tuple[str, Any]]:
    name = PurePosixPath(text.nfc(name).replace("\\", "/")).name
    if not name.lower().endswith(".zip"):
        yield name, source
        return
    archives.check(source, LIMITS)
    with zipfile.ZipFile(source) as archive:
        for member in archive.infolist():
            path = PurePosixPath(text.nfc(_decoded(member)).replace("\\", "/"))
            if member.is_dir() or any(p.lower().startswith(_NOISE) for p in path.parts):
                continue
            with archive.open(member) as packed, SpooledTemporaryFile(_SPOOLED) as content:
                while piece := packed.read(1 << 16):
                    content.write(piece)
                content.seek(0)
                yield path.name, content


def _decoded(member: zipfile.ZipInfo) -> str:
    """Return the name of a member: many programs write UTF-8 and do not say so."""
    if member.flag_bits & _UTF8_NAME:
        return member.filename
    try:
        return member.filename.encode("cp437").decode("utf-8")
    except UnicodeError:
        return member.filename
