from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import click
import pytest

from hoitu.core.cli import commands


def leaves(command: click.Command, path: str) -> Iterator[tuple[str, click.Command]]:
    if isinstance(command, click.Group):
        for name, below in command.commands.items():
            yield from leaves(below, f"{path} {name}")
    else:
        yield path, command


COMMANDS = dict(leaves(commands(), "hoitu"))


def options(command: click.Command) -> list[click.Option]:
    return [p for p in command.params if isinstance(p, click.Option)]


def usage(path: str, command: click.Command) -> str:
    pieces = command.collect_usage_pieces(click.Context(command))
    return " ".join([path, *(p for p in pieces if p != "[OPTIONS]" or options(command))])


def option_name(option: click.Option, command: click.Command) -> str:
    names = " / ".join([*option.opts, *option.secondary_opts])
    value = "" if option.is_flag else option.make_metavar(click.Context(command))
    return f"{names} {value}".strip()


def option_default(option: click.Option) -> str:
    if option.required:
        return "required"
    value = option.to_info_dict()["default"]
    if option.is_flag:
        return "on" if value else "off"
    return str(value) if value not in (None, "") else "none"


def test_every_command_is_documented_and_no_other(
    reference: Callable[[str], dict[str, Any]],
) -> None:
    assert set(reference("commands.md")) == set(COMMANDS)


@pytest.mark.parametrize("path", COMMANDS)
def test_a_command_is_documented_as_it_is(
    path: str, reference: Callable[[str], dict[str, Any]]
) -> None:
    command, entry = COMMANDS[path], reference("commands.md")[path]
    assert entry.code == usage(path, command)
    assert entry.says((command.help or "nothing").partition("\n\n")[0])
    expected = [(option_name(o, command), option_default(o)) for o in options(command)]
    assert [row[:2] for row in entry.rows] == expected
    for option, (_, _, meaning) in zip(options(command), entry.rows, strict=True):
        assert meaning
        assert not option.help or meaning == option.help.replace("`", "")
