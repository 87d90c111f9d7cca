"""``hoitu init | upgrade | doctor | db check``: the instance and its schema."""

from __future__ import annotations

import sys
from typing import NoReturn

import click
from sqlalchemy.orm import Session

from hoitu.core import config as configuration
from hoitu.core import data_key, schema, stamp
from hoitu.core.care import link_index
from hoitu.core.cli.context import platform
from hoitu.core.cli.doctor import examine
from hoitu.core.db import WRITE
from hoitu.core.extensions import Platform
from hoitu.core.plugin import PluginRow, PluginState


def register(cli: click.Group) -> None:
    """Add the commands."""
    for command in (init, upgrade, doctor, db):
        cli.add_command(command)


@click.command()
def init() -> None:
    """Set up the instance: folders, keys, database, search index. Safe to repeat."""
    folder = configuration.instance_folder()
    folder.mkdir(parents=True, exist_ok=True)
    configuration.secret_key(folder, create=True)
    with platform(initialised=False, migrating=True) as parts:
        failed = _upgrade_all(parts)
        if not parts.search.health().ok:
            parts.search.rebuild(())
    if failed:
        _tell_blocked(failed)
    click.echo(f"The instance is ready: {folder}")


@click.command()
@click.option("--dry-run", is_flag=True, help="Print the plan and the SQL; change nothing.")
def upgrade(dry_run: bool) -> None:
    """Bring the database to the schema of the installed core and plugins."""
    with platform(initialised=False, migrating=True) as parts:
        if not dry_run:
            failed = _upgrade_all(parts)
            if failed:
                _tell_blocked(failed)
            return
        for lineage in schema.lineages(parts.plugins):
            now = schema.status(parts.engine, lineage)
            click.echo(f"-- {lineage.name}: {now.current or 'nothing'} -> {now.head}")
            click.echo(schema.sql(parts.engine, lineage))


@click.command()
def doctor() -> None:
    """Examine the instance; name each problem and the command that mends it."""
    problems = 0
    for finding in examine():
        mark = click.style("ok  ", fg="green") if finding.ok else click.style("FAIL", fg="red")
        if finding.warning:
            mark = click.style("warn", fg="yellow")
        click.echo(f"{mark}  {finding.subject}: {finding.detail}")
        problems += not finding.ok
        if finding.remedy and (finding.warning or not finding.ok):
            click.echo(f"      -> {finding.remedy}")
    sys.exit(1 if problems else 0)


@click.group()
def db() -> None:
    """Look at the database."""


@db.command()
def check() -> None:
    """Compare the models with the tables, per plugin."""
    with platform() as parts:
        every = schema.lineages(parts.plugins)
        drifted = False
        for lineage in every:
            found = schema.drift(parts.engine, lineage, every)
            click.echo(f"{lineage.name}: {'no drift' if not found else 'DRIFT'}")
            for difference in found:
                click.echo(f"  {difference}")
            drifted = drifted or bool(found)
    sys.exit(1 if drifted else 0)


def _upgrade_all(parts: Platform) -> list[str]:
    """Upgrade every lineage; return the plugins whose migration failed.

    Such a plugin, and those that need it, are left as they were; the others are upgraded.
    """
    failed: list[str] = []
    for lineage in schema.lineages(parts.plugins):
        if lineage.name != schema.CORE and not parts.plugins.is_active(lineage.name):
            continue
        try:
            before = schema.status(parts.engine, lineage)
            if before.is_current:
                continue
            schema.upgrade(parts.engine, lineage)
        except Exception as error:
            if lineage.name == schema.CORE:
                raise
            click.secho(f"{lineage.name}: {error}. Nothing of it was changed.", fg="red", err=True)
            failed.append(lineage.name)
            reason = f"its migration failed: {str(error).splitlines()[0]}"
            parts.plugins.withdraw(lineage.name, PluginState.BLOCKED, reason)
            parts.plugins.withdraw_dependents()
        else:
            click.echo(f"{lineage.name}: {before.current or 'nothing'} -> {before.head}")
    _remember_plugins(parts, failed)
    _index_links(parts)
    return failed


def _index_links(parts: Platform) -> None:
    """See to it that what older texts lead to is noted, without keeping the operator waiting."""
    with Session(parts.engine.execution_options(**{WRITE: True})) as session:
        if link_index.begin(session, parts.clock.now()):
            click.echo("The worker notes what older texts lead to; at once: hoitu links reindex")
        session.commit()


def _tell_blocked(names: list[str]) -> NoReturn:
    raise click.ClickException(
        f"Blocked until its migration succeeds: {', '.join(names)}. The rest is ready. "
        "Mend or remove the package, then run: hoitu upgrade"
    )


def _remember_plugins(parts: Platform, failed: list[str]) -> None:
    """Write down which plugins are migrated, and which must not be loaded until they are."""
    with Session(parts.engine.execution_options(**{WRITE: True})) as session:
        for plugin in parts.plugins.all():
            if plugin.manifest is None or not (plugin.is_active or plugin.name in failed):
                continue
            row = session.get(PluginRow, plugin.name) or PluginRow(name=plugin.name, version="")
            if plugin.is_active:
                row.version = plugin.manifest.version
            row.state, row.reason = plugin.state, plugin.reason
            row.changed_at = parts.clock.now()
            session.add(row)
        data_key.keep_mark(session, parts.seal)
        stamp.bump(session)
        session.commit()
