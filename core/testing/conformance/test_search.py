"""Search: what is public is found, with and without marks, and nothing else is."""

from __future__ import annotations

from collections.abc import Iterator

from hoitu.core import text
from hoitu.core.content import ContentType, Item, actions
from hoitu.core.content.item import PUBLISHED
from hoitu.core.search import SearchQuery
from hoitu.core.testing.conformance.findings import demand
from hoitu.core.testing.conformance.levels import silver
from hoitu.core.testing.conformance.snapshot import HERE, Sample
from hoitu.core.testing.conformance.trial import Trial

#: Words of a text that are searched for, and hits that are looked at.
WORDS, DEPTH = 8, 100


def _pages(trial: Trial) -> Iterator[tuple[ContentType, Sample]]:
    """Yield the samples that are pages of their own, with their types."""
    kinds = {kind.name: kind for kind in trial.kinds if kind.is_page}
    for sample in trial.snapshot.samples.get(HERE, ()):
        if sample.type in kinds:
            yield kinds[sample.type], sample


def _queries(kind: ContentType, item: Item) -> dict[str, str]:
    """Return what an item must be found by: its title, and each field declared for search."""
    found = {"title": item.title}
    for name, declared in kind.shown_fields.items():
        value = getattr(item, name)
        if declared.search and isinstance(value, str) and value:
            words = text.plain(value).split() if "<" in value else value.split()
            found[name] = " ".join(words[:WORDS])
    return {name: words for name, words in found.items() if words.strip()}


def _finds(trial: Trial, words: str, item_id: int) -> bool:
    query = SearchQuery(text=words, unit_ids=frozenset({trial.unit().id}), limit=DEPTH)
    return any(hit.id == item_id for hit in trial.platform.search.search(query).hits)


@silver
def test_pages_are_found(trial: Trial) -> None:
    """A published page is found by its title and every field declared for search."""
    found = []
    for kind, sample in _pages(trial):
        with trial.desk() as work:
            item = work.session.get_one(Item, sample.id)
            queries = _queries(kind, item)
        for name, words in queries.items():
            if not _finds(trial, words, sample.id):
                found.append(f"{kind.name} is not found by its {name}: {words!r}")
            elif not _finds(trial, text.fold(words), sample.id):
                found.append(f"{kind.name} is not found without marks: {text.fold(words)!r}")
    demand(
        found,
        "Leave search_document to core, or keep title, number and every searched field in it; "
        "declare is_page=False for what is no page.",
    )


@silver
def test_the_search_page_leads_to_it(trial: Trial) -> None:
    """The page of results links the address that the type gives its items."""
    found = []
    for kind, sample in _pages(trial):
        with trial.desk() as work:
            item = work.session.get_one(Item, sample.id)
            path, title = kind.path(item), item.title
        answer = trial.get(trial.path_of("search.results"), query_string={"q": title})
        if f'href="{path}"' not in answer.get_data(as_text=True):
            found.append(f"{kind.name}: /tim-kiem?q={title} does not lead to {path}")
        elif trial.get(path, follow_redirects=True).status_code != 200:
            found.append(f"{kind.name}: {path} does not answer 200")
    demand(found, "Give the type a `path` that is the page of its items.")


@silver
def test_nothing_is_found_after_unpublish(fresh_trial: Trial) -> None:
    """What left the public is in the index no more, once the worker has run."""
    trial = fresh_trial
    looked_for: list[tuple[ContentType, Sample, dict[str, str]]] = []
    for kind, sample in _pages(trial):
        with trial.desk() as work:
            item = work.session.get_one(Item, sample.id)
            looked_for.append((kind, sample, _queries(kind, item)))
            leaving = [t for t in kind.workflow.available(PUBLISHED) if t.target != PUBLISHED]
            actions.advance(work, item, leaving[0].name, "Gỡ để thử")
    trial.deliver()
    found = [
        f"{kind.name} is still found by its {name}"
        for kind, sample, queries in looked_for
        for name, words in queries.items()
        if _finds(trial, words, sample.id)
    ]
    demand(found, "Change content by actions only: their events keep the index up to date.")
