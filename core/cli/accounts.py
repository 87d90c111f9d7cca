"""``hoitu account create | grant | open | drop-factor | drop-identity``."""

from __future__ import annotations

import click
from sqlalchemy import select

from hoitu.core.access import (
    ROLES,
    SYSTEM,
    Account,
    accounts,
    audit,
    factors,
    passwords,
    sessions,
)
from hoitu.core.admin.account import mails
from hoitu.core.cli.context import platform
from hoitu.core.extensions import Platform, session


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
        if passwords.weakness(password, [name, email.partition("@")[0]]):
            raise click.ClickException(
                f"Take a password of at least {passwords.MINIMUM_LENGTH} characters, neither a "
                "common one nor one made of the name or address. Nothing was changed."
            )
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


@account.command("open")
@click.argument("email")
def open_again(email: str) -> None:
    """Open a locked account again, whatever it was locked for."""
    with platform() as parts:
        found = _account(email)
        found.active, found.failed_logins, found.locked_until = True, 0, None
        found.idle_since = parts.clock.now()
        _record(parts, found, "account.unlock")
        session().commit()
    click.echo(f"{found.email} can sign in again.")


@account.command("drop-factor")
@click.argument("email")
def drop_factor(email: str) -> None:
    """Take all second factors of an account away that were lost; its sessions end."""
    with platform() as parts:
        found = _account(email)
        if not factors.drop_all(session(), found):
            raise click.ClickException(f"{found.email} has no second factor. Nothing was changed.")
        sessions.end(session(), found.id)
        _record(parts, found, "account.factor_drop")
        mails.tell_of_dropped_factor(found, parts.clock.now())
        session().commit()
    click.echo(f"{found.email} signs in with the password alone, and sets a new one up where due.")


@account.command("drop-identity")
@click.argument("email")
def drop_identity(email: str) -> None:
    """Part an account from who signs in to it by single sign-on; its sessions end."""
    with platform() as parts:
        found = _account(email)
        session().refresh(found, with_for_update=True)
        if not found.identities:
            raise click.ClickException(
                f"{found.email} was never signed in to by single sign-on. Nothing was changed."
            )
        found.identities.clear()
        sessions.end(session(), found.id)
        _record(parts, found, "account.identity_drop")
        mails.tell_of_dropped_identity(found, parts.clock.now())
        session().commit()
    click.echo(f"{found.email}: whoever signs in next with this address is known from then on.")


def _account(email: str) -> Account:
    found = accounts.of_address(session(), email)
    if found is None:
        raise click.ClickException(f"Nobody has an account with {email}.")
    return found


def _record(parts: Platform, found: Account, action: str) -> None:
    audit.record(
        session(), SYSTEM, action, object_type="account", object_id=found.id, unit_id=None,
        now=parts.clock.now(), detail={"email": found.email},
    )  # fmt: skip
