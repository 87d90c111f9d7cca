"""Batches: the same work on many entries, looked at before it is done, with a result for each."""

from __future__ import annotations

from collections.abc import Mapping

from hoitu.core.batches import bulk, imports
from hoitu.core.batches.kinds import Do, entry_of
from hoitu.core.batches.models import (
    DONE,
    LEFT_OUT,
    OK,
    READY,
    REFUSED,
    RUNNING,
    STOPPED,
    WAITING,
    Batch,
    BatchRow,
)
from hoitu.core.batches.running import (
    JOBS,
    MAX_ROWS,
    NewRow,
    add_rows,
    begin,
    count,
    start,
    stop,
)

#: The kinds of batches, by name, that need nothing but this package and the content.
KINDS: Mapping[str, Do] = {**bulk.KINDS, **imports.KINDS}

__all__ = [
    "DONE",
    "JOBS",
    "KINDS",
    "LEFT_OUT",
    "MAX_ROWS",
    "OK",
    "READY",
    "REFUSED",
    "RUNNING",
    "STOPPED",
    "WAITING",
    "Batch",
    "BatchRow",
    "Do",
    "NewRow",
    "add_rows",
    "begin",
    "count",
    "entry_of",
    "start",
    "stop",
]
