"""One's own account: what opens it, and the sessions that are open."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from flask import abort, flash, g, redirect, render_template, request, url_for
from flask import session as browser_session
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext, ngettext
from flask_login import current_user
from sqlalchemy.orm import Session
from wtforms import PasswordField

from hoitu.core import mail
from hoitu.core.access import Account, accounts, audit, factors, requires, sessions
from hoitu.core.admin.account.mails import greeting, in_mails
from hoitu.core.admin.account.site import host
from hoitu.core.admin.blueprint import blueprint
from hoitu.core.admin.sign_in import CONFIRMED, HALF_WAY, SignedIn, note_failure, settle
from hoitu.core.admin.work import ID
from hoitu.core.extensions import platform, session
from hoitu.core.forms import PlainForm
from hoitu.core.web import is_local, now
from hoitu.core.web.access import current_actor
from hoitu.core.web.site import language, today

View = TypeVar("View", bound=Callable[..., ResponseReturnValue])


class ConfirmForm(PlainForm):
    """The password, once more."""

    password = PasswordField(lazy_gettext("Password"))


def confirmed(view: View) -> View:
    """Have a view ask for the password first, unless it was entered in the last ten minutes.

    Whoever finds a desk left open must not change what opens it.
    """

    @wraps(view)
    def guarded(*args: Any, **values: Any) -> ResponseReturnValue:
        if now().timestamp() - browser_session.get(CONFIRMED, 0) > HALF_WAY.total_seconds():
            back = request.path if request.method == "GET" else url_for("desk.account")
            return redirect(url_for("desk.confirm", next=back), 303)
        return view(*args, **values)

    return cast("View", guarded)


@blueprint.get("/tai-khoan")
@requires("core.password")
def account() -> str:
    """Show what opens one's account, and its sessions."""
    own: Account = current_user.account
    grants = current_actor().grants
    found = sessions.of_account(session(), own.id, now())
    return render_template(
        "desk/account_own.html",
        account=own,
        owes=current_user.owes,
        obliged=factors.is_obliged(platform.config.second_factor, current_actor()),
        codes_left=factors.recovery_codes_left(session(), own),
        few=factors.FEW_LEFT,
        host=host(),
        sessions=[row for row in found if not sessions.is_over(row, grants, now())],
        present=current_user.row.id,
        unit_names={row.unit_id: _unit_name(row.unit_id) for row in found},
    )


@blueprint.route("/tai-khoan/xac-nhan", methods=["GET", "POST"])
@requires("core.password")
def confirm() -> ResponseReturnValue:
    """Ask for the password before something that opens the account is changed."""
    own: Account = current_user.account
    form, wanted = ConfirmForm(request.form), request.args.get("next", "")
    if request.method == "POST":
        right = accounts.is_password(session(), own, form.password.data or "", now())
        if not right:
            form.password.errors = [_("This is not your present password.")]
            note_failure(own)
        session().commit()
        if right:
            browser_session[CONFIRMED] = now().timestamp()
            return redirect(wanted if is_local(wanted) else url_for("desk.account"), 303)
    return render_template("desk/account_confirm.html", form=form), 422 if form.errors else 200


@blueprint.post(f"/tai-khoan/phien/<{ID}:session_id>/ket-thuc")
@requires("core.password")
def end_session(session_id: int) -> ResponseReturnValue:
    """End one of one's own sessions."""
    own: Account = current_user.account
    if not sessions.end(session(), own.id, only=session_id):
        abort(404)
    record(own, "account.sessions_end", {"sessions": 1})
    session().commit()
    flash(_("The session has ended."))
    return redirect(url_for("desk.account"), 303)


@blueprint.post("/tai-khoan/phien-khac/ket-thuc")
@requires("core.password")
def end_other_sessions() -> ResponseReturnValue:
    """End all of one's own sessions but this one."""
    own: Account = current_user.account
    ended = sessions.end(session(), own.id, but=current_user.row.id)
    if ended:
        record(own, "account.sessions_end", {"sessions": ended})
    session().commit()
    flash(ngettext("%(num)d other session has ended.", "%(num)d other sessions have ended.", ended))
    return redirect(url_for("desk.account"), 303)


@blueprint.post("/tai-khoan/ma-du-phong")
@requires("core.password")
@confirmed
def recovery_codes() -> ResponseReturnValue:
    """Make new recovery codes, and show them this once."""
    own: Account = current_user.account
    if not own.has_second_factor:
        abort(404)
    codes = factors.new_recovery_codes(session(), platform.seal, own)
    record(own, "account.recovery_codes", {})
    session().commit()
    return shown_once(codes)


def added(own: Account, factor: str) -> ResponseReturnValue:
    """Lead on after a second factor was added, and commit.

    With the first one recovery codes are made and shown, the session goes on under another word,
    and the others, which were opened without it, end.
    """
    record(own, "account.factor_add", {"factor": factor})
    with in_mails():
        told = _("A second factor for signing in was added to your account.")
        _tell(session(), own, told)
    is_first = current_user.row.second_factor_at is None
    codes: list[str] = []
    if is_first:
        sessions.end(session(), own.id, but=current_user.row.id)
        word = sessions.renew(session(), current_user.row, now())
    if not factors.recovery_codes_left(session(), own):
        codes = factors.new_recovery_codes(session(), platform.seal, own)
    session().commit()
    if is_first:
        current_user.row.second_factor_at = now()
        settle(SignedIn(own, current_user.row, word))
    if codes:
        return shown_once(codes)
    flash(_("It is added."))
    return redirect(url_for("desk.account"), 303)


def removed(own: Account, factor: str) -> ResponseReturnValue:
    """Lead on after a second factor was taken away, and commit."""
    record(own, "account.factor_remove", {"factor": factor})
    if not own.has_second_factor:
        factors.drop_all(session(), own)
    with in_mails():
        _tell(session(), own, _("A second factor was taken away from your account."))
    session().commit()
    flash(_("It is taken away."))
    return redirect(url_for("desk.account"), 303)


def is_last(own: Account) -> bool:
    """Say whether the account must have a second factor, and has just this one."""
    obliged = factors.is_obliged(platform.config.second_factor, current_actor())
    return obliged and bool(own.totp_secret) + len(own.passkeys) == 1


def record(own: Account, action: str, detail: dict[str, Any]) -> None:
    """Write down what somebody did with their own account; the caller commits."""
    audit.record(
        session(), current_actor(), action, object_type="account", object_id=own.id,
        unit_id=g.unit.id, now=now(), detail={"email": own.email, **detail},
    )  # fmt: skip


def shown_once(codes: list[str]) -> ResponseReturnValue:
    """Show recovery codes on the answer and nowhere else."""
    site = f"{current_user.account.email}, {host()}"
    return render_template("desk/recovery_codes.html", codes=codes, site=site)


def _tell(writing: Session, own: Account, change: str) -> None:
    unit = g.unit.name(today())
    hint = _("If that was not you, tell the administrators at once.")
    text = f"{greeting(own)}\n\n{change} ({unit})\n\n{hint}\n\n{mail.link(g.unit, 'desk.account')}"
    subject = _("Your account at %(unit)s was changed", unit=g.unit.short_name(today()))
    mail.post(writing, own, subject, text, now(), why=mail.ACCOUNT)


def _unit_name(unit_id: int) -> str:
    unit = platform.units.by_id(unit_id)
    return unit.short_name(today(), language()) if unit is not None else ""
