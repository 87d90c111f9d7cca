"""Pictures from outside: examined before anything is believed, freed of what they tell of people.

A few kilobytes can unpack to gigabytes of pixels, and a photograph tells where it was taken and
with whose camera. Here a picture is decoded once to see that it is whole and of bearable size; what
it says beside its pixels is left out without touching them. Smaller copies are made here, too.
"""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import IO, Any

from flask_babel import gettext as _
from PIL import ExifTags, Image, ImageFile, ImageOps, features

#: Formats by media type, as the decoder calls them.
FORMATS = {
    "image/png": "PNG",
    "image/jpeg": "JPEG",
    "image/webp": "WEBP",
    "image/gif": "GIF",
}
#: Most pixels of a picture, and of one that can be decoded at a smaller scale, as JPEG can.
PIXELS, SCALED_PIXELS = 40_000_000, 100_000_000
#: What decoding a file that somebody damaged or made up may raise.
BROKEN = (
    OSError, SyntaxError, ValueError, TypeError, LookupError, AttributeError, EOFError,
    MemoryError, ArithmeticError, RuntimeError, struct.error, zlib.error,
)  # fmt: skip
_TOO_LARGE = (Image.DecompressionBombError, Image.DecompressionBombWarning)

_PNG_HEAD = b"\x89PNG\r\n\x1a\n"
#: Chunks of a PNG that are its pixels, their colours, size and movement; all else goes.
_PNG_KEPT = frozenset({
    b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"bKGD", b"pHYs", b"sBIT",
    b"cHRM", b"gAMA", b"sRGB", b"iCCP", b"cICP", b"mDCV", b"cLLI",
    b"acTL", b"fcTL", b"fdAT",
})  # fmt: skip
#: The same of a WebP and of each of its frames.
_WEBP_KEPT = frozenset({b"VP8X", b"VP8 ", b"VP8L", b"ALPH", b"ANIM", b"ANMF", b"ICCP"})
_WEBP_EXIF, _WEBP_FLAGS, _WEBP_FRAME = 0x08, 0x08 | 0x04, 16
#: What stands in a GIF between its pixels: how a frame is shown, and how often all are.
_GIF_CONTROL, _GIF_APPLICATION, _GIF_LOOP = 0xF9, 0xFF, b"\x0bNETSCAPE2.0\x03\x01"
#: Segments of a JPEG that say how its colours are meant; what else its makers added goes.
_JPEG_KEPT = {0xE0: b"JFIF\0", 0xE2: b"ICC_PROFILE\0", 0xEE: b"Adobe"}
#: The next marker within the pixels of a JPEG.
_JPEG_MARKER = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")

# The decoder warns from here on and refuses twice as much, before it decodes anything.
Image.MAX_IMAGE_PIXELS = SCALED_PIXELS


class ImageError(Exception):
    """A picture that is not accepted; the text is a translated sentence for who sent it."""


@dataclass(frozen=True, slots=True)
class Size:
    """A picture as it is shown, turned the right way up."""

    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Copy:
    """A picture in another size and format; ``format`` is the extension."""

    width: int
    height: int
    format: str
    content: bytes


def examine(source: IO[bytes], media_type: str) -> Size:
    """Return the size of a picture that is whole; the file is rewound.

    :raises ImageError: it is damaged, or has more pixels than a page can use.
    """
    try:
        with _opened(source, media_type) as picture:
            size = _upright_size(picture)
            # At the smallest scale there is: every byte is read, few pixels are kept.
            picture.draft(None, (1, 1))
            picture.load()
    except BROKEN as error:
        raise _damaged() from error
    finally:
        source.seek(0)
    return size


def size_of(source: IO[bytes], media_type: str) -> Size:
    """Return the size of a picture without decoding it; the file is rewound.

    :raises ImageError: it is damaged, or has more pixels than a page can use.
    """
    try:
        with _opened(source, media_type) as picture:
            return _upright_size(picture)
    except BROKEN as error:
        raise _damaged() from error
    finally:
        source.seek(0)


def bare(source: IO[bytes], media_type: str) -> IO[bytes]:
    """Return a picture without place, camera, names and words; its pixels are untouched.

    Its orientation stays, and so does the meaning of its colours. What is not known to belong to
    the picture is left out, and what follows its end. One that tells nothing is returned as it is,
    rewound.

    :raises ImageError: it is damaged.
    """
    strip = _STRIP.get(media_type)
    if strip is None:
        return source
    try:
        with _opened(source, media_type) as picture:
            orientation = _orientation(picture)
        source.seek(0)
        content = source.read()
        stripped = strip(content, _exif_of(orientation))
    except BROKEN as error:
        raise _damaged() from error
    finally:
        source.seek(0)
    return source if stripped == content else BytesIO(stripped)


