"""Reads the reference pages, so that tests can compare them with the program."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

ENTRY = re.compile(r"^### `(?P<name>[^`]+)`$", re.MULTILINE)
CODE = re.compile(r"^```\w+\n(?P<code>.*?)\n```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Entry:
    """What a reference page says about one thing."""

    name: str
    #: The heading it stands under.
    group: str
    text: str

    @property
    def code(self) -> str:
        """The first code block."""
        found = CODE.search(self.text)
        return found["code"] if found else ""

    @property
    def rows(self) -> list[tuple[str, ...]]:
        """The cells of its table, without the head."""
        return rows(self.text)

    def says(self, sentence: str) -> bool:
        """Say whether a sentence is there, however its lines are broken."""
        return " ".join(sentence.split()) in " ".join(self.text.split())


def rows(text: str) -> list[tuple[str, ...]]:
    """Return the cells of a page's tables, without the heads and the code marks."""
    found: list[tuple[str, ...]] = []
    for line in text.splitlines():
        if line.startswith("|---"):
            found.pop()
        elif line.startswith("|"):
            cells = re.split(r"(?<!\\)\|", line.strip().strip("|"))
            found.append(tuple(c.strip().replace("\\|", "|").replace("`", "") for c in cells))
    return found


def entries(text: str) -> dict[str, Entry]:
    """Return the entries of a page by name."""
    found: dict[str, Entry] = {}
    for part in re.split(r"^## ", text, flags=re.MULTILINE)[1:]:
        heads = list(ENTRY.finditer(part))
        ends = [head.start() for head in heads[1:]] + [len(part)]
        for head, end in zip(heads, ends, strict=True):
            assert head["name"] not in found, f"{head['name']} is documented twice"
            group = part.partition("\n")[0]
            found[head["name"]] = Entry(head["name"], group, part[head.end() : end])
    return found


@pytest.fixture(scope="session")
def docs() -> Path:
    """Return the folder of the documentation."""
    return Path(__file__).parents[2] / "docs"


@pytest.fixture
def table(docs: Path) -> Callable[[str], list[tuple[str, ...]]]:
    """Return a function that reads the tables of a reference page."""
    return lambda page: rows((docs / "reference" / page).read_text("utf-8"))


@pytest.fixture
def reference(docs: Path) -> Callable[[str], dict[str, Entry]]:
    """Return a function that reads the entries of a reference page."""
    return lambda page: entries((docs / "reference" / page).read_text("utf-8"))
