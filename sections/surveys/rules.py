"""Rules of surveys and remarks: pure functions, tested as tables of cases."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flask_babel import gettext as _

from hoitu.core import text
from hoitu.core.content import Item, Problem, leaks
from hoitu.sections.surveys.models import Survey, SurveyRemark
from hoitu.sections.surveys.polls import options_of, wording_of
from hoitu.sections.surveys.vocabularies import FREE

#: More options than these nobody reads to the end.
MOST_OPTIONS = 12


def problems(item: Item, voted_wording: str = "") -> list[Problem]:
    """Return everything that is wrong with a survey or a remark.

    ``voted_wording`` is the fingerprint of the questions that were answered; '' while none was.
    """
    if isinstance(item, Survey):
        return [*_days(item), *_questions(item), *_frozen(item, voted_wording)]
    if isinstance(item, SurveyRemark):
        return list(_published_remark(item))
    return []


def _days(item: Survey) -> Iterator[Problem]:
    if item.opens_on and item.closes_on and item.closes_on < item.opens_on:
        yield Problem("closes_on", _("The last day lies before the first."))


def _questions(item: Survey) -> Iterator[Problem]:
    if not item.questions:
        yield Problem("questions", _("Write at least one question."))
    for number, row in enumerate(item.questions, start=1):
        for message in _wrong_with(row):
            yield Problem("questions", _("Question %(n)d: %(problem)s", n=number, problem=message))


def _wrong_with(row: dict[str, Any]) -> Iterator[str]:
    options = options_of(row)
    if not row["question"]:
        yield _("Write the question.")
    if not row["kind"]:
        yield _("Say how it is answered.")
    elif row["kind"] == FREE:
        if options:
            yield _("A question answered in own words has no options.")
    elif len(options) < 2:
        yield _("Give at least two options, one on each line.")
    elif len(options) > MOST_OPTIONS:
        yield _("Give at most %(n)d options.", n=MOST_OPTIONS)
    elif len(set(map(text.fold, options))) < len(options):
        yield _("Two options are the same.")


def _frozen(item: Survey, voted_wording: str) -> Iterator[Problem]:
    if voted_wording and wording_of(item.questions) != voted_wording:
        yield Problem(
            "questions",
            _(
                "People have answered these questions; other words would give their answers "
                "another meaning. Restore the questions, close this survey and make a new one."
            ),
        )


def _published_remark(item: SurveyRemark) -> Iterator[Problem]:
    said = item.summary or ""
    if not said:
        yield Problem(
            "summary",
            _("Write the request in the unit's words, or close it without publishing."),
        )
    elif text.words(said) == text.words(item.remark or ""):
        yield Problem("summary", _("What a visitor wrote is not published as it is."))
    for name in ("summary", "body"):
        shown = text.plain(getattr(item, name) or "")
        if leaks.has_contact(shown):
            yield Problem(name, _("Remove telephone numbers and e-mail addresses."))
        if name == "body" and item.remark and text.fold(item.remark) in text.fold(shown):
            yield Problem(name, _("What a visitor wrote is not published as it is."))
