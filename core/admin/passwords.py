"""Changing one's own password."""

from __future__ import annotations

from flask import flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from flask_login import current_user
from wtforms import PasswordField

from hoitu.core.access import Account, accounts, audit, requires
from hoitu.core.admin.blueprint import blueprint
from hoitu.core.admin.doors import first_page
from hoitu.core.admin.sign_in import enter
from hoitu.core.extensions import session
from hoitu.core.forms import PlainForm
from hoitu.core.web import now
from hoitu.core.web.access import current_actor


class PasswordForm(PlainForm):
    """The present password and the new one, twice."""

    present = PasswordField(lazy_gettext("Present password"))
    chosen = PasswordField(lazy_gettext("New password"))
    again = PasswordField(lazy_gettext("New password again"))

    def fits(self, account: Account) -> bool:
        """Say whether the new password may be taken; the errors say what is wrong with it."""
        chosen = self.chosen.data or ""
        shortest = accounts.MINIMUM_LENGTH
        if len(chosen) < shortest:
            self._refuse(
                self.chosen, _("At least %(n)d characters; a sentence is fine.", n=shortest)
            )
        elif chosen == self.present.data:
            self._refuse(self.chosen, _("Choose another than the present one."))
        elif account.email.partition("@")[0] in chosen.lower():
            self._refuse(self.chosen, _("It must not contain your address."))
        if self.again.data != chosen:
            self._refuse(self.again, _("This is not the same as above."))
        return not self.errors

    def _refuse(self, field: PasswordField, message: str) -> None:
        field.errors = [*field.errors, message]


@blueprint.route("/mat-khau", methods=["GET", "POST"])
@requires("core.password")
def password() -> ResponseReturnValue:
    """Show the form and change the password; other sessions of the account end."""
    account: Account = current_user.account
    form = PasswordForm(request.form)
    if request.method == "POST":
        if not accounts.is_password(session(), account, form.present.data or "", now()):
            form._refuse(form.present, _("This is not your present password."))
            _record("sign_in.failed", account)
        elif form.fits(account):
            accounts.set_password(account, form.chosen.data or "")
            _record("account.password", account)
        session().commit()
        if not form.errors:
            enter(account)
            flash(_("Your password is changed."))
            return redirect(first_page(current_actor()) or url_for("desk.index"), 303)
    body = render_template(
        "desk/password.html",
        form=form,
        shortest=accounts.MINIMUM_LENGTH,
        is_given=account.must_change_password,
    )
    return body, 422 if form.errors else 200


def _record(action: str, account: Account) -> None:
    audit.record(
        session(), current_actor(), action, object_type="account", object_id=account.id,
        unit_id=g.unit.id, now=now(), detail={"email": account.email},
    )  # fmt: skip
