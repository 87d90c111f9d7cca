"""``hoitu mail test``: try the sending of mail."""

from __future__ import annotations

from uuid import uuid4

import click

from hoitu.core import mail as mails
from hoitu.core.cli.context import platform


def register(cli: click.Group) -> None:
    """Add the commands."""
    cli.add_command(mail)


@click.group()
def mail() -> None:
    """Look after the sending of mail."""


@mail.command()
@click.argument("address")
def test(address: str) -> None:
    """Send a mail to ADDRESS at once, past the queue, and tell where it went."""
    with platform() as parts:
        letter = mails.Letter(
            address=address,
            subject="Hội Tụ",
            text=f"-- \n{mails.REASONS[mails.OPERATOR]}",
            uid=uuid4().hex,
            posted_at=parts.clock.now(),
        )
        try:
            place = mails.send(parts.config, parts.instance, letter)
        except mails.MailError as error:
            raise click.ClickException(
                f"{error}. Correct `mail_url` and `mail_from` in the settings, then try again."
            ) from error
    if parts.config.mail_url:
        click.echo(f"{place} has taken the mail. Look whether it arrives at {address}.")
    else:
        click.echo(f"No `mail_url` is set: the mail is written to {place}")
