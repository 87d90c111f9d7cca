"""Rules of disclosures: pure functions, tested as tables of cases."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from datetime import date

from flask_babel import gettext as _

from hoitu.core.clock import format_date
from hoitu.core.content import File, Item, Problem
from hoitu.core.sheets import Sheet, SheetError
from hoitu.sections.disclosures import models
from hoitu.sections.disclosures.attached import MACHINE_READABLE, READ, SIGNED, ending
from hoitu.sections.disclosures.vocabularies import CORRUPTION_KINDS, FORMS

#: Reads the table of a file, or raises SheetError.
Reader = Callable[[File], Sheet]
#: Columns of figures that a chart can tell apart.
SERIES = 4


def problems(item: Item, today: date, regimes: Collection[str], read: Reader) -> list[Problem]:
    """Return everything that is wrong; ``regimes`` are those the unit discloses under."""
    match item:
        case models.BudgetDisclosure():
            return [*_period(item, today, regimes), *_days(item, today), *_files(item, read)]
        case models.StatisticalTable():
            return [*_statistics(item, read), *_past(item, "released_on", today)]
        case models.ResearchResult():
            return [*_research(item), *_past(item, "accepted_on", today)]
        case models.AntiCorruptionDisclosure():
            return list(_anti_corruption(item, today))
    return []


def _period(item: models.BudgetDisclosure, today: date, own: Collection[str]) -> Iterator[Problem]:
    (regime, kind), year = item.terms, item.fiscal_year
    form = FORMS.terms.get(item.form_code or "")
    if regime is None or kind is None or year is None:
        return
    trigger, day = kind.trigger(regime.key), kind.day_in(year)
    if regime.key not in own:
        yield Problem("regime", _("Your unit does not disclose under this regime."))
    elif regime.key not in kind.triggers:
        text = _("This report is not part of the regime chosen. Choose another of the two.")
        yield Problem("report_kind", text)
    elif trigger and trigger.computed and today < day:
        yield Problem("report_kind", _("The period ends on %(day)s only.", day=format_date(day)))
    if year > today.year + 1:
        yield Problem("fiscal_year", _("The year is still to come. Correct it."))
    if form and form.regime != regime.key:
        yield Problem("form_code", _("These forms belong to another regime."))
    elif form and not form.holds_for(year):
        yield Problem("form_code", _("These forms are not those of this budget year."))


def _days(item: models.BudgetDisclosure, today: date) -> Iterator[Problem]:
    (_regime, kind), start = item.terms, item.trigger_date
    trigger = kind.trigger(item.regime) if kind else None
    if trigger and not trigger.computed and start is None:
        yield Problem("trigger_date", _("Give the day from which the deadline counts."))
    if start and item.fiscal_year and start.year < item.fiscal_year - 1:
        text = _("This day lies long before the budget year. Correct one of the two.")
        yield Problem("trigger_date", text)
    if item.posted_on and start and item.posted_on < start:
        text = _("It cannot be disclosed before the day from which the deadline counts.")
        yield Problem("posted_on", text)
    if not (trigger and trigger.computed):
        yield from _past(item, "trigger_date", today)
    yield from _past(item, "posted_on", today)


def _files(item: models.BudgetDisclosure, read: Reader) -> list[Problem]:
    endings = {ending(row.file.name) for row in item.attachment_rows}
    if SIGNED in endings and endings.isdisjoint(MACHINE_READABLE):
        text = _(
            "A signed PDF cannot be calculated with. Attach its tables as .xlsx, .csv or .ods as "
            "well."
        )
        return [Problem("attachments", text)]
    if not endings and not item.explanation:
        text = _("Attach the tables, or say in the explanation why there are none.")
        return [Problem("attachments", text)]
    return _tables(item, read)[0]


def _statistics(item: models.StatisticalTable, read: Reader) -> list[Problem]:
    found, sheets = _tables(item, read)
    if found:
        return found
    if not sheets and not item.body:
        text = _("Attach the table as .xlsx or .csv, or write the figures into the text.")
        found.append(Problem("attachments", text))
    if item.chart in ("bars", "lines") and not (sheets and len(sheets[0].header) <= SERIES + 1):
        text = _("A chart is drawn from a table of %(n)d columns of figures at most.", n=SERIES)
        found.append(Problem("chart", text))
    return found


def _tables(item: Item, read: Reader) -> tuple[list[Problem], list[Sheet]]:
    """Return what is wrong with the attached tables, and those that can be read."""
    found, sheets = [], []
    for file in (row.file for row in item.attachment_rows if ending(row.file.name) in READ):
        try:
            sheets.append(read(file))
        except SheetError as error:
            found.append(Problem("attachments", f"{file.name}: {error}"))
    return found, sheets


def _research(item: models.ResearchResult) -> Iterator[Problem]:
    if item.started_on and item.ended_on and item.ended_on < item.started_on:
        yield Problem("ended_on", _("The last day lies before the first."))
    if item.grade and not item.accepted_on:
        yield Problem("accepted_on", _("A task that has a grade has a day of acceptance."))


def _anti_corruption(item: models.AntiCorruptionDisclosure, today: date) -> Iterator[Problem]:
    kind = CORRUPTION_KINDS.terms.get(item.content_kind)
    if item.year and item.year > today.year:
        yield Problem("year", _("The year is still to come. Correct it."))
    if kind and kind.annual and item.period:
        text = _("The annual report is of the whole year: leave the period empty.")
        yield Problem("period", text)
    if not (item.body or item.attachments):
        yield Problem("body", _("Write the text, or attach the file that holds it."))


def _past(item: Item, name: str, today: date) -> Iterator[Problem]:
    day = getattr(item, name)
    if day and day > today:
        yield Problem(name, _("This day is still to come. Correct it."))
