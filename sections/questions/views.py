"""``/hoi-dap``: the answers, the form, the way to one's own answer, and how the unit answers."""

from __future__ import annotations

from typing import Any

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from sqlalchemy.exc import IntegrityError

from hoitu.core import text
from hoitu.core.access import public
from hoitu.core.clock import format_date
from hoitu.core.content import Choice, Field, Item
from hoitu.core.extensions import platform, session
from hoitu.core.web import (
    Receipts,
    SectionPages,
    Series,
    VisitorForm,
    active_unit,
    bars,
    kept,
    language,
    listing,
    now,
    requirement_path,
    today,
)
from hoitu.sections.questions import figures
from hoitu.sections.questions.deadlines import days_left, promise
from hoitu.sections.questions.intake import QuestionForm
from hoitu.sections.questions.models import Question, QuestionRating
from hoitu.sections.questions.types import REQUIREMENT
from hoitu.sections.questions.vocabularies import CONSENTS

#: Questions of the list that are shown to somebody about to ask.
NEAR = 5
STARS = Field(
    Choice(lambda: [(str(n), str(n)) for n in range(1, 6)]),
    lazy_gettext("How helpful was the answer?"),
    name="stars",
    help=lazy_gettext("1: not at all; 5: very."),
)


def _answered_by(item: Any) -> dict[str, Any]:
    """Return who answered, for the page of a question."""
    office = session().get(Item, item.office) if item.office and not item.answered_by else None
    name = item.answered_by or (office.title if office and office.state == "published" else "")
    owner = platform.units.by_id(item.unit_id) or active_unit()
    return {"answered_by": name or owner.name(today(), language())}


pages = SectionPages(
    "questions",
    __name__,
    path="/hoi-dap",
    content_type="question",
    extend_detail=_answered_by,
)


def takes_questions() -> bool:
    """Say whether the unit still exists; the site of a dissolved one is an archive."""
    return active_unit().exists_on(today())


@pages.blueprint.route("/gui", methods=["GET", "POST"])
@public
def ask() -> ResponseReturnValue:
    """Show what was answered already, then the form; take in a question."""
    pages.demand(REQUIREMENT)
    unit, words = active_unit(), text.nfc(request.args.get("q", ""))[:200].strip()
    form = QuestionForm(platform.types["question"], subject=words)
    if takes_questions() and form.accepts() and (sent := form.take_in()):
        return redirect(url_for("questions.follow", ma=sent.code), 303)
    is_writing = form.sent or "viet" in request.args
    body = render_template(
        "questions/ask.html",
        form=form,
        words=words,
        near=listing(platform.types["question"], size=NEAR) if words and not is_writing else None,
        is_writing=is_writing,
        is_open=takes_questions(),
        promise=promise(unit, today()),
        contact=kept("questions.contact", _contact),
        crumbs=pages.crumbs((_("Send a question"), url_for("questions.ask"))),
    )
    return body, (422 if takes_questions() else 410) if form.sent else 200


def _contact() -> str:
    """Return the path of the page that tells how to reach the unit; '' where there is none."""
    duty = "contact_information"
    is_on = platform.switchboard.section_on(active_unit(), "agency", duty)
    return requirement_path("agency", duty) if is_on else ""


def _trail(*below: tuple[Any, str]) -> Any:
    return pages.crumbs((_("Look up an answer"), url_for("questions.follow")), *below)


receipts = Receipts(pages, Question, "questions.follow", REQUIREMENT, CONSENTS, _trail)
receipts.add_withdrawal("/tra-cuu")


@pages.blueprint.route("/tra-cuu", methods=["GET", "POST"])
@public
def follow() -> ResponseReturnValue:
    """Show how far a question is, to whoever has its code; take in a rating. Nothing personal."""
    found = receipts.asked()
    rated = session().get(QuestionRating, found.id) if found else None
    form = VisitorForm((STARS,), required=("stars",))
    if found and found.replied_on() and not rated and form.accepts():
        _rate(found, int(form.values()["stars"]))
        return redirect(url_for("questions.follow", ma=found.code), 303)
    return receipts.show(
        "questions/follow.html",
        found,
        refused=form.sent and not rated,
        rated=rated,
        form=form,
        left=days_left(found.due_on, today()) if found and found.due_on else None,
    )


@pages.blueprint.get("/thong-ke")
@public
def statistics() -> str:
    """Show how many questions came and were answered in time, by month."""
    pages.demand(REQUIREMENT)
    months = figures.monthly(today())
    series = [
        Series(_("Received"), [m.received for m in months]),
        Series(_("Answered"), [m.answered for m in months]),
        Series(_("Answered on time"), [m.on_time for m in months]),
    ]
    return render_template(
        "questions/statistics.html",
        months=months,
        chart=bars([f"{m.first:%m}" for m in months], series, title=_("Questions by month")),
        ratings=figures.ratings(),
        promise=promise(active_unit(), today()),
        since=format_date(months[0].first),
        crumbs=pages.crumbs((_("How we answer"), url_for("questions.statistics"))),
    )


def _rate(question: Question, stars: int) -> None:
    """Keep a rating; the first one counts, also of two that come at once."""
    row = QuestionRating(
        question_id=question.id, unit_id=question.unit_id, stars=stars, created_at=now()
    )
    try:
        with session().begin_nested():
            session().add(row)
    except IntegrityError:
        session().rollback()
    else:
        session().commit()
