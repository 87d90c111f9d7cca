"""``hoitu links reindex``."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import click
from sqlalchemy import func, select

from hoitu.core.care import link_index
from hoitu.core.cli.context import platform
from hoitu.core.content import Item
from hoitu.core.extensions import Platform, session
from hoitu.core.units import unit_scope


def register(cli: click.Group) -> None:
    """Add the commands."""
    cli.add_command(links)


@click.group()
def links() -> None:
    """Look after what is known of the links in texts."""


@links.command()
def reindex() -> None:
    """Note anew what all items lead to, for texts that were saved before this was noted."""
    with platform() as parts:
        changed = total = 0
        for unit in parts.units.all():
            with unit_scope(unit.id):
                types = sorted(kind.name for kind in parts.types)
                count = session().scalar(select(func.count(Item.id)).where(Item.type.in_(types)))
                if not count:
                    continue
                total += count
                with click.progressbar(
                    _items(parts), length=count, label=unit.slug, file=sys.stderr
                ) as all_:
                    changed += sum(link_index.note(parts, session(), item) for item in all_)
                session().commit()
        link_index.finish(session())
        session().commit()
    click.echo(f"{total} entries were read, the links of {changed} were not up to date.")


def _items(parts: Platform) -> Iterator[Item]:
    """Yield the items of the scoped unit in slices, each committed before the next is read."""
    last = 0
    while True:
        found = link_index.part(parts, session(), last)
        yield from found
        session().commit()
        if len(found) < link_index.SLICE:
            return
        last = found[-1].id
        session().expunge_all()
