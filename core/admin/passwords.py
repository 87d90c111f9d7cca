"""Changing one's own password."""

from __future__ import annotations

from flask import flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from flask_login import current_user
from wtforms import PasswordField

from hoitu.core.access import Account, accounts, audit, factors, passwords, requires
from hoitu.core.admin.blueprint import blueprint
from hoitu.core.admin.doors import first_page
from hoitu.core.admin.sign_in import enter_as, note_failure
from hoitu.core.extensions import session
from hoitu.core.forms import PlainForm
from hoitu.core.web import now
from hoitu.core.web.access import current_actor
from hoitu.core.web.site import today


class ChoiceForm(PlainForm):
    """A new password, twice."""

    chosen = PasswordField(lazy_gettext("New password"))
    again = PasswordField(lazy_gettext("New password again"))

    def fits(self, account: Account, present: str | None = None) -> bool:
        """Say whether the new password may be taken; the errors say what is wrong with it."""
        chosen = self.chosen.data or ""
        weakness = passwords.weakness(chosen, _known_of(account))
        if weakness == passwords.SHORT:
            shortest = passwords.MINIMUM_LENGTH
            told = _("At least %(n)d characters; a sentence is fine.", n=shortest)
            self.refuse(self.chosen, told)
        elif chosen == present:
            self.refuse(self.chosen, _("Choose another than the present one."))
        elif weakness == passwords.OWN:
            self.refuse(
                self.chosen, _("It must not contain your name, your address or that of your unit.")
            )
        elif weakness == passwords.COMMON:
            self.refuse(
                self.chosen,
                _("This is among the first that others would try. Take several unrelated words."),
            )
        if self.again.data != chosen:
            self.refuse(self.again, _("This is not the same as above."))
        return not self.errors

    def refuse(self, field: PasswordField, message: str) -> None:
        """Tell why what was typed in a field is not taken."""
        field.errors = [*field.errors, message]


class PasswordForm(ChoiceForm):
    """The present password and the new one, twice."""

    present = PasswordField(lazy_gettext("Present password"))


def _known_of(account: Account) -> list[str]:
    """Return the names of an account and its unit, which guessers know as well."""
    unit = g.unit
    of_unit = (unit.name(today()), unit.short_name(today()), unit.slug)
    return [account.name, account.email.partition("@")[0], *of_unit]


@blueprint.route("/mat-khau", methods=["GET", "POST"])
@requires("core.password")
def password() -> ResponseReturnValue:
    """Show the form and change the password; other sessions of the account end."""
    account: Account = current_user.account
    form = PasswordForm(request.form)
    if request.method == "POST":
        present = form.present.data or ""
        if not accounts.is_password(session(), account, present, now()):
            form.refuse(form.present, _("This is not your present password."))
            note_failure(account)
        elif form.fits(account, present):
            # Looked at before the session it belongs to has ended.
            factor = factors.CODE if current_user.row.second_factor_at else ""
            accounts.set_password(account, form.chosen.data or "")
            audit.record(
                session(), current_actor(), "account.password", object_type="account",
                object_id=account.id, unit_id=g.unit.id, now=now(),
                detail={"email": account.email},
            )  # fmt: skip
            enter_as(account, factor=factor, is_new=False)
        session().commit()
        if not form.errors:
            flash(_("Your password is changed."))
            return redirect(first_page(current_actor()) or url_for("desk.index"), 303)
    body = render_template(
        "desk/password.html",
        form=form,
        shortest=passwords.MINIMUM_LENGTH,
        is_given=account.must_change_password,
    )
    return body, 422 if form.errors else 200
