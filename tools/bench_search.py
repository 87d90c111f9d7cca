"""Put the golden queries to the search of a demonstration, and say how well they are answered.

Usage: python -P tools/bench_search.py [--instance FOLDER]

Without a folder a throw-away instance gets the demonstration first. Prints, for every class of
queries and for all, the mean reciprocal rank (MRR: 1 when what was wanted is always first), the
recall among the first five hits, and the milliseconds of CPU for a query; then each query that was
not answered first. The index is built anew in a folder of its own: the instance is only read.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path

from hoitu.core.app import create_app
from hoitu.core.cli.context import platform as open_platform
from hoitu.core.extensions import session
from hoitu.core.jobs import Worker, indexing
from hoitu.core.search import WhooshBackend
from hoitu.core.testing import golden
from hoitu.core.units import all_units

#: What the golden queries must reach.
MRR, RECALL = 0.95, 0.98


def main() -> None:
    """Load, ask and print; the exit code is 1 when the targets are not reached."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--instance", type=Path, help="a filled demonstration")
    folder = parser.parse_args().instance
    with tempfile.TemporaryDirectory(prefix="hoitu-bench-") as scratch:
        os.environ["HOITU_INSTANCE"] = str(folder or Path(scratch) / "instance")
        if folder is None:
            _load()
        answers, milliseconds = _ask(Path(scratch))
    _print(answers, milliseconds)
    mrr, recall = golden.scores(answers)
    sys.exit(mrr < MRR or recall < RECALL)


def _load() -> None:
    print("loading the demonstration", file=sys.stderr)
    command = Path(sys.executable).with_name("hoitu")
    subprocess.run([command, "demo", "--no-serve"], check=True, stdout=subprocess.DEVNULL)
    Worker(create_app()).drain()


def _ask(folder: Path) -> tuple[list[golden.Answer], float]:
    """Return all answers, and the milliseconds of CPU for one query."""
    with open_platform() as parts, all_units("benchmark of search"):
        documents = list(indexing.documents(session(), parts.types, parts.clock.now()))
        units = golden.units_of(documents, parts.units, parts.clock.today())
    backend = WhooshBackend(folder, time_limit=10.0)
    backend.rebuild(documents)
    for _answer in golden.ask(backend, documents, units):
        pass  # Sets of the index are read once; who asks first pays for all.
    begun = time.process_time()
    answers = list(golden.ask(backend, documents, units))
    spent = time.process_time() - begun
    backend.close()
    return answers, spent * 1000 / len(answers)


def _print(answers: Sequence[golden.Answer], milliseconds: float) -> None:
    print("| queries | number | MRR | recall@5 |\n|---|---:|---:|---:|")
    by_kind = sorted(answers, key=lambda answer: answer.query.kind)
    for kind, some in groupby(by_kind, key=lambda answer: answer.query.kind):
        _row(kind, list(some))
    _row("all", answers)
    print(f"\n{milliseconds:.1f} ms of CPU for a query.")
    for answer in answers:
        if answer.rank != 1 or answer.recall < 1:
            query = answer.query
            print(f"\n{answer.rank or '-'}  {query.text!r} at {query.scope}")
            print(f"   wanted: {'; '.join(query.expected)}")
            print(f"   found: {'; '.join(answer.first) or 'nothing'}")


def _row(name: str, answers: Sequence[golden.Answer]) -> None:
    mrr, recall = golden.scores(answers)
    print(f"| {name} | {len(answers)} | {mrr:.3f} | {recall:.3f} |")


if __name__ == "__main__":
    main()
