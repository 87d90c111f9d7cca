"""Accounts: made, locked and given new passwords by the administrators of the platform.

Where mails are sent, the person gets a link and chooses the password; where none are,
administrators see a one-time password.
"""

from __future__ import annotations

from secrets import token_urlsafe

from flask import abort, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import force_locale, lazy_gettext, ngettext
from flask_babel import gettext as _
from flask_login import current_user

from hoitu.core.access import Account, accounts, factors, invitations, requires, sessions
from hoitu.core.access.accounts import AccountError
from hoitu.core.admin.account import mails
from hoitu.core.admin.blueprint import blueprint
from hoitu.core.admin.flashes import PROBLEM
from hoitu.core.admin.people.person import account_here
from hoitu.core.admin.people.roles import EMAIL, GrantForm, address
from hoitu.core.admin.people.telling import inform, is_platform, record
from hoitu.core.admin.work import ID
from hoitu.core.content import Field, Line
from hoitu.core.extensions import session
from hoitu.core.forms import EntryForm, form_of
from hoitu.core.i18n import DEFAULT
from hoitu.core.web import now
from hoitu.core.web.access import current_actor
from hoitu.core.web.site import today

AccountForm = form_of([EMAIL, Field(Line(120), lazy_gettext("Full name"), name="name")])


@blueprint.route("/nguoi-dung/moi", methods=["GET", "POST"])
@requires("core.accounts")
def new_account() -> ResponseReturnValue:
    """Create an account and invite its owner.

    Without mail its one-time password is shown on the answer and nowhere else.
    """
    if not is_platform():
        abort(403)
    form = AccountForm(request.form if request.method == "POST" else None)
    if request.method == "GET":
        return render_template("desk/account.html", form=form, complaints=[])
    if form.validate() and form.demand(("email", "name")):
        name = Line(120).clean(form.entry("name").data)
        try:
            account = accounts.create(
                session(), email=address(form.entry("email").data), name=name,
                password=token_urlsafe(24),
            )  # fmt: skip
        except AccountError:
            session().rollback()
            form.entry("email").refuse(_("There is an account with this address already."))
        else:
            account.idle_since = now()
            record("account.create", account, {})
            role_form = GrantForm(None, {"email": account.email})
            if mails.can_be_sent():
                return _invited(account, role_form)
            password = accounts.give_one_time_password(account)
            session().commit()
            return _told_once(account, password, role_form)
    return render_template("desk/account.html", form=form, complaints=form.complaints()), 422


@blueprint.post(f"/nguoi-dung/<{ID}:account_id>/mat-khau")
@requires("core.accounts")
def reset_password(account_id: int) -> ResponseReturnValue:
    """Take an account's password away; its sessions end, and its owner gets a way to a new one."""
    account = _of_platform(account_id)
    password = accounts.give_one_time_password(account)
    invitations.withdraw(session(), account)
    record("account.password", account, {})
    if mails.can_be_sent() and account.active:
        account.must_change_password = False
        mails.send_password_link(account, today(), invitations.INVITATION)
        session().commit()
        flash(_("%(name)s gets a mail with a link to choose a new password.", name=account.name))
        return redirect(url_for("desk.person", account_id=account.id), 303)
    with force_locale(DEFAULT):
        inform(account, _("It has a new one-time password, and its sessions have ended."))
    session().commit()
    return _told_once(account, password)


@blueprint.post(f"/nguoi-dung/<{ID}:account_id>/moi-lai")
@requires("core.accounts")
def invite_again(account_id: int) -> ResponseReturnValue:
    """Send the invitation of an account once more; the link of the last one opens nothing."""
    account = _of_platform(account_id)
    if not _is_invited(account) or not mails.can_be_sent():
        abort(404)
    mails.invite(account, today())
    record("account.invite", account, {})
    session().commit()
    flash(_("%(name)s gets another mail; the link of the last one is closed.", name=account.name))
    return redirect(url_for("desk.person", account_id=account.id), 303)


