"""The plugin at a glance: what it asks the operator, and what it looks at."""

from __future__ import annotations

from typing import IO, TYPE_CHECKING

from hoitu.core.hookspecs import hookimpl

if TYPE_CHECKING:
    from hoitu.core.content import Problem
    from hoitu.core.units import Unit


class Antivirus:
    """Plugin object of the service."""

    @hookimpl
    def register_settings(self) -> list[type]:
        """Return where the scanner answers."""
        from hoitu.plugins.antivirus.settings import AntivirusSettings

        return [AntivirusSettings]

    @hookimpl
    def check_upload(self, unit: Unit, name: str, source: IO[bytes]) -> list[Problem]:
        """Return why a file may not be kept: it is infected, or nobody could look."""
        from hoitu.plugins.antivirus.checking import check

        return check(unit, name, source)


service = Antivirus()
