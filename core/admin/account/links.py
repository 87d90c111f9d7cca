"""Links by mail on which somebody chooses a password, and asking for one."""

from __future__ import annotations

from datetime import timedelta
from typing import Final
from uuid import uuid4

from flask import flash, g, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from wtforms import EmailField
from wtforms.validators import InputRequired

from hoitu.core.access import (
    STRANGER,
    Account,
    Actor,
    accounts,
    audit,
    invitations,
    passwords,
    public,
)
from hoitu.core.admin.account.mails import can_be_sent, send_password_link
from hoitu.core.admin.blueprint import blueprint
from hoitu.core.admin.passwords import ChoiceForm
from hoitu.core.extensions import session
from hoitu.core.forms import PlainForm
from hoitu.core.jobs.queue import hold_lease
from hoitu.core.web import now
from hoitu.core.web.client import client_network
from hoitu.core.web.site import today

#: So many links an hour are asked for from one network, and one in this time for one account.
AN_HOUR: Final = 5
_HOUR, _PAUSE = timedelta(hours=1), timedelta(minutes=5)


class ForgottenForm(PlainForm):
    """The address of the account."""

    email = EmailField(lazy_gettext("E-mail address"), validators=[InputRequired()])


@blueprint.route("/quen-mat-khau", methods=["GET", "POST"])
@public
def forgotten() -> ResponseReturnValue:
    """Send the link on which a lost password is replaced; the same is said for any address."""
    form, code, state = ForgottenForm(request.form), 200, "form" if can_be_sent() else "no_mail"
    if request.method == "POST" and state == "form":
        if not form.validate():
            code = 422
        elif not _is_free():
            code, state = 429, "busy"
        else:
            state = "sent"
            _send_to(accounts.of_address(session(), form.email.data or ""))
        session().commit()
    return render_template("desk/password_forgotten.html", form=form, state=state), code


@blueprint.route("/chon-mat-khau/<word>", methods=["GET", "POST"])
@public
def choose_password(word: str) -> ResponseReturnValue:
    """Let the owner of a link choose a password. Who signs in then gives the second factor, too."""
    found = invitations.owner(session(), word, now())
    if found is None:
        return render_template("desk/password_link_over.html", can_ask=can_be_sent()), 410
    account, kind = found
    form = ChoiceForm(request.form)
    if request.method == "POST" and form.fits(account):
        session().refresh(account, with_for_update=True)
        if not invitations.use_up(session(), account, word):
            session().rollback()
            return render_template("desk/password_link_over.html", can_ask=can_be_sent()), 410
        _take(account, form.chosen.data or "", kind)
        flash(_("Your password is chosen. Sign in with it."))
        return redirect(url_for("desk.sign_in"), 303)
    body = render_template(
        "desk/password_choose.html", form=form, account=account, shortest=passwords.MINIMUM_LENGTH
    )
    answer = make_response(body, 422 if form.errors else 200)
    # The address of this page is a secret: no other site is told it.
    answer.headers["Referrer-Policy"] = "same-origin"
    return answer


def _take(account: Account, chosen: str, kind: str) -> None:
    accounts.set_password(account, chosen)
    account.failed_logins, account.locked_until = 0, None
    audit.record(
        session(), Actor(account.id, account.name), "account.password", object_type="account",
        object_id=account.id, unit_id=g.unit.id, now=now(),
        detail={"email": account.email, "by": kind},
    )  # fmt: skip
    session().commit()


def _send_to(account: Account | None) -> None:
    """Send the link to an account that may be used, and not again and again."""
    if account is None or not account.active:
        return
    if not hold_lease(session(), f"forgotten {account.id}", uuid4().hex, now(), _PAUSE):
        return
    invited = invitations.invited_until(session(), account, now()) is not None
    send_password_link(
        account, today(), invitations.INVITATION if invited else invitations.FORGOTTEN
    )
    audit.record(
        session(), STRANGER, "account.link_asked", object_type="account",
        object_id=account.id, unit_id=accounts.home(account), now=now(),
        detail={"email": account.email, "network": client_network()},
    )  # fmt: skip


def _is_free() -> bool:
    """Take one of the places that the network has this hour; False when there is none."""
    network = client_network()
    places = (f"forgotten {network}#{number}" for number in range(AN_HOUR))
    return any(hold_lease(session(), name, uuid4().hex, now(), _HOUR) for name in places)
