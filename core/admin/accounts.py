"""People: who has which role in the unit, and new accounts."""

from __future__ import annotations

from secrets import token_urlsafe
from typing import Any

from flask import abort, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from sqlalchemy import select
from sqlalchemy.orm import contains_eager

from hoitu.core import text
from hoitu.core.access import Account, RoleGrant, accounts, audit, requires
from hoitu.core.access.accounts import AccountError
from hoitu.core.admin.blueprint import blueprint
from hoitu.core.admin.steps import PROBLEM
from hoitu.core.admin.work import ID
from hoitu.core.content import Choice, Email, Field, Line
from hoitu.core.extensions import session
from hoitu.core.forms import EntryForm, form_of
from hoitu.core.web import now
from hoitu.core.web.access import current_actor

#: Roles that are given in a unit; that of the platform's administrators is given by command.
ROLES = {
    "editor": lazy_gettext("Editor: writes and submits"),
    "approver": lazy_gettext("Approver: publishes and returns"),
    "unit_admin": lazy_gettext("Administrator of the unit: modules, people, log"),
}
EMAIL = Field(Email(254), lazy_gettext("E-mail address"), name="email")
GrantForm = form_of(
    [EMAIL, Field(Choice(lambda: tuple(ROLES.items())), lazy_gettext("Role"), name="role")]
)
AccountForm = form_of([EMAIL, Field(Line(120), lazy_gettext("Full name"), name="name")])


@blueprint.get("/nguoi-dung")
@requires("core.accounts")
def people() -> ResponseReturnValue:
    """List the people with a role in this unit."""
    return _page(GrantForm())


@blueprint.post("/nguoi-dung")
@requires("core.accounts")
def grant() -> ResponseReturnValue:
    """Give an existing account a role in this unit."""
    form = GrantForm(request.form)
    if not form.validate() or not form.demand(("email", "role")):
        return _page(form, 422)
    account = session().scalar(select(Account).where(Account.email == _address(form)))
    if account is None:
        form.entry("email").refuse(
            _("Nobody has an account with this address. Ask the platform's administrators for one.")
        )
        return _page(form, 422)
    role = form.entry("role").data
    if accounts.grant(session(), account, role, g.unit.id):
        _record("account.grant", account, {"role": role, "email": account.email})
    session().commit()
    flash(_("%(name)s has the role now.", name=account.name))
    return redirect(url_for("desk.people"), 303)


@blueprint.post(f"/nguoi-dung/<{ID}:grant_id>/thu-hoi")
@requires("core.accounts")
def revoke(grant_id: int) -> ResponseReturnValue:
    """Take a role in this unit away."""
    found = session().get(RoleGrant, grant_id)
    if found is None or found.unit_id != g.unit.id:
        abort(404)
    account, role = found.account, found.role
    if account.id == current_actor().account_id and role == "unit_admin" and not _is_platform():
        flash(
            _("You cannot take your own administration away. Ask another administrator."), PROBLEM
        )
        return redirect(url_for("desk.people"), 303)
    if accounts.revoke(session(), found):
        _record("account.revoke", account, {"role": role, "email": account.email})
    session().commit()
    flash(_("%(name)s no longer has the role.", name=account.name))
    return redirect(url_for("desk.people"), 303)


@blueprint.route("/nguoi-dung/moi", methods=["GET", "POST"])
@requires("core.accounts")
def new_account() -> ResponseReturnValue:
    """Create an account; its one-time password is shown on the answer and nowhere else."""
    if not _is_platform():
        abort(403)
    form = AccountForm(request.form if request.method == "POST" else None)
    if request.method == "GET":
        return render_template("desk/account.html", form=form, complaints=[])
    if form.validate() and form.demand(("email", "name")):
        name = Line(120).clean(form.entry("name").data)
        try:
            account = accounts.create(
                session(), email=_address(form), name=name, password=token_urlsafe(24)
            )
        except AccountError:
            session().rollback()
            form.entry("email").refuse(_("There is an account with this address already."))
        else:
            password = accounts.give_one_time_password(account)
            _record("account.create", account, {"email": account.email})
            session().commit()
            return render_template("desk/password_once.html", account=account, password=password)
    return render_template("desk/account.html", form=form, complaints=form.complaints()), 422


@blueprint.post(f"/nguoi-dung/<{ID}:account_id>/mat-khau")
@requires("core.accounts")
def reset_password(account_id: int) -> ResponseReturnValue:
    """Give an account a new one-time password; its sessions end."""
    account = session().get(Account, account_id) if _is_platform() else None
    if account is None:
        abort(404)
    password = accounts.give_one_time_password(account)
    _record("account.password", account, {"email": account.email})
    session().commit()
    return render_template("desk/password_once.html", account=account, password=password)


def _page(form: EntryForm, code: int = 200) -> ResponseReturnValue:
    granted = (
        select(RoleGrant)
        .join(RoleGrant.account)
        .where(RoleGrant.unit_id == g.unit.id)
        .options(contains_eager(RoleGrant.account))
    )
    grants = sorted(
        session().scalars(granted), key=lambda one: text.person_sort_key(one.account.name)
    )
    body = render_template(
        "desk/people.html",
        grants=grants,
        form=form,
        complaints=form.complaints(),
        roles=ROLES,
        is_platform=_is_platform(),
    )
    return body, code


def _address(form: EntryForm) -> str:
    return str(EMAIL.kind.clean(form.entry("email").data)).lower()


def _is_platform() -> bool:
    """Say whether the account administers people on the whole platform."""
    return current_actor().can("core.accounts", None)


def _record(action: str, account: Account, detail: dict[str, Any]) -> None:
    audit.record(
        session(), current_actor(), action, object_type="account", object_id=account.id,
        unit_id=g.unit.id, now=now(), detail=detail,
    )  # fmt: skip
