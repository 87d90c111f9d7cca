"""Choosing what mails one gets about work."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from flask_login import current_user

from hoitu.core.access import Account, requires
from hoitu.core.admin.blueprint import blueprint
from hoitu.core.extensions import session

#: What can be chosen: label and explanation.
CHOICES = {
    "each": (
        lazy_gettext("Each as it comes"),
        lazy_gettext("A mail as soon as something waits for you or was decided about your texts."),
    ),
    "daily": (
        lazy_gettext("Once a day"),
        lazy_gettext("One mail in the morning with everything of the day before."),
    ),
    "none": (
        lazy_gettext("No mails"),
        lazy_gettext("Everything stays on your first page at the desk."),
    ),
}


@blueprint.route("/thong-bao", methods=["GET", "POST"])
@requires("core.desk")
def notices() -> ResponseReturnValue:
    """Show what the account is told by mail, and change it."""
    account: Account = current_user.account
    if request.method == "GET":
        return render_template("desk/notices.html", account=account, choices=CHOICES, problem="")
    chosen = request.form.get("notices", "")
    if chosen not in CHOICES:
        problem = _("Choose one of the three.")
        body = render_template(
            "desk/notices.html", account=account, choices=CHOICES, problem=problem
        )
        return body, 422
    own = session().get_one(Account, account.id)
    own.notices = chosen
    session().commit()
    flash(_("Saved. It holds from the next mail on."))
    return redirect(url_for("desk.notices"), 303)
