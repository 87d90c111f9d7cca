"""``hoitu data-key replace``: go on without what a lost key sealed."""

from __future__ import annotations

import click

from hoitu.core import config as configuration
from hoitu.core import data_key, schema
from hoitu.core.clock import SystemClock
from hoitu.core.db import make_engine


def register(cli: click.Group) -> None:
    """Add the commands."""
    cli.add_command(keys)


@click.group("data-key")
def keys() -> None:
    """Look after the key of what is sealed."""


@keys.command()
@click.confirmation_option(
    prompt="Without a backup of data_key? Sealed second factors, recovery codes and numbers of "
    "people are removed for good",
    help="Do not ask.",
)
def replace() -> None:
    """Go on without a lost data_key: what it sealed is removed, and that is recorded."""
    folder = configuration.instance_folder()
    engine = make_engine(configuration.database_url(configuration.load(folder), folder))
    try:
        if not schema.is_initialised(engine):
            raise click.ClickException("The instance is not set up. Run: hoitu init")
        dropped = data_key.replace(engine, folder, SystemClock().now())
    finally:
        engine.dispose()
    for name, count in dropped.items():
        click.echo(f"{name}: {count} removed")
    click.echo("Restart every server and worker, and keep a copy of the new data_key.")
