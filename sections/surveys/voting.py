"""Voting: the form of a poll, who may answer once, and the ballot that is kept.

A browser gets a random token when it votes, not before, and only until the poll ends. Kept is a
keyed hash of it with unit, poll and period: nobody can tell whether two ballots are one person's.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from datetime import datetime, time, timedelta

from flask import Response, current_app, request
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from hoitu.core.clock import ZONE
from hoitu.core.content import Choice, Field, Paragraphs, Refused, actions
from hoitu.core.extensions import platform, session
from hoitu.core.web import Limit, VisitorForm, active_unit, now, visitor_context
from hoitu.sections.surveys.models import REMARK_LIMIT, Ballot, BallotChoice
from hoitu.sections.surveys.polls import Poll, Question

_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)


class BallotForm(VisitorForm):
    """The form of a poll: every question may be left out, but not all of them."""

    #: In a meeting or a school a whole hall answers over one network.
    from_network = Limit("ballots-network", 200)

    def __init__(self, poll: Poll) -> None:
        self.poll = poll
        super().__init__([_field(question) for question in poll.questions])

    def accepts(self) -> bool:
        """Say whether the form was sent by a person, with at least one answer that is offered."""
        fits = super().accepts()
        for question in self.poll.questions:
            entry = self.entries.entry(question.key)
            if question.options and entry.errors:
                # What is no option is not shown as one when the form comes back.
                entry.data = ""
        if fits and not self.answers() and not self.remarks():
            self.entries.form_errors.append(_("Answer at least one question."))
            return False
        return fits

    def answers(self) -> dict[str, str]:
        """Return the options chosen, by question."""
        chosen = self.values()
        return {q.key: chosen[q.key] for q in self.poll.questions if q.options and chosen[q.key]}

    def remarks(self) -> list[tuple[Question, str]]:
        """Return what was written in own words."""
        written = ((q, str(self.values()[q.key] or "")) for q in self.poll.questions)
        return [(q, said) for q, said in written if not q.options and said.strip()]


class Voter:
    """The browser that asks, as far as a poll is concerned."""

    def __init__(self, poll: Poll) -> None:
        self._poll = poll
        self._cookie = f"khao-sat-{poll.name}"
        sent = request.cookies.get(self._cookie, "")
        self._known = sent if _TOKEN.fullmatch(sent) else ""
        self._token = self._known or secrets.token_urlsafe(32)

    def adopt(self, nonce: str) -> None:
        """Be known by the form that was sent: without its cookie, too, it is one browser's."""
        self._token = self._known or nonce

    @property
    def key(self) -> str:
        """What is kept of the token in this unit, poll and period."""
        said = f"{active_unit().id}|{self._poll.name}|{self._poll.period}|{self._token}"
        secret = str(current_app.secret_key).encode()
        return hmac.new(secret, said.encode(), hashlib.sha256).hexdigest()

    def has_voted(self) -> bool:
        """Say whether this browser's answer is counted already; no statement for a new one."""
        if not self._known:
            return False
        cast_before = select(Ballot.id).where(
            Ballot.poll == self._poll.name,
            Ballot.period == self._poll.period,
            Ballot.voter == self.key,
        )
        return session().scalar(cast_before) is not None

    def remember(self, response: Response) -> None:
        """Give the browser its token, until the poll is over."""
        end = datetime.combine(self._poll.last_day + timedelta(days=1), time(), ZONE)
        response.set_cookie(
            self._cookie,
            self._token,
            expires=end,
            secure=platform.config.secure_cookies,
            httponly=True,
            samesite="Lax",
        )


def cast(form: BallotForm, voter: Voter) -> bool:
    """Keep a ballot and what was written, as a whole, and commit; False: it was not kept.

    The form then says why; without a complaint this browser's answer is counted already.
    """
    poll = form.poll
    voter.adopt(form.nonce)
    ballot = Ballot(
        poll=poll.name,
        period=poll.period,
        voter=voter.key,
        wording=poll.wording,
        created_at=now(),
    )
    try:
        with session().begin_nested():
            session().add(ballot)
        for question_key, option in form.answers().items():
            place = {"ballot_id": ballot.id, "poll": poll.name, "period": poll.period}
            session().add(BallotChoice(**place, question=question_key, option=option))
        for question, said in form.remarks():
            values = {"title": question.name, "remark": said}
            key = form.key(voter.key, question.key)
            actions.receive(visitor_context(), "survey_remark", values, key=key)
    except IntegrityError:
        session().rollback()
        return False
    except Refused as refused:
        session().rollback()
        form.entries.refuse(refused.problems)
        return False
    session().commit()
    return True


def _field(question: Question) -> Field:
    if question.options:
        options = question.options
        kind = Choice(lambda: options)
        return Field(kind, question.label, name=question.key, help=question.help)
    warning = _("The staff read it; it is not published. Please write nothing personal.")
    told = f"{question.help} {warning}".strip()
    return Field(Paragraphs(REMARK_LIMIT), question.label, name=question.key, help=told)
