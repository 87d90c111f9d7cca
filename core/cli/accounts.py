"""``hoitu account create | grant``."""

from __future__ import annotations

import click
from sqlalchemy import select

from hoitu.core.access import ROLES, SYSTEM, Account, accounts, audit
from hoitu.core.cli.context import platform
from hoitu.core.extensions import session


def register(cli: click.Group) -> None:
    """Add the commands."""
    cli.add_command(account)


@click.group()
def account() -> None:
    """Accounts of staff."""


@account.command()
@click.argument("email")
@click.option("--name", required=True, help="Full name of the person.")
@click.password_option(help="Asked for when not given.")
def create(email: str, name: str, password: str) -> None:
    """Create an account."""
    with platform() as parts:
        try:
            made = accounts.create(session(), email=email, name=name, password=password)
        except accounts.AccountError as error:
            raise click.ClickException(f"{error}. Nothing was changed.") from error
        audit.record(
            session(), SYSTEM, "account.create", object_type="account", object_id=made.id,
            unit_id=None, now=parts.clock.now(), detail={"email": made.email},
        )  # fmt: skip
        session().commit()
    click.echo(f"Account {made.email} is created. Give it a role: hoitu account grant {made.email}")


@account.command()
@click.argument("email")
@click.argument("role", type=click.Choice(sorted(ROLES)))
@click.option("--unit", "slug", help="Slug of the unit; only platform_admin goes without.")
def grant(email: str, role: str, slug: str | None) -> None:
    """Give an account a role in a unit."""
    with platform() as parts:
        found = session().scalar(select(Account).where(Account.email == email.lower()))
        unit = parts.units.by_slug(slug) if slug else None
        if found is None or (slug and unit is None):
            raise click.ClickException("No such account or unit. See: hoitu unit list")
        try:
            accounts.grant(session(), found, role, unit.id if unit else None)
        except accounts.AccountError as error:
            raise click.ClickException(f"{error}. Nothing was changed.") from error
        audit.record(
            session(), SYSTEM, "account.grant", object_type="account", object_id=found.id,
            unit_id=unit.id if unit else None, now=parts.clock.now(), detail={"role": role},
        )  # fmt: skip
        session().commit()
    click.echo(f"{email} is {role}{' of ' + slug if slug else ' everywhere'}.")