def copies(source: IO[bytes], media_type: str, widths: Sequence[int]) -> Iterator[Copy]:
    """Yield copies of a picture: in each width one in each modern format and one in its own.

    None is larger than the picture, which comes in its own width where that is below the largest.
    They hold nothing but pixels and the meaning of their colours. An animation has none.

    :raises ImageError: the picture is damaged or too large.
    """
    largest = max(widths)
    try:
        with _opened(source, media_type) as picture:
            if _moves(picture, media_type):
                return
            size = _upright_size(picture)
            picture.draft(None, (largest, largest))
            whole, profile = _plain(ImageOps.exif_transpose(picture))
    except BROKEN as error:
        raise _damaged() from error
    fitting = [width for width in sorted(widths) if width < size.width]
    if size.width <= largest:
        fitting.append(size.width)
    flat = media_type != "image/jpeg" and whole.getcolors(1024) is not None
    for width in fitting:
        height = max(1, round(size.height * width / size.width))
        scaled = whole.resize((width, height), Image.Resampling.LANCZOS)
        for name in _formats(media_type):
            yield Copy(width, height, name, _written(scaled, name, profile, flat=flat))


def is_animation(source: IO[bytes], media_type: str) -> bool:
    """Say whether a picture moves, and so has no copies; one that is damaged does not.

    The file is rewound.
    """
    try:
        with _opened(source, media_type) as picture:
            return _moves(picture, media_type)
    except (*BROKEN, ImageError):
        return False
    finally:
        source.seek(0)


def _moves(picture: Image.Image, media_type: str) -> bool:
    return media_type != "image/jpeg" and bool(getattr(picture, "is_animated", False))


def _formats(media_type: str) -> list[str]:
    """Return the formats of copies: those that take least first, that every browser shows last."""
    modern = [name for name in ("avif", "webp") if features.check(name)]
    own = {"image/jpeg": "jpg", "image/png": "png", "image/gif": "png"}.get(media_type)
    return [*modern, own] if own else modern


def _opened(source: IO[bytes], media_type: str) -> Image.Image:
    source.seek(0)
    # A switch of the whole process: what makes PDF turns it on when it is loaded.
    ImageFile.LOAD_TRUNCATED_IMAGES = False
    try:
        return Image.open(source, formats=[FORMATS[media_type]])
    except _TOO_LARGE as error:
        raise _too_large() from error


def _upright_size(picture: Image.Image) -> Size:
    """Return the size of an opened picture, before any of it is decoded."""
    width, height = picture.size
    scaled = picture.format in ("JPEG", "MPO") and not picture.info.get("progressive")
    if width * height > (SCALED_PIXELS if scaled else PIXELS):
        raise _too_large()
    return Size(height, width) if _orientation(picture) > 4 else Size(width, height)


def _orientation(picture: Image.Image) -> int:
    """Return how a picture is turned, as Exif counts; 1 = not at all, also when it cannot tell."""
    try:
        found = picture.getexif().get(ExifTags.Base.Orientation, 1)
    except BROKEN:
        return 1
    return found if isinstance(found, int) and 1 <= found <= 8 else 1


def _too_large() -> ImageError:
    message = _(
        "the picture has too many pixels. Make it smaller: %(limit)d million are enough.",
        limit=PIXELS // 1_000_000,
    )
    return ImageError(message)


def _damaged() -> ImageError:
    return ImageError(_("the picture is damaged. Open it in a picture program and save it anew."))


# -- without metadata --------------------------------------------------------------------------


def _exif_of(orientation: int) -> bytes:
    """Return an Exif block that tells the orientation and nothing else; b"" when it is upright."""
    if orientation == 1:
        return b""
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    return exif.tobytes().removeprefix(b"Exif\0\0")


def _bare_jpeg(content: bytes, exif: bytes) -> bytes:
    head, rest, place = [content[:2]], list[bytes](), 2
    while True:
        while content[place + 1] == 0xFF:  # padding
            place += 1
        if content[place] != 0xFF:
            raise ValueError("no marker")
        marker = content[place + 1]
        if marker == 0xD9:
            break
        (length,) = struct.unpack_from(">H", content, place + 2)
        end = place + 2 + length
        if marker == 0xDA:
            found = _JPEG_MARKER.search(content, end)
            end = found.start() if found else len(content)
        segment = content[place:end]
        told = 0xE0 <= marker <= 0xEF or marker == 0xFE
        wanted = _JPEG_KEPT.get(marker)
        if not told or (wanted and segment[4:].startswith(wanted)):
            (head if marker == 0xE0 else rest).append(segment)
        if end >= len(content):
            break
        place = end
    if exif:
        block = b"Exif\0\0" + exif
        head.append(b"\xff\xe1" + struct.pack(">H", len(block) + 2) + block)
    return b"".join([*head, *rest, b"\xff\xd9"])


def _bare_png(content: bytes, exif: bytes) -> bytes:
    kept, place = [_PNG_HEAD], len(_PNG_HEAD)
    name = b""
    while name != b"IEND":
        (length,) = struct.unpack_from(">I", content, place)
        name, end = content[place + 4 : place + 8], place + 12 + length
        if end > len(content):
            raise ValueError("cut off")
        if name in _PNG_KEPT:
            kept.append(content[place:end])
        if name == b"IHDR" and exif:
            kept.append(_png_chunk(b"eXIf", exif))
        place = end
    return b"".join(kept)


