"""What people type over the whole demonstration is answered well."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import pytest

from hoitu.core import text
from hoitu.core.extensions import KEY, Platform
from hoitu.core.jobs import indexing
from hoitu.core.testing import golden
from hoitu.core.testing.fixtures import Site
from hoitu.core.units import all_units


@pytest.mark.slow
def test_golden_queries_are_answered(demo: Callable[..., Site]) -> None:
    app = demo().client.application
    parts: Platform = app.extensions[KEY]
    with app.app_context(), parts.open_session(False) as session, all_units("golden queries"):
        documents = list(indexing.documents(session, parts.types, parts.clock.now()))
    units = golden.units_of(documents, parts.units, parts.clock.today())
    answers = list(golden.ask(parts.search, documents, units))
    unasked = [a.query for a in answers if not golden.has_all(a.query, documents, units)]
    assert unasked == [], "what is expected must be in the demonstration"
    mrr, recall = golden.scores(answers)
    misses = [(a.query.text, a.rank, a.first) for a in answers if a.rank != 1 or a.recall < 1]
    assert mrr >= 0.95, misses
    assert recall >= 0.98, misses


def test_golden_queries_are_not_titles() -> None:
    queries = golden.golden_queries()
    assert len(queries) >= 130
    assert len({(query.scope, query.text) for query in queries}) == len(queries)
    titles = [
        query
        for query in queries
        if any(text.fold(query.text) in text.fold(wanted) for wanted in query.expected)
    ]
    assert len(titles) <= 0.4 * len(queries)
    kinds = Counter(query.kind for query in queries)
    assert min(kinds.values()) >= 4, kinds
