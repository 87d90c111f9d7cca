"""Signing in and out with a password.

A session ends when the password changes, after two hours without a request to the desk, twelve
hours after it began, and with the browser. Who signs in gets a new one: nothing of a session that
somebody else may have prepared lives on.
"""

from __future__ import annotations

from datetime import timedelta

from flask import Flask, g, redirect, render_template, request, url_for
from flask import session as browser_session
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext
from flask_login import LoginManager, current_user, login_user, logout_user
from flask_wtf.csrf import CSRFProtect
from sqlalchemy import select
from wtforms import EmailField, PasswordField
from wtforms.validators import InputRequired

from hoitu.core.access import VISITOR, Account, Actor, accounts, audit, public, requires
from hoitu.core.access.audit import AuditEntry
from hoitu.core.admin.blueprint import blueprint
from hoitu.core.admin.doors import first_page
from hoitu.core.extensions import session
from hoitu.core.forms import PlainForm
from hoitu.core.web import is_local, now
from hoitu.core.web.access import current_actor
from hoitu.core.web.client import client_network
from hoitu.core.web.site import today

IDLE, LONGEST = timedelta(hours=2), timedelta(hours=12)
#: A session notes at most once in this time that it is in use.
NOTED_EVERY = timedelta(minutes=1)
#: What an open page asks by itself: nobody has to be there, so it is no use of the session.
UNATTENDED = frozenset({"desk.presence"})
#: The log has an attempt with an address nobody has once an hour for each network, and so many.
FAILED, UNKNOWN_AN_HOUR = "sign_in.failed", 100
#: Keys of the browser's session.
BEGUN, SEEN = "begun", "seen"

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


class SignInForm(PlainForm):
    """Address and password."""

    email = EmailField(lazy_gettext("E-mail address"), validators=[InputRequired()])
    password = PasswordField(lazy_gettext("Password"), validators=[InputRequired()])


def init_app(app: Flask) -> None:
    """Attach session handling and CSRF protection, which is on for every unsafe request."""
    # A token lives as long as its session: a long text must not be lost to an hour's limit.
    app.config["WTF_CSRF_TIME_LIMIT"] = None
    csrf.init_app(app)
    login.init_app(app)
    login.user_loader(load)
    login.session_protection = "strong"


def load(key: str) -> SignedIn | None:
    """Return the account of a session; None when it is over, gone or has another password."""
    moment = now().timestamp()
    if moment - browser_session.get(SEEN, 0) > IDLE.total_seconds():
        return None
    if moment - browser_session.get(BEGUN, 0) > LONGEST.total_seconds():
        return None
    account_id, _, session_key = key.partition(":")
    account = session().get(Account, int(account_id)) if account_id.isdigit() else None
    if account is None or not account.active or account.session_key != session_key:
        return None
    return SignedIn(account)


@blueprint.before_request
def note_use() -> None:
    """Put off the end of a session that is in use."""
    if request.endpoint in UNATTENDED:
        return
    moment = now().timestamp()
    if (
        current_user.is_authenticated
        and moment - browser_session[SEEN] > NOTED_EVERY.total_seconds()
    ):
        browser_session[SEEN] = moment


@blueprint.route("/dang-nhap", methods=["GET", "POST"])
@public
def sign_in() -> ResponseReturnValue:
    """Show the sign-in form and check what it sends."""
    stranger = current_user.is_authenticated and not first_page(current_actor())
    if current_user.is_authenticated and not stranger:
        return redirect(_target())
    form, failed = SignInForm(request.form), False
    if request.method == "POST" and form.validate():
        email, password = form.email.data or "", form.password.data or ""
        account = accounts.authenticate(session(), email, password, now())
        failed = account is None
        if account is None:
            _note_failure(accounts.of_address(session(), email))
        else:
            audit.record(
                session(), Actor(account.id, account.name), "sign_in",
                object_type="account", object_id=account.id, unit_id=None, now=now(),
            )  # fmt: skip
        session().commit()
        if account is not None:
            enter(account)
            return redirect(_target(), 303)
    name = current_user.account.name if stranger else ""
    body = render_template("desk/sign_in.html", form=form, failed=failed, stranger=name)
    return body, 400 if failed or form.errors else 200


@blueprint.post("/dang-xuat")
@public
def sign_out() -> ResponseReturnValue:
    """End the session."""
    logout_user()
    browser_session.clear()
    return redirect(url_for("desk.sign_in"), 303)


@blueprint.get("/con-lam-viec")
@requires("core.desk")
def still_here() -> ResponseReturnValue:
    """Answer a page on which somebody is typing, so that the session does not end meanwhile."""
    return "", 204


def enter(account: Account) -> None:
    """Begin a session of an account; whatever the browser's session held before is gone."""
    browser_session.clear()
    browser_session[BEGUN] = browser_session[SEEN] = now().timestamp()
    login_user(SignedIn(account))


def _note_failure(account: Account | None) -> None:
    """Record that somebody did not get in; of addresses nobody has, no more than there is room.

    What was typed as an address is not kept: it may be a password.
    """
    network = client_network()
    if account is None:
        lately = AuditEntry.at > now() - timedelta(hours=1)
        unknown = AuditEntry.action == FAILED, AuditEntry.object_id == ""
        told = select(AuditEntry.detail).where(lately, *unknown).limit(UNKNOWN_AN_HOUR)
        seen = [detail.get("network") for detail in session().scalars(told)]
        if network in seen or len(seen) == UNKNOWN_AN_HOUR:
            return
    audit.record(
        session(), VISITOR, FAILED, object_type="account",
        object_id=account.id if account else "", now=now(),
        unit_id=accounts.home(account) if account else g.unit.id,
        detail={"network": network} | ({"email": account.email} if account else {}),
    )  # fmt: skip


def _target() -> str:
    """Return the page to go on to: only a path of this site."""
    wanted = request.args.get("next", "")
    local = is_local(wanted)
    if local or not current_user.is_authenticated:
        return wanted if local else url_for("desk.index")
    return first_page(accounts.actor(current_user.account, today())) or url_for("desk.index")
