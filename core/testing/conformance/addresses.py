"""Every address of a route: its rule filled with the ids, slugs and values of samples."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import product
from typing import Any

from werkzeug.routing import BuildError, Rule
from werkzeug.routing.converters import NumberConverter
from werkzeug.test import TestResponse

from hoitu.core.content import Choice
from hoitu.core.testing.conformance.snapshot import HERE, Sample
from hoitu.core.testing.conformance.trial import Trial

#: Most addresses of one route that are looked at.
LIMIT = 60
#: What arguments are tried with that are told by no sample.
UNKNOWN, YEARS = "x", (2026, 2023)
UNSAFE = ("POST", "PUT", "PATCH", "DELETE")


@dataclass(frozen=True)
class Address:
    """An address of a route and the sample it names, if it names one."""

    rule: Rule
    path: str
    sample: Sample | None


def holds_key(rule: Rule) -> bool:
    """Say whether a route names a row: an argument of it is called ``..._id``."""
    return any(_is_key(name) for name in rule.arguments)


def addresses(
    trial: Trial, rules: Iterable[Rule], samples: Iterable[Sample], files: Iterable[int] = ()
) -> Iterator[Address]:
    """Yield the addresses of routes, for each sample its own; each path once."""
    samples, seen = list(samples), set()
    for rule in rules:
        taken = 0
        for sample in samples if rule.arguments else [None]:
            for path in _paths(trial, rule, sample, list(files)):
                if path not in seen and taken < LIMIT:
                    seen.add(path)
                    taken += 1
                    yield Address(rule, path, sample)


def _paths(trial: Trial, rule: Rule, sample: Sample | None, files: list[int]) -> Iterator[str]:
    names = sorted(rule.arguments)
    choices = [list(_values(trial, rule, name, sample, files)) for name in names]
    for values in product(*choices):
        try:
            yield trial.path_of(rule.endpoint, **dict(zip(names, values, strict=True)))
        except BuildError:
            continue


def _values(
    trial: Trial, rule: Rule, name: str, sample: Sample | None, files: list[int]
) -> Iterable[Any]:
    """Return what may stand for an argument of a route."""
    assert sample is not None
    if _is_key(name):
        return files[:2] if "file" in name else [sample.id]
    known = {"slug": sample.slug, "type_name": sample.type, **sample.columns}
    if known.get(name) not in (None, ""):
        return [known[name]]
    if isinstance(rule._converters.get(name), NumberConverter):
        return YEARS
    offered = [
        key
        for kind in trial.kinds
        for declared in kind.fields.values()
        if declared.name == name and isinstance(declared.kind, Choice)
        for key, _label in declared.kind.options()
    ]
    return offered or [UNKNOWN]


def _is_key(name: str) -> bool:
    return name == "id" or name.endswith("_id")


def of_core(trial: Trial, samples: Iterable[Sample]) -> list[str]:
    """Return the addresses of core on which content of the plugin is shown."""
    found = ["home.index", "feeds.site", "sitemap.page", "sitemap.xml", "api.openapi"]
    paths = [trial.path_of(endpoint) for endpoint in found]
    paths += [trial.path_of("api.items", type_name=kind.name) for kind in trial.kinds]
    return paths + [trial.path_of("api.item", type_name=s.type, item_id=s.id) for s in samples]


def shown_words(answer: TestResponse, path: str, words: Iterable[str]) -> set[str]:
    """Return which of some words an answer tells; what it was asked for does not count."""
    text = str(answer.headers) + answer.get_data().decode("utf-8", "replace")
    for asked in (path, path.replace("/", "%2F")) if len(path) > 1 else ():
        text = text.replace(asked, "")
    told = text.casefold()
    return {word for word in words if word.casefold() in told}


def foreign_words(trial: Trial, there: str, here: str = HERE) -> set[str]:
    """Return the words of one unit that are none of another's, and that no frame of a site has."""
    today = trial.platform.clock.today()
    known = [word.casefold() for word in trial.snapshot.words.get(here, ())]
    known += [unit.name(today).casefold() for unit in trial.platform.units.all()]
    words = trial.snapshot.words.get(there, ())
    return {word for word in words if not any(word.casefold() in text for text in known)}
