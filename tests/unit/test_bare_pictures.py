"""What pictures tell beside their pixels is left out, in each format."""

from __future__ import annotations

import zlib
from io import BytesIO
from struct import pack
from typing import Any

import pytest
from PIL import Image

from hoitu.core import imaging

SECRET = b"ong chu may 0905"


def written(kind: str, frames: int = 1, **options: Any) -> bytes:
    """Return a real picture, of several frames that differ."""
    target = BytesIO()
    images = [Image.linear_gradient("L").rotate(90 * n).resize((40, 30)) for n in range(frames)]
    more = {"save_all": True, "append_images": images[1:], "loop": 0} if frames > 1 else {}
    images[0].convert("RGB").save(target, kind, **more, **options)
    return target.getvalue()


def bare(content: bytes, media_type: str) -> bytes:
    return imaging.bare(BytesIO(content), media_type).read()


def pixels(content: bytes) -> list[bytes]:
    """Return what each frame shows."""
    with Image.open(BytesIO(content)) as picture:
        found = []
        for number in range(getattr(picture, "n_frames", 1)):
            picture.seek(number)
            found.append(picture.convert("RGBA").tobytes())
        return found


def png_chunk(name: bytes, data: bytes) -> bytes:
    return pack(">I", len(data)) + name + data + pack(">I", zlib.crc32(name + data))


def webp_with(content: bytes, chunk: bytes) -> bytes:
    body = content[8:] + chunk
    return b"RIFF" + pack("<I", len(body)) + body


def gif_block(label: int, *parts: bytes) -> bytes:
    return bytes([0x21, label]) + b"".join(bytes([len(p)]) + p for p in parts) + b"\0"


@pytest.mark.parametrize("frames", [1, 3])
@pytest.mark.parametrize(
    ("kind", "media_type"),
    [("GIF", "image/gif"), ("PNG", "image/png"), ("WEBP", "image/webp"), ("JPEG", "image/jpeg")],
)
def test_a_picture_that_tells_nothing_is_not_touched(
    kind: str, media_type: str, frames: int
) -> None:
    content = written(kind, frames if kind != "JPEG" else 1)
    source = BytesIO(content)
    assert imaging.bare(source, media_type) is source
    assert source.read() == content


@pytest.mark.parametrize(
    "told",
    [
        gif_block(0xFE, SECRET),
        gif_block(0xFF, b"XMP DataXMP", SECRET),
        gif_block(0xFF, b"NETSCAPE2.0", SECRET),
        gif_block(0xFF, b"NETSCAPE2.0", b"\x02" + SECRET),
        gif_block(0x01, bytes(12), SECRET),
        gif_block(0x77, SECRET),
    ],
)
@pytest.mark.parametrize("frames", [1, 3])
def test_a_gif_loses_comments_and_blocks_of_programs(told: bytes, frames: int) -> None:
    plain = written("GIF", frames)
    colours = 13 + (3 << (1 + (plain[10] & 7)))
    sent = plain[:colours] + told + plain[colours:-1] + told + b";"
    assert len(pixels(sent)) == frames
    assert bare(sent, "image/gif") == plain


def test_a_gif_keeps_moving_as_often_as_it_did() -> None:
    sent = written("GIF", 3, comment=SECRET)
    kept = bare(sent, "image/gif")
    assert SECRET in sent and SECRET not in kept
    assert pixels(kept) == pixels(sent)
    with Image.open(BytesIO(kept)) as picture:
        assert picture.info["loop"] == 0


def test_what_hides_behind_the_loop_of_a_gif_is_cut_off() -> None:
    loop = b"\x21\xff\x0bNETSCAPE2.0\x03\x01\x00\x00"
    plain = written("GIF", 2)
    assert loop + b"\0" in plain
    hidden = plain.replace(loop + b"\0", loop + bytes([len(SECRET)]) + SECRET + b"\0")
    assert bare(hidden, "image/gif") == plain


def test_what_follows_the_end_of_a_gif_is_cut_off() -> None:
    plain = written("GIF")
    assert bare(plain + b"<script>alert(1)</script>PK\x03\x04", "image/gif") == plain


def test_a_gif_without_its_end_gets_one_and_one_cut_within_a_frame_is_damaged() -> None:
    plain = written("GIF")
    assert plain.endswith(b"\0;")
    assert bare(plain[:-1], "image/gif") == plain
    with pytest.raises(imaging.ImageError):
        bare(plain[:-2], "image/gif")


@pytest.mark.parametrize("name", [b"tEXt", b"eXIf", b"prVt", b"cmOD", b"iDOT", b"sPLT"])
def test_a_png_keeps_only_what_is_known_to_be_of_the_picture(name: bytes) -> None:
    plain = written("PNG", pnginfo=None, dpi=(96, 96))
    sent = plain[:33] + png_chunk(name, b"Chu\0" + SECRET) + plain[33:]
    assert bare(sent, "image/png") == plain


def test_a_webp_keeps_only_what_is_known_to_be_of_the_picture() -> None:
    plain = written("WEBP", 2)
    for name in (b"XMP ", b"C2PA", b"secr"):
        chunk = name + pack("<I", len(SECRET)) + SECRET
        kept = bare(webp_with(plain, chunk), "image/webp")
        assert SECRET not in kept
        assert pixels(kept) == pixels(plain)


def test_a_frame_of_a_webp_hides_nothing() -> None:
    plain = written("WEBP", 2)
    place = plain.rindex(b"ANMF")
    chunk = b"secr" + pack("<I", len(SECRET)) + SECRET
    frame = plain[place + 8 :] + chunk
    changed = plain[:place] + b"ANMF" + pack("<I", len(frame)) + frame
    sent = changed[:4] + pack("<I", len(changed) - 8) + changed[8:]
    assert pixels(sent) == pixels(plain)
    assert bare(sent, "image/webp") == plain


def test_only_pictures_that_move_are_animations() -> None:
    for kind in ("GIF", "PNG", "WEBP"):
        media_type = f"image/{kind.lower()}"
        assert imaging.is_animation(BytesIO(written(kind, 2)), media_type)
        assert not imaging.is_animation(BytesIO(written(kind)), media_type)
    assert not imaging.is_animation(BytesIO(b"GIF89a"), "image/gif")
