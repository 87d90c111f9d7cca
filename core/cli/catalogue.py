"""``hoitu requirements``: what the law asks, and which section serves it."""

from __future__ import annotations

import sys

import click

from hoitu.core.cli.context import platform


def register(cli: click.Group) -> None:
    """Add the command."""
    cli.add_command(requirements)


@click.command()
@click.option("--check", is_flag=True, help="Exit with 1 when a requirement has no section.")
def requirements(check: bool) -> None:
    """List the requirements of today's catalogue with the section that serves each."""
    with platform(initialised=False) as parts:
        catalogue = parts.catalogues.on(parts.clock.today())
        served = {r: m.name for m in parts.plugins.sections() for r in m.requirements}
        missing = 0
        for entry in catalogue.requirements.values():
            provider = served.get(entry.id, "" if entry.section in ("core", "conversion") else "-")
            missing += provider == "-"
            expired = sum(b.expired for b in entry.legal_basis)
            note = f"  {expired} expired basis" if expired else ""
            click.echo(
                f"{entry.group} {entry.id:28} {provider or entry.section:18}{entry.label_vi}{note}"
            )
        click.echo(f"{len(catalogue.requirements)} requirements, {missing} without a section.")
    sys.exit(1 if check and missing else 0)
