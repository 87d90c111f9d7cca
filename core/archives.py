"""Zip files from outside: what they really unpack to, counted before anything is believed.

A few kilobytes can unpack to gigabytes, and what a zip file states of itself is written by whoever
made it. Here every member is unpacked once, piece by piece, and thrown away; the caller learns
whether the whole stays within limits. Nothing is written, nothing is kept in memory.
"""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

from flask_babel import gettext as _

#: Most bytes of the directory at the end of the file, which `zipfile` reads at once.
DIRECTORY_LIMIT = 4 << 20
#: A ratio means nothing for small files: an empty form packs to almost nothing.
SMALL = 10 << 20

_CHUNK = 1 << 16
_ENCRYPTED = 0x1
_LOCAL = struct.Struct("<4s22xHH")
_END, _END64 = b"PK\x05\x06", b"PK\x06\x07"
_END_SIZE, _COMMENT_SIZE = 22, 1 << 16
#: What reading a file that somebody damaged or made up may raise.
BROKEN = (
    zipfile.BadZipFile, OSError, EOFError, ValueError, KeyError, OverflowError, RuntimeError,
    NotImplementedError, struct.error, zlib.error,
)  # fmt: skip


class ArchiveError(Exception):
    """A zip file that is not accepted; the text is a translated sentence for who sent it."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a zip file may hold: members, bytes unpacked, bytes unpacked for one packed."""

    members: int
    unpacked: int
    ratio: int


#: For files that are only kept and handed out.
KEPT = Limits(members=10_000, unpacked=500 << 20, ratio=200)


def check(source: IO[bytes], limits: Limits = KEPT) -> None:
    """Return if a seekable zip file stays within the limits; the file is rewound.

    :raises ArchiveError: it is damaged, locked, or unpacks to more than the limits allow.
    """
    for _piece in pieces(source, limits):
        pass


def pieces(source: IO[bytes], limits: Limits = KEPT) -> Iterator[tuple[str, bytes]]:
    """Yield name and bytes of every member, piece by piece; the file is rewound at the end.

    :raises ArchiveError: as for :func:`check`, as soon as it is known.
    """
    try:
        packed = source.seek(0, 2)
        if not has_small_directory(source):
            raise ArchiveError(_damaged())
        with zipfile.ZipFile(source) as archive:
            members = archive.infolist()
        _compare(len(members), sum(m.file_size for m in members), packed, limits)
        total = 0
        for member in members:
            for piece in _unpacked(source, member):
                total += len(piece)
                _compare(0, total, packed, limits)
                yield member.filename, piece
    except BROKEN as wrong:
        raise ArchiveError(_damaged()) from wrong
    finally:
        source.seek(0)


def has_small_directory(source: IO[bytes]) -> bool:
    """Say whether the directory, which `zipfile` reads at once, is of a size that documents have.

    The large form of zip files (zip64) can state another size; no document needs it.
    """
    end = source.seek(0, 2)
    source.seek(max(0, end - _COMMENT_SIZE - _END_SIZE - 20))
    tail = source.read()
    # The same record that `zipfile` takes: the one without a comment, else the last.
    at = len(tail) - _END_SIZE
    if at < 0 or not (tail[at : at + 4] == _END and tail.endswith(b"\0\0")):
        at = tail.rfind(_END)
    if at < 0 or tail[max(0, at - 20) : at].startswith(_END64):
        return False
    (size,) = struct.unpack_from("<L", tail, at + 12)
    return int(size) <= DIRECTORY_LIMIT


def _compare(members: int, unpacked: int, packed: int, limits: Limits) -> None:
    if members > limits.members:
        raise ArchiveError(
            _(
                "It holds %(count)s files, more than the %(limit)s that are accepted. Split it.",
                count=members,
                limit=limits.members,
            )
        )
    if unpacked > limits.unpacked or (unpacked > SMALL and unpacked > packed * limits.ratio):
        raise ArchiveError(
            _("It unpacks to far more than a document needs and may be a trap. Make it anew.")
        )


def _unpacked(source: IO[bytes], member: zipfile.ZipInfo) -> Iterator[bytes]:
    """Yield the bytes of a member, to the end of its data and not to the size it states."""
    if member.flag_bits & _ENCRYPTED:
        raise ArchiveError(_("It is protected by a password. Remove the password."))
    if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise ArchiveError(_("It is packed by an unusual method. Pack it as a plain zip file."))
    source.seek(member.header_offset)
    signature, name, extra = _LOCAL.unpack(source.read(_LOCAL.size))
    if signature != b"PK\x03\x04":
        raise zipfile.BadZipFile("no member begins here")
    source.seek(name + extra, 1)
    size = 0
    whole = _stored if member.compress_type == zipfile.ZIP_STORED else _inflated
    for piece in whole(source, member.compress_size):
        size += len(piece)
        yield piece
    # Whoever reads it later sees what was counted here, not more.
    if size != member.file_size:
        raise zipfile.BadZipFile("another size than stated")


def _stored(source: IO[bytes], left: int) -> Iterator[bytes]:
    while left:
        piece = source.read(min(left, _CHUNK))
        if not piece:
            raise EOFError("a member is cut off")
        left -= len(piece)
        yield piece


def _inflated(source: IO[bytes], _packed: int) -> Iterator[bytes]:
    inflate = zlib.decompressobj(-zlib.MAX_WBITS)
    waiting = b""
    while not inflate.eof:
        waiting = waiting or source.read(_CHUNK)
        if not waiting:
            raise EOFError("a member is cut off")
        yield inflate.decompress(waiting, _CHUNK * 16)
        waiting = inflate.unconsumed_tail


def _damaged() -> str:
    return str(_("It is damaged and cannot be unpacked. Save it again."))
