"""Writing counts down: each is added to what the database has, so none is lost to another process.

Rows are written in the order of their keys: of two processes that write the same ones, the second
waits for the first and neither for both.
"""

from __future__ import annotations

import hashlib
import secrets
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from math import log
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from hoitu.core.db import Base
from hoitu.core.web import is_robot
from hoitu.plugins.visits.models import DayCount, DayKey, PageViews, Trace

if TYPE_CHECKING:
    from hoitu.plugins.visits.counting import Hit

#: Places among which the visitors of a site and day are spread: two bytes of a hash.
BUCKETS: Final = 1 << 16
#: Rows of one statement.
_AT_ONCE: Final = 500
_INSERT: Final[Mapping[str, Any]] = {
    "postgresql": postgresql.insert,
    "sqlite": sqlite.insert,
}


def write(session: Session, hits: Sequence[Hit], today: date) -> None:
    """Add what people read to the counts; the caller commits.

    Visitors of a day that is over are not added: its key is, or soon will be, deleted.
    """
    read = [hit for hit in hits if not is_robot(hit.agent)]
    pages = Counter((hit.unit_id, hit.day, hit.item_id, hit.path) for hit in read)
    days = Counter((hit.unit_id, hit.day) for hit in read)
    named = ("unit_id", "day", "item_id", "path")
    add(
        session, PageViews,
        [dict(zip(named, key, strict=True), views=views) for key, views in sorted(pages.items())],
    )  # fmt: skip
    add(
        session, DayCount,
        [
            {"unit_id": unit_id, "day": day, "views": views, "visitors": 0}
            for (unit_id, day), views in sorted(days.items())
        ],
    )  # fmt: skip
    _trace(session, [hit for hit in read if hit.visitor and hit.day == today], today)


def add(session: Session, model: type[Base], rows: Sequence[Mapping[str, Any]]) -> None:
    """Add ``views`` to rows of a table of counts, which are made where there are none."""
    for part in _parts(rows):
        statement = insert(session, model).values(part)
        counted: Any = model
        session.execute(
            statement.on_conflict_do_update(
                index_elements=list(model.__mapper__.primary_key),
                set_={"views": counted.views + statement.excluded.views},
            )
        )


def insert(session: Session, model: type[Base]) -> Any:
    """Return an insert that can say what becomes of a row that is there already."""
    return _INSERT[session.get_bind().dialect.name](model)


def estimate(taken: int) -> int:
    """Return how many visitors there are when so many places are taken (linear counting)."""
    if taken >= BUCKETS:
        taken = BUCKETS - 1
    return round(-BUCKETS * log(1 - taken / BUCKETS))


def bucket_of(key: str, hit: Hit) -> int:
    """Return the place of a visitor under the key of the day; another one at each site."""
    said = f"{hit.unit_id}|{hit.visitor}|{hit.agent}".encode()
    digest = hashlib.blake2b(said, key=bytes.fromhex(key), digest_size=2).digest()
    return int.from_bytes(digest)


def _trace(session: Session, hits: Sequence[Hit], today: date) -> None:
    if not hits:
        return
    key = _key_of(session, today)
    seen = {(hit.unit_id, bucket_of(key, hit)): hit.at for hit in sorted(hits, key=lambda h: h.at)}
    rows = [
        {"unit_id": unit_id, "day": today, "bucket": bucket, "seen_at": at}
        for (unit_id, bucket), at in sorted(seen.items())
    ]
    for part in _parts(rows):
        statement = insert(session, Trace).values(part)
        session.execute(
            statement.on_conflict_do_update(
                index_elements=list(Trace.__mapper__.primary_key),
                set_={"seen_at": statement.excluded.seen_at},
            )
        )


def _key_of(session: Session, day: date) -> str:
    """Return the key of a day: the one that whichever process came first has made."""
    asked = select(DayKey.key).where(DayKey.day == day)
    found = session.scalar(asked)
    if found is None:
        made = insert(session, DayKey).values(day=day, key=secrets.token_hex(32))
        session.execute(made.on_conflict_do_nothing())
        found = session.scalars(asked).one()
    return str(found)


def _parts(rows: Sequence[Mapping[str, Any]]) -> Iterator[list[Mapping[str, Any]]]:
    for first in range(0, len(rows), _AT_ONCE):
        yield list(rows[first : first + _AT_ONCE])
