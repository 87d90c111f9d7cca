"""``hoitu media variants`` and ``hoitu media texts``."""

from __future__ import annotations

import sys
from collections import Counter

import click

from hoitu.core.cli.context import platform
from hoitu.core.content import file_texts
from hoitu.core.extensions import session_of_call
from hoitu.core.media import texts, variants
from hoitu.core.units import all_units, unit_scope

#: What is said of documents without a text, by how their reading ended.
_WITHOUT_TEXT = {
    file_texts.SCAN: "are scans: pages without a layer of text",
    file_texts.OLD_FONT: "are set in a font of old, whose letters stand for others",
    file_texts.LOCKED: "want a password",
    file_texts.TOO_LARGE: "are too large to be read",
    file_texts.FAILED: "are damaged, gone, or take too long: hoitu media texts --again",
}


def register(cli: click.Group) -> None:
    """Add the commands."""
    cli.add_command(media)


@click.group()
def media() -> None:
    """Look after the files of the media libraries."""


@media.command("variants")
def make_variants() -> None:
    """Make the smaller copies of pictures that lack them; broken off, it goes on where it was.

    Uploads get theirs by a job. This is for pictures uploaded before there were copies, and for
    those whose job failed.
    """
    made, failed = 0, []
    with platform() as parts:
        with all_units("pictures without copies"), parts.open_session(False) as reading:
            waiting = list(variants.lacking(reading, parts.files))
        with click.progressbar(waiting, label="Making copies", file=sys.stderr) as all_:
            for unit_id, file_id in all_:
                try:
                    made_of = variants.make(parts, unit_id, file_id)
                except variants.NoPicture as error:
                    failed.append(f"file {file_id}: {error}")
                    continue
                with session_of_call(write=True) as session, unit_scope(unit_id):
                    variants.store(session, file_id, made_of)
                    session.commit()
                made += bool(made_of.copies)
    click.echo(f"{made} pictures have new copies.")
    for line in failed:
        click.secho(f"No copies of {line}", fg="yellow", err=True)


@media.command("texts")
@click.option("--again", is_flag=True, help="Try once more what could not be read.")
def read_texts(again: bool) -> None:
    """Read the text of documents that were never read; broken off, it goes on where it was.

    Uploads are read by a job. This is for documents uploaded before there was one. Search learns of
    the texts by the jobs of a worker.
    """
    found: Counter[str] = Counter()
    with platform() as parts:
        with all_units("documents without a text"), parts.open_session(False) as reading:
            waiting = list(texts.lacking(reading, again=again))
        with click.progressbar(waiting, label="Reading", file=sys.stderr) as all_:
            for sha256, media_type in all_:
                told = texts.read(parts.files, sha256, media_type)
                with session_of_call(write=True) as session:
                    texts.store(session, sha256, told, parts.clock.now())
                    session.commit()
                found[told.state] += 1
    click.echo(f"{found.total()} documents were read; {found[file_texts.DONE]} have a text.")
    for state, count in sorted(found.items()):
        if state != file_texts.DONE:
            click.secho(f"{count} {_WITHOUT_TEXT[state]}", fg="yellow", err=True)
