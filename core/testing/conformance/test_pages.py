"""Pages: they answer, in both languages, and everybody can use them."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from weakref import WeakKeyDictionary
from xml.etree import ElementTree

from hoitu.core.kept import Kept
from hoitu.core.testing.conformance.addresses import UNSAFE, Address, addresses, holds_key
from hoitu.core.testing.conformance.findings import demand
from hoitu.core.testing.conformance.levels import bronze, gold, silver
from hoitu.core.testing.conformance.snapshot import EMPTY, HERE, THERE
from hoitu.core.testing.conformance.trial import Trial
from hoitu.core.testing.markup import Page

PREFIXES = {"vi": "", "en": "/en"}


@dataclass(frozen=True)
class Answer:
    """What a public address answered."""

    address: Address
    path: str
    language: str
    status: int
    kind: str
    text: str

    @property
    def is_page(self) -> bool:
        """Say whether it is a page for people."""
        return self.status == 200 and self.kind == "text/html"


_answers: WeakKeyDictionary[Trial, list[Answer]] = WeakKeyDictionary()


def answers(trial: Trial) -> list[Answer]:
    """Return what every public route answers at its own unit, in both languages; asked once."""
    if trial not in _answers:
        _answers[trial] = [
            _ask(trial, address, language) for address in _addresses(trial) for language in PREFIXES
        ]
    return _answers[trial]


def _addresses(trial: Trial) -> list[Address]:
    rules = [r for r in trial.rules if "GET" in (r.methods or ()) and trial.is_public(r)]
    home = [r for r in trial.app.url_map.iter_rules() if r.endpoint == "home.index"]
    return list(addresses(trial, [*home, *rules], trial.snapshot.samples.get(HERE, ())))


def _ask(trial: Trial, address: Address, language: str, at: str = HERE) -> Answer:
    path = PREFIXES[language] + address.path
    got = trial.get(path, at, follow_redirects=True)
    kind = got.mimetype or ""
    is_text = kind.startswith("text/") or kind.endswith(("json", "xml"))
    text = got.get_data().decode("utf-8", "replace") if is_text else ""
    return Answer(address, path, language, got.status_code, kind, text)


def _check(trial: Trial, look: Callable[[Page], list[str]], advice: str) -> None:
    """Demand that ``look`` finds nothing on any page; the same fault is told once."""
    first: dict[str, str] = {}
    for answer in (a for a in answers(trial) if a.is_page):
        for fault in look(Page(answer.text)):
            first.setdefault(fault.partition(" <")[2] or fault, f"{answer.path}: {fault}")
    demand(first.values(), advice)


@bronze
def test_pages_answer_in_both_languages(trial: Trial) -> None:
    """List, detail, print view, feed, tables and JSON answer 200 with content."""
    found = [f"{a.path} answers {a.status}" for a in answers(trial) if a.status >= 500]
    reached: dict[tuple[str, str], set[int]] = {}
    for answer in answers(trial):
        rule = answer.address.rule
        # What an argument stands for is known of keys and slugs only.
        if not rule.arguments or holds_key(rule):
            reached.setdefault((rule.rule, answer.language), set()).add(answer.status)
    found += [
        f"{rule} answers {sorted(statuses)} in {language}, for no sample 200"
        for (rule, language), statuses in reached.items()
        if 200 not in statuses
    ]
    for answer in (a for a in answers(trial) if a.status == 200):
        try:
            if answer.kind.endswith("json"):
                json.loads(answer.text)
            elif answer.kind.endswith("xml"):
                ElementTree.fromstring(answer.text)  # noqa: S314 (our own answer)
        except (ValueError, ElementTree.ParseError) as error:
            found.append(f"{answer.path} cannot be read: {error}")
    demand(found, "Mend the view; the log tells the error.")


@bronze
def test_pages_answer_while_there_is_nothing(trial: Trial) -> None:
    """At a unit without content the pages say so: 200, or 404."""
    without = [a for a in _addresses(trial) if not a.rule.arguments]
    asked = [_ask(trial, address, "vi", EMPTY) for address in without]
    found = [f"{a.path} answers {a.status}" for a in asked if a.status not in (200, 404)]
    demand(found, "Let templates and views expect an empty list.")


@bronze
def test_forms_answer_whatever_is_sent(fresh_trial: Trial) -> None:
    """A form that is empty, or full of what makes no sense, is answered: never with an error."""
    trial = fresh_trial
    trial.app.config["WTF_CSRF_ENABLED"] = False
    shot, staff = trial.snapshot, trial.staff(HERE)
    samples = [s for slug in (HERE, THERE) for s in shot.samples.get(slug, ())]
    names = {name for kind in trial.kinds for name in kind.fields}
    found = set()
    for method in UNSAFE:
        rules = [rule for rule in trial.rules if method in (rule.methods or ())]
        for address in addresses(trial, rules, samples):
            client = trial.visitor() if trial.is_public(address.rule) else staff
            for sent in ({}, dict.fromkeys(names, "Vô nghĩa"), dict.fromkeys(names, "-1")):
                status = trial.send(method, address.path, client=client, data=sent).status_code
                if status >= 500:
                    found.add(f"{method} {address.path} answers {status}")
    demand(sorted(found), "Read a form by VisitorForm or EntryForm: they refuse with a reason.")


@bronze
def test_no_contribution_fails(fresh_trial: Trial) -> None:
    """Hooks and blocks of the home page raise nothing: core would leave them out in silence."""
    # An application of its own: a hook that failed often is not asked any more.
    trial = fresh_trial
    found = []
    for slug in (HERE, EMPTY):
        for prefix in PREFIXES.values():
            lost, trial.platform.kept = trial.platform.hooks.lost, Kept()
            trial.get(f"{prefix}/", slug)
            if failed := trial.platform.hooks.lost - lost:
                found.append(f"{failed} lost on {prefix}/ of the unit {slug}")
    demand(found, "The log tells which hook or template failed, and why.")


@bronze
def test_pages_say_their_language(trial: Trial) -> None:
    """``<html lang>`` is the language of the address."""
    found = [
        f"{answer.path} says {said!r}"
        for answer in answers(trial)
        if answer.is_page and (said := Page(answer.text).language()) != answer.language
    ]
    demand(found, 'Extend layout.html (or bare.html), which sets <html lang="...">.')


@bronze
def test_pages_hold_nothing_inline(trial: Trial) -> None:
    """Rendered pages have no inline script, style or handler: the policy would stop them."""
    _check(trial, Page.inline_faults, "Use classes of the theme and its scripts and pictures.")


@silver
def test_inputs_have_labels(trial: Trial) -> None:
    """Every control of a form has a label, and no id stands twice."""
    _check(trial, Page.label_faults, 'Give each control an id and a <label for="...">.')


@silver
def test_links_and_pictures_have_text(trial: Trial) -> None:
    """Links and buttons have a text, pictures an ``alt`` (empty for decoration)."""
    _check(trial, Page.name_faults, "Write what the link leads to or what the picture shows.")


@gold
def test_headings_are_an_outline(trial: Trial) -> None:
    """Every page has one h1, and no level of headings is left out."""
    _check(trial, Page.heading_faults, "Number headings by depth; size is a matter of the theme.")
