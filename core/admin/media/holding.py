"""What uses files besides items: imports that came with files and are not finished."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from hoitu.core.batches import DONE, Batch
from hoitu.core.batches.imports import IMPORT, UPLOADS
from hoitu.core.extensions import session


@dataclass(frozen=True, slots=True)
class Import:
    """An import whose entries are still to be made: who asked for it, and the ids of its files."""

    account_name: str
    files: frozenset[int]


def imports() -> list[Import]:
    """Return the unit's imports that are not finished and have files: one statement."""
    chosen = (
        select(Batch.account_name, Batch.params[UPLOADS].label("files"))
        .where(Batch.kind == IMPORT, Batch.state != DONE)
        .order_by(Batch.id)
    )
    return [
        Import(row.account_name, frozenset(row.files.values()))
        for row in session().execute(chosen)
        if row.files
    ]


def held() -> frozenset[int]:
    """Return the ids of the unit's files that an import waits to use: one statement."""
    return frozenset().union(*(one.files for one in imports()))
