"""The reference page names every check with its level, and no other."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import hoitu.core.testing.conformance as kit
from hoitu.core.testing.conformance.levels import LEVELS

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "conformance.md"
ROW = re.compile(r"^\| `(\w+)` \| (\w+) \| [^|]+ \| [^|]+ \|$", re.MULTILINE)


def checks() -> dict[str, str]:
    """Return the level of each check by name, as its decorator says."""
    found = {}
    for path in Path(kit.__path__[0]).glob("test_*.py"):
        for node in ast.parse(path.read_text("utf-8")).body:
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                (level,) = (ast.unparse(decorator) for decorator in node.decorator_list)
                assert ast.get_docstring(node), node.name
                assert node.name.removeprefix("test_") not in found, node.name
                found[node.name.removeprefix("test_")] = level
    return found


def test_every_check_has_a_level() -> None:
    assert set(checks().values()) == set(LEVELS)
    assert len(checks()) >= 40


def test_the_reference_names_every_check_with_its_level() -> None:
    assert dict(ROW.findall(PAGE.read_text("utf-8"))) == checks()
