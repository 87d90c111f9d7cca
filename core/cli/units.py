"""``hoitu unit list | show | import``."""

from __future__ import annotations

from pathlib import Path

import click

from hoitu.core.cli.context import platform
from hoitu.core.extensions import Platform, session
from hoitu.core.settings.refresh import refresh
from hoitu.core.units import Unit, importing, unit_scope


def register(cli: click.Group) -> None:
    """Add the commands."""
    cli.add_command(unit)


@click.group()
def unit() -> None:
    """Look at units and load them."""


@unit.command("list")
@click.option(
    "--all", "everything", is_flag=True, help="Also dissolved units and those without a site."
)
def list_(everything: bool) -> None:
    """List the units that have a site today."""
    with platform() as parts:
        today = parts.clock.today()
        found = parts.units.all() if everything else parts.units.sites()
        for entry in parts.units.in_order(found, today):
            if everything or entry.exists_on(today):
                click.echo(f"{entry.id:5} {entry.slug:32} {entry.type:24} {entry.name(today)}")


@unit.command()
@click.argument("slug")
def show(slug: str) -> None:
    """Show one unit: names, superiors, hosts, successions, and what is on."""
    with platform() as parts:
        found = parts.units.by_slug(slug)
        if found is None:
            raise click.ClickException(f"No unit has the slug {slug}. See: hoitu unit list --all")
        _show(parts, found)


@unit.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def import_(file: Path) -> None:
    """Add and change units as written in FILE (YAML). Safe to repeat."""
    with platform() as parts:
        try:
            found = importing.apply(session(), file.read_text(encoding="utf-8"))
        except (importing.UnitFileError, UnicodeDecodeError) as error:
            raise click.ClickException(f"{file}: {error}. Nothing was changed.") from error
        session().commit()
        refresh(parts, session())
    click.echo(f"{len(found)} units are up to date.")


def _show(parts: Platform, found: Unit) -> None:
    today = parts.clock.today()
    click.echo(f"{found.name(today)} ({found.slug}, {found.type}, code {found.code or 'none'})")
    for name in found.names:
        click.echo(f"  name    {_period(name)}  {name.name} [{name.language}]")
    for parent in found.parents:
        above = parts.units.by_id(parent.unit_id)
        click.echo(f"  under   {_period(parent)}  {above.name(today) if above else '?'}")
    for host in found.hosts:
        click.echo(f"  host    {_period(host)}  {host.name}")
    for after, how in parts.units.successors(found):
        click.echo(f"  became  {how.effective_on}  {after.name(today)} ({how.kind})")
    for before, how in parts.units.predecessors(found):
        click.echo(f"  from    {how.effective_on}  {before.name(today)} ({how.kind})")
    for manifest in parts.plugins.sections():
        for requirement in manifest.requirements or ("",):
            decision = parts.switchboard.explain(found, manifest.name, requirement)
            mark = "on " if decision.on else "off"
            fulfilled = _last_fulfilled(parts, found, requirement) if decision.on else ""
            part = f"{manifest.name}.{requirement}".rstrip(".")
            click.echo(f"  {mark} {part:44} {decision.source:10} {fulfilled}")


def _last_fulfilled(parts: Platform, found: Unit, requirement: str) -> str:
    """Return the day on which the unit last published for a requirement, or "nothing yet"."""
    duty = parts.switchboard.requirement(requirement)
    if duty is None:
        return ""
    with unit_scope(found.id):
        day = parts.hooks.freshness(found, duty)
    return day.isoformat() if day else "nothing yet"


def _period(fact: object) -> str:
    start, end = getattr(fact, "valid_from", None), getattr(fact, "valid_until", None)
    return f"{start or ''!s:>10} – {end or ''!s:<10}"
