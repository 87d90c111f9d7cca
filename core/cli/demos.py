"""``hoitu demo``: load the demonstration and serve it."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Any

import click

from hoitu.core.access import accounts
from hoitu.core.cli.context import application, platform
from hoitu.core.cli.instances import init
from hoitu.core.cli.servers import run_server
from hoitu.core.demo import load
from hoitu.core.extensions import Platform, session
from hoitu.core.jobs import Worker

#: Deployment settings of a demonstration: loopback host names, cookies without HTTPS.
SETTINGS: dict[str, Any] = {"demo_hosts": True, "secure_cookies": False}
SIGN_IN_FILE = "demo-sign-in.txt"
#: (address, name, role, unit slug); None = the whole platform.
PEOPLE = (
    ("quantri@demo.example", "Quản trị nền tảng (mẫu)", "platform_admin", None),
    ("bientap@demo.example", "Biên tập viên Phong Điền (mẫu)", "editor", "phong-dien"),
    ("duyet@demo.example", "Người duyệt Phong Điền (mẫu)", "approver", "phong-dien"),
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
    context.invoke(init)
    with platform(**SETTINGS) as parts:
        added = load(parts, session(), _show_progress)
        _create_people(parts)
        shown = parts.units.by_slug("phong-dien"), parts.units.by_slug("phuong-phong-dien")
    with application(**SETTINGS) as app:
        Worker(app).drain()
    click.echo(f"The demonstration is loaded ({added} new items).")
    _show_addresses(parts, port, [unit.slug for unit in shown if unit])
    if serve:
        run_server(host, port, workers=1, threads=4, overrides=SETTINGS)


def _show_progress(section: str, done: int, total: int) -> None:
    if done in (1, total) or done % 25 == 0:
        click.echo(f"  {section}: {done}/{total}")


def _create_people(parts: Platform) -> None:
    path = parts.instance / SIGN_IN_FILE
    if path.exists():
        return
    lines = []
    for email, name, role, slug in PEOPLE:
        password = secrets.token_urlsafe(12)
        account = accounts.create(session(), email=email, name=name, password=password)
        unit = parts.units.by_slug(slug) if slug else None
        accounts.grant(session(), account, role, unit.id if unit else None)
        lines.append(f"{role:15} {email:24} {password}")
    session().commit()
    path.touch(mode=0o600)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _show_addresses(parts: Platform, port: int, slugs: list[str]) -> None:
    click.echo(f"\n  Province    http://127.0.0.1:{port}/")
    for slug in slugs:
        click.echo(f"  {slug:11} http://{slug}.localhost:{port}/")
    click.echo(f"  Desk        http://127.0.0.1:{port}/quan-tri/\n")
    path: Path = parts.instance / SIGN_IN_FILE
    click.echo(f"Sign-in (kept in {path}):")
    click.echo(path.read_text(encoding="utf-8"))
