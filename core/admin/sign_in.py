"""Signing in and out.

A session is kept in the database and belongs to one unit's site. It ends when the password changes,
when it is ended by its owner or an administrator, after a time without a request to the desk,
twelve hours after it began, and with the browser. Who signs in gets a new one: nothing of a session
that somebody else may have prepared lives on. Whoever has a second factor gives it before that:
until then the browser's session says who is half way in, and opens nothing.
"""

from __future__ import annotations

from datetime import timedelta
from functools import cached_property

from flask import Flask, current_app, g, redirect, render_template, request, url_for
from flask import session as browser_session
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext
from flask_login import LoginManager, current_user, login_user, logout_user
from flask_wtf.csrf import CSRFProtect
from sqlalchemy import select
from wtforms import EmailField, PasswordField
from wtforms.validators import InputRequired

from hoitu.core.access import (
    PERSON_LEVELS,
    PUBLIC,
    STRANGER,
    Account,
    AccountSession,
    Actor,
    accounts,
    audit,
    factors,
    public,
    requires,
    sessions,
)
from hoitu.core.access.audit import AuditEntry
from hoitu.core.admin.account import known_browsers
from hoitu.core.admin.account.browsers import browser
from hoitu.core.admin.blueprint import blueprint
from hoitu.core.admin.doors import first_page
from hoitu.core.extensions import platform, session
from hoitu.core.forms import PlainForm
from hoitu.core.web import is_local, now
from hoitu.core.web.access import current_actor, declared_access
from hoitu.core.web.client import client_network
from hoitu.core.web.site import today

#: What an open page asks by itself: nobody has to be there, so it is no use of the session.
UNATTENDED = frozenset({"desk.presence"})
#: So many attempts an hour the log has for each account, and so many with addresses nobody has: of
#: those one for each network.
FAILED, AN_HOUR, UNKNOWN_AN_HOUR = "sign_in.failed", 100, 100
#: How long after the password the second factor may be given.
HALF_WAY = timedelta(minutes=10)
#: Keys of the browser's session: who is half way in; when the password was last entered.
HALF, CONFIRMED = "half", "confirmed"
#: What an account owes before anything else opens, and where it is led for that.
PASSWORD, FACTOR = "password", "factor"
OWED_AT = {PASSWORD: "desk.password", FACTOR: "desk.account"}
#: Views that ask for no right of staff.
_NOT_STAFF = frozenset({*PERSON_LEVELS, PUBLIC})
#: What is open meanwhile.
_IN_AND_OUT = frozenset({"desk.sign_in", "desk.sign_out"})
_MEANWHILE = {
    PASSWORD: frozenset({"desk.password"}),
    FACTOR: frozenset(
        {"desk.account", "desk.password", "desk.phone", "desk.passkeys", "desk.ask_passkey"}
        | {"desk.confirm"}
    ),
}

csrf = CSRFProtect()
login = LoginManager()


class SignedIn:
    """The account behind a session, as Flask-Login wants it."""

    is_authenticated = True
    is_anonymous = False

    def __init__(self, account: Account, row: AccountSession, word: str) -> None:
        self.account = account
        self.row = row
        self._word = word

    @property
    def is_active(self) -> bool:
        """Whether the account may be used."""
        return self.account.active

    @cached_property
    def owes(self) -> str:
        """What has to be done first: ``PASSWORD``, then ``FACTOR``; '' when nothing has."""
        if self.account.must_change_password:
            return PASSWORD
        wanted, actor = platform.config.second_factor, accounts.actor(self.account, today())
        given = self.row.second_factor_at is not None
        return FACTOR if not given and factors.is_obliged(wanted, actor) else ""

    def get_id(self) -> str:
        """Return what the browser's session keeps: the word of the session."""
        return self._word


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
    # After the guard, for every page that asks for a permission: also for those of plugins.
    app.before_request(demand_what_is_owed)


def load(word: str) -> SignedIn | None:
    """Return the account of a session; None when it is over, or of another unit's site.

    Public pages show nothing more to an account that still owes something.
    """
    unit = g.get("unit")
    found = sessions.of_word(session(), word, unit.id) if unit is not None else None
    if found is None:
        return None
    account, row = found
    if sessions.is_over(row, accounts.actor(account, today()).grants, now()):
        return None
    person = SignedIn(account, row, word)
    view = current_app.view_functions.get(request.endpoint or "")
    if person.owes and request.endpoint not in _IN_AND_OUT:
        return None if view is None or declared_access(view) in _NOT_STAFF else person
    return person


def demand_what_is_owed() -> ResponseReturnValue | None:
    """Lead whoever owes a password of their own, or a second factor, to where that is done."""
    view = current_app.view_functions.get(request.endpoint or "")
    if view is None or declared_access(view) in _NOT_STAFF:
        return None
    if not current_user.is_authenticated:
        return None
    owed = current_user.owes
    if not owed or request.endpoint in _MEANWHILE[owed]:
        return None
    return redirect(url_for(OWED_AT[owed]))


