"""Signing in and out: pages, and what becomes of the provider's answer; see ``web/relay.py``."""

from __future__ import annotations

import logging
from typing import Any, Final
from urllib.parse import urlencode

from flask import Response, abort, current_app, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from itsdangerous import BadData, URLSafeSerializer

from hoitu.core.access import VISITOR, audit, for_person, public
from hoitu.core.extensions import platform, session, session_of_call
from hoitu.core.i18n import prefix
from hoitu.core.oidc import LoginCancelled, LoginError, ProviderAway
from hoitu.core.people import Known, LevelTooLow, LoginProvider, Person, identities, sessions
from hoitu.core.sealing import SealBroken
from hoitu.core.units import Unit
from hoitu.core.web import cookies
from hoitu.core.web.addresses import origin
from hoitu.core.web.chrome import crumbs
from hoitu.core.web.people.blueprint import blueprint
from hoitu.core.web.relay import Relay, private, province
from hoitu.core.web.signed_in import PERSON, signed_in
from hoitu.core.web.site import active_unit, is_local, language, now

log = logging.getLogger(__name__)

RELAY: Final = Relay("person", "hoitu_login", "people.away", "people.back", "people.arrive")
#: What is sealed of the way out at the provider.
WAY_OUT: Final = "person.way_out"


@blueprint.get("/dang-nhap")
@public
def sign_in() -> ResponseReturnValue:
    """Tell what signing in is for and what is kept; lead on to the provider."""
    provider = _provider()
    if _is_in():
        return redirect(_wanted())
    level = _level()
    body = render_template(
        "web/people/sign_in.html",
        provider=provider,
        level=level,
        begin=url_for("people.begin", tiep=_wanted(), muc=level if level > 1 else None),
        crumbs=crumbs((_("Sign in"), url_for("people.sign_in"))),
    )
    return private(body)


@blueprint.get("/dang-nhap/bat-dau")
@public
def begin() -> ResponseReturnValue:
    """Leave for the host the provider knows."""
    _provider()
    return redirect(_wanted()) if _is_in() else RELAY.begin(_wanted(), _level())


@blueprint.get("/dang-nhap/di")
@public
def away() -> ResponseReturnValue:
    """Send the browser to the provider."""
    provider, ticket = _at_province(), RELAY.ticket()
    if ticket is None:
        return _refused()
    try:
        sent = provider.begin(RELAY.callback(), ticket["level"])
    except LoginError as error:
        return _failed(error, ticket)
    return RELAY.leave(ticket, sent)


@blueprint.get("/dang-nhap/ve")
@public
def back() -> ResponseReturnValue:
    """Take the provider's answer; whoever it proves is handed over to the site they came from."""
    provider = _at_province()
    try:
        step = RELAY.returned(provider.state_of(request.query_string))
    except LoginError:
        step = None
    if step is None:
        return _refused()
    try:
        # No transaction is open meanwhile: the provider may take its time.
        known = provider.finish(request.query_string, step.kept["sent"])
        if known.level < step.kept["level"]:
            raise LevelTooLow(f"level {known.level} is below {step.kept['level']}")
    except LoginError as error:
        return _failed(error, step.kept)
    way_out = platform.seal.lock(known.way_out, WAY_OUT) if known.way_out else ""
    kept = {"person": _recognise(known, step.unit_id), "level": known.level, "way_out": way_out}
    return RELAY.hand_over(step, kept)


@blueprint.get("/dang-nhap/nhan")
@public
def arrive() -> ResponseReturnValue:
    """Begin the session at the site it was asked for, in the browser that asked."""
    step = RELAY.arrived()
    begun = _begin_session(step.kept) if step is not None else ""
    if step is None or not begun:
        # The back button leads here too.
        return redirect(url_for("people.mine")) if signed_in() else _refused()
    answer = private(redirect(_local(step.kept["next"])))
    cookies.keep(answer, PERSON, begun)
    return answer


@blueprint.post("/dang-xuat")
@public
def sign_out() -> ResponseReturnValue:
    """End the session here, and show the way out at the provider, where there is one."""
    return _leave()


@blueprint.post("/cua-toi/thoat-moi-noi")
@for_person
def sign_out_everywhere() -> ResponseReturnValue:
    """End the sessions of the person at every site."""
    return _leave(everywhere=True)


@blueprint.get("/dang-xuat/xong")
@public
def signed_out() -> ResponseReturnValue:
    """Tell that it is done, when the provider leads back."""
    try:
        unit = platform.units.by_id(_returns().loads(request.args.get("state", "")))
    except BadData:
        unit = None
    return private(_signed_out(None, unit))


def _recognise(known: Known, unit_id: int) -> int:
    """Return the id of the person whom the provider proved, and commit."""
    with session_of_call(True) as writing:
        person = identities.recognise(writing, platform.seal, known, now())
        audit.record(
            writing, VISITOR, "person.sign_in", object_type="person", object_id=person.id,
            unit_id=unit_id, now=now(), detail={"level": known.level},
        )  # fmt: skip
        writing.commit()
        return person.id


