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
from hoitu.core.demo import CompanionError, load, running
from hoitu.core.extensions import KEY, Platform, session
from hoitu.core.jobs import Worker
from hoitu.core.mail.sending import OUTBOX
from hoitu.core.units.models import UnitRow

#: Deployment settings of a demonstration: loopback host names, cookies without HTTPS, and a
#: password alone.
SETTINGS: dict[str, Any] = {"demo_hosts": True, "secure_cookies": False, "second_factor": "none"}
SIGN_IN_FILE = "demo-sign-in.txt"
#: A ward, and the pilot district it continues a part of, which was dissolved.
SHOWN = ("phuong-phong-dien", "phong-dien")
#: What each role may do, as it is printed.
MAY = {
    "platform_admin": "everything at every unit; makes accounts and excuses units from duties",
    "unit_admin": "all content of the unit, its people, sections, settings, look and log",
    "editor": "writes, submits, and throws away own drafts",
    "reviewer": "writes and, where the unit takes three steps, checks what editors submit",
    "approver": "writes, approves, publishes, returns and takes down what others submitted",
    "emergency_publisher": "puts banners up in an emergency, and sees nothing else of the desk",
}
#: (address, name, role, unit slugs); no slug = the whole platform.
PEOPLE: tuple[tuple[str, str, str, tuple[str, ...]], ...] = (
    ("quantri@demo.example", "Quản trị nền tảng (mẫu)", "platform_admin", ()),
    ("quantridonvi@demo.example", "Quản trị đơn vị Phong Điền (mẫu)", "unit_admin", SHOWN),
    ("bientap@demo.example", "Biên tập viên Phong Điền (mẫu)", "editor", SHOWN),
    ("kiemtra@demo.example", "Người kiểm tra Phong Điền (mẫu)", "reviewer", SHOWN),
    ("duyet@demo.example", "Người duyệt Phong Điền (mẫu)", "approver", SHOWN),
    ("khancap@demo.example", "Người trực khẩn cấp Phong Điền (mẫu)", "emergency_publisher", SHOWN),
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
    settings = {**SETTINGS, "demo_port": port}
    with platform(**settings) as parts:
        people = _create_people(parts)
        added = load(parts, session(), _show_progress)
        _give_roles(parts, people)
    with application(**settings) as app:
        Worker(app).drain()
    click.echo(f"The demonstration is loaded ({added} new items).")
    _show_addresses(parts, port)
    if serve:
        _serve(parts, host, port, settings)


def _serve(parts: Platform, host: str, port: int, settings: dict[str, Any]) -> None:
    """Serve, with the programs beside it that plugins bring."""
    companions = parts.hooks.demo_companions(parts.instance, port)
    for companion in companions:
        click.echo(f"  {companion.told}")
    told = {one.plugin: dict(one.settings) for one in companions}
    try:
        with running(companions):
            overrides = {**settings, "plugin": told}
            click.echo(f"Mails are written to {parts.instance / OUTBOX}. Ctrl-C stops all.")
            run_server(host, port, workers=1, threads=4, overrides=overrides)
    except CompanionError as error:
        raise click.ClickException(f"A program beside the demonstration: {error}") from error


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
            lines.append(f"{role:15} {email:26} {password}\n")
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
    today = parts.clock.today()
    shown = [unit for unit in map(parts.units.by_slug, SHOWN) if unit is not None]
    click.echo()
    for unit in shown:
        ended = "" if unit.exists_on(today) else f"   (ended on {unit.valid_until:%d/%m/%Y})"
        click.echo(f"  {unit.slug:18} http://{unit.slug}.localhost:{port}/{ended}")
    click.echo(f"  {'province':18} http://127.0.0.1:{port}/")
    first = next(unit for unit in shown if unit.exists_on(today))
    click.echo(f"  {'Desk to begin with':18} http://{first.slug}.localhost:{port}/quan-tri/")
    click.echo("  Every site has its desk at /quan-tri/; the province's opens to platform_admin.\n")
    path: Path = parts.instance / SIGN_IN_FILE
    click.echo(f"Sign-ins (kept in {path}); all but platform_admin at {' and '.join(SHOWN)}:")
    click.echo(path.read_text(encoding="utf-8"))
    for role, rights in MAY.items():
        click.echo(f"  {role:15} {rights}")
    click.echo()
