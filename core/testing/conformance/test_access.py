"""Access: declared by every route, and kept."""

from __future__ import annotations

from hoitu.core.testing.conformance.addresses import (
    UNSAFE,
    addresses,
    holds_key,
    of_core,
    shown_words,
)
from hoitu.core.testing.conformance.findings import demand
from hoitu.core.testing.conformance.levels import bronze
from hoitu.core.testing.conformance.snapshot import DRAFT_MARK, HERE, THERE
from hoitu.core.testing.conformance.trial import Trial
from hoitu.core.web.access import UndeclaredAccess

SIGN_IN = ("/quan-tri/dang-nhap", "/en/quan-tri/dang-nhap")


@bronze
def test_every_route_declares_access(trial: Trial) -> None:
    """Every view says ``@public`` or ``@requires(...)``."""
    found = []
    for rule in trial.rules:
        try:
            trial.access_of(rule)
        except UndeclaredAccess as error:
            found.append(f"{rule.rule}: {error}")
    demand(found, "Declare each view with public or requires of hoitu.core.access.")


@bronze
def test_forms_without_their_token_are_refused(trial: Trial) -> None:
    """Every unsafe request without the token of a form is answered with 400."""
    samples = trial.snapshot.samples.get(HERE, ())
    staff = trial.staff(HERE)
    found = []
    for method in UNSAFE:
        rules = [rule for rule in trial.rules if method in (rule.methods or ())]
        for address in addresses(trial, rules, samples):
            for client in (trial.visitor(), staff):
                answer = trial.send(method, address.path, client=client, data={"title": "x"})
                if answer.status_code != 400:
                    found.append(f"{method} {address.path} answers {answer.status_code}")
    demand(found, "Do not exempt views from the check; templates send the token with the form.")


@bronze
def test_strangers_are_refused(trial: Trial) -> None:
    """What is not public sends anonymous visitors to the sign-in and refuses others' staff."""
    samples = trial.snapshot.samples.get(HERE, ())
    closed = [rule for rule in trial.rules if not trial.is_public(rule)]
    stranger = trial.staff(THERE)
    found = []
    for method in ("GET", *UNSAFE):
        rules = [rule for rule in closed if method in (rule.methods or ())]
        for address in addresses(trial, rules, samples):
            anonymous = trial.send(method, address.path)
            to_sign_in = anonymous.headers.get("Location", "").startswith(SIGN_IN)
            if not to_sign_in and anonymous.status_code not in (400, 401, 403, 404):
                found.append(f"{method} {address.path} answers anybody")
            refused = trial.send(method, address.path, client=stranger)
            if refused.status_code not in (400, 403, 404):
                found.append(f"{method} {address.path} answers the staff of another unit")
    demand(found, "Declare the permission with @requires; core asks for it before the view runs.")


@bronze
def test_drafts_are_shown_to_nobody(trial: Trial) -> None:
    """What is not published is on no page, in no feed and no answer, not even at its own unit."""
    shot = trial.snapshot
    rules = [r for r in trial.rules if "GET" in (r.methods or ()) and trial.is_public(r)]
    found = []
    for address in addresses(
        trial, rules, [*shot.drafts.get(HERE, ()), *shot.samples.get(HERE, ())]
    ):
        answer = trial.get(address.path, follow_redirects=True)
        if shown_words(answer, address.path, [DRAFT_MARK]):
            found.append(f"{address.path} shows what is not published")
        drafted = address.sample in shot.drafts.get(HERE, ())
        if drafted and holds_key(address.rule) and answer.status_code != 404:
            found.append(f"{address.path} answers {answer.status_code} for a draft, not 404")
    for path in of_core(trial, shot.drafts.get(HERE, ())):
        if shown_words(trial.get(path), path, [DRAFT_MARK]):
            found.append(f"{path} shows what is not published")
    demand(found, "Select by content.queries.public or find; drafts and waiting texts stay inside.")


@bronze
def test_private_fields_are_shown_to_nobody(trial: Trial) -> None:
    """Fields declared private are on no page that a visitor sees."""
    samples = trial.snapshot.samples.get(HERE, ())
    words = {text for sample in samples for text in sample.private}
    if not words:
        return
    rules = [r for r in trial.rules if "GET" in (r.methods or ()) and trial.is_public(r)]
    paths = [a.path for a in addresses(trial, rules, samples)] + of_core(trial, samples)
    found = [
        f"{path} shows {', '.join(sorted(told))}"
        for path in paths
        if (told := shown_words(trial.get(path, follow_redirects=True), path, words))
    ]
    demand(found, "Use kind.shown_fields in templates and exports, never kind.fields.")
