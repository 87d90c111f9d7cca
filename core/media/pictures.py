"""Pictures in pages: each browser takes the format and size that suit it, and nothing jumps."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from html.parser import HTMLParser

from markupsafe import Markup
from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from hoitu.core.content import File, FileVariant
from hoitu.core.content.files import download_name

#: Media types of copies by format, those that take least first.
TYPES = {"avif": "image/avif", "webp": "image/webp", "jpg": "image/jpeg", "png": "image/png"}
#: How wide a picture in a text is shown: a column of text on a large screen, else all there is.
IN_TEXT = "(min-width: 48rem) 46rem, 100vw"

_IMAGE = re.compile(r"""<img\b(?:[^>"']|"[^"]*"|'[^']*')*>""", re.IGNORECASE)
#: The address of a file, below the language of the page if it has one in it.
_ADDRESS = re.compile(r"(?P<base>(?:/[a-z]{2})?/tep/(?P<id>[0-9]{1,18})/)[^/?#]*")


@dataclass(frozen=True, slots=True)
class Source:
    """A copy of a picture; its address ends in ``<width>.<format>``."""

    width: int
    format: str


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture of the library and its copies."""

    id: int
    name: str
    width: int
    height: int
    sources: tuple[Source, ...] = ()

    @property
    def path(self) -> str:
        """The address of the picture itself, without a language."""
        return f"/tep/{self.id}/{self.name}"


def pictures(session: Session, ids: Iterable[int]) -> dict[int, Picture]:
    """Return the scoped units' pictures with these ids: one statement, or none without ids."""
    wanted = sorted(set(ids))
    if not wanted:
        return {}
    copy = and_(FileVariant.file_id == File.id, FileVariant.unit_id == File.unit_id)
    rows = session.execute(
        select(File, FileVariant.width, FileVariant.format)
        .outerjoin(FileVariant, copy)
        .where(File.id.in_(wanted), File.width.is_not(None))
        .order_by(File.id, FileVariant.width)
    )
    files: dict[int, File] = {}
    sources: dict[int, list[Source]] = {}
    for file, width, name in rows:
        files[file.id] = file
        sources.setdefault(file.id, []).extend([Source(width, name)] if name else [])
    return {
        i: Picture(i, download_name(f), f.width or 0, f.height or 0, tuple(sources[i]))
        for i, f in files.items()
    }


def named_in(html: str) -> set[int]:
    """Return the ids of the library's files that are pictured in a text."""
    found = (_ADDRESS.fullmatch(_attributes(tag).get("src", "")) for tag in _IMAGE.findall(html))
    return {int(match["id"]) for match in found if match}


def responsive(html: str, pictures: Mapping[int, Picture], sizes: str = IN_TEXT) -> str:
    """Return a text whose pictures of the library come with their copies and their size.

    Other pictures, and those of the library that are not in ``pictures``, stay as they are. The
    text must be well-formed, as what was stored by the actions is.
    """

    def drawn(match: re.Match[str]) -> str:
        given = _attributes(match[0])
        address = _ADDRESS.fullmatch(given.get("src", ""))
        picture = pictures.get(int(address["id"])) if address else None
        if picture is None or address is None:
            return match[0]
        return str(element(picture, given, base=address["base"], sizes=sizes))

    return _IMAGE.sub(drawn, html)


def element(
    picture: Picture,
    attributes: Mapping[str, str],
    *,
    base: str = "",
    sizes: str = IN_TEXT,
    lazy: bool = True,
) -> Markup:
    """Return the element that shows a picture; ``attributes`` are those of its ``img``.

    ``base`` is the address below which the picture and its copies lie, with the language of the
    page where it has one.
    """
    base = base or f"/tep/{picture.id}/"
    by_format: dict[str, list[Source]] = {}
    for source in picture.sources:
        by_format.setdefault(source.format, []).append(source)
    parts = [
        Markup('<source type="{}" srcset="{}" sizes="{}">').format(
            TYPES[name], _set(base, by_format[name]), sizes
        )
        for name in ("avif", "webp")
        if name in by_format
    ]
    own: dict[str, str] = {**attributes, "src": base + picture.name}
    fallback = by_format.get("jpg") or by_format.get("png")
    if fallback:
        own |= {"src": _fallback(base, fallback), "srcset": _set(base, fallback), "sizes": sizes}
    own.setdefault("alt", "")
    if picture.width:
        own |= {"width": str(picture.width), "height": str(picture.height)}
    own |= {"loading": "lazy", "decoding": "async"} if lazy else {}
    written = Markup("").join(Markup(' {}="{}"').format(n, v) for n, v in own.items())
    image = Markup("<img{}>").format(written)
    return (
        Markup("<picture>{}{}</picture>").format(Markup("").join(parts), image) if parts else image
    )


def _set(base: str, sources: Iterable[Source]) -> str:
    return ", ".join(f"{base}{s.width}.{s.format} {s.width}w" for s in sources)


def _fallback(base: str, sources: list[Source]) -> str:
    """Return the copy for browsers that know no sets: the largest of a bearable size."""
    fitting = [s for s in sources if s.width <= 1024] or sources[:1]
    return f"{base}{fitting[-1].width}.{fitting[-1].format}"


class _Attributes(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: dict[str, str] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            self.found.setdefault(name, value or "")


def _attributes(tag: str) -> dict[str, str]:
    reader = _Attributes()
    reader.feed(tag)
    return {n: v for n, v in reader.found.items() if n in ("src", "alt", "title", "class")}


__all__ = ["IN_TEXT", "Picture", "Source", "element", "named_in", "pictures", "responsive"]
