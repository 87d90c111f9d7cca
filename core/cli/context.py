"""What commands share: the application, and its platform inside an application context."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import click

from hoitu.core import schema
from hoitu.core.app import create_app
from hoitu.core.extensions import KEY, Platform, session
from hoitu.core.settings.refresh import refresh


@contextmanager
def platform(*, initialised: bool = True, **overrides: Any) -> Iterator[Platform]:
    """Open the application of this instance for one command.

    :raises ClickException: the database was never set up, and the command needs it.
    """
    app = create_app(**overrides)
    parts: Platform = app.extensions[KEY]
    if initialised and not schema.is_initialised(parts.engine):
        raise click.ClickException("The instance is not set up. Run: hoitu init")
    with app.app_context():
        if initialised:
            refresh(parts, session())
            session().rollback()
        yield parts
