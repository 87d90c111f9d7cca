"""Receipt codes: who sent something without signing in sees how far it is, and takes it back."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any, Final

from flask import Response, abort, g, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from sqlalchemy import select
from sqlalchemy.orm import undefer

from hoitu.core.access import public
from hoitu.core.content import Conflict, Field, Flag
from hoitu.core.content.item import PUBLISHED, TRASHED
from hoitu.core.extensions import session, session_of_call
from hoitu.core.privacy import Consents, may_withdraw, withdraw_consent
from hoitu.core.web.client import client_network
from hoitu.core.web.defence import Limit, is_full, spare
from hoitu.core.web.pages import SectionPages
from hoitu.core.web.site import language, now
from hoitu.core.web.visitors import VisitorForm, clean_code

#: Address parameter of the code.
CODE: Final = "ma"
#: Codes nobody was given, from one network within an hour: a person mistypes one or two.
WRONG_CODES: Final = Limit("wrong-code", 30)
WITHDRAW: Final = lazy_gettext("Withdraw my consent")
WITHDRAWS: Final = Field(
    Flag(), lazy_gettext("I withdraw my consent: forget who sent this"), name="withdraws"
)


@dataclass(frozen=True, slots=True)
class Receipts:
    """The pages of a section on which whoever has a code follows what they sent.

    ``model`` is what was sent, ``endpoint`` the page where a code is looked up; ``crumbs`` returns
    the trail to it, with more (label, path) below.
    """

    pages: SectionPages
    model: type[Any]
    endpoint: str
    requirement: str
    consents: Consents
    crumbs: Callable[..., Any]

    def asked(self) -> Any:
        """Return the item whose code stands in the address, however it was typed; None for none.

        Answers 404 while the requirement is switched off, and 429 to whoever guesses.
        """
        self.pages.demand(self.requirement)
        typed, network = _typed(), client_network()
        if typed and is_full(WRONG_CODES, network):
            abort(429)
        chosen = select(self.model).where(
            self.model.code == clean_code(typed), self.model.state != TRASHED
        )
        found = session().scalar(chosen.options(undefer(self.model.body)))
        if typed and found is None:
            _count_wrong_code(network)
        return found

    def show(
        self, template: str, found: Any, *, refused: bool = False, **values: Any
    ) -> ResponseReturnValue:
        """Draw the page that tells how far an item is, or that asks for a code.

        The template gets ``found``, ``typed``, ``may_withdraw`` and ``crumbs``; ``refused``: a form
        of the page was.
        """
        body = render_template(
            template,
            found=found,
            typed=_typed(),
            may_withdraw=bool(found and may_withdraw(found)),
            crumbs=self.crumbs(),
            **values,
        )
        return _for_one(body, 404 if _typed() and not found else 422 if refused else 200)

    def add_withdrawal(self, path: str) -> None:
        """Add ``<path>/rut-dong-y``, where senders withdraw their consent: endpoint `withdraw`."""

        @self.pages.blueprint.route(f"{path}/rut-dong-y", methods=["GET", "POST"])
        @public
        def withdraw() -> ResponseReturnValue:
            if found := self.asked():
                return self._withdraw(found)
            # Without a code it is the wrong door, with one that nobody has it is none.
            return abort(404) if _typed() else redirect(url_for(self.endpoint), 303)

    def _withdraw(self, found: Any) -> ResponseReturnValue:
        """Show what a sender agreed to, forget them once that is ticked, say that it is done."""
        follow = url_for(self.endpoint, **{CODE: found.code})
        values = {"follow": follow, "crumbs": self.crumbs((WITHDRAW, request.path))}
        if not may_withdraw(found):
            # It was done just now, or before in another window.
            return _for_one(render_template("web/consent_withdrawn.html", **values))
        form = VisitorForm((WITHDRAWS,))
        if form.sent and not form.values()["withdraws"]:
            form.entries.entry("withdraws").refuse(_("Tick this if you want it."))
        elif form.accepts() and _withdrawn(form, found):
            return redirect(request.full_path, 303)
        accepted = self.consents.accepted(found.consent_version)
        body = render_template(
            "web/withdraw.html",
            form=form,
            is_public=found.state == PUBLISHED,
            is_closed=found.state not in ("submitted", "reviewed"),
            accepted=accepted.wording(language()) if accepted else "",
            **values,
        )
        return _for_one(body, 422 if form.sent else 200)


def _withdrawn(form: VisitorForm, found: Any) -> bool:
    try:
        withdraw_consent(session(), found, now())
        session().commit()
    except Conflict:
        session().rollback()
        told = _("Somebody is working on it at this moment. Please try again in a minute.")
        form.entries.form_errors.append(str(told))
        return False
    return True


def _count_wrong_code(network: str) -> None:
    """Count it and commit; nothing else was written yet, and requests that read write nothing."""
    with session_of_call(True) if g.hoitu_reads_only else nullcontext(session()) as writing:
        spare(WRONG_CODES, network)
        writing.commit()


def _typed() -> str:
    return request.args.get(CODE, "")[:60]


def _for_one(body: str, status: int = 200) -> Response:
    """Return a page that is for one person, whose code stands in its address.

    No cache in between keeps it, no search engine lists it, and no site it leads to learns of it.
    """
    answer = make_response(body, status)
    answer.headers.update(
        {
            "Cache-Control": "no-store",
            "X-Robots-Tag": "noindex",
            "Referrer-Policy": "same-origin",
        }
    )
    return answer
