"""``hoitu audit verify``."""

from __future__ import annotations

import click

from hoitu.core.access import audit as log
from hoitu.core.cli.context import platform
from hoitu.core.extensions import session


def register(cli: click.Group) -> None:
    """Add the commands."""
    cli.add_command(audit)


@click.group()
def audit() -> None:
    """Look at the audit log."""


@audit.command()
def verify() -> None:
    """Re-compute the chain of hashes; name the first entry that was changed."""
    with platform():
        verdict = log.verify(session())
    if verdict.broken_id is not None:
        raise click.ClickException(
            f"Entry {verdict.broken_id} does not fit: it, or one before it, was changed or "
            "removed. Compare with a backup."
        )
    click.echo(f"{verdict.entries} entries, unbroken. Head: {verdict.head}")
    click.echo("Keep the head elsewhere: it proves later that nothing was rewritten.")
