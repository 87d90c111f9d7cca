"""``hoitu plugin list | release``."""

from __future__ import annotations

import click

from hoitu.core import stamp
from hoitu.core.access import SYSTEM, audit
from hoitu.core.cli.context import platform
from hoitu.core.extensions import session
from hoitu.core.plugin import Plugin, PluginRow, PluginState


def register(cli: click.Group) -> None:
    """Add the commands."""
    cli.add_command(plugin)


@click.group()
def plugin() -> None:
    """Look at plugins."""


@plugin.command("list")
def list_() -> None:
    """List every plugin with its state and on how many units it is on."""
    with platform() as parts:
        sites = parts.units.sites()
        for found in parts.plugins.all():
            on = sum(parts.switchboard.section_on(unit, found.name) for unit in sites)
            version = found.manifest.version if found.manifest else "?"
            tier = found.manifest.tier if found.manifest else "?"
            reason = f"  {found.reason}" if found.reason else ""
            click.echo(
                f"{found.name:20} {version:8} {found.state:12} {tier:7} {on:4} units{reason}"
            )


@plugin.command()
@click.argument("name")
def release(name: str) -> None:
    """Take a mended plugin out of quarantine; it is loaded at the next start."""
    with platform() as parts:
        row = session().get(PluginRow, name)
        if row is None or row.state != PluginState.QUARANTINED:
            reason = _why_not(parts.plugins.get(name))
            raise click.ClickException(f"{name} {reason}. See: hoitu plugin list")
        row.state, row.reason, row.changed_at = PluginState.ACTIVE, "", parts.clock.now()
        stamp.bump(session())
        audit.record(
            session(), SYSTEM, "plugin.release", object_type="plugin", object_id=name,
            unit_id=None, now=parts.clock.now(),
        )  # fmt: skip
        session().commit()
    click.echo(f"{name} is released. Restart the server and the workers.")


def _why_not(found: Plugin | None) -> str:
    if found is not None and found.state is PluginState.QUARANTINED:
        return f"cannot be loaded: {found.reason}"
    return "is not in quarantine"
