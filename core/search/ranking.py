"""What is found on a shelf and what comes first: sets of documents, and what their members gain."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import partial, reduce
from heapq import nlargest
from operator import and_, or_
from time import monotonic
from typing import NamedTuple

from hoitu.core import text
from hoitu.core.clock import ZONE
from hoitu.core.search.correction import correct
from hoitu.core.search.protocol import SearchHit, SearchQuery, SearchResults, Suggestion
from hoitu.core.search.rows import microseconds
from hoitu.core.search.shelf import Shelf
from hoitu.core.search.snippet import Snippets
from hoitu.core.search.wording import Wording, pairs, read_query
from hoitu.core.text import fold

#: More hits are not counted by facets; more are not given at a time.
_COUNTED_HITS, _MAX_PAGE = 2_000, 200
#: What a word is worth by where it stands, unless it stands above as well, and the share of it that
#: the letters alone are worth to someone who types marks.
_ZONES = (("title", 2.0, ""), ("summary", 0.8, "title"))
_ALIKE = 0.25
#: Scores are whole numbers of hundredths until they are added up.
_UNIT = 100
#: What it is worth that a title says nothing else.
_WHOLE_TITLE = 8.0
#: Letters and digits of a number that can hardly be anything else.
_TELLING_NUMBER = 5


def results(shelf: Shelf, query: SearchQuery, wording: Wording, time_limit: float) -> SearchResults:
    """Return one page of what a query finds in some seconds; ``wording`` is its text."""
    started = monotonic()
    deadline = started + time_limit
    find = partial(_find, shelf, query, deadline)
    found = find(wording, _all_words)
    as_meant = found and _as_typed(shelf, wording)
    if not found.documents & _heads(shelf, wording):
        # What has all words has them scattered over a long text.
        found = found.with_more(find(wording, _most_words))
    correction, corrected, late = "", False, False
    if query.correct and not as_meant:
        visible = _permitted(shelf, query, shelf.everything)
        correction = correct(shelf, wording, visible, deadline)
        late = not correction and monotonic() > deadline
        meant = read_query(correction, query.place)
        if correction and (better := find(meant, _all_words)):
            corrected = not found
            found, wording = (better, meant) if corrected else (found, wording)
        else:
            correction = ""
    found = found or find(wording, _any_word) or _NOTHING
    scores = _scores(shelf, wording, found)
    instants = shelf.instants if scores else []
    first, then = (instants, scores) if query.order == "newest" else (scores, instants)
    offset, limit = max(query.offset, 0), min(max(query.limit, 0), _MAX_PAGE)
    best = nlargest(offset + limit, scores, key=lambda d: (first[d], then[d], d))
    snippets = Snippets(wording)
    hits = []
    for document in best[offset:]:
        card = shelf.card(document)
        texts = [card.pop(part) for part in ("summary", "body", "attachments")]
        snippet, source = snippets.build(*texts)
        hits.append(
            SearchHit(
                **card,
                snippet=snippet,
                score=scores[document],
                in_attachment=source == len(texts) - 1,
            )
        )
    countable = scores and found.complete and len(scores) <= _COUNTED_HITS
    return SearchResults(
        hits=tuple(hits),
        total=len(scores),
        partial=late or not found.complete,
        facets=_counts(shelf, scores) if countable else {},
        took_ms=(monotonic() - started) * 1000,
        correction=correction,
        corrected=corrected,
    )


@dataclass(frozen=True, slots=True)
class _Found:
    """A set of documents; false when it is empty though there was time to find all."""

    documents: int
    complete: bool
    all_words: bool = False

    def __bool__(self) -> bool:
        return bool(self.documents) or not self.complete

    def with_more(self, other: _Found) -> _Found:
        """Return both together."""
        complete = self.complete and other.complete
        return _Found(self.documents | other.documents, complete, all_words=False)


_NOTHING = _Found(0, complete=True)


def _find(
    shelf: Shelf,
    query: SearchQuery,
    deadline: float,
    wording: Wording,
    way: Callable[[Shelf, Wording], int],
) -> _Found:
    """Return the documents found in one way, those that have all phrases."""
    documents, complete = _permitted(shelf, query, way(shelf, wording)), True
    if wording.phrases:
        documents, complete = shelf.with_phrases(documents, wording.phrases, deadline)
    return _Found(documents, complete, all_words=way is _all_words)


def _as_typed(shelf: Shelf, wording: Wording) -> bool:
    """Say whether every word that was typed with marks exists with them."""
    return all(
        shelf.having("words", f"={word.exact}")
        for word in wording.needed
        if word.exact != word.folded
    )


def _all_words(shelf: Shelf, wording: Wording) -> int:
    """Return those with all words, and those whose number, or much of it, is among them."""
    telling = [number for number in wording.numbers if len(number) >= _TELLING_NUMBER]
    numbered = shelf.having_any("number", [*telling, *(f"^{number}" for number in telling)])
    return reduce(and_, _with_each(shelf, wording)) | numbered


def _heads(shelf: Shelf, wording: Wording) -> int:
    """Return those with all words in their titles, numbers and summaries."""
    titles = _with_each(shelf, wording, "title")
    summaries = _with_each(shelf, wording, "summary")
    return reduce(and_, (one | other for one, other in zip(titles, summaries, strict=True)))


def _most_words(shelf: Shelf, wording: Wording) -> int:
    """Return those with at least two words, and half of the words of a long query."""
    sets = _with_each(shelf, wording)
    if len(sets) < 3:
        return 0
    enough = max(2, len(sets) * 2 // 3 if len(sets) < 6 else len(sets) // 2)
    counts = shelf.counts(sets)
    return shelf.set_of(d for d, number in enumerate(counts) if number >= enough)


def _any_word(shelf: Shelf, wording: Wording) -> int:
    sets = _with_each(shelf, wording)
    return reduce(or_, sets) if len(sets) < 3 else 0


def _with_each(shelf: Shelf, wording: Wording, field: str = "words") -> list[int]:
    """Return the documents with each needed word, or with the words that it stands for."""
    found = []
    for word in dict.fromkeys(word.folded for word in wording.needed):
        having = shelf.having(field, word)
        if word in wording.in_full:
            having |= reduce(and_, (shelf.having(field, w) for w in wording.in_full[word]))
        found.append(having)
    return found


def _scores(shelf: Shelf, wording: Wording, found: _Found) -> dict[int, float]:
    """Return the score of every document found."""
    totals = shelf.totals(
        (trait.of(shelf, term, found.documents), round(_UNIT * worth))
        for trait in _traits(wording, all_words=found.all_words)
        for term in trait.terms
        if (worth := trait.weight * shelf.rarity(shelf.having(trait.field, term)))
    )
    words = [*wording.needed, *wording.words]
    terms = dict.fromkeys(f"={w.exact}" if wording.marked else w.folded for w in words)
    in_title = shelf.counts([shelf.having("title", term) for term in terms])
    whole, shares = _UNIT * _WHOLE_TITLE, shelf.shares if found.documents else []
    return {
        document: _UNIT + totals[document] + whole * in_title[document] * shares[document]
        for document in shelf.members(found.documents)
    }


def _permitted(shelf: Shelf, query: SearchQuery, found: int) -> int:
    """Return those of a set that may be shown."""
    allowed = {
        "unit": query.unit_ids,
        "section": query.sections,
        "type": query.types,
        "language": None if query.language is None else {query.language},
        **{f"facet:{name}": {value} for name, value in query.facets.items()},
    }
    for name, values in allowed.items():
        if values is not None:
            found &= shelf.having_any("labels", (f"{name}:{value}" for value in values))
    hidden = (f"requirement:{unit}:{name}" for unit, name in query.hidden)
    found &= ~shelf.having_any("labels", hidden)
    if query.since or query.until:
        first = datetime.combine(query.since or date.min, time.min, ZONE)
        last = datetime.combine(query.until or date.max, time.max, ZONE)
        found &= shelf.between(microseconds(first), microseconds(last))
    return found


class _Trait(NamedTuple):
    """What documents gain by having one of these terms in a field, or by lacking it.

    A term that stands ``above`` already, in another field, gains nothing more.
    """

    field: str
    weight: float
    terms: Iterable[str]
    lacking: bool = False
    above: str = ""

    def of(self, shelf: Shelf, term: str, found: int) -> int:
        """Return those among the documents found that gain by a term."""
        having = shelf.having(self.field, term)
        if self.above:
            having &= ~shelf.having(self.above, term)
        return found & ~having if self.lacking else found & having


def _traits(wording: Wording, *, all_words: bool) -> Iterator[_Trait]:
    """Yield what makes some of the documents found better than others."""
    words = dict.fromkeys([*wording.needed, *wording.words])
    folded = dict.fromkeys(word.folded for word in words)
    share = _ALIKE if wording.marked else 1.0
    for field, weight, above in _ZONES:
        yield _Trait(field, weight * share, folded, above=above)
        if wording.marked:
            exact = [f"={word.exact}" for word in words]
            yield _Trait(field, weight * (1 - share), exact, above=above)
    needed = dict.fromkeys(word.folded for word in wording.needed)
    if not all_words:
        yield _Trait("words", 3.0, needed)
    if wording.marked:
        yield _Trait("words", 1.5, [f"={word.exact}" for word in wording.needed])
    yield _Trait("attached", 0.5, needed, lacking=True)
    yield _Trait("pairs", 10.0, dict.fromkeys([*pairs(wording.words), *pairs(wording.needed)]))
    yield _Trait("inner", 2.0, dict.fromkeys(pairs(wording.words)))
    yield _Trait("number", 1000.0, wording.numbers)
    # What is called by a number comes before what only has it, such as the report on a plan.
    yield _Trait("number", 50.0, [f"@{number}" for number in wording.numbers])
    yield _Trait("number", 30.0, [f"^{number}" for number in wording.numbers])


def _counts(shelf: Shelf, documents: Iterable[int]) -> dict[str, dict[str, int]]:
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for values, times in Counter(map(shelf.counted.__getitem__, documents)).items():
        for name, value in json.loads(values).items():
            counts[name][value] += times
    return {name: dict(counter.most_common()) for name, counter in counts.items()}


def suggestions(
    shelf: Shelf, typed: Wording, query: SearchQuery | None, limit: int
) -> list[Suggestion]:
    """Return titles with the typed words, best first; one may stand at many units."""
    *complete, last = typed.words
    unfinished = text.words(typed.text)[len(complete)]
    begun = shelf.beginning("title", unfinished) | shelf.having("title", last.folded)
    found = reduce(and_, (shelf.having("title", word.folded) for word in complete), begun)
    found = _permitted(shelf, query or SearchQuery(""), found)
    better = [shelf.having("pairs", pair) for pair in pairs(complete)]
    if typed.marked:
        better += [shelf.having("title", f"={word.exact}") for word in complete]
        better.append(shelf.beginning("title", f"={last.exact}"))
    totals, instants = shelf.totals((chosen, 1) for chosen in better), shelf.instants
    best = nlargest(limit * 4, shelf.members(found), key=lambda d: (totals[d], instants[d]))
    cards = map(shelf.card, best)
    titles = [Suggestion(c["id"], c["unit_id"], c["type"], c["title"]) for c in cards]
    start = fold(typed.text).strip()
    return sorted(titles, key=lambda one: not fold(one.title).startswith(start))
