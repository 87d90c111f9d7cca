"""What commands share: the application, and its platform inside an application context."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import click

from hoitu.core import schema
from hoitu.core.app import Portal, create_app
from hoitu.core.extensions import KEY, Platform, session
from hoitu.core.settings.refresh import refresh


@contextmanager
def application(**overrides: Any) -> Iterator[Portal]:
    """Open the application of this instance; its connections and files are closed at the end."""
    app = create_app(**overrides)
    try:
        yield app
    finally:
        parts: Platform = app.extensions[KEY]
        parts.search.close()
        parts.engine.dispose()


@contextmanager
def platform(*, initialised: bool = True, **overrides: Any) -> Iterator[Platform]:
    """Open the platform of this instance for one command; ``overrides`` as of ``create_app``.

    :raises ClickException: the database was never set up, and the command needs it.
    """
    with application(**overrides) as app:
        parts: Platform = app.extensions[KEY]
        if initialised and not schema.is_initialised(parts.engine):
            raise click.ClickException("The instance is not set up. Run: hoitu init")
        with app.app_context():
            if initialised:
                refresh(parts, session())
                session().rollback()
            yield parts
