"""``hoitu requirements``: what the law asks, and which section serves it."""

from __future__ import annotations

import sys

import click

from hoitu.core.cli.context import platform
from hoitu.core.requirements import Requirement
from hoitu.core.requirements.catalogue import PLATFORM
from hoitu.core.web.language_duties import missing_pages


def register(cli: click.Group) -> None:
    """Add the command."""
    cli.add_command(requirements)


@click.command()
@click.option("--check", is_flag=True, help="Exit with 1 when a section or a page is missing.")
@click.option(
    "--languages", is_flag=True, help="List what units lack in a language that the law wants."
)
def requirements(check: bool, languages: bool) -> None:
    """List the requirements of today's catalogue with the section that serves each."""
    if languages:
        sys.exit(1 if _languages() and check else 0)
    with platform(initialised=False) as parts:
        catalogue = parts.catalogues.on(parts.clock.today())
        served = {r: m.name for m in parts.plugins.sections() for r in m.requirements}
        owed = [r for r in catalogue.requirements.values() if PLATFORM not in r.unit_types]
        for entry in owed:
            _show(entry, served.get(entry.id, "-"))
        missing = sum(entry.id not in served for entry in owed)
        click.echo(f"{len(owed)} requirements of units, {missing} without a section.")
        beyond = [extra for extra in catalogue.extras.values() if extra.id in served]
        for extra in beyond:
            _show(extra, served[extra.id])
        click.echo(f"{len(beyond)} duties beyond the plan.")
    sys.exit(1 if check and missing else 0)


def _languages() -> int:
    """List the pages that units lack in a language; return how many there are."""
    with platform() as parts, parts.open_session(False) as session:
        day, count = parts.clock.today(), 0
        for unit in parts.units.all():
            found = missing_pages(parts, session, unit, day) if unit.has_site else []
            for page in found:
                click.echo(f"{unit.slug:30} {page.language:3} {page.requirement.id}")
            count += len(found)
    click.echo(f"{count} pages are missing.")
    return count


def _show(entry: Requirement, section: str) -> None:
    expired = sum(basis.expired for basis in entry.legal_basis)
    note = f"  {expired} expired basis" if expired else ""
    click.echo(f"{entry.group:1} {entry.id:28} {section:18}{entry.label_vi}{note}")
