"""Rules of questions: pure functions, tested as tables of cases."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from flask_babel import gettext as _

from hoitu.core import text
from hoitu.core.content import Item, Problem, leaks
from hoitu.sections.questions.models import Question


def problems(item: Item, day: date) -> list[Problem]:
    """Return everything that keeps a question from being published on ``day``."""
    if not isinstance(item, Question):
        return []
    return [*_gaps(item), *_consent(item), *_leaks(item), *_days(item, day)]


def _gaps(item: Question) -> Iterator[Problem]:
    if not item.summary:
        yield Problem(
            "summary", _("Write the question as it is published, without anything personal.")
        )
    if not text.plain(item.body or ""):
        yield Problem("body", _("Write the answer."))


def _consent(item: Question) -> Iterator[Problem]:
    if item.suspected_complaint:
        yield Problem(
            "suspected_complaint",
            _(
                "This may be a complaint or denunciation, which is not answered in public. Untick "
                "the mark if it is none; else close the question and say where to turn to."
            ),
        )
    if not item.may_publish:
        yield Problem(
            "may_publish",
            _(
                "The person did not agree to publication. Close the question without publishing: "
                "the answer is then shown to the person alone."
            ),
        )


def _leaks(item: Question) -> Iterator[Problem]:
    shown = {
        "title": item.title or "",
        "summary": item.summary or "",
        "body": text.plain(item.body or ""),
        "answered_by": item.answered_by or "",
    }
    for name, said in shown.items():
        found = [Problem(name, message) for message in _of_the_asker(said, item)]
        if not found and name in ("title", "summary") and leaks.has_contact(said):
            message = _("Remove telephone and identity numbers and e-mail addresses.")
            found.append(Problem(name, message))
        yield from found


def _of_the_asker(said: str, item: Question) -> Iterator[str]:
    if leaks.has_number(said, item.phone or ""):
        yield _("Remove the telephone number of the person who asks.")
    if item.email and item.email.casefold() in said.casefold():
        yield _("Remove the e-mail address of the person who asks.")
    if leaks.has_words(said, item.asker_name or "", leaks.NAME_WORDS):
        yield _("Remove the name of the person who asks.")
    if leaks.has_words(said, item.address or "", leaks.ADDRESS_WORDS):
        yield _("Remove the address of the person who asks.")


def _days(item: Question, day: date) -> Iterator[Problem]:
    for name in ("acknowledged_on", "forwarded_on", "answered_on"):
        value = getattr(item, name)
        if value is None:
            continue
        if item.received_on is not None and value < item.received_on:
            yield Problem(name, _("This day lies before the day the question was received."))
        if value > day:
            yield Problem(name, _("This day lies in the future."))
    if item.forwarded_on and not item.forwarded_to:
        yield Problem("forwarded_to", _("Say to which agency the question was passed on."))
