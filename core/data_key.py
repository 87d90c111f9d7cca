"""The key of what is sealed belongs to a database: it is made once, and a wrong one is noticed.

The database keeps a mark of the key, made from a constant. No process that finds the mark makes a
new key, or goes on with another one: what was sealed could never be opened again.
"""

from __future__ import annotations

import hmac
import logging
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Final

from sqlalchemy import Column, Engine, String, delete, inspect, select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Mapped, Session, mapped_column

from hoitu.core import config as configuration
from hoitu.core.access import SYSTEM, audit
from hoitu.core.access.models import RecoveryCode
from hoitu.core.config import ConfigError
from hoitu.core.db import WRITE, Base
from hoitu.core.sealing import Seal, SealBroken

log = logging.getLogger(__name__)

FILE: Final = "data_key"
#: Key of ``Column.info``: the column is sealed, for the purpose that is the value.
SEALED: Final = "sealed"
_REMEDY: Final = (
    "Put the file back from its backup; every server of an installation has the same. Without "
    "one, sealed second factors and numbers of people are lost; to go on without them: "
    "hoitu data-key replace"
)


class SealMark(Base):
    """The one row that tells with which key this database was sealed."""

    __tablename__ = "seal_mark"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    mark: Mapped[str] = mapped_column(String(64))


def seal_of(engine: Engine, folder: Path) -> Seal:
    """Return the seal of an instance; its key is made where nothing was ever sealed.

    A database that does not answer is not asked when the key is there.

    :raises ConfigError: the key is missing, unusable, or not that of the database.
    :raises OperationalError: the key is missing and the database does not answer.
    """
    path, known = folder / FILE, ""
    if not path.exists():
        refuse_lost(engine, folder)
    try:
        known = _known(engine)
    except SQLAlchemyError:
        log.warning("the database cannot be asked whether %s is its key", path)
    finally:
        # A connection opened here must not be shared by the processes a server forks.
        engine.dispose()
    seal = Seal(configuration.data_key(folder, create=True))
    if known and not hmac.compare_digest(known, _mark(seal)):
        raise ConfigError(f"{path} is not the key this database was sealed with. {_REMEDY}")
    return seal


def refuse_lost(engine: Engine, folder: Path) -> None:
    """See to it that no key is made for a database that has one; its connections are closed.

    :raises ConfigError: the database was sealed.
    :raises OperationalError: it does not answer.
    """
    try:
        known = _known(engine)
    finally:
        engine.dispose()
    if known:
        path = folder / FILE
        raise ConfigError(f"{path} is missing, and the database was sealed with it. {_REMEDY}")


def keep_mark(session: Session, seal: Seal) -> None:
    """Write down with which key the database is sealed, once; the caller commits."""
    if session.get(SealMark, 1) is None:
        session.add(SealMark(id=1, mark=_mark(seal)))


def is_marked(engine: Engine) -> bool:
    """Say whether the database tells its key."""
    return bool(_known(engine))


def unopened(engine: Engine, seal: Seal) -> Iterator[str]:
    """Yield the columns (``table.column``) of which a value cannot be opened; one is tried each."""
    with engine.connect() as connection:
        for column, purpose in sealed_columns():
            sealed = connection.scalar(select(column).where(column != "").limit(1))
            try:
                if sealed:
                    seal.open(sealed, purpose)
            except SealBroken:
                yield str(column)


def sealed_columns() -> list[tuple[Column[str], str]]:
    """Return the columns that are sealed, with their purposes."""
    columns = (column for table in Base.metadata.sorted_tables for column in table.columns)
    return [(column, column.info[SEALED]) for column in columns if SEALED in column.info]


def replace(engine: Engine, folder: Path, now: datetime) -> dict[str, int]:
    """Seal with the key of the instance from now on, with a new one where there is none.

    What the lost key sealed is emptied; recovery codes go too. Return how many values
    that were, by column.

    :raises ConfigError: the key is unusable, or is the right one: then nothing is lost.
    """
    known = _known(engine)
    if not known:
        raise ConfigError("The database has no mark of a key yet. Run: hoitu upgrade")
    seal = Seal(configuration.data_key(folder, create=True))
    if hmac.compare_digest(known, _mark(seal)):
        raise ConfigError("The key fits the database. Nothing was changed.")
    dropped = {}
    with Session(engine.execution_options(**{WRITE: True})) as session:
        for column, _purpose in sealed_columns():
            # What is found by a mark of the key is not found any more, and neither is its mark.
            marks = dict.fromkeys(column.info.get("marks", ()))
            emptied = update(column.table).where(column != "").values({column.key: "", **marks})
            dropped[str(column)] = session.execute(emptied).rowcount  # type: ignore[attr-defined]
        codes = session.execute(delete(RecoveryCode))
        dropped[RecoveryCode.__tablename__] = codes.rowcount  # type: ignore[attr-defined]
        row = session.get(SealMark, 1) or SealMark(id=1)
        row.mark = _mark(seal)
        session.add(row)
        audit.record(
            session, SYSTEM, "data_key.replace", object_type="instance", object_id=FILE,
            unit_id=None, now=now, detail=dropped,
        )  # fmt: skip
        session.commit()
    return dropped


def _known(engine: Engine) -> str:
    if not inspect(engine).has_table(SealMark.__tablename__):
        return ""
    with Session(engine) as session:
        return session.scalar(select(SealMark.mark)) or ""


def _mark(seal: Seal) -> str:
    return seal.mark("hoitu", "the key itself")
