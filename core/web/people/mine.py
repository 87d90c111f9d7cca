"""``/cua-toi``: what a person sent, how they are told of answers, and the end of their sessions."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any, Final

from flask import (
    current_app,
    g,
    jsonify,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from itsdangerous import BadData, URLSafeSerializer
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from hoitu.core import text
from hoitu.core.access import VISITOR, for_person, public
from hoitu.core.content import Conflict, ContentType, Email, Field, Item
from hoitu.core.extensions import platform, session
from hoitu.core.forms import form_of
from hoitu.core.mail import Composed, post_composed
from hoitu.core.people import Person, contributions
from hoitu.core.people.contributions import Sent
from hoitu.core.privacy import ErasureRefused, ExportIncomplete, data_of, erase
from hoitu.core.web import cookies
from hoitu.core.web.addresses import full
from hoitu.core.web.chrome import crumbs
from hoitu.core.web.defence.limits import Limit, spare
from hoitu.core.web.people.blueprint import blueprint
from hoitu.core.web.signed_in import PERSON, SignedIn, signed_in
from hoitu.core.web.site import active_unit, address_of, language, now, today, unit_address

log = logging.getLogger(__name__)

TRY_AGAIN: Final = lazy_gettext("Part of the platform does not answer. Please try again later.")
#: How far something is, in words for whoever sent it, by the state of its item.
STANDING: Final = {
    "published": lazy_gettext("Answered, and public"),
    "archived": lazy_gettext("Closed"),
    "unpublished": lazy_gettext("Answered, no longer public"),
    "trashed": lazy_gettext("Not taken up"),
}
WAITING: Final = lazy_gettext("Being dealt with")
KINDS: Final = {
    1: lazy_gettext("Citizen"),
    2: lazy_gettext("Business"),
    3: lazy_gettext("Organisation"),
}
#: What is told after a change of the address, by the word in the address of the page.
CHANGED: Final = {
    "bo": lazy_gettext("You are told of answers on this page only."),
    "co": lazy_gettext("This address is confirmed already."),
    "gui": lazy_gettext("We wrote to this address. Please follow the link in the mail."),
}
#: Addresses that somebody may have us write to within a day.
ADDRESSES: Final = Limit("confirm-address", 5, timedelta(hours=24))
#: How long the link that confirms an address holds.
CONFIRM_HOLDS: Final = timedelta(hours=48)

EmailForm = form_of([Field(Email(254), lazy_gettext("E-mail address"), name="email")])


@blueprint.get("/cua-toi")
@for_person
def mine() -> str:
    """Show all that is theirs."""
    return _page(EmailForm(None, {"email": _who().person.email}))


@blueprint.post("/cua-toi/thu-dien-tu")
@for_person
def give_email() -> ResponseReturnValue:
    """Take in where answers are told; it counts once the link in a mail was followed."""
    person, form = _who().person, EmailForm(request.form)
    if not form.validate():
        return _page(form), 422
    address = text.nfc(form.entry("email").data or "").strip().lower()
    if not address:
        person.email, person.email_confirmed_at, done = "", None, "bo"
    elif address == person.email and person.email_confirmed_at:
        done = "co"
    elif not spare(ADDRESSES, str(person.id)):
        form.entry("email").refuse(_("You gave many addresses today. Please try again tomorrow."))
        return _page(form), 429
    else:
        person.email, person.email_confirmed_at, done = address, None, "gui"
        person.language = language()
        _ask_to_confirm(person)
    session().commit()
    return redirect(url_for("people.mine", thu=done), 303)


@blueprint.route("/cua-toi/thu-dien-tu/<token>", methods=["GET", "POST"])
@public
def confirm_email(token: str) -> ResponseReturnValue:
    """Ask for the press of a button: programs that look at mails follow links, they press none."""
    person = _confirming(token)
    if person is not None and request.method == "POST":
        person.email_confirmed_at = person.email_confirmed_at or now()
        session().commit()
    answer = make_response(
        render_template(
            "web/people/confirm_email.html",
            person=person,
            done=request.method == "POST",
            crumbs=crumbs((_("E-mail address"), request.path)),
        )
    )
    answer.status_code = 200 if person else 410
    answer.headers.update({"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"})
    return answer


@blueprint.get("/cua-toi/du-lieu.json")
@for_person
def my_data() -> ResponseReturnValue:
    """Return all that is kept of the person, by every plugin; none of it when one cannot tell."""
    try:
        records = data_of(session(), _who().person, language())
    except ExportIncomplete as missing:
        log.error("%s; see: hoitu doctor", missing)
        return _notice(_("Your data cannot be given out just now"), TRY_AGAIN, 503)
    answer = jsonify(
        [
            {
                "section": one.section,
                "what": one.what,
                "at": one.at.isoformat() if one.at else None,
                "values": dict(one.values),
            }
            for one in records
        ]
    )
    answer.headers["Content-Disposition"] = "attachment; filename=cua-toi.json"
    return answer


@blueprint.route("/cua-toi/xoa", methods=["GET", "POST"])
@for_person
def forget_me() -> ResponseReturnValue:
    """Tell what is erased; do it once that was ticked."""
    ticked = request.form.get("hieu") == "1"
    if request.method == "POST" and ticked:
        return _forget(_who().person)
    missed = request.method == "POST"
    trail = crumbs((_("Mine"), url_for("people.mine")), (_("Erase my data"), request.path))
    body = render_template("web/people/forget_me.html", missed=missed, crumbs=trail)
    return body, 422 if missed else 200


@blueprint.get("/cua-toi/da-xoa")
@public
def forgotten() -> ResponseReturnValue:
    """Tell that it is done."""
    return _notice(
        _("Your data are erased"),
        _("You are signed out. Nothing is kept by which you are known."),
        200,
    )


def standing(item: Item) -> Any:
    """Return in words how far something is."""
    return STANDING.get(item.state, WAITING)


def _forget(person: Person) -> ResponseReturnValue:
    try:
        erase(session(), person, VISITOR)
        session().commit()
    except (Conflict, ErasureRefused, SQLAlchemyError) as refused:
        session().rollback()
        log.error("nothing was erased: %s; see: hoitu doctor", refused)
        return _notice(_("Nothing was erased"), TRY_AGAIN, 503)
    g.hoitu_person = None
    answer = make_response(redirect(url_for("people.forgotten"), 303))
    cookies.drop(answer, PERSON)
    return answer


def _notice(title: str, message: Any, status: int) -> ResponseReturnValue:
    trail = crumbs((title, request.path))
    body = render_template("web/people/notice.html", title=title, message=message, crumbs=trail)
    return body, status


def _page(form: Any) -> str:
    who = _who()
    return render_template(
        "web/people/mine.html",
        who=who,
        kind=KINDS.get(who.person.kind, ""),
        sent=[_told(one) for one in contributions.sent_by(session(), who.person)],
        panels=platform.hooks.person_panels(who.person),
        form=form,
        changed=CHANGED.get(request.args.get("thu", ""), ""),
        crumbs=crumbs((_("Mine"), url_for("people.mine"))),
    )


def _told(sent: Sent) -> dict[str, Any]:
    """Return what the page tells of one thing: what, where, when, how far, and its pages."""
    item = sent.item
    owner, kind = platform.units.by_id(item.unit_id), platform.types.get(item.type)
    site = unit_address(owner).rstrip("/") if owner else ""
    code, endpoint = getattr(item, "code", "") or "", kind.receipt_endpoint if kind else ""
    return {
        "what": _kind_label(item),
        "title": _heading(item, kind),
        "unit": owner.name(today(), language()) if owner else "",
        "at": sent.at,
        "standing": standing(item),
        "code": code,
        "follow": f"{site}{url_for(endpoint, ma=code)}" if endpoint and code else "",
        "public": address_of(item) if item.state == "published" and kind and kind.is_page else "",
    }


def _heading(item: Item, kind: ContentType | None) -> str:
    """Return what somebody knows it by: their own words, where the title is only a code."""
    words = [getattr(item, name, "") or "" for name in (kind.sent_words if kind else ())]
    return text.excerpt(" ".join(words), 120) or item.title


def _kind_label(item: Item) -> Any:
    kind = platform.types.get(item.type)
    return kind.label if kind else item.type


def _who() -> SignedIn:
    who = signed_in()
    assert who is not None  # the guard asked already
    return who


def _ask_to_confirm(person: Person) -> None:
    until = int((now() + CONFIRM_HOLDS).timestamp())
    token = _confirmations().dumps([person.id, person.email, until])
    path = url_for("people.confirm_email", token=token)
    composed = Composed(
        subject=_("Please confirm your e-mail address"),
        text=_(
            "Somebody who signed in at %(site)s gave this address, to be told of answers. If that "
            "was you, open this page and press the button; the link holds for two days.\n\n"
            "%(link)s\n\nIf it was not you, do nothing: nothing more is sent.",
            site=active_unit().name(today(), language()),
            link=full(path),
        ),
        fleeting=True,
    )
    post_composed(session(), person.email, composed, now(), key=f"confirm {person.id} {today()}")


def _confirming(token: str) -> Person | None:
    try:
        person_id, address, until = _confirmations().loads(token)
    except (BadData, ValueError, TypeError):
        return None
    if now().timestamp() > until:
        return None
    return session().scalar(select(Person).where(Person.id == person_id, Person.email == address))


def _confirmations() -> URLSafeSerializer:
    return URLSafeSerializer(str(current_app.secret_key), salt="person-email")
