"""Texts as visitors see them: links by id lead to the present page, files say what they are.

What is stored stays as it is; all this is decided when a text is drawn. A text without links and
pictures costs nothing, one with them a statement for the items, one for the files and one for the
pictures, however many there are.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

from flask import g
from markupsafe import Markup
from sqlalchemy import select

from hoitu.core import text
from hoitu.core.content import File, Item, ItemPlacement, queries
from hoitu.core.content.linked import file_id_in, item_id_in
from hoitu.core.content.markup import END, START, TEXT, Piece, pieces, run, written
from hoitu.core.extensions import platform, session
from hoitu.core.media.pictures import named_in, pictures, responsive
from hoitu.core.units import unit_scope
from hoitu.core.web.addresses import origin
from hoitu.core.web.file_words import size_of
from hoitu.core.web.site import address_of, now
from hoitu.core.web.visibility import is_shown

_LEADS = re.compile("<(?:a|img) ")


def draw(html: str) -> Markup:
    """Return a cleaned text as a page shows it.

    Links to items lead to their present page; where that is not public their words stay alone.
    Links to files say type and size, those elsewhere hand no window on, and pictures of the
    library come in the sizes that browsers choose from.
    """
    if not html or not _LEADS.search(html):
        return Markup(html or "")  # noqa: S704 (cleaned when it was saved)
    drawn = _with_links(html, _as_drawn, files=True)
    if named := named_in(drawn):
        drawn = responsive(drawn, pictures(session(), named))
    return Markup(drawn)  # noqa: S704 (cleaned when it was saved)


def absolute(html: str) -> str:
    """Return a cleaned text for use elsewhere: its links and pictures have full addresses."""
    if not html or not _LEADS.search(html):
        return html
    return _with_links(html, _as_told, files=False)


@dataclass(frozen=True, slots=True)
class _Targets:
    """What the links of one text lead to."""

    #: Paths of public items, here or at the owner of what is placed here.
    paths: Mapping[int, str]
    files: Mapping[int, File]


#: Returns a link as it is shown, and what is said at its end; None: its words stay alone.
_Show = Callable[[Piece, str, _Targets], tuple[Piece, str] | None]


def _with_links(html: str, show: _Show, *, files: bool) -> str:
    read = pieces(html)
    addresses = [p.attributes.get("href", "") for p in read if p.kind == START and p.tag == "a"]
    item_ids = {i for a in addresses if (i := item_id_in(a)) is not None}
    file_ids = {i for a in addresses if files and (i := file_id_in(a)) is not None}
    targets = _Targets(_paths(item_ids), _files(file_ids))
    return written(_shown(read, show, targets))


def _shown(read: list[Piece], show: _Show, targets: _Targets) -> Iterable[Piece]:
    ending: tuple[Piece, str] | None = None
    for position, piece in enumerate(read):
        if piece.kind == START and piece.tag == "a":
            ending = show(piece, _words(read, position), targets)
            if ending is not None:
                yield ending[0]
        elif piece.kind == END and piece.tag == "a":
            if ending is not None:
                yield from [run(f" ({ending[1]})")] if ending[1] else []
                yield piece
            ending = None
        elif piece.kind == START and piece.tag == "img" and show is _as_told:
            source = urljoin(origin() + "/", piece.attributes.get("src", ""))
            yield piece.rewritten(src=source)
        else:
            yield piece


def _words(read: list[Piece], position: int) -> str:
    """Return the text of the link that begins at a position."""
    found = []
    for piece in read[position + 1 :]:
        if piece.kind == END and piece.tag == "a":
            break
        found.append(piece.text if piece.kind == TEXT else "")
    return "".join(found)


def _as_drawn(link: Piece, words: str, targets: _Targets) -> tuple[Piece, str] | None:
    address = link.attributes.get("href", "")
    if (item_id := item_id_in(address)) is not None:
        path = targets.paths.get(item_id)
        return None if path is None else (link.rewritten(href=_at(path, address), rel=None), "")
    if (file_id := file_id_in(address)) is not None:
        file = targets.files.get(file_id)
        return link.rewritten(rel=None), _described(file, words) if file else ""
    return link.rewritten(rel="noopener" if _is_elsewhere(address) else None), ""


def _as_told(link: Piece, _words: str, targets: _Targets) -> tuple[Piece, str] | None:
    address = link.attributes.get("href", "")
    if (item_id := item_id_in(address)) is not None:
        if item_id not in targets.paths:
            return None
        address = _at(targets.paths[item_id], address)
    if not address.startswith("#"):
        address = urljoin(origin() + "/", address)
    return link.rewritten(href=address, rel=None), ""


def _at(path: str, stored: str) -> str:
    """Return a path with the part of the page that a stored link names."""
    _, hash_sign, fragment = stored.partition("#")
    return path if "#" in path else f"{path}{hash_sign}{fragment}"


def _is_elsewhere(address: str) -> bool:
    try:
        host = urlsplit(address).hostname
    except ValueError:
        return False
    return bool(host) and platform.units.by_host(host or "") != g.unit


def _described(file: File, words: str) -> str:
    """Return the type and size of a file, unless the words of its link say the type already."""
    format_ = file.name.rpartition(".")[2]
    if format_.lower() in text.words(words):
        return ""
    return f"{format_.upper()}, {size_of(file.size)}"


def _paths(ids: set[int]) -> dict[int, str]:
    """Return the addresses of those items that are public: one statement, if all are found."""
    if not ids:
        return {}
    types = [kind.name for kind in platform.types]
    own = queries.by_ids(session(), sorted(ids), now(), types)
    paths = {item.id: address_of(item) for item in own if is_shown(item)}
    missing = ids - {item.id for item in own}
    return paths | _paths_at_owners(missing, types) if missing else paths


def _paths_at_owners(ids: set[int], types: list[str]) -> dict[int, str]:
    """Return addresses at units that place items here: their texts lead to what is theirs."""
    owners = session().scalars(select(ItemPlacement.owner_id).distinct()).all()
    if not owners:
        return {}
    with unit_scope(*owners):
        found = queries.by_ids(session(), sorted(ids), now(), types)
    return {item.id: address_of(item) for item in found if _is_on_at_owner(item)}


def _is_on_at_owner(item: Item) -> bool:
    owner = platform.units.by_id(item.unit_id)
    return owner is not None and platform.switchboard.section_on(
        owner, item.section, item.requirement
    )


def _files(ids: set[int]) -> dict[int, File]:
    if not ids:
        return {}
    chosen = select(File).where(File.id.in_(sorted(ids)))
    return {file.id: file for file in session().scalars(chosen)}