def _png_chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def _bare_webp(content: bytes, exif: bytes) -> bytes:
    (size,) = struct.unpack_from("<I", content, 4)
    kept = []
    for name, data in _webp_chunks(content[12 : 8 + size]):
        if name == b"VP8X":
            flags = (data[0] & ~_WEBP_FLAGS) | (_WEBP_EXIF if exif else 0)
            kept.append(_webp_chunk(name, bytes([flags]) + data[1:]))
        elif name == b"ANMF":
            frame = [_webp_chunk(*chunk) for chunk in _webp_chunks(data[_WEBP_FRAME:])]
            kept.append(_webp_chunk(name, data[:_WEBP_FRAME] + b"".join(frame)))
        else:
            kept.append(_webp_chunk(name, data))
    if exif:
        kept.append(_webp_chunk(b"EXIF", exif))
    body = b"WEBP" + b"".join(kept)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def _webp_chunks(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield name and data of the chunks that belong to a picture or a frame."""
    place = 0
    while place + 8 <= len(content):
        name = content[place : place + 4]
        (length,) = struct.unpack_from("<I", content, place + 4)
        data = content[place + 8 : place + 8 + length]
        if len(data) < length:
            raise ValueError("cut off")
        if name in _WEBP_KEPT:
            yield name, data
        place += 8 + length + length % 2


def _webp_chunk(name: bytes, data: bytes) -> bytes:
    return name + struct.pack("<I", len(data)) + data + b"\0" * (len(data) % 2)


def _bare_gif(content: bytes, _exif: bytes) -> bytes:
    place = 13 + _gif_colours(content[10])
    kept = [content[:place]]
    # Some programs forget the end; the last frame is whole then, or there is no more of it.
    while place < len(content) and (kind := content[place]) != 0x3B:
        if kind == 0x2C:
            data = place + 11 + _gif_colours(content[place + 9])
            end = _gif_end(content, data)
            kept.append(content[place:end])
        elif kind == 0x21:
            end = _gif_end(content, place + 2)
            if content[place + 1] == _GIF_CONTROL:
                kept.append(content[place:end])
            elif content[place + 1] == _GIF_APPLICATION:
                kept.append(_gif_loop(content[place:end]))
        else:
            end = place + 1  # means nothing, and every reader passes over it
        place = end
    return b"".join(kept) + b"\x3b"


def _gif_colours(flags: int) -> int:
    """Return the length of a table of colours; 0 when the flags tell of none."""
    return 3 << (1 + (flags & 7)) if flags & 0x80 else 0


def _gif_end(content: bytes, place: int) -> int:
    """Return where a row of blocks ends, each of which begins with its length; 0 is the last."""
    while length := content[place]:
        place += 1 + length
    return place + 1


def _gif_loop(block: bytes) -> bytes:
    """Return how often the frames are shown, if a block tells that, and nothing else it holds."""
    return block[:18] + b"\x00" if block[2:16] == _GIF_LOOP and len(block) > 18 else b""


_STRIP: dict[str, Callable[[bytes, bytes], bytes]] = {
    "image/gif": _bare_gif,
    "image/jpeg": _bare_jpeg,
    "image/png": _bare_png,
    "image/webp": _bare_webp,
}

# -- copies ------------------------------------------------------------------------------------


def _plain(picture: Image.Image) -> tuple[Image.Image, bytes | None]:
    """Return the pixels in one of two modes, and the profile of their colours if it still fits."""
    profile = picture.info.get("icc_profile") if picture.mode in ("RGB", "RGBA", "P") else None
    if picture.mode.startswith(("I", "F")):
        # Sixteen bits to eight; a plain conversion would cut off all that is bright.
        picture = picture.convert("I").point(lambda value: value * (1 / 256)).convert("L")
    clear = "transparency" in picture.info or picture.mode in ("RGBA", "LA", "PA", "RGBa", "La")
    plain = picture.convert("RGBA" if clear else "RGB")
    plain.info.clear()
    return plain, profile


def _written(picture: Image.Image, name: str, profile: bytes | None, *, flat: bool) -> bytes:
    """Return the bytes of a picture; one of few colours, a drawing, keeps its edges sharp."""
    options: dict[str, dict[str, Any]] = {
        "avif": {"quality": 85 if flat else 60, "speed": 8},
        "webp": {"lossless": True} if flat else {"quality": 80},
        "jpg": {"quality": 82, "progressive": True, "optimize": True},
        "png": {"compress_level": 8},
    }
    target = BytesIO()
    kind = {"jpg": "JPEG"}.get(name, name.upper())
    picture.save(target, kind, icc_profile=profile, **options[name])
    return target.getvalue()
