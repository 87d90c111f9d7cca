"""Zip files that lie about themselves."""

from __future__ import annotations

import struct
import zipfile
import zlib
from functools import cache
from io import BytesIO

import pytest

from hoitu.core import archives
from hoitu.core.archives import ArchiveError, Limits, check

MEGABYTE = 1 << 20
ZEROS = bytes(MEGABYTE)


def packed(*members: tuple[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    target = BytesIO()
    with zipfile.ZipFile(target, "w", method) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return target.getvalue()


@cache
def bomb(megabytes: int) -> bytes:
    target = BytesIO()
    with (
        zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("0", "w") as member,
    ):
        for _ in range(megabytes):
            member.write(ZEROS)
    return target.getvalue()


def understated(content: bytes, size: int) -> bytes:
    """Return a zip file of one member whose directory states another unpacked size."""
    at = content.index(b"PK\x01\x02") + 24
    return content[:at] + struct.pack("<L", size) + content[at + 4 :]


def locked(content: bytes) -> bytes:
    at = content.index(b"PK\x01\x02") + 8
    return content[:at] + b"\x01" + content[at + 1 :]


def refusal(content: bytes, limits: Limits = archives.KEPT) -> str:
    source = BytesIO(content)
    with pytest.raises(ArchiveError) as caught:
        check(source, limits)
    assert source.tell() == 0
    return str(caught.value)


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_a_zip_file_is_read_to_its_end(method: int) -> None:
    members = [("a/", b""), ("a/b.txt", b"x" * 200_000), ("c", b"\0\1\2" * 70_000)]
    source = BytesIO(packed(*members, method=method))
    source.seek(7)
    found: dict[str, bytes] = {}
    for name, piece in archives.pieces(source):
        found[name] = found.get(name, b"") + piece
    assert found == dict(members) or found == dict(members[1:])
    assert source.tell() == 0


def test_a_gigabyte_of_zeros_is_refused_by_its_directory() -> None:
    content = bomb(1024)
    assert len(content) < 2 * MEGABYTE
    assert "trap" in refusal(content)


def test_a_gigabyte_of_zeros_is_counted_when_the_directory_lies(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    content = understated(bomb(1024), 1000)
    unpacked = 0
    original = archives._inflated

    def counted(*arguments: object) -> object:
        nonlocal unpacked
        for piece in original(*arguments):  # type: ignore[arg-type]
            unpacked += len(piece)
            yield piece

    monkeypatch.setattr(archives, "_inflated", counted)
    assert "trap" in refusal(content)
    # Stopped as soon as it was known.
    assert unpacked < 300 * MEGABYTE


def test_a_small_lie_is_damage() -> None:
    content = packed(("a", b"x" * 5000))
    check(BytesIO(content))
    assert "damaged" in refusal(understated(content, 10))
    assert "damaged" in refusal(understated(content, 6000))


def test_members_that_share_their_bytes_are_counted_each() -> None:
    """As in Fifield's overlapping bombs, where the packed bytes are there once."""
    data = zlib.compressobj(9, zlib.DEFLATED, -15)
    body = data.compress(ZEROS) + data.flush()
    local = struct.pack("<4s5H3L2H", b"PK\x03\x04", 20, 0, 8, 0, 0, 0, len(body), MEGABYTE, 1, 0)
    entry = b"".join(
        struct.pack(
            "<4s6H3L5H2L", b"PK\x01\x02", 20, 20, 0, 8, 0, 0, zlib.crc32(ZEROS), len(body),
            MEGABYTE, 1, 0, 0, 0, 0, 0, 0,
        ) + b"a"
        for _ in range(600)
    )  # fmt: skip
    start = local + b"a" + body
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 600, 600, len(entry), len(start), 0)
    assert "trap" in refusal(start + entry + end)


def test_limits() -> None:
    content = packed(*((str(n), b"x") for n in range(11)))
    check(BytesIO(content), Limits(members=11, unpacked=11, ratio=1))
    assert "11" in refusal(content, Limits(members=10, unpacked=11, ratio=1))
    assert "trap" in refusal(content, Limits(members=11, unpacked=10, ratio=1))


def test_the_ratio_counts_for_large_files_only() -> None:
    small, large = packed(("a", ZEROS * 9)), packed(("a", ZEROS * 11))
    check(BytesIO(small))
    assert "trap" in refusal(large)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "damaged"),
        (b"PK\x05\x06", "damaged"),
        (b"MZ" + bytes(200), "damaged"),
        (packed(("a", b"x" * 100))[:-30], "damaged"),
        (packed(("a", b"x" * 100)).replace(b"PK\x03\x04", b"PK\x03\x05"), "damaged"),
        (locked(packed(("a", b"x" * 100))), "password"),
        (packed(("a", b"x" * 100), method=zipfile.ZIP_LZMA), "unusual"),
    ],
)
def test_what_else_is_refused(content: bytes, said: str) -> None:
    assert said in refusal(content)


def test_a_cut_member_is_damage() -> None:
    content = packed(("a", bytes(range(256)) * 50))
    at = content.index(b"PK\x03\x04") + 40
    assert "damaged" in refusal(content[:at] + b"\xff" * 20 + content[at + 20 :])