def _begin_session(kept: Any) -> str:
    """Begin a session and commit; return its token, '' when the person is gone.

    Whatever session the browser had, or was given by somebody else, is over.
    """
    with session_of_call(True) as writing:
        sessions.end(writing, cookies.read(PERSON), active_unit().id)
        person = writing.get(Person, kept["person"])
        begun = ""
        if person is not None:
            begun = sessions.begin(
                writing, person, active_unit().id, kept["level"], now(), kept["way_out"]
            )
        writing.commit()
        return begun


def _leave(*, everywhere: bool = False) -> Response:
    ended = sessions.end(session(), cookies.read(PERSON), active_unit().id)
    if ended is not None and everywhere:
        sessions.end_all(session(), ended.person_id)
    sealed = ended.way_out_sealed if ended is not None else ""
    session().commit()
    g.hoitu_person = None
    answer = private(_signed_out(_way_out(sealed)))
    answer.headers["Referrer-Policy"] = "no-referrer"
    cookies.drop(answer, PERSON)
    cookies.drop(answer, RELAY.cookie)
    return answer


def _signed_out(way_out: str | None, unit: Unit | None = None) -> str:
    return render_template(
        "web/people/signed_out.html",
        way_out=way_out,
        home=origin(unit or active_unit()) + prefix(language()) + "/",
        crumbs=crumbs((_("Signed out"), url_for("people.signed_out"))),
    )


def _way_out(sealed: str) -> str | None:
    provider = platform.hooks.resolve_login()
    if provider is None:
        return None
    try:
        kept = platform.seal.open(sealed, WAY_OUT) if sealed else ""
        leads_back = f"{origin(province())}/dang-xuat/xong"
        return provider.way_out(kept, leads_back, _returns().dumps(active_unit().id))
    except (SealBroken, LoginError) as error:
        log.warning("no way to sign out at the provider: %s", error)
        return None


def _failed(error: LoginError, kept: Any) -> Response:
    """Tell why nobody is signed in, and lead back to the site it began on."""
    unit = platform.units.by_id(kept["unit"]) or active_unit()
    wanted = {"tiep": kept["next"], **({"muc": kept["level"]} if kept["level"] > 1 else {})}
    again = f"{origin(unit)}{prefix(kept['language'])}/dang-nhap?{urlencode(wanted)}"
    if isinstance(error, LoginCancelled):
        return _told(_("You did not sign in"), _("Nothing was passed on to this site."), again, 200)
    if isinstance(error, LevelTooLow) and kept["level"] > 1:
        message = _(
            "The page you asked for needs an account of level 2, and the service did not say that "
            "yours has it. The level is raised at any police station that issues identity cards. "
            "Everything else stays open to you as before."
        )
        return _told(_("This page stays closed"), message, again, 403)
    if isinstance(error, LevelTooLow):
        message = _(
            "Your account has too low a level for this site. It is raised at any police station "
            "that issues identity cards."
        )
        return _told(_("You are not signed in"), message, again, 403)
    log.warning("sign-in failed: %s", error)
    if isinstance(error, ProviderAway):
        message = _("The service that knows who you are does not answer. Please try again later.")
        return _told(_("You cannot sign in just now"), message, again, 502)
    message = _("What the service answered could not be trusted, so nobody was signed in.")
    return _told(_("You are not signed in"), message, again, 403)


def _refused() -> Response:
    """Tell that a step was used already, took too long, or belongs to another browser."""
    message = _(
        "The sign-in was used already, took too long, or was begun in another browser. "
        "Please begin again."
    )
    return _told(_("You are not signed in"), message, url_for("people.sign_in"), 400)


def _told(title: str, message: str, again: str, status: int) -> Response:
    values = {"title": title, "message": message, "again": again, "crumbs": crumbs((title, again))}
    return private(render_template("web/people/told.html", **values), status)


def _provider() -> LoginProvider:
    provider = platform.hooks.resolve_login()
    if provider is None:
        abort(404)
    return provider


def _at_province() -> LoginProvider:
    """Return the way to sign in; 404 but at the province's site, which alone is registered."""
    if active_unit() != province():
        abort(404)
    return _provider()


def _level() -> int:
    """Return the level that the page somebody wants asks for."""
    return identities.PROVED if request.args.get("muc") == str(identities.PROVED) else 1


def _is_in() -> bool:
    """Whether somebody is signed in, as high as what they want asks for."""
    who = signed_in()
    return who is not None and who.level >= _level()


def _wanted() -> str:
    return _local(request.args.get("tiep", ""))


def _local(wanted: str) -> str:
    return wanted if is_local(wanted) else url_for("people.mine")


def _returns() -> URLSafeSerializer:
    return URLSafeSerializer(str(current_app.secret_key), salt="sign-out-return")
