"""The golden queries: what people may type over the demonstration, and how well it is answered."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from importlib import resources
from unicodedata import normalize

import yaml

from hoitu.core.search import SearchBackend, SearchDocument, SearchQuery
from hoitu.core.text import fold, number_key
from hoitu.core.units import UnitDirectory

DEPTH = 50
ALL = "all"


@dataclass(frozen=True, slots=True)
class Golden:
    """A query, its class, the unit it is asked at, and what is expected."""

    kind: str
    scope: str
    text: str
    expected: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of a query: the place of the first expected hit, and the share in the first five.

    ``rank`` is 0 when nothing expected was among the first hits. ``first`` are the first titles.
    """

    query: Golden
    rank: int
    recall: float
    first: tuple[str, ...]
    correction: str


def golden_queries() -> list[Golden]:
    """Return all golden queries."""
    source = resources.files("hoitu.core.testing") / "data" / "golden_queries.yaml"
    rows = yaml.safe_load(source.read_text("utf-8"))["queries"]
    return [
        Golden(kind, scope, normalize("NFD", text) if kind == "nfd" else text, tuple(expected))
        for kind, scope, text, expected in rows
    ]


def ask(
    backend: SearchBackend,
    documents: Iterable[SearchDocument],
    units: Mapping[int, tuple[str, str]],
) -> Iterator[Answer]:
    """Put every golden query to an index of these documents; ``units`` as of :func:`units_of`."""
    known = {document.id: document for document in documents}
    for query in golden_queries():
        at = {id_: name for id_, (slug, name) in units.items() if slug == query.scope}
        scope = None if query.scope == ALL else frozenset(at)
        place = next(iter(at.values()), "")
        asked = SearchQuery(query.text, unit_ids=scope, place=place, limit=DEPTH)
        results = backend.search(asked)
        found = [known[hit.id] for hit in results.hits]
        ranks = [
            next((n for n, hit in enumerate(found, 1) if _is(hit, wanted, units)), 0)
            for wanted in query.expected
        ]
        best = min(filter(None, ranks), default=0)
        recall = sum(0 < rank <= 5 for rank in ranks) / min(5, len(ranks))
        first = tuple(f"{hit.type}: {hit.title}" for hit in found[:3])
        yield Answer(query, best, recall, first, results.correction)


def has_all(
    query: Golden, documents: Sequence[SearchDocument], units: Mapping[int, tuple[str, str]]
) -> bool:
    """Say whether everything that a query expects is among the documents of its scope."""
    there = [d for d in documents if query.scope in {ALL, units[d.unit_id][0]}]
    return all(any(_is(d, wanted, units) for d in there) for wanted in query.expected)


def units_of(
    documents: Iterable[SearchDocument], directory: UnitDirectory, day: date
) -> dict[int, tuple[str, str]]:
    """Return slug and name of the units of some documents, by id."""
    units = map(directory.by_id, {document.unit_id for document in documents})
    return {unit.id: (unit.slug, unit.name(day)) for unit in units if unit}


def _is(document: SearchDocument, wanted: str, units: Mapping[int, tuple[str, str]]) -> bool:
    """Say whether a document is the one that is wanted."""
    kind, _colon, named = wanted.partition(": ")
    named, _at, unit = named.partition(" @")
    if document.type != kind or (unit and units[document.unit_id][0] != unit):
        return False
    numbers = map(number_key, document.number.split())
    return number_key(named) in numbers or fold(named) in fold(document.title)


def scores(answers: Sequence[Answer]) -> tuple[float, float]:
    """Return the mean reciprocal rank and the mean recall among the first five."""
    reciprocal = sum(1 / answer.rank for answer in answers if answer.rank)
    return reciprocal / len(answers), sum(answer.recall for answer in answers) / len(answers)
