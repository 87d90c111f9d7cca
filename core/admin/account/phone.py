"""Codes of a phone as a second factor: setting them up and taking them away."""

from __future__ import annotations

import segno
from flask import abort, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from hoitu.core.access import Account, accounts, factors, requires
from hoitu.core.admin.account.own import added, confirmed, is_last, removed
from hoitu.core.admin.blueprint import blueprint
from hoitu.core.admin.flashes import PROBLEM
from hoitu.core.admin.sign_in import note_failure
from hoitu.core.extensions import platform, session
from hoitu.core.web import now
from hoitu.core.web.site import today


@blueprint.route("/tai-khoan/ma-xac-thuc", methods=["GET", "POST"])
@requires("core.password")
@confirmed
def phone() -> ResponseReturnValue:
    """Show a new secret as a square and as text, and take it once a code of it is entered."""
    own: Account = current_user.account
    sealed, problem = request.form.get("secret", ""), ""
    secret = factors.secret_of_form(platform.seal, own, sealed) if sealed else ""
    if request.method == "POST" and secret:
        # Whoever else adds one now, waits until we have committed.
        session().refresh(own, with_for_update=True)
        if not accounts.may_try(own, now()):
            problem = _("Too many wrong codes. Wait a while and try again.")
        elif factors.keep_secret(platform.seal, own, secret, request.form.get("code", ""), now()):
            return added(own, factors.CODE)
        else:
            accounts.count_failure(session(), own, now())
            note_failure(own, "factor")
            session().commit()
            problem = _("This is not the code of now. Look at the clock of the phone, too.")
    elif request.method == "POST":
        problem = _("This page was open too long. Scan the new square.")
    if not secret:
        secret, sealed = factors.new_secret(platform.seal, own)
    address = factors.setup_address(secret, own, g.unit.short_name(today()))
    body = render_template(
        "desk/account_phone.html", square=_square(address), secret=_in_fours(secret),
        sealed=sealed, problem=problem, has_code=bool(own.totp_secret),
    )  # fmt: skip
    return body, 422 if problem else 200


@blueprint.post("/tai-khoan/ma-xac-thuc/bo")
@requires("core.password")
@confirmed
def drop_phone() -> ResponseReturnValue:
    """Take no codes of the phone any more."""
    own: Account = current_user.account
    session().refresh(own, with_for_update=True)
    if not own.totp_secret:
        abort(404)
    if is_last(own):
        flash(_("You must have a second factor. Add another one first."), PROBLEM)
        return redirect(url_for("desk.account"), 303)
    own.totp_secret = ""
    return removed(own, factors.CODE)


def _square(address: str) -> str:
    """Return a QR code as the address of a picture: on paper-white, also where pages are dark."""
    made = segno.make(address, error="m", micro=False)
    return str(made.png_data_uri(scale=6, border=4, dark="#000", light="#fff"))


def _in_fours(secret: str) -> str:
    return " ".join(secret[at : at + 4] for at in range(0, len(secret), 4))
