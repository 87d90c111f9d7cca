"""Make the editor's bundle: ``plugins/ckeditor/static/vendor/``, with CKEditor's licences.

Usage: python -P tools/vendor_ckeditor.py [--check]

Needs Node with npm, and the npm registry, at the time of making alone; whoever installs or runs the
platform needs neither. The parts are named in ``plugins/ckeditor/bundle/``, the versions below.
With ``--check`` nothing is written; the exit status says whether the files are what would be made.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

PACKAGES = {"ckeditor5": "48.5.2", "esbuild": "0.28.2"}
PLUGIN = Path(__file__).resolve().parent.parent / "plugins" / "ckeditor"
#: What esbuild is told for both files.
OPTIONS = ("--bundle", "--minify", "--target=es2022", "--legal-comments=eof", "--log-level=warning")


def make(folder: Path) -> dict[Path, bytes]:
    """Return the files of the bundle, made in an empty folder.

    :raises subprocess.CalledProcessError: npm or esbuild failed; they say why.
    """
    (folder / "package.json").write_text(json.dumps({"private": True, "dependencies": PACKAGES}))
    _run(folder, "npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", "--silent")
    made: dict[Path, bytes] = {}
    for name, options in (
        ("ckeditor.js", ("--format=iife", "--global-name=CKEditor5")),
        ("ckeditor.css", ()),
    ):
        # Beside the packages, so that the bundler finds them.
        (folder / name).write_bytes((PLUGIN / "bundle" / name).read_bytes())
        out = f"--outfile=out/{name}", f"--metafile=out/{name}.json"
        _run(folder, "node_modules/.bin/esbuild", name, *OPTIONS, *options, *out)
        made[PLUGIN / "static" / "vendor" / name] = (folder / "out" / name).read_bytes()
    package = folder / "node_modules" / "ckeditor5"
    made[PLUGIN / "static" / "vendor" / "LICENSE.txt"] = (package / "LICENSE.md").read_bytes()
    made[PLUGIN / "COPYING.txt"] = (package / "COPYING.GPL").read_bytes()
    made[PLUGIN / "BUNDLED.txt"] = _licences(folder).encode()
    return made


def _licences(folder: Path) -> str:
    """Return the licences of what is in the bundle beside CKEditor itself."""
    (output,) = json.loads((folder / "out" / "ckeditor.js.json").read_text())["outputs"].values()
    used = {
        re.match(r"node_modules/((?:@[^/]+/)?[^/]+)/", path)
        for path, part in output["inputs"].items()
        if part["bytesInOutput"] and "@ckeditor/" not in path
    }
    texts = ["Licences of what static/vendor/ckeditor.js holds beside CKEditor itself.\n"]
    for name in sorted({found[1] for found in used if found} - {"ckeditor5"}):
        package = folder / "node_modules" / name
        facts = json.loads((package / "package.json").read_text())
        own = sorted(p for p in package.iterdir() if p.name.lower().startswith("licen"))
        said = own[0].read_text("utf-8").strip() if own else f"License: {facts['license']}"
        texts.append(f"{name} {facts['version']}\n{'-' * 40}\n{said}\n")
    return "\n".join(texts)


def _run(folder: Path, *command: str) -> None:
    subprocess.run(command, cwd=folder, check=True)


def main() -> int:
    """Write or compare the files."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing, compare")
    checking = parser.parse_args().check
    with tempfile.TemporaryDirectory() as folder:
        made = make(Path(folder))
    different = [p for p, new in made.items() if not p.is_file() or p.read_bytes() != new]
    for path in different:
        print(path.relative_to(PLUGIN.parent.parent))
        if not checking:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(made[path])
    return 1 if checking and different else 0


if __name__ == "__main__":
    sys.exit(main())
