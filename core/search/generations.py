"""The folders of an index that is replaced as a whole: one is live, the next grows beside it."""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex

from flask_babel import gettext as _

from hoitu.core.search.protocol import SearchUnavailable


@dataclass(frozen=True, slots=True)
class Generation:
    """One index: its folder, and whether it was built as a whole."""

    folder: Path
    complete: bool


class Generations:
    """The generations below one folder; ``current.json`` there names the live one.

    ``schema`` is the form of the index that this version of the program reads and writes.
    """

    def __init__(self, root: Path, schema: int) -> None:
        self._root = root
        self._schema = schema
        self._pointer = root / "current.json"

    def live(self) -> Generation | None:
        """Return the live generation, None before the first one.

        :raises SearchUnavailable: it is of another form, or the pointer cannot be understood.
        """
        try:
            pointer = json.loads(self._pointer.read_text("utf-8"))
            if pointer["schema"] != self._schema:
                raise SearchUnavailable(_("The search index was made by another version."))
            return Generation(self._root / pointer["folder"], bool(pointer["complete"]))
        except FileNotFoundError:
            return None
        except (ValueError, KeyError, TypeError) as error:
            raise damaged() from error

    def add_folder(self) -> Path:
        """Return a new empty folder, not yet live."""
        folder = self._root / token_hex(8)
        folder.mkdir()
        return folder

    def make_live(self, folder: Path, *, complete: bool) -> Generation:
        """Switch every reader of every process to ``folder`` at once."""
        pointer = {"schema": self._schema, "folder": folder.name, "complete": complete}
        fresh = self._pointer.with_suffix(".new")
        with fresh.open("w", encoding="utf-8") as file:
            json.dump(pointer, file)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self._pointer)
        return Generation(folder, complete)

    def sweep(self, live: Path) -> None:
        """Remove all generations but the live one, also what a killed rebuild left behind."""
        for folder in self._root.iterdir():
            if folder.is_dir() and folder != live:
                shutil.rmtree(folder, ignore_errors=True)


def damaged() -> SearchUnavailable:
    """Return the error for files that make no sense."""
    return SearchUnavailable(_("The search index is damaged."))
