"""Print how many lines of Python each section has, and fail on one that is too long to be read.

Usage: python -P tools/section_sizes.py

Counted are lines with something in them; frozen migrations are not. The limit is that of the
conformance kit.
"""

from __future__ import annotations

import sys
from pathlib import Path

from hoitu.core.testing.conformance.test_evidence import LIMIT

ROOT = Path(__file__).resolve().parent.parent


def lines(section: Path) -> int:
    """Return the number of lines of a section's modules."""
    modules = (p for p in section.rglob("*.py") if "migrations" not in p.parts)
    return sum(bool(line.strip()) for p in modules for line in p.read_text("utf-8").splitlines())


def main() -> int:
    """Print the table and return the exit status."""
    found = {path.parent.name: lines(path.parent) for path in ROOT.glob("sections/*/section.toml")}
    for name, count in sorted(found.items()):
        print(f"{name:18}{count:5}{'  too long' if count > LIMIT else ''}")
    print(f"{'limit':18}{LIMIT:5}")
    return int(any(count > LIMIT for count in found.values()))


if __name__ == "__main__":
    sys.exit(main())
