"""Accounts: made, locked and given new passwords by the administrators of the platform."""

from __future__ import annotations

from secrets import token_urlsafe

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import force_locale, lazy_gettext
from flask_babel import gettext as _

from hoitu.core.access import Account, accounts, requires
from hoitu.core.access.accounts import AccountError
from hoitu.core.admin.blueprint import blueprint
from hoitu.core.admin.flashes import PROBLEM
from hoitu.core.admin.people.roles import EMAIL, GrantForm, address
from hoitu.core.admin.people.telling import inform, is_platform, record
from hoitu.core.admin.work import ID
from hoitu.core.content import Field, Line
from hoitu.core.extensions import session
from hoitu.core.forms import EntryForm, form_of
from hoitu.core.i18n import DEFAULT
from hoitu.core.web.access import current_actor

AccountForm = form_of([EMAIL, Field(Line(120), lazy_gettext("Full name"), name="name")])


@blueprint.route("/nguoi-dung/moi", methods=["GET", "POST"])
@requires("core.accounts")
def new_account() -> ResponseReturnValue:
    """Create an account; its one-time password is shown on the answer and nowhere else."""
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
            password = accounts.give_one_time_password(account)
            record("account.create", account, {})
            session().commit()
            return _told_once(account, password, GrantForm(None, {"email": account.email}))
    return render_template("desk/account.html", form=form, complaints=form.complaints()), 422


@blueprint.post(f"/nguoi-dung/<{ID}:account_id>/mat-khau")
@requires("core.accounts")
def reset_password(account_id: int) -> ResponseReturnValue:
    """Give an account a new one-time password; its sessions end."""
    account = _of_platform(account_id)
    password = accounts.give_one_time_password(account)
    record("account.password", account, {})
    with force_locale(DEFAULT):
        inform(account, _("It has a new one-time password, and its sessions have ended."))
    session().commit()
    return _told_once(account, password)


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


def _of_platform(account_id: int) -> Account:
    account = session().get(Account, account_id) if is_platform() else None
    if account is None:
        abort(404)
    return account
