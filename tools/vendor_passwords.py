"""Vendor the common passwords: run ``python -P tools/vendor_passwords.py`` for a new version.

Of the list, which is in order of how common they are, two parts are of use where a password has 14
characters or more: those of that length, and the words that shorter ones are made of. Needs npm.
"""

from __future__ import annotations

import json
import re
import subprocess
import tarfile
import tempfile
from pathlib import Path

PACKAGE, VERSION = "@zxcvbn-ts/language-common", "4.1.3"
TARGET = Path(__file__).parents[1] / "core" / "access" / "data"
LONG, WORD = 14, re.compile(r"[a-z]{4,13}")
#: So many of the words; the rest is rare.
WORDS = 25_000


def main() -> None:
    """Fetch the package and write the list and its licence."""
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        subprocess.run(["npm", "pack", "--silent", f"{PACKAGE}@{VERSION}"], cwd=work, check=True)
        with tarfile.open(next(work.glob("*.tgz"))) as archive:
            archive.extractall(work, filter="data")
        listed = json.loads((work / "package" / "src" / "passwords.json").read_text("utf-8"))
        words = [one for one in listed if WORD.fullmatch(one)][:WORDS]
        chosen = sorted({*words, *(one for one in listed if len(one) >= LONG)})
        (TARGET / "common_passwords.txt").write_text("\n".join(chosen) + "\n", "utf-8")
        licence = (work / "package" / "LICENSE.txt").read_text("utf-8")
        (TARGET / "common_passwords.LICENSE.txt").write_text(licence, "utf-8")


if __name__ == "__main__":
    main()
