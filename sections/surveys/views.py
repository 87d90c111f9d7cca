"""``/khao-sat``: the survey of the plan, its results, and the surveys of a unit's own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import abort, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import undefer

from hoitu.core.access import public
from hoitu.core.content import Item, queries
from hoitu.core.extensions import platform, session
from hoitu.core.web import SectionPages, active_unit, language, now, today
from hoitu.sections.surveys.models import Survey, SurveyRemark
from hoitu.sections.surveys.periods import Period, period_named, period_of
from hoitu.sections.surveys.polls import PLAN, Poll, own_poll, plan_poll
from hoitu.sections.surveys.results import periods_of, results, votes_of
from hoitu.sections.surveys.settings import SurveySettings
from hoitu.sections.surveys.types import OTHER
from hoitu.sections.surveys.voting import BallotForm, Voter, cast

#: Surveys of the unit's own that its first page names, and remarks the results tell.
NAMED, TOLD = 5, 20


def _own_results(item: Survey) -> dict[str, Any]:
    """Return the questions of a survey with the votes so far."""
    poll = own_poll(item)
    found = results(votes_of(poll.name), poll.questions, poll.period)
    return {
        "results": {result.question.key: result for result in found},
        "questions": poll.questions,
        "is_open": takes_answers() and item.is_open(today()),
        "thanks": "cam-on" in request.args,
    }


pages = SectionPages("surveys", __name__, path="/khao-sat")
own = pages.add("survey", path="/chuyen-de", extend_detail=_own_results)


def takes_answers() -> bool:
    """Say whether the unit still exists; the site of a dissolved one is an archive."""
    return active_unit().exists_on(today())


@pages.blueprint.route("", methods=["GET", "POST"], strict_slashes=False)
@public
def index() -> ResponseReturnValue:
    """Show the survey of the plan; take in a ballot."""
    pages.demand(*platform.switchboard.parts("surveys"))
    poll = plan_poll(active_unit(), _present(), language())
    values = {
        "surveys": _newest(Survey, NAMED),
        "period": _present().label,
        "crumbs": pages.crumbs(),
        "title": pages.title,
    }
    return _vote(poll, "surveys/index.html", values, f"{url_for('surveys.results')}?cam-on=1")


@pages.blueprint.get("/ket-qua", endpoint="results")
@public
def results_page() -> str:
    """Show the votes of a period, question by question, and what the unit says to requests."""
    pages.demand(*platform.switchboard.parts("surveys"))
    votes = votes_of(PLAN)
    periods = periods_of(votes, _present())
    asked = request.args.get("ky", "")
    period = period_named(asked) if asked else _present()
    if period is None or period.first > today():
        abort(404)
    poll = plan_poll(active_unit(), period, language())
    return render_template(
        "surveys/results.html",
        results=results(votes, poll.questions, period.key, periods),
        period=period,
        periods=periods,
        remarks=_newest(SurveyRemark, TOLD),
        thanks="cam-on" in request.args,
        crumbs=pages.crumbs((_("Results"), url_for("surveys.results"))),
    )


@pages.blueprint.route("/chuyen-de/<int:item_id>/tra-loi", methods=["GET", "POST"])
@public
def answer(item_id: int) -> ResponseReturnValue:
    """Show the form of one of the unit's own surveys; take in a ballot."""
    item = own.find(item_id)
    assert isinstance(item, Survey)
    if not item.is_open(today()):
        return redirect(own.kind.path(item), 303)
    path = own.kind.path(item)
    crumbs = own.crumbs((item.title, path), (_("Take part"), request.path))
    values = {"item": item, "path": path, "crumbs": crumbs}
    return _vote(own_poll(item), "surveys/answer.html", values, f"{path}?cam-on=1")


def _vote(poll: Poll, template: str, values: dict[str, Any], thanks: str) -> ResponseReturnValue:
    """Show the form of a poll; a ballot that was taken in leads to ``thanks``."""
    form, voter = BallotForm(poll), Voter(poll)
    is_open = takes_answers()
    voted = is_open and voter.has_voted()
    status = 200
    if form.sent and not is_open:
        status = 410
    elif form.sent and not voted:
        if form.accepts() and cast(form, voter):
            response = make_response(redirect(thanks, 303))
            voter.remember(response)
            return response
        # Sent twice at once, the other one was faster: nothing is wrong with this one.
        voted = not form.entries.complaints()
        status = 200 if voted else 422
    values |= {"form": form, "poll": poll, "is_open": is_open, "voted": voted}
    response = make_response(render_template(template, **values), status)
    # The page says whether this browser has answered.
    response.headers["Cache-Control"] = "private, no-cache"
    return response


def _newest(model: type[Item], size: int) -> Sequence[Item]:
    """Return the newest with their texts: one statement."""
    if not pages.is_on(OTHER):
        return ()
    chosen = queries.public(model, now(), [OTHER]).options(undefer(model.body))
    return queries.page(session(), chosen, size=size).items


def _present() -> Period:
    """Return the period of today, of a dissolved unit its last one."""
    unit = active_unit()
    length = platform.settings.of(SurveySettings, unit).period
    return period_of(unit.living_day(today()), length)
