"""Vendor the fonts of the theme `civic`: run ``python -P tools/vendor_fonts.py`` for a new version.

The npm package has each weight in subsets. Vietnamese text needs two of them, so they are merged
into one file: half the requests, and a quarter smaller. Needs npm, fonttools and brotli.
"""

from __future__ import annotations

import subprocess
import tarfile
import tempfile
from pathlib import Path

from fontTools.merge import Merger  # type: ignore[import-untyped]
from fontTools.ttLib import TTFont  # type: ignore[import-untyped]

PACKAGE, VERSION = "be-vietnam-pro", "5.3.0"
SUBSETS = ("latin", "vietnamese")
WEIGHTS = (400, 600)
TARGET = Path(__file__).parents[1] / "themes" / "civic" / "static" / "fonts"


def main() -> None:
    """Fetch the package and write one font a weight, and its licence."""
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        name = f"@fontsource/{PACKAGE}@{VERSION}"
        subprocess.run(["npm", "pack", "--silent", name], cwd=work, check=True)
        with tarfile.open(next(work.glob("*.tgz"))) as archive:
            archive.extractall(work, filter="data")
        for weight in WEIGHTS:
            merge(work / "package" / "files", weight)
        licence = (work / "package" / "LICENSE").read_text("utf-8")
        (TARGET / "LICENSE.txt").write_text(licence, "utf-8")


def merge(files: Path, weight: int) -> None:
    """Write the subsets of a weight as one font."""
    parts = []
    for subset in SUBSETS:
        font = TTFont(files / f"{PACKAGE}-{subset}-{weight}-normal.woff2")
        font.flavor = None
        parts.append(str(files / f"{subset}-{weight}.ttf"))
        font.save(parts[-1])
    merged = Merger().merge(parts)
    merged.flavor = "woff2"
    merged.save(TARGET / f"{PACKAGE}-{weight}.woff2")


if __name__ == "__main__":
    main()
