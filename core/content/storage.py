"""The file store of an installation whose chosen one is not there."""

from __future__ import annotations

from typing import IO, NoReturn


class StorageMissing(RuntimeError):
    """No active plugin provides the chosen file store: files are neither stored nor served."""


class MissingStorage:
    """Stands in for a plugin's file store that is not there.

    Keeping files elsewhere meanwhile would scatter them; so nothing is kept until it is back.
    """

    def __init__(self, name: str) -> None:
        self._name = name

    def put(self, source: IO[bytes]) -> NoReturn:
        """Refuse to store anything.

        :raises StorageMissing: always.
        """
        raise StorageMissing(self._name)

    def open(self, sha256: str) -> NoReturn:
        """Refuse to look for anything.

        :raises StorageMissing: always.
        """
        raise StorageMissing(self._name)
