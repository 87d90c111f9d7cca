"""``hoitu setting list | set | reset``: settings of plugins for the whole platform."""

from __future__ import annotations

from dataclasses import fields
from typing import Any, cast

import click

from hoitu.core.access import SYSTEM
from hoitu.core.cli.context import platform
from hoitu.core.content import actions, editorial
from hoitu.core.extensions import Platform, session
from hoitu.core.settings.refresh import refresh
from hoitu.core.settings.registry import PLATFORM, SettingError

NAME = click.argument("name")


def register(cli: click.Group) -> None:
    """Add the commands."""
    cli.add_command(setting)


@click.group()
def setting() -> None:
    """Decide what plugins leave to the operator; NAME is `plugin.key`."""


@setting.command("list")
def list_settings() -> None:
    """List the settings of plugins and what holds where no unit chose for itself."""
    with platform() as parts:
        for name, declared in _declared(parts).items():
            stored = _stored(parts, name)
            value = declared.default if stored is None else stored
            source = "default" if stored is None else "set"
            click.echo(f"{name} = {value!r} ({source}): {declared.metadata['label']}")


@setting.command("set")
@NAME
@click.argument("value")
def set_setting(name: str, value: str) -> None:
    """Set NAME to VALUE for the whole platform; units may differ where a setting lets them."""
    with platform() as parts:
        default = _named(parts, name).default
        _store(parts, name, _read(name, default, value))


@setting.command()
@NAME
def reset(name: str) -> None:
    """Remove what was set for NAME: the default holds again."""
    with platform() as parts:
        _named(parts, name)
        _store(parts, name, None)


def _store(parts: Platform, name: str, value: Any) -> None:
    plugin, _, key = name.rpartition(".")
    try:
        parts.settings.store(session(), SYSTEM, PLATFORM, plugin, key, value, parts.clock.now())
    except SettingError as error:
        raise click.ClickException(str(error)) from error
    session().commit()
    if plugin == editorial.NAME:
        refresh(parts, session())
        lapsed = actions.let_lapse_everywhere(parts, session())
        session().commit()
        if lapsed:
            click.echo(f"{lapsed} planned publications need approval anew; who has to act is told.")


def _read(name: str, default: Any, value: str) -> Any:
    """Return what was typed as the type of the default."""
    if isinstance(default, bool):
        known = {"true": True, "false": False}
        if value.lower() not in known:
            raise click.ClickException(f"{name} takes true or false, not {value}")
        return known[value.lower()]
    if isinstance(default, int):
        if not value.isdecimal():
            raise click.ClickException(f"{name} takes a whole number, not {value}")
        return int(value)
    if not isinstance(default, str):
        raise click.ClickException(f"{name} is changed at the desk, not by command")
    return value


def _declared(parts: Platform) -> dict[str, Any]:
    return {
        f"{plugin}.{entry.name}": entry
        for plugin, schema in parts.settings.schemas().items()
        for entry in fields(cast("Any", schema))
    }


def _named(parts: Platform, name: str) -> Any:
    found = _declared(parts)
    if name not in found:
        raise click.ClickException(f"{name} is unknown. See: hoitu setting list")
    return found[name]


def _stored(parts: Platform, name: str) -> Any:
    return parts.settings.stored(PLATFORM, *name.rpartition(".")[::2])
