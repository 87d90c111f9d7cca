"""``hoitu``: every command of the platform."""

from __future__ import annotations

import sys

import click
from sqlalchemy.exc import OperationalError

from hoitu.core.config import ConfigError
from hoitu.core.requirements.catalogue import CatalogueError
from hoitu.core.schema import SchemaError
from hoitu.core.theming.registry import ThemeError


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="hoitu")
def cli() -> None:
    """Hội Tụ: the converged platform for the portals of a province's agencies."""


def commands() -> click.Group:
    """Return ``hoitu`` with all its commands; they are imported only now."""
    from hoitu.core.cli import (
        accounts,
        audits,
        catalogue,
        demos,
        instances,
        keys,
        links,
        mail,
        media,
        plugins,
        searches,
        sections,
        servers,
        settings,
        units,
    )

    for module in (
        instances,
        keys,
        servers,
        demos,
        plugins,
        units,
        catalogue,
        searches,
        settings,
        media,
        links,
        sections,
        accounts,
        mail,
        audits,
    ):
        module.register(cli)
    return cli


def main() -> None:
    """Run a command; a foreseeable error is one line that says what to do, not a traceback."""
    try:
        commands()()
    except (CatalogueError, ConfigError, SchemaError, ThemeError) as error:
        click.secho(str(error), fg="red", err=True)
        sys.exit(2)
    except OperationalError as error:
        click.secho(
            f"The database does not answer: {error.orig}. See: hoitu doctor", fg="red", err=True
        )
        sys.exit(2)
