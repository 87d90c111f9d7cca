"""``hoitu section explain | on | off | waive | reset``: what is on for a unit, and changing it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

import click

from hoitu.core.access import SYSTEM
from hoitu.core.cli.context import platform
from hoitu.core.extensions import session
from hoitu.core.settings import switching
from hoitu.core.settings.switching import SwitchContext, SwitchRefused

#: `<section>` or `<section>.<requirement>`.
PART = click.argument("part")
UNIT = click.argument("slug", metavar="UNIT")


def register(cli: click.Group) -> None:
    """Add the commands."""
    cli.add_command(section)


@click.group()
def section() -> None:
    """Switch sections of a unit; UNIT is its slug, PART is `section` or `section.requirement`."""


@section.command()
@UNIT
@PART
def explain(slug: str, part: str) -> None:
    """Tell whether PART is on for UNIT, who decided, and on what legal basis."""
    with _switching(slug) as context:
        for name in _requirements(context, part):
            decision = context.switchboard.explain(context.unit, part.partition(".")[0], name)
            click.echo(f"{'on ' if decision.on else 'off'} {name or part}: {decision.source}")
            for basis in decision.legal_basis:
                click.echo(f"      {basis.ref} ({basis.status})")


@section.command()
@UNIT
@PART
@click.option("--reason", default="", help="Why; kept in the audit log.")
def on(slug: str, part: str, reason: str) -> None:
    """Switch PART on for UNIT."""
    _switch(slug, part, True, reason)


@section.command()
@UNIT
@PART
@click.option("--reason", default="", help="Why; kept in the audit log.")
def off(slug: str, part: str, reason: str) -> None:
    """Switch PART off for UNIT; content stays untouched."""
    _switch(slug, part, False, reason)


@section.command()
@UNIT
@PART
@click.option("--reason", required=True, help="Why the unit is excused.")
@click.option("--decision", required=True, help="Number of the deciding document.")
@click.option(
    "--until",
    required=True,
    type=click.DateTime(["%Y-%m-%d"]),
    help="Last day of the waiver.",
)
def waive(slug: str, part: str, reason: str, decision: str, until: datetime) -> None:
    """Excuse UNIT from the mandated PART until a day."""
    with _switching(slug) as context:
        for name in _requirements(context, part):
            switching.waive(
                context,
                part.partition(".")[0],
                name,
                reason=reason,
                decision_no=decision,
                until=until.date(),
            )


@section.command()
@UNIT
@PART
def reset(slug: str, part: str) -> None:
    """Remove the unit's choice or waiver: law, profile and default decide again."""
    with _switching(slug) as context:
        for name in _requirements(context, part):
            switching.withdraw(context, part.partition(".")[0], name)


def _switch(slug: str, part: str, on: bool, reason: str) -> None:
    with _switching(slug) as context:
        for name in _requirements(context, part):
            switching.switch(context, part.partition(".")[0], name, on, reason)


@contextmanager
def _switching(slug: str) -> Iterator[SwitchContext]:
    """Open the switches of a unit; commit at the end, or say why nothing was changed."""
    with platform() as parts:
        unit = parts.units.by_slug(slug)
        if unit is None:
            raise click.ClickException(f"No unit has the slug {slug}. See: hoitu unit list --all")
        try:
            yield SwitchContext(
                session=session(),
                actor=SYSTEM,
                unit=unit,
                hooks=parts.hooks,
                switchboard=parts.switchboard,
                clock=parts.clock,
            )
        except SwitchRefused as error:
            raise click.ClickException(
                f"{error} Nothing was changed. A waiver ends with: hoitu section reset {slug} PART"
            ) from error
        session().commit()


def _requirements(context: SwitchContext, part: str) -> list[str]:
    """Return the requirements that ``part`` names; '' for a section that serves none."""
    name, _, requirement = part.partition(".")
    served = context.switchboard.parts(name)
    if not served or (requirement and requirement not in served):
        raise click.ClickException(f"{part} is unknown. See: hoitu unit show {context.unit.slug}")
    return [requirement] if requirement else list(served)
