"""The running platform: one typed object that holds what an application is made of.

``platform`` is the one of the current application. It is filled by
:func:`hoitu.core.app.create_app` and by nobody else.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, cast

from flask import current_app, g, has_app_context
from werkzeug.local import LocalProxy

from hoitu.core.kept import Kept

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from flask import Flask
    from flask.sansio.app import App
    from sqlalchemy import Engine
    from sqlalchemy.orm import Session

    from hoitu.core.access import Permissions
    from hoitu.core.batches import Do
    from hoitu.core.clock import Clock
    from hoitu.core.config import Config
    from hoitu.core.content import ContentTypes
    from hoitu.core.content.files import FileStore
    from hoitu.core.content.own_addresses import OwnAddresses
    from hoitu.core.jobs import Jobs
    from hoitu.core.plugin import Dispatcher, Plugins
    from hoitu.core.requirements import Catalogues
    from hoitu.core.sealing import Seal
    from hoitu.core.search import SearchBackend
    from hoitu.core.settings import SettingsRegistry
    from hoitu.core.theming import Themes
    from hoitu.core.units import Switchboard, UnitDirectory

__all__ = ["Platform", "platform", "platform_of", "session", "session_of_call"]

KEY = "hoitu"


@dataclass(slots=True)
class Platform:
    """What one running application is made of; the parts never change after start."""

    # Everything but `stamp` and `kept` is set once by the application factory.

    instance: Path
    config: Config
    clock: Clock
    engine: Engine
    catalogues: Catalogues
    plugins: Plugins
    hooks: Dispatcher
    units: UnitDirectory
    switchboard: Switchboard
    settings: SettingsRegistry
    permissions: Permissions
    types: ContentTypes
    files: FileStore
    search: SearchBackend
    themes: Themes
    jobs: Jobs
    #: Locks what a copy of the database must not tell.
    seal: Seal
    #: What is done to a row of a batch, by the name of its kind.
    batch_kinds: dict[str, Do]
    #: Tells which addresses are those of a unit's own site.
    own_addresses: OwnAddresses
    #: Opens a unit-scoped session; the argument says whether it will write.
    open_session: Callable[[bool], Session]
    #: Configuration stamp and day for which this process has read units, switches and settings.
    stamp: tuple[int, date] | None = None
    #: What pages need again and again, of the present state of the database.
    kept: Kept = field(default_factory=Kept)


def _current() -> Platform:
    return cast("Platform", current_app.extensions[KEY])


def platform_of(app: App) -> Platform | None:
    """Return the platform of an application, also while it starts.

    None for one on which blueprints are only tried out.
    """
    return cast("Platform | None", app.extensions.get(KEY))


#: The platform of the current application.
platform: Platform = cast("Platform", LocalProxy(_current))


def session() -> Session:
    """Return the database session of the current application context, opened on first use.

    There is one session per request, job or command. It closes with the context; nothing is
    committed unless its user commits. Requests with a safe method get one that only reads.
    """
    if "hoitu_session" not in g:
        g.hoitu_session = platform.open_session(not g.get("hoitu_reads_only", False))
    return cast("Session", g.hoitu_session)


@contextmanager
def session_of_call(write: bool) -> Iterator[Session]:
    """Open a session that :func:`session` returns inside the block, whatever it returned before.

    For a worker, whose application context outlives each event and job: a handler that asks for the
    session gets that of its own call, not a second writer that waits for the first.
    """
    before = g.pop("hoitu_session", None)
    with platform.open_session(write) as opened:
        g.hoitu_session = opened
        try:
            yield opened
        finally:
            g.pop("hoitu_session", None)
            if before is not None:
                g.hoitu_session = before


def close_session(_error: BaseException | None = None) -> None:
    """Close the context's session; what was not committed is rolled back."""
    if has_app_context() and (opened := g.pop("hoitu_session", None)) is not None:
        opened.close()


def init_app(app: Flask, parts: Platform) -> None:
    """Attach the platform to its application."""
    app.extensions[KEY] = parts
    app.teardown_appcontext(close_session)
