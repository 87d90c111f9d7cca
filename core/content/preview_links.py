"""Links that show a text before it is public to whoever has them, until they expire."""

from __future__ import annotations

import json
import re
from datetime import datetime
from typing import ClassVar, Final

from sqlalchemy import ForeignKeyConstraint, String, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from hoitu.core.content.item import Item
from hoitu.core.content.types import ContentType
from hoitu.core.content.workflow import RESTING
from hoitu.core.db import Base, BigId
from hoitu.core.tokens import hash_of
from hoitu.core.units import UnitScoped

#: For how many days a link may be made.
DAYS: Final = (1, 3, 7, 14)
_FILE = re.compile(r"/tep/(\d{1,18})/")


class PreviewLink(UnitScoped, Base):
    """One such link; its secret is kept as a hash only."""

    __tablename__ = "preview_link"
    __table_args__ = (ForeignKeyConstraint(["item_id", "unit_id"], ["item.id", "item.unit_id"]),)
    #: No public page shows it.
    shapes_pages: ClassVar[bool] = False

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    item_id: Mapped[int] = mapped_column(BigId, index=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    #: For whom it was made, in the words of its maker.
    label: Mapped[str] = mapped_column(String(120), default="")
    created_by: Mapped[str] = mapped_column(String(120))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


def find(session: Session, token: str) -> PreviewLink | None:
    """Return the link of the scoped unit with a secret, be it open or not."""
    return session.scalar(select(PreviewLink).where(PreviewLink.token_hash == hash_of(token)))


def is_open(link: PreviewLink, item: Item, now: datetime) -> bool:
    """Say whether a link still shows the item.

    It ends at its time, when it is revoked, and when the item leaves the public or is thrown away:
    what is withdrawn must not go on being read by a link that was made before.
    """
    if link.revoked_at is not None or link.expires_at <= now or item.state in RESTING:
        return False
    left = item.published_until
    return left is None or left > now or left <= link.created_at


def end(session: Session, item_id: int, now: datetime) -> None:
    """Let no link show an item any more: what leaves the public must not come back by one."""
    open_links = (PreviewLink.item_id == item_id, PreviewLink.revoked_at.is_(None))
    ended = update(PreviewLink).where(*open_links).values(revoked_at=now)
    session.execute(ended.execution_options(synchronize_session=False))


def files_of(kind: ContentType, item: Item) -> set[int]:
    """Return the files that belong to the page of an item: attached, and named in its texts."""
    fields = {n: f for n, f in kind.fields.items() if not f.private}
    values = {n: f.kind.dump(getattr(item, n)) for n, f in fields.items() if n != "attachments"}
    named = {int(found) for found in _FILE.findall(json.dumps(values, default=str))}
    return named | (set(item.attachments) if "attachments" in fields else set())
