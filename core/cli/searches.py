"""``hoitu search rebuild``."""

from __future__ import annotations

import sys

import click

from hoitu.core.cli.context import platform
from hoitu.core.extensions import session
from hoitu.core.jobs import indexing
from hoitu.core.units import all_units


def register(cli: click.Group) -> None:
    """Add the commands."""
    cli.add_command(search)


@click.group()
def search() -> None:
    """Look after the search index."""


@search.command()
def rebuild() -> None:
    """Build a new index beside the old one and swap them; search stays up meanwhile."""
    with platform() as parts, all_units("rebuild of the search index"):
        found = indexing.documents(session(), parts.types, parts.clock.now())
        with click.progressbar(found, label="Indexing", file=sys.stderr) as all_:
            count = parts.search.rebuild(all_)
    click.echo(f"{count} documents are in the new index.")
