"""Passkeys as a second factor: adding them in the browser, and taking them away."""

from __future__ import annotations

import logging

from flask import abort, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from hoitu.core import text
from hoitu.core.access import Account, factors, requires
from hoitu.core.admin.account.own import added, confirmed, is_last, removed
from hoitu.core.admin.account.second_step import json
from hoitu.core.admin.account.site import host, origin
from hoitu.core.admin.blueprint import blueprint
from hoitu.core.admin.flashes import PROBLEM
from hoitu.core.admin.work import ID
from hoitu.core.extensions import session
from hoitu.core.web import now
from hoitu.core.web.site import today

log = logging.getLogger(__name__)

#: Most characters of a name, and most passkeys of an account.
_LONGEST, _MOST = 60, 20


@blueprint.route("/tai-khoan/khoa-truy-cap", methods=["GET", "POST"])
@requires("core.password")
@confirmed
def passkeys() -> ResponseReturnValue:
    """Show the form that adds a passkey, and add the one that the browser made."""
    own: Account = current_user.account
    name, problem = text.nfc(request.form.get("name", "")).strip(), ""
    if request.method == "POST":
        session().refresh(own, with_for_update=True)
        problem = _refusal(own, name)
        if not problem:
            try:
                answer = request.form.get("passkey", "")
                factors.register(own, answer, host(), origin(), name, now())
            except factors.FactorError as error:
                log.warning("%s", error)
                # What was asked of the browser is asked no second time.
                session().commit()
                problem = _("Your browser did not make a passkey for this site. Try again.")
            else:
                session().flush()
                return added(own, factors.PASSKEY)
    body = render_template(
        "desk/account_passkeys.html", name=name, problem=problem, longest=_LONGEST, host=host()
    )
    return body, 422 if problem else 200


@blueprint.post("/tai-khoan/khoa-truy-cap/hoi")
@requires("core.password")
@confirmed
def ask_passkey() -> ResponseReturnValue:
    """Give the browser what it needs to make a passkey (JSON)."""
    own: Account = current_user.account
    asked = factors.ask_to_register(own, host(), g.unit.short_name(today()), now())
    session().commit()
    return json(asked)


@blueprint.post(f"/tai-khoan/khoa-truy-cap/<{ID}:passkey_id>/bo")
@requires("core.password")
@confirmed
def drop_passkey(passkey_id: int) -> ResponseReturnValue:
    """Take one of one's own passkeys away."""
    own: Account = current_user.account
    session().refresh(own, with_for_update=True)
    key = next((one for one in own.passkeys if one.id == passkey_id), None)
    if key is None:
        abort(404)
    if is_last(own):
        flash(_("You must have a second factor. Add another one first."), PROBLEM)
        return redirect(url_for("desk.account"), 303)
    own.passkeys.remove(key)
    return removed(own, factors.PASSKEY)


def _refusal(own: Account, name: str) -> str:
    """Return why no passkey is added; '' when one is."""
    if not name or len(name) > _LONGEST or not name.isprintable():
        return str(_("Give the passkey a name of at most %(n)d characters.", n=_LONGEST))
    if len(own.passkeys) >= _MOST:
        return str(_("You have %(n)d passkeys. Take one away first.", n=_MOST))
    return ""
