"""Staff sign in with the account they have at the province's own provider, where that is set up.

The provider proves an address; whoever has an account here with it is let in, and from then on
known by issuer and subject. Nobody gets an account by it. A second factor that is wanted here is
asked for here, unless the provider says in words that were agreed (``factor_acr``) that it asked.
"""

from __future__ import annotations

import logging
from typing import Any, Final

from flask import Flask, abort, current_app, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from pydantic import BaseModel, ConfigDict
from sqlalchemy import select
from sqlalchemy.orm import Session

from hoitu.core import text
from hoitu.core.access import Account, AccountIdentity, Actor, accounts, audit, public
from hoitu.core.admin.blueprint import blueprint
from hoitu.core.admin.sign_in import admit, wanted_page
from hoitu.core.config import read_table
from hoitu.core.extensions import Platform, platform, session_of_call
from hoitu.core.i18n import prefix
from hoitu.core.oidc import LoginCancelled, LoginError, OidcClient, Provider, ProviderAway, Verified
from hoitu.core.web import now
from hoitu.core.web.addresses import origin
from hoitu.core.web.relay import Relay, private, province
from hoitu.core.web.site import active_unit, is_local

log = logging.getLogger(__name__)

RELAY: Final = Relay(
    "staff", "hoitu_desk_login", "desk.sso_away", "desk.sso_back", "desk.sso_arrive"
)
_KEY: Final = "hoitu_staff_login"
#: The factor that the provider asked for, as the log calls it.
SSO: Final = "provider"


class StaffLogin(BaseModel):
    """``[staff_login]`` of ``settings.toml``."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    provider: Provider
    #: What the button calls it: `Sign in with ...`.
    name: str
    #: Claim with the address that is the account's.
    email_claim: str = "email"
    #: Values of `acr` with which the provider says that it asked for a second factor.
    factor_acr: tuple[str, ...] = ()


class SingleSignOn:
    """The sign-in that is set up, with its client."""

    def __init__(self, settings: StaffLogin) -> None:
        self.settings = settings
        self.client = OidcClient(settings.provider)


def init_app(app: Flask, parts: Platform) -> None:
    """Read the settings.

    :raises ConfigError: they cannot be used.
    """
    settings = read_table(StaffLogin, "staff_login", parts.config.staff_login)
    app.extensions[_KEY] = SingleSignOn(settings) if settings else None
    app.jinja_env.globals["staff_login_name"] = name


def client() -> OidcClient | None:
    """Return the client of the provider; None where none is set up."""
    found = _current()
    return found.client if found else None


def name() -> str:
    """Return what the provider is called; '' where none is set up."""
    found = _current()
    return found.settings.name if found else ""


@blueprint.get("/dang-nhap/mot-cua")
@public
def sso_begin() -> ResponseReturnValue:
    """Leave for the host the provider knows."""
    _demanded()
    return RELAY.begin(wanted_page() or "")


@blueprint.get("/dang-nhap/mot-cua/di")
@public
def sso_away() -> ResponseReturnValue:
    """Send the browser to the provider."""
    found, ticket = _at_province(), RELAY.ticket()
    if ticket is None:
        return _refused()
    try:
        sent = found.client.begin(RELAY.callback())
    except LoginError as error:
        return _failed(error, ticket)
    return RELAY.leave(ticket, sent)


@blueprint.get("/dang-nhap/mot-cua/ve")
@public
def sso_back() -> ResponseReturnValue:
    """Take the provider's answer; whoever it proves is handed over to the desk they came from."""
    found = _at_province()
    step = RELAY.returned(request.args.get("state", ""))
    if step is None:
        return _refused()
    try:
        verified = found.client.finish(request.args, step.kept["sent"])
    except LoginError as error:
        return _failed(error, step.kept)
    with session_of_call(True) as writing:
        account = _account_of(writing, verified, found.settings)
        account_id = account.id if account is not None else None
        writing.commit()
    if account_id is None:
        message = _("You have no account here with the address that the service knows.")
        return _told(message, step.kept, 403)
    asked = verified.claims.get("acr") in found.settings.factor_acr
    return RELAY.hand_over(step, {"account": account_id, "factor": SSO if asked else ""})


@blueprint.get("/dang-nhap/mot-cua/nhan")
@public
def sso_arrive() -> ResponseReturnValue:
    """Sign in at the desk it was asked for, in the browser that asked."""
    _demanded()
    step = RELAY.arrived()
    if step is None:
        return _refused()
    target = step.kept["next"] if is_local(step.kept["next"]) else ""
    # The session of a request like this one only reads.
    with session_of_call(True) as writing:
        account = writing.get(Account, step.kept["account"])
        if account is None or not account.active:
            return _refused()
        return admit(account, factor=step.kept["factor"], wanted=target)


def _account_of(writing: Session, verified: Verified, settings: StaffLogin) -> Account | None:
    """Return whose account it is: that of the identity, or the one with the address."""
    known = select(AccountIdentity).where(
        AccountIdentity.issuer == verified.issuer, AccountIdentity.subject == verified.subject
    )
    identity = writing.scalar(known)
    if identity is not None:
        return identity.account if identity.account.active else None
    told = {**verified.userinfo, **verified.claims}
    address = told.get(settings.email_claim)
    if not isinstance(address, str) or told.get("email_verified") is False:
        return None
    account = accounts.of_address(writing, text.nfc(address))
    if account is None or not account.active or account.identities:
        # Somebody else at the provider may have got the address of whoever had it before.
        return None
    account.identities.append(
        AccountIdentity(issuer=verified.issuer, subject=verified.subject, added_at=now())
    )
    audit.record(
        writing, Actor(account.id, account.name), "account.identity", object_type="account",
        object_id=account.id, unit_id=None, now=now(), detail={"issuer": verified.issuer},
    )  # fmt: skip
    return account


def _current() -> SingleSignOn | None:
    found: SingleSignOn | None = current_app.extensions.get(_KEY)
    return found


def _demanded() -> SingleSignOn:
    found = _current()
    if found is None:
        abort(404)
    return found


def _at_province() -> SingleSignOn:
    if active_unit() != province():
        abort(404)
    return _demanded()


def _failed(error: LoginError, kept: Any) -> ResponseReturnValue:
    if isinstance(error, LoginCancelled):
        return _told(_("You did not sign in at the service."), kept, 200)
    log.warning("sign-in of staff failed: %s", error)
    if isinstance(error, ProviderAway):
        message = _("The service does not answer. Sign in with your password, or try again later.")
        return _told(message, kept, 502)
    message = _("What the service answered could not be trusted, so nobody was signed in.")
    return _told(message, kept, 403)


def _told(message: str, kept: Any, status: int) -> ResponseReturnValue:
    """Tell why nobody is signed in, and lead back to the desk it began on."""
    unit = platform.units.by_id(kept["unit"]) or active_unit()
    path = url_for("desk.sign_in").removeprefix(request.script_root)
    again = origin(unit) + prefix(kept["language"]) + path
    body = render_template("desk/sso_failed.html", message=message, again=again)
    return private(body, status)


def _refused() -> ResponseReturnValue:
    message = _(
        "The sign-in was used already, took too long, or was begun in another browser. "
        "Please begin again."
    )
    body = render_template("desk/sso_failed.html", message=message, again=url_for("desk.sign_in"))
    return private(body, 400)
