"""Rules of consultations and opinions: pure functions, tested as tables of cases."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from datetime import timedelta

from flask_babel import gettext as _

from hoitu.core.clock import format_date
from hoitu.core.content import Item, Problem, leaks
from hoitu.core.text import plain
from hoitu.sections.legal_documents.consultations import ConsultationComment, DraftConsultation
from hoitu.sections.legal_documents.periods import Period, period_of
from hoitu.sections.legal_documents.rules import pattern_of
from hoitu.sections.legal_documents.vocabularies import OUTCOMES


def draft_problems(draft: DraftConsultation, known: Iterable[Period]) -> list[Problem]:
    """Return everything that is wrong with a consultation; ``known`` is the table of periods."""
    return [*_days(draft), *_period(draft, known), *_articles(draft), *_result(draft)]


def comment_problems(comment: ConsultationComment, articles: Collection[str]) -> list[Problem]:
    """Return what keeps an opinion from being published; ``articles`` are those of its draft."""
    found = []
    if comment.article and comment.article not in articles:
        found.append(Problem("article", _("The draft has no such article.")))
    for name in ("text", "response"):
        said = getattr(comment, name) or ""
        if leaks.has_contact(said) or leaks.tells_of(said, name=comment.sender or ""):
            found.append(Problem(name, _("Take names, numbers and addresses of persons out.")))
    outcome = OUTCOMES.terms.get(comment.outcome or "")
    if outcome is not None and outcome.reason and not comment.response:
        found.append(Problem("response", _("Say why the opinion was not taken up as a whole.")))
    return found


def hiding_problems(item: Item, step: str) -> list[Problem]:
    """Return why an opinion may not be closed without publishing."""
    if not isinstance(item, ConsultationComment) or step != "archive" or item.hidden_reason:
        return []
    text = _("Choose why it is not published and save it; the page counts the reasons.")
    return [Problem("hidden_reason", text)]


def _days(draft: DraftConsultation) -> Iterator[Problem]:
    first, last, before = draft.opens_on, draft.closes_on, draft.announced_before
    if first and last and last < first:
        yield Problem("closes_on", _("The last day lies before the first."))
    if before is not None and not draft.change_note:
        day = format_date(before)
        text = _("%(day)s was public as the last day. Say why it was moved.", day=day)
        yield Problem("change_note", text)
    if draft.explained_on and last and draft.explained_on <= last:
        yield Problem("explained_on", _("Opinions are explained once the consultation has ended."))


def _period(draft: DraftConsultation, known: Iterable[Period]) -> Iterator[Problem]:
    first, last = draft.opens_on, draft.closes_on
    if first is None or last is None or last < first:
        return
    period = period_of(draft, known)
    least = period.min_days if period else None
    if period is None or least is None or draft.shortened:
        lawless = _("The law gives no minimum here. Say what the period rests on.")
        shorter = _("Name the decision that permits the shortened procedure.")
        if not draft.period_note:
            yield Problem("period_note", lawless if least is None else shorter)
    elif last < (earliest := first + timedelta(days=least)):
        text = _(
            "At least %(n)d days by %(regime)s: until %(day)s or later. If a decision permits "
            "less, tick the shortened procedure and name the decision.",
            n=least,
            regime=period.regime,
            day=format_date(earliest),
        )
        yield Problem("closes_on", text)


def _articles(draft: DraftConsultation) -> Iterator[Problem]:
    keys = Counter(key for key, _heading, _text in draft.parts())
    if not (keys or draft.body or draft.attachments):
        yield Problem("articles", _("Publish the draft: its articles, or files that hold it."))
    if "" in keys:
        yield Problem("articles", _("Give each article its heading."))
    elif any(count > 1 for count in keys.values()):
        yield Problem("articles", _("Two headings are the same before their first stop."))


def _result(draft: DraftConsultation) -> Iterator[Problem]:
    explained = bool(plain(draft.explanation or ""))
    if (draft.explained_on or draft.resulting_number) and not explained:
        yield Problem("explanation", _("Say which opinions were taken up, and why not the others."))
    if explained and not draft.explained_on:
        yield Problem("explained_on", _("Give the day on which the opinions were explained."))
    if draft.resulting_number and pattern_of(draft.resulting_number) is None:
        yield Problem("resulting_number", _("This is not the form of a document number."))
