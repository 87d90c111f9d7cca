"""``hoitu demo``: load the demonstration and serve it."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Any

import click
from sqlalchemy import select

from hoitu.core import config as configuration
from hoitu.core import schema
from hoitu.core.access import Account, accounts
from hoitu.core.cli.context import application, platform
from hoitu.core.cli.instances import init
from hoitu.core.cli.servers import run_server
from hoitu.core.content import Item
from hoitu.core.demo import load
from hoitu.core.extensions import KEY, Platform, session
from hoitu.core.jobs import Worker
from hoitu.core.units.models import UnitRow

#: Deployment settings of a demonstration: loopback host names, cookies without HTTPS.
SETTINGS: dict[str, Any] = {"demo_hosts": True, "secure_cookies": False}
SIGN_IN_FILE = "demo-sign-in.txt"
#: The pilot district, and the ward that continues part of it.
SHOWN = ("phong-dien", "phuong-phong-dien")
#: (address, name, role, unit slugs); no slug = the whole platform.
PEOPLE: tuple[tuple[str, str, str, tuple[str, ...]], ...] = (
    ("quantri@demo.example", "Quản trị nền tảng (mẫu)", "platform_admin", ()),
    ("bientap@demo.example", "Biên tập viên Phong Điền (mẫu)", "editor", SHOWN),
    ("duyet@demo.example", "Người duyệt Phong Điền (mẫu)", "approver", SHOWN),
)


def register(cli: click.Group) -> None:
    """Add the command."""
    cli.add_command(demo)


@click.command()
@click.option("--serve/--no-serve", default=True, help="Serve after loading.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8000, show_default=True, help="Port to listen on.")
@click.pass_context
def demo(context: click.Context, serve: bool, host: str, port: int) -> None:
    """Load the plan's pilot units with real documents and sample content, then serve them."""
    _refuse_foreign_instance()
    context.invoke(init)
    with platform(**SETTINGS) as parts:
        people = _create_people(parts)
        added = load(parts, session(), _show_progress)
        _give_roles(parts, people)
    with application(**SETTINGS) as app:
        Worker(app).drain()
    click.echo(f"The demonstration is loaded ({added} new items).")
    _show_addresses(parts, port)
    if serve:
        run_server(host, port, workers=1, threads=4, overrides=SETTINGS)


def _refuse_foreign_instance() -> None:
    """Refuse an instance with data, unless the demonstration made it.

    The account of the demonstration's administrator is the mark: it is made first, and its address
    can belong to nobody.
    """
    folder = configuration.instance_folder()
    with application(**SETTINGS) as app:
        engine = app.extensions[KEY].engine
        if not schema.is_initialised(engine):
            return
        with engine.connect() as connection:
            own = select(Account.id).where(Account.email == PEOPLE[0][0])
            if connection.scalar(own) is not None:
                return
            tables = Account.__table__, UnitRow.__table__, Item.__table__
            # On the connection: an item of any unit will do.
            used = any(connection.scalar(select(t.c.id).limit(1)) is not None for t in tables)
    if used:
        raise click.ClickException(
            f"{folder} holds units, accounts or content that are not the demonstration's. Nothing "
            "was changed. Name another folder, without HOITU_DATABASE_URL: "
            "HOITU_INSTANCE=./demo hoitu demo"
        )


def _show_progress(section: str, done: int, total: int) -> None:
    if done in (1, total) or done % 25 == 0:
        click.echo(f"  {section}: {done}/{total}")


def _create_people(parts: Platform) -> list[Account]:
    """Return the accounts; make them, or give them new passwords, unless their file is there."""
    path = parts.instance / SIGN_IN_FILE
    emails = [email for email, _, _, _ in PEOPLE]
    known = {
        a.email: a for a in session().scalars(select(Account).where(Account.email.in_(emails)))
    }
    if len(known) < len(PEOPLE) or not path.exists():
        lines = []
        for email, name, role, _ in PEOPLE:
            password = secrets.token_urlsafe(12)
            if email in known:
                accounts.set_password(known[email], password)
            else:
                known[email] = accounts.create(session(), email=email, name=name, password=password)
            lines.append(f"{role:15} {email:24} {password}\n")
        session().commit()
        configuration.write_private(path, "".join(lines), replace=True)
    return [known[email] for email in emails]


def _give_roles(parts: Platform, people: list[Account]) -> None:
    for account, (_, _, role, slugs) in zip(people, PEOPLE, strict=True):
        units = [parts.units.by_slug(slug) for slug in slugs]
        for unit_id in [unit.id for unit in units if unit] if slugs else [None]:
            accounts.grant(session(), account, role, unit_id)
    session().commit()


def _show_addresses(parts: Platform, port: int) -> None:
    hosts = {"Province": "127.0.0.1", **{slug: f"{slug}.localhost" for slug in SHOWN}}
    click.echo()
    for name, host in hosts.items():
        click.echo(f"  {name:18} http://{host}:{port}/")
    click.echo(f"  {'Desk of each':18} …/quan-tri/\n")
    path: Path = parts.instance / SIGN_IN_FILE
    click.echo(f"Sign-in (kept in {path}); editor and approver at {' and '.join(SHOWN)}:")
    click.echo(path.read_text(encoding="utf-8"))
