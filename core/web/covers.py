"""Cover pictures: the first attached picture of an item, once somebody described it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from markupsafe import Markup
from sqlalchemy import and_, select
from sqlalchemy.orm import contains_eager

from hoitu.core.content import File, FileVariant, ItemFile
from hoitu.core.content.files import download_name
from hoitu.core.extensions import session
from hoitu.core.media.pictures import Picture, Source, element
from hoitu.core.web.files import path_of


@dataclass(frozen=True, slots=True)
class Cover:
    """A picture and what it shows, for those who cannot see it."""

    file: File
    alt: str
    copies: tuple[Source, ...] = ()

    def drawn(self, css: str = "", sizes: str = "100vw", *, lazy: bool = True) -> Markup:
        """Return the element that shows it: browsers choose the size and format that suit them.

        ``css`` are its classes, ``sizes`` how wide it is shown; one that is seen at once is not
        ``lazy``.
        """
        name = download_name(self.file)
        picture = Picture(
            self.file.id, name, self.file.width or 0, self.file.height or 0, self.copies
        )
        attributes = {"alt": self.alt, **({"class": css} if css else {})}
        base = path_of(self.file).removesuffix(name)
        return element(picture, attributes, base=base, sizes=sizes, lazy=lazy)


def covers(described: Mapping[int, str]) -> dict[int, Cover]:
    """Return the covers of this unit's items by item id: one statement at most.

    ``described`` gives the description of the picture by item id; an item without one has no cover,
    nor has one of another unit.
    """
    described = {item_id: alt for item_id, alt in described.items() if alt}
    if not described:
        return {}
    copy = and_(FileVariant.file_id == ItemFile.file_id, FileVariant.unit_id == ItemFile.unit_id)
    attached = (
        select(ItemFile, FileVariant.width, FileVariant.format)
        .join(ItemFile.file)
        .outerjoin(FileVariant, copy)
        .where(ItemFile.item_id.in_(described), File.media_type.startswith("image/"))
        .order_by(ItemFile.item_id, ItemFile.position, FileVariant.width)
        .options(contains_eager(ItemFile.file))
    )
    found: dict[int, Cover] = {}
    for row, width, format_ in session().execute(attached):
        cover = found.setdefault(row.item_id, Cover(row.file, described[row.item_id]))
        if format_ and cover.file.id == row.file_id:
            copies = (*cover.copies, Source(width, format_))
            found[row.item_id] = replace(cover, copies=copies)
    return found
