"""Companions of a demonstration: programs beside it that stand for services of the state."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Companion:
    """A program that a plugin brings for demonstrations.

    It says ``ready`` in a line of its own once it answers, and ends when its input does: nothing is
    left behind, however the demonstration ended. ``settings`` are those of its plugin, with which
    it is used.
    """

    plugin: str
    #: What is printed of it.
    told: str
    command: tuple[str, ...]
    folder: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    settings: Mapping[str, Any] = field(default_factory=dict)


class CompanionError(RuntimeError):
    """A companion did not start; the message is what it said."""


@contextmanager
def running(companions: Iterable[Companion]) -> Iterator[None]:
    """Run companions until the end of the block.

    :raises CompanionError: one did not start.
    """
    with ExitStack() as stack:
        for companion in companions:
            stack.enter_context(_running(companion))
        yield


@contextmanager
def _running(companion: Companion) -> Iterator[None]:
    process = subprocess.Popen(  # noqa: S603 (a command of an installed plugin)
        companion.command, cwd=companion.folder, env={**os.environ, **companion.environment},
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    assert process.stdin is not None and process.stdout is not None
    with process:
        said: list[str] = []
        for line in process.stdout:
            said.append(line)
            if line.strip() == "ready":
                break
        else:
            raise CompanionError(f"{' '.join(companion.command)}: {''.join(said).strip()}")
        try:
            yield
        finally:
            process.terminate()
