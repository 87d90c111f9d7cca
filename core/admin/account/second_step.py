"""The second step of signing in: a code, a passkey or a recovery code after the password."""

from __future__ import annotations

import logging
from datetime import timedelta

from flask import Response, flash, make_response, redirect, render_template, request, url_for
from flask import session as browser_session
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from hoitu.core.access import Account, accounts, factors, public
from hoitu.core.admin.account import known_browsers
from hoitu.core.admin.account.site import host, origin
from hoitu.core.admin.blueprint import blueprint
from hoitu.core.admin.flashes import PROBLEM
from hoitu.core.admin.sign_in import HALF, HALF_WAY, enter_as, note_failure, target, wanted_page
from hoitu.core.extensions import platform, session
from hoitu.core.sealing import SealBroken
from hoitu.core.web import now

log = logging.getLogger(__name__)


@blueprint.route("/dang-nhap/buoc-hai", methods=["GET", "POST"])
@public
def second_step() -> ResponseReturnValue:
    """Ask for the second factor, and check it; without the first the sign-in begins anew."""
    account = _half_way_in()
    if account is None:
        return redirect(url_for("desk.sign_in", next=wanted_page()))
    failed = False
    if request.method == "POST":
        # Whoever else tries now, waits until this attempt is counted.
        may_try = known_browsers.passes(account)
        session().refresh(account, with_for_update=True)
        if _half_way_in() is None:
            # Another password was given meanwhile, and has ended what the old one began.
            session().rollback()
            return redirect(url_for("desk.sign_in", next=wanted_page()))
        may_try = may_try or accounts.may_try(account, now())
        factor = _given(account) if may_try else ""
        if factor:
            enter_as(account, factor=factor)
            session().commit()
            _warn_of_few(account, factor)
            return redirect(target(), 303)
        failed = True
        if may_try:
            accounts.count_failure(session(), account, now())
        note_failure(account, "factor")
        session().commit()
    body = render_template(
        "desk/second_step.html",
        failed=failed,
        has_code=bool(account.totp_secret),
        passkeys=factors.passkeys_at(account, host()),
    )
    return body, 400 if failed else 200


@blueprint.post("/dang-nhap/buoc-hai/hoi")
@public
def ask_signature() -> ResponseReturnValue:
    """Give the browser what a passkey has to sign (JSON)."""
    account = _half_way_in()
    if account is None or not factors.passkeys_at(account, host()):
        return "", 403
    asked = factors.ask_to_sign(account, host(), now())
    session().commit()
    return json(asked)


def json(text: str) -> Response:
    """Return an answer that holds JSON."""
    answer = make_response(text)
    answer.mimetype = "application/json"
    return answer


def _half_way_in() -> Account | None:
    """Return whose password was entered in this browser a short while ago, and is still theirs."""
    kept = browser_session.get(HALF)
    if not isinstance(kept, list) or now().timestamp() - kept[2] > HALF_WAY / timedelta(seconds=1):
        return None
    account = session().get(Account, kept[0])
    if account is None or not account.active or account.session_key != kept[1]:
        return None
    return account


def _given(account: Account) -> str:
    """Return which second factor was given; '' when it is wrong."""
    code, answer = request.form.get("code", ""), request.form.get("passkey", "")
    if answer:
        try:
            factors.take_signature(account, answer, host(), origin(), now())
        except factors.FactorError as error:
            log.warning("%s", error)
            return ""
        return factors.PASSKEY
    try:
        if factors.take_code(platform.seal, account, code, now()):
            return factors.CODE
    except SealBroken as error:
        log.error("%s: put it back, or: hoitu account drop-factor %s", error, account.email)
    if factors.take_recovery_code(session(), platform.seal, account, code):
        return factors.RECOVERY
    return ""


def _warn_of_few(account: Account, factor: str) -> None:
    if factor == factors.RECOVERY:
        left = factors.recovery_codes_left(session(), account)
        flash(
            _("You used a recovery code; %(n)d are left. Make new ones in time.", n=left), PROBLEM
        )
