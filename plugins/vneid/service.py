"""The plugin at a glance: the one way in which citizens sign in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hoitu.core.hookspecs import hookimpl

if TYPE_CHECKING:
    from pathlib import Path

    from flask import Blueprint

    from hoitu.core.demo import Companion
    from hoitu.core.people import LoginProvider


class Vneid:
    """Plugin object of the service."""

    @hookimpl
    def register_blueprints(self) -> list[Blueprint]:
        """Return one without pages: the settings are read when it is registered."""
        from flask import Blueprint

        from hoitu.plugins.vneid.login import prepare

        blueprint = Blueprint("vneid", __name__)
        blueprint.record(prepare)
        return [blueprint]

    @hookimpl
    def demo_companions(self, folder: Path, port: int) -> list[Companion]:
        """Return the simulation, where Node is there to run it."""
        from hoitu.plugins.vneid.simulated import companions

        return companions(folder / "vneid", port)

    @hookimpl
    def resolve_login(self) -> LoginProvider | None:
        """Return the sign-in that is set up, if one is."""
        from hoitu.plugins.vneid.login import current

        return current()


service = Vneid()
