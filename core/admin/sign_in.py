"""Signing in and out with a password; the session ends when the password changes."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Flask, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext
from flask_login import LoginManager, current_user, login_user, logout_user
from flask_wtf import FlaskForm
from flask_wtf.csrf import CSRFProtect
from wtforms import EmailField, PasswordField
from wtforms.validators import InputRequired

from hoitu.core.access import SYSTEM, Account, Actor, accounts, audit, public
from hoitu.core.admin.blueprint import blueprint
from hoitu.core.extensions import session
from hoitu.core.web import now

csrf = CSRFProtect()
login = LoginManager()


class SignedIn:
    """The account behind a session, as Flask-Login wants it."""

    is_authenticated = True
    is_anonymous = False

    def __init__(self, account: Account) -> None:
        self.account = account

    @property
    def is_active(self) -> bool:
        """Whether the account may be used."""
        return self.account.active

    def get_id(self) -> str:
        """Return what the session keeps: the account and the key of its present password."""
        return f"{self.account.id}:{self.account.session_key}"


class SignInForm(FlaskForm):  # type: ignore[misc]
    """Address and password."""

    email = EmailField(lazy_gettext("E-mail address"), validators=[InputRequired()])
    password = PasswordField(lazy_gettext("Password"), validators=[InputRequired()])


def init_app(app: Flask) -> None:
    """Attach session handling and CSRF protection, which is on for every unsafe request."""
    csrf.init_app(app)
    login.init_app(app)
    login.user_loader(load)
    login.session_protection = "strong"


def load(key: str) -> SignedIn | None:
    """Return the account of a session; None when it is gone or its password has changed."""
    account_id, _, session_key = key.partition(":")
    account = session().get(Account, int(account_id)) if account_id.isdigit() else None
    if account is None or not account.active or account.session_key != session_key:
        return None
    return SignedIn(account)


@blueprint.route("/dang-nhap", methods=["GET", "POST"])
@public
def sign_in() -> ResponseReturnValue:
    """Show the sign-in form and check what it sends."""
    if current_user.is_authenticated:
        return redirect(_target())
    form, failed = SignInForm(), False
    if form.validate_on_submit():
        account = accounts.authenticate(session(), form.email.data, form.password.data, now())
        failed = account is None
        actor = SYSTEM if account is None else Actor(account.id, account.name)
        audit.record(
            session(), actor, "sign_in.failed" if failed else "sign_in",
            object_type="account", object_id=account.id if account else "", unit_id=None, now=now(),
        )  # fmt: skip
        session().commit()
        if account is not None:
            login_user(SignedIn(account))
            return redirect(_target())
    return render_template("desk/sign_in.html", form=form, failed=failed), 400 if failed else 200


@blueprint.post("/dang-xuat")
@public
def sign_out() -> ResponseReturnValue:
    """End the session."""
    logout_user()
    return redirect(url_for("desk.sign_in"))


def _target() -> str:
    """Return the page to go on to: only a path of this site."""
    wanted = request.args.get("next", "")
    parts = urlsplit(wanted)
    local = wanted.startswith("/") and not wanted.startswith(("//", "/\\")) and not parts.netloc
    return wanted if local else url_for("desk.index")