@blueprint.post(f"/nguoi-dung/<{ID}:account_id>/rut-loi-moi")
@requires("core.accounts")
def withdraw_invitation(account_id: int) -> ResponseReturnValue:
    """Close the link of an invitation."""
    account = _of_platform(account_id)
    if not _is_invited(account):
        abort(404)
    invitations.withdraw(session(), account)
    record("account.uninvite", account, {})
    session().commit()
    flash(_("The invitation of %(name)s is withdrawn.", name=account.name))
    return redirect(url_for("desk.person", account_id=account.id), 303)


@blueprint.post(f"/nguoi-dung/<{ID}:account_id>/ket-thuc-phien")
@requires("core.accounts")
def end_sessions(account_id: int) -> ResponseReturnValue:
    """End all sessions of somebody: an administrator of the unit those at this unit."""
    account = account_here(account_id)
    here = None if is_platform() else g.unit.id
    own = current_user.row.id if account.id == current_actor().account_id else None
    ended = sessions.end(session(), account.id, but=own, unit_id=here)
    if ended:
        record("account.sessions_end", account, {"sessions": ended})
    session().commit()
    told = ngettext("%(num)d session has ended.", "%(num)d sessions have ended.", ended)
    flash(told)
    return redirect(url_for("desk.person", account_id=account.id), 303)


@blueprint.post(f"/nguoi-dung/<{ID}:account_id>/bo-xac-thuc")
@requires("core.accounts")
def drop_factors(account_id: int) -> ResponseReturnValue:
    """Take the second factors of somebody away who lost them; their sessions end."""
    account = _of_platform(account_id)
    back = redirect(url_for("desk.person", account_id=account.id), 303)
    if account.id == current_actor().account_id or current_user.row.second_factor_at is None:
        flash(
            _("Only another administrator with a second factor of their own may do that."), PROBLEM
        )
        return back
    session().refresh(account, with_for_update=True)
    if factors.drop_all(session(), account):
        sessions.end(session(), account.id)
        record("account.factor_drop", account, {})
        with force_locale(DEFAULT):
            inform(account, _("Its second factor was taken away, and its sessions have ended."))
    session().commit()
    flash(_("%(name)s signs in with the password alone now.", name=account.name))
    return back


@blueprint.post(f"/nguoi-dung/<{ID}:account_id>/khoa")
@requires("core.accounts")
def lock_account(account_id: int) -> ResponseReturnValue:
    """Lock an account or open it again; its roles stay, a locked one cannot sign in."""
    account = _of_platform(account_id)
    if account.id == current_actor().account_id:
        flash(_("You cannot lock your own account."), PROBLEM)
        return redirect(url_for("desk.person", account_id=account.id), 303)
    active = request.form.get("active") == "1"
    # Whoever else locks or opens it now, waits until we have committed.
    session().refresh(account, with_for_update=True)
    if account.active != active:
        account.active = active
        sessions.end(session(), account.id)
        if active:
            account.idle_since = now()
        record("account.unlock" if active else "account.lock", account, {})
        with force_locale(DEFAULT):
            change = (
                _("You can sign in again.") if active else _("It is locked: nobody can use it.")
            )
            inform(account, change, though_locked=True)
        session().commit()
    told = _("%(name)s can sign in again.") if account.active else _("%(name)s is locked out now.")
    flash(told % {"name": account.name})
    return redirect(url_for("desk.person", account_id=account.id), 303)


def _told_once(
    account: Account, password: str, form: EntryForm | None = None
) -> ResponseReturnValue:
    """Show a one-time password and, for a new account, the form that gives it a role."""
    values = {"account": account, "password": password, "form": form}
    return render_template("desk/password_once.html", **values)


def _invited(account: Account, form: EntryForm) -> ResponseReturnValue:
    """Send an invitation, commit, and show the form that gives the new account a role."""
    mails.invite(account, today())
    record("account.invite", account, {})
    session().commit()
    return render_template("desk/account_invited.html", account=account, form=form)


def _is_invited(account: Account) -> bool:
    return invitations.invited_until(session(), account, now()) is not None


def _of_platform(account_id: int) -> Account:
    account = session().get(Account, account_id) if is_platform() else None
    if account is None:
        abort(404)
    return account