@blueprint.before_request
def note_use() -> None:
    """Put off the end of a session that is in use."""
    if request.endpoint in UNATTENDED or not current_user.is_authenticated:
        return
    row: AccountSession = current_user.row
    if now() - row.seen_at <= sessions.NOTED_EVERY:
        return
    if g.hoitu_reads_only:
        with platform.open_session(True) as writing:
            sessions.note_use(writing, row, now())
            writing.commit()
    else:
        # Before the view has begun anything that it may not want to keep.
        sessions.note_use(session(), row, now())
        session().commit()


@blueprint.route("/dang-nhap", methods=["GET", "POST"])
@public
def sign_in() -> ResponseReturnValue:
    """Show the sign-in form and check what it sends."""
    if current_user.is_authenticated and (owed := current_user.owes):
        return redirect(url_for(OWED_AT[owed]))
    stranger = current_user.is_authenticated and not first_page(current_actor())
    if current_user.is_authenticated and not stranger:
        return redirect(target())
    form, failed = SignInForm(request.form), False
    if request.method == "POST" and form.validate():
        email, password = form.email.data or "", form.password.data or ""
        owner = accounts.of_address(session(), email)
        waits = owner is None or not known_browsers.passes(owner)
        account = accounts.authenticate(session(), email, password, now(), waits=waits)
        if account is not None:
            return admit(account)
        failed = True
        note_failure(owner)
        session().commit()
    name = current_user.account.name if stranger else ""
    body = render_template("desk/sign_in.html", form=form, failed=failed, stranger=name)
    return body, 400 if failed or form.errors else 200


@blueprint.post("/dang-xuat")
@public
def sign_out() -> ResponseReturnValue:
    """End the session."""
    if current_user.is_authenticated:
        sessions.end(session(), current_user.account.id, only=current_user.row.id)
        session().commit()
    logout_user()
    browser_session.clear()
    return redirect(url_for("desk.sign_in"), 303)


@blueprint.get("/con-lam-viec")
@requires("core.desk")
def still_here() -> ResponseReturnValue:
    """Answer a page on which somebody is typing, so that the session does not end meanwhile."""
    return "", 204


def admit(account: Account, *, factor: str = "", wanted: str = "") -> ResponseReturnValue:
    """Lead on whoever proved to be this account, and commit: in, or to their second factor.

    Every way of signing in ends here. ``factor`` is a second one that was given already, ``wanted``
    the page to go on to where the address does not tell.
    """
    if account.has_second_factor and not factor:
        session().commit()
        browser_session.clear()
        browser_session[HALF] = [account.id, account.session_key, now().timestamp()]
        return redirect(url_for("desk.second_step", next=wanted or wanted_page()), 303)
    enter_as(account, factor=factor)
    session().commit()
    return redirect(wanted or target(), 303)


def enter_as(account: Account, *, factor: str = "", is_new: bool = True) -> None:
    """Begin a session of an account at this unit; the caller commits.

    Whatever the browser's session held before is gone. ``factor`` is the second factor that was
    given. The log tells of it unless it only goes on (``is_new``).
    """
    word = sessions.begin(
        session(), account, g.unit.id, now(), network=client_network(), agent=browser(),
        second_factor=bool(factor),
    )  # fmt: skip
    found = sessions.of_word(session(), word, g.unit.id)
    assert found is not None
    settle(SignedIn(account, found[1], word))
    known_browsers.remember(account)
    if is_new:
        account.last_login_at = now()
        audit.record(
            session(), Actor(account.id, account.name), "sign_in",
            object_type="account", object_id=account.id, unit_id=None, now=now(),
            detail={"factor": factor} if factor else {},
        )  # fmt: skip


def settle(person: SignedIn) -> None:
    """Give the browser a new session with the word of one that is kept."""
    browser_session.clear()
    browser_session[CONFIRMED] = now().timestamp()
    login_user(person)


def note_failure(account: Account | None, step: str = "") -> None:
    """Record that somebody did not get in, as often as there is room: entries stay for ever.

    What was typed as an address is not kept: it may be a password. The caller commits.
    """
    network, most = client_network(), AN_HOUR if account else UNKNOWN_AN_HOUR
    object_id = str(account.id) if account else ""
    of_it = AuditEntry.object_type == "account", AuditEntry.object_id == object_id
    lately = AuditEntry.action == FAILED, AuditEntry.at > now() - timedelta(hours=1)
    told = select(AuditEntry.detail).where(*of_it, *lately).limit(most)
    seen = [detail.get("network") for detail in session().scalars(told)]
    if len(seen) == most or (account is None and network in seen):
        return
    actor = current_actor() if current_user.is_authenticated else STRANGER
    detail = {"network": network} | ({"email": account.email} if account else {})
    audit.record(
        session(), actor, FAILED, object_type="account", object_id=object_id, now=now(),
        unit_id=accounts.home(account) if account else g.unit.id,
        detail=detail | ({"step": step} if step else {}),
    )  # fmt: skip


def wanted_page() -> str | None:
    """Return the page that was asked for before the sign-in: only a path of this site."""
    wanted = request.args.get("next", "")
    return wanted if is_local(wanted) else None


def target() -> str:
    """Return the page to go on to: the one asked for, else the first that is theirs."""
    wanted, desk = wanted_page() or "", url_for("desk.index")
    # Whoever has a single page asks for the desk as all do: by the address they were told.
    if wanted not in ("", desk) or not current_user.is_authenticated:
        return wanted or desk
    return first_page(accounts.actor(current_user.account, today())) or desk
