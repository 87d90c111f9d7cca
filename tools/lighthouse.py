"""Examine the public site of the demonstration with Lighthouse, and write what it says.

Usage: python -P tools/lighthouse.py [--rounds N] [--report FILE]

Lighthouse comes from npm into ``build/`` (Node 18 or newer), the browser is Debian's Chromium. Each
page is examined as a phone on a slow network (Lighthouse's default) and as a desk; of several
rounds the median is taken. The exit status is 1 when a figure misses its target.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from statistics import median
from typing import Any

from hoitu.core.clock import ZONE
from hoitu.core.testing.live import LiveSite, served_demo

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "tools" / "lighthouse" / "package.json"
FOLDER = ROOT / "build" / "lighthouse"
REPORT = ROOT / "docs" / "reference" / "lighthouse.md"
TARGETS = {"performance": 95, "accessibility": 100, "best-practices": 95, "seo": 95}
#: The home page, without the pictures of its content.
HOME_BYTES, HOME_REQUESTS = 150_000, 10
#: Where pictures of the content come from.
CONTENT = "/tep/"
#: How often one examination is begun.
TRIES = 3
MODES: Mapping[str, list[str]] = {"phone": [], "desk": ["--preset=desktop"]}


@dataclass(frozen=True)
class Figures:
    """What one examination found; times in milliseconds, sizes in bytes as transferred."""

    scores: Mapping[str, int]
    largest_paint: float
    blocked: float
    shift: float
    size: int
    requests: int
    with_pictures: int

    @classmethod
    def of(cls, report: Mapping[str, Any]) -> Figures:
        """Read the figures out of Lighthouse's own report."""
        audits = report["audits"]
        sent = audits["network-requests"]["details"]["items"]
        frame = [one for one in sent if CONTENT not in one["url"]]
        return cls(
            {name: round(100 * report["categories"][name]["score"]) for name in TARGETS},
            audits["largest-contentful-paint"]["numericValue"],
            audits["total-blocking-time"]["numericValue"],
            audits["cumulative-layout-shift"]["numericValue"],
            sum(one["transferSize"] for one in frame),
            # The mark in the browser's tab is the mark of the page: it is not fetched twice.
            len({one["url"] for one in frame if one["transferSize"]}),
            sum(one["transferSize"] for one in sent),
        )


def main() -> int:
    """Examine every page and write the report."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--report", type=Path, default=REPORT)
    options = parser.parse_args()
    program = _install()
    lines, misses = [], []
    with tempfile.TemporaryDirectory() as folder, served_demo(Path(folder) / "demo") as site:
        for page, address in _pages(site):
            for mode, flags in MODES.items():
                found = _median([_examine(program, address, flags) for _ in range(options.rounds)])
                lines.append(_line(page, mode, found))
                misses += [f"{page}, {mode}: {miss}" for miss in _misses(page, found)]
                print(lines[-1], flush=True)
    options.report.write_text(_document(lines, misses, options.rounds), "utf-8")
    print(*misses or ["every target is met"], sep="\n")
    return 1 if misses else 0


def _install() -> Path:
    """Return the program, fetched when it is not there yet."""
    program = FOLDER / "node_modules" / ".bin" / "lighthouse"
    if not program.exists():
        FOLDER.mkdir(parents=True, exist_ok=True)
        shutil.copy(PACKAGE, FOLDER)
        command = ["npm", "install", "--no-audit", "--no-fund", "--prefix", FOLDER]
        subprocess.run(command, check=True, cwd=FOLDER)
    return program


def _pages(site: LiveSite) -> Iterator[tuple[str, str]]:
    """Yield the home page, a list and an article of the ward, by what they are."""
    ward = "phuong-phong-dien"
    yield "home", f"{site.address(ward)}/"
    yield "list", f"{site.address(ward)}/van-ban"
    yield "article", site.newest("news_article", ward) or ""
    yield "home of the province", f"{site.address()}/"


def _examine(program: Path, address: str, flags: list[str]) -> Figures:
    """Return what Lighthouse finds; now and then the browser is not ready when it begins."""
    for attempt in range(TRIES):
        try:
            return _examine_once(program, address, flags)
        except subprocess.CalledProcessError:
            if attempt + 1 == TRIES:
                raise
    raise AssertionError


def _examine_once(program: Path, address: str, flags: list[str]) -> Figures:
    with tempfile.NamedTemporaryFile(suffix=".json") as report:
        subprocess.run(
            [program, address, "--quiet", "--output=json", f"--output-path={report.name}",
             "--chrome-flags=--headless=new --no-sandbox", *flags],
            env=os.environ | {"CHROME_PATH": shutil.which("chromium") or ""}, check=True,
        )  # fmt: skip
        return Figures.of(json.load(report))


def _median(found: list[Figures]) -> Figures:
    """Return the examination in the middle by performance: its figures belong together."""
    middle = median(f.scores["performance"] for f in found)
    return min(found, key=lambda f: abs(f.scores["performance"] - middle))


def _misses(page: str, found: Figures) -> Iterator[str]:
    for name, target in TARGETS.items():
        if found.scores[name] < target:
            yield f"{name} {found.scores[name]} < {target}"
    if page.startswith("home"):
        if found.size > HOME_BYTES:
            yield f"{found.size / 1000:.0f} kB > {HOME_BYTES / 1000:.0f} kB"
        if found.requests > HOME_REQUESTS:
            yield f"{found.requests} requests > {HOME_REQUESTS}"


def _line(page: str, mode: str, found: Figures) -> str:
    scores = " | ".join(str(found.scores[name]) for name in TARGETS)
    return (
        f"| {page} | {mode} | {scores} | {found.largest_paint / 1000:.1f} s "
        f"| {found.blocked:.0f} ms | {found.shift:.3f} | {found.size / 1000:.0f} kB "
        f"| {found.requests} | {found.with_pictures / 1000:.0f} kB |"
    )


def _document(lines: list[str], misses: list[str], rounds: int) -> str:
    version = json.loads(PACKAGE.read_text("utf-8"))["dependencies"]["lighthouse"]
    browser = subprocess.run(["chromium", "--version"], capture_output=True, text=True, check=True)
    targets = ", ".join(f"{name} at least {target}" for name, target in TARGETS.items())
    return "\n".join(
        [
            "# Lighthouse",
            "",
            "Written by `python -P tools/lighthouse.py`; do not edit.",
            "",
            f"Measured on {datetime.now(ZONE):%d/%m/%Y} with Lighthouse {version} and "
            f"{browser.stdout.strip().partition(' built')[0]}, the median of {rounds} rounds, "
            "on the demonstration served by `hoitu serve` without anything in front of it.",
            f"Targets: {targets}; the home page at most {HOME_BYTES // 1000} kB without the "
            f"pictures of its content, and {HOME_REQUESTS} requests.",
            "",
            "| page | as | performance | accessibility | best practices | SEO | largest paint "
            "| blocked | shift | transferred | requests | with pictures |",
            "|---|---|---|---|---|---|---|---|---|---|---|---|",
            *lines,
            "",
            *(["Missed:", "", *(f"- {miss}" for miss in misses)] if misses
              else ["Every target is met."]),
            "",
        ]
    )  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
