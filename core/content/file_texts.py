"""The text of attached documents, read once for each content, whoever has it.

A text belongs to no unit: the same bytes at ten units are read once. It is only ever looked up by
the files of items that somebody may see.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime
from typing import Final

from sqlalchemy import String, Text, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from hoitu.core.content.item import File, ItemFile
from hoitu.core.db import Base

#: What came of reading a document: its text; only pictures of pages; letters of an old font that
#: stand for others; a password; too many bytes; damaged, or too slow to read.
DONE, SCAN, OLD_FONT, LOCKED, TOO_LARGE, FAILED = (
    "done", "scan", "old_font", "locked", "too_large", "failed",
)  # fmt: skip
#: Most characters of attached text that search gets with one item.
LIMIT: Final = 600_000
#: Texts that are in memory at a time while they are gathered: one may have megabytes.
_AT_A_TIME: Final = 4


class FileText(Base):
    """What was read of the bytes with a SHA-256; `text` is '' unless the state is `done`."""

    __tablename__ = "file_text"

    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    state: Mapped[str] = mapped_column(String(10))
    text: Mapped[str] = mapped_column(Text)
    read_at: Mapped[datetime]


def of_items(session: Session, item_ids: Collection[int]) -> dict[int, str]:
    """Return the text of what is attached to items in scope, by item: one statement.

    Items without any are left out.
    """
    if not item_ids:
        return {}
    rows = session.execute(
        select(ItemFile.item_id, FileText.text)
        .join(File, File.id == ItemFile.file_id)
        .join(FileText, FileText.sha256 == File.sha256)
        .where(ItemFile.item_id.in_(sorted(item_ids)), FileText.text != "")
        .order_by(ItemFile.item_id, ItemFile.position)
        .execution_options(yield_per=_AT_A_TIME)
    )
    found: dict[int, list[str]] = defaultdict(list)
    room: dict[int, int] = defaultdict(lambda: LIMIT)
    for item_id, text in rows:
        if room[item_id] > 0:
            found[item_id].append(text[: room[item_id]])
            # One for the line break between two texts.
            room[item_id] -= len(text) + 1
    return {item_id: "\n".join(texts) for item_id, texts in found.items()}


def unread(session: Session, file_ids: Collection[int]) -> list[tuple[str, str]]:
    """Return (name, state) of the files in scope that could not be read: one statement."""
    if not file_ids:
        return []
    rows = session.execute(
        select(File.name, FileText.state)
        .join(FileText, FileText.sha256 == File.sha256)
        .where(File.id.in_(sorted(file_ids)), FileText.state != DONE)
        .order_by(File.id)
    )
    return [(row.name, row.state) for row in rows]
