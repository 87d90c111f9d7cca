"""Units: nothing of one is shown to, or changed by, another; what is off is nowhere."""

from __future__ import annotations

from collections.abc import Iterator

from flask.testing import FlaskClient
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect, Rule

from hoitu.core.testing.conformance.addresses import (
    UNSAFE,
    Address,
    addresses,
    foreign_words,
    holds_key,
    of_core,
    shown_words,
)
from hoitu.core.testing.conformance.findings import demand
from hoitu.core.testing.conformance.levels import bronze
from hoitu.core.testing.conformance.snapshot import HERE, MARKS, THERE
from hoitu.core.testing.conformance.trial import Trial
from hoitu.core.testing.markup import Page

#: What a form might send besides the plugin's own fields; every route gets all of it.
SENT = {"note": "Sửa trộm", "reason": "Sửa trộm", "expected-version": "1", "state": "published"}


def _of(trial: Trial, method: str, slug: str) -> Iterator[Address]:
    """Yield every address of the plugin's routes with the ids and slugs of one unit."""
    rules = [rule for rule in trial.rules if method in (rule.methods or ())]
    shot = trial.snapshot
    yield from addresses(trial, rules, shot.samples.get(slug, ()), shot.files.get(slug, ()))


def _client(trial: Trial, rule: Rule, staff: FlaskClient) -> FlaskClient:
    return trial.visitor() if trial.is_public(rule) else staff


@bronze
def test_nothing_of_another_unit_is_shown(trial: Trial) -> None:
    """Every page of a unit, asked for the ids and slugs of another, shows nothing of it."""
    words, staff = foreign_words(trial, THERE), trial.staff(HERE)
    found = []
    for address in _of(trial, "GET", THERE):
        answer = trial.get(address.path, client=_client(trial, address.rule, staff))
        if told := shown_words(answer, address.path, words):
            found.append(f"{address.path} shows {', '.join(sorted(told))}")
        elif holds_key(address.rule) and answer.status_code != 404:
            found.append(f"{address.path} answers {answer.status_code}, not 404")
    for path in of_core(trial, trial.snapshot.samples.get(THERE, ())):
        if told := shown_words(trial.get(path), path, words):
            found.append(f"{path} shows {', '.join(sorted(told))}")
    demand(
        found,
        "Read rows by content.queries inside the scope of the request; answer 404 for ids that "
        "are not there. The words are those of another unit's content.",
    )


@bronze
def test_its_own_unit_shows_it(trial: Trial) -> None:
    """The pages of the unit that owns the content do show it: the check above is not idle."""
    if not trial.snapshot.samples.get(THERE):
        return
    mark = MARKS[THERE].casefold()
    pages = (trial.get(a.path, THERE, follow_redirects=True) for a in _of(trial, "GET", THERE)
             if trial.is_public(a.rule))  # fmt: skip
    is_shown = any(mark in page.get_data(as_text=True).casefold() for page in pages)
    demand(
        [] if is_shown else ["no public route of the plugin shows its samples"],
        "Show published items on some page; without one nothing can be told of leaks.",
    )


@bronze
def test_no_form_changes_another_unit(fresh_trial: Trial) -> None:
    """Whatever is sent to a unit's routes, with whatever ids, changes no row of another."""
    trial = fresh_trial
    trial.app.config["WTF_CSRF_ENABLED"] = False
    staff, words = trial.staff(HERE), foreign_words(trial, THERE)
    names = {name for kind in trial.kinds for name in kind.fields}
    sent = {**dict.fromkeys(names, "Sửa trộm"), **SENT}
    before = trial.rows_of(THERE)
    found = []
    for method in UNSAFE:
        for address in _of(trial, method, THERE):
            for client in (trial.visitor(), staff):
                answer = trial.send(method, address.path, client=client, data=sent)
                if told := shown_words(answer, address.path, words):
                    found.append(f"{method} {address.path} shows {', '.join(sorted(told))}")
                if holds_key(address.rule) and answer.status_code == 200:
                    found.append(f"{method} {address.path} answers 200, not 404")
    after = trial.rows_of(THERE)
    found += [f"rows of {table} changed" for table in before if before[table] != after[table]]
    demand(found, "Find the row by content.queries or actions in the scope of the request.")


@bronze
def test_no_page_answers_while_it_is_off(fresh_trial: Trial) -> None:
    """Every route answers 404 at a unit that has the section off, its API included."""
    trial = fresh_trial
    trial.switch_off()
    staff = trial.staff(HERE)
    found = []
    for address in _of(trial, "GET", HERE):
        answer = trial.get(address.path, client=_client(trial, address.rule, staff))
        if answer.status_code != 404:
            found.append(f"{address.path} answers {answer.status_code}")
    for kind in trial.kinds:
        path = trial.path_of("api.items", type_name=kind.name)
        if (status := trial.get(path).status_code) != 404:
            found.append(f"{path} answers {status}")
    demand(found, "Register views on the plugin's blueprint: core guards it.")


@bronze
def test_nothing_leads_to_it_while_it_is_off(fresh_trial: Trial) -> None:
    """Menu, home page, site map, feed and search of a unit that has it off do not know it."""
    trial = fresh_trial
    mark = MARKS[HERE]
    trial.switch_off()
    found = []
    for path in [*of_core(trial, ()), f"{trial.path_of('search.results')}?q={mark}"]:
        answer = trial.get(path)
        text = answer.get_data(as_text=True)
        if answer.status_code == 404:
            continue
        links = [link for link in Page(text).links() if _leads_to(trial, link)]
        found += [f"{path} leads to {link}" for link in links]
        if "?q=" not in path and mark.casefold() in text.casefold():
            found.append(f"{path} shows its content")
    demand(found, "Contribute by hooks (menu_entries, home_panels): core asks whether it is on.")


def _leads_to(trial: Trial, link: str) -> bool:
    """Say whether a link of a page leads to a route of the plugin."""
    address = link.removeprefix(f"http://{trial.host()}")
    if not address.startswith("/"):
        return False
    path = address.partition("#")[0].partition("?")[0].removeprefix("/en")
    try:
        endpoint, _arguments = trial.app.url_map.bind("x").match(path or "/")
    except (HTTPException, RequestRedirect):
        return False
    return trial.owns(str(endpoint))
