"""``/theo-doi``: feeds and mails, the link that confirms, and all that somebody follows."""

from __future__ import annotations

from typing import Any

from flask import (
    Blueprint,
    Response,
    abort,
    jsonify,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.sansio.blueprints import BlueprintSetupState
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from hoitu.core.access import public
from hoitu.core.extensions import platform, session
from hoitu.core.mail import withdraw
from hoitu.core.web import active_unit, crumbs, language, pages_of
from hoitu.plugins.subscriptions import desk, intake, letters, tokens
from hoitu.plugins.subscriptions.delivery import writes
from hoitu.plugins.subscriptions.models import FREQUENCIES, Reader, Subscription
from hoitu.plugins.subscriptions.settings import SubscriptionSettings
from hoitu.plugins.subscriptions.targets import Target

blueprint = Blueprint("subscriptions", __name__, template_folder="templates")


@blueprint.after_request
def keep_private(response: Response) -> Response:
    """Keep what is for one person out of caches and search engines, and its address to itself."""
    if request.view_args and "token" in request.view_args:
        response.headers["Cache-Control"] = "no-store"
        response.headers["X-Robots-Tag"] = "noindex"
        response.headers["Referrer-Policy"] = "no-referrer"
    return response


@blueprint.route("/theo-doi", methods=["GET", "POST"], strict_slashes=False)
@public
def index() -> ResponseReturnValue:
    """Tell of the feeds, then show the form; take it in."""
    unit = active_unit()
    target = Target.asked(unit, request.args)
    form = intake.FollowForm(unit, target) if writes(unit) else None
    status = 200
    if form is not None and form.sent:
        status = 422
        if form.accepts():
            typed = form.values()
            intake.ask(form.wanted(), typed["address"], typed["frequency"])
            return redirect(url_for("subscriptions.sent"), 303)
    elif request.method == "POST":
        status = 410
    here = url_for("subscriptions.index")
    body = render_template(
        "subscriptions/index.html",
        form=form,
        target=target,
        label=target.label(unit, language()),
        feeds=_feeds(target),
        crumbs=crumbs((_("Follow this site"), here)),
    )
    return body, status


@blueprint.get("/theo-doi/da-gui")
@public
def sent() -> str:
    """Tell what to do now, the same to everybody."""
    return _page("sent", _("Please look into your mailbox"))


@blueprint.route("/theo-doi/xac-nhan/<token>", methods=["GET", "POST"])
@public
def confirm(token: str) -> ResponseReturnValue:
    """Ask for a press of a button; programs that look at mails follow links, they press none."""
    unit = active_unit()
    found = intake.confirm(token) if request.method == "POST" else intake.waiting(token)
    if found is None:
        return _page("invalid", _("This link holds no longer")), 410
    if request.method == "POST":
        to = url_for("subscriptions.manage", token=tokens.manage_token(found.reader))
        return redirect(f"{to}?da-xac-nhan=1", 303)
    of_site = platform.units.by_id(found.unit_id) or unit
    return _page(
        "confirm",
        _("Confirm: follow by mail"),
        label=Target.of(found).label(of_site, language()),
        frequency=letters.frequency_label(found.frequency, _hour(found)),
    )


@blueprint.route("/theo-doi/quan-ly/<token>", methods=["GET", "POST"])
@public
def manage(token: str) -> ResponseReturnValue:
    """Show all that somebody follows at this installation; change or stop it."""
    reader = tokens.managed(token)
    if reader is None:
        return _page("invalid", _("This link holds no longer")), 410
    if request.method == "POST":
        _change(reader)
        if reader.subscriptions:
            return redirect(f"{url_for('subscriptions.manage', token=token)}?da-luu=1", 303)
        return redirect(url_for("subscriptions.gone"), 303)
    followed = [_told(one) for one in reader.subscriptions if one.confirmed_at]
    return _page(
        "manage",
        _("What you follow"),
        token=token,
        reader=reader,
        followed=followed,
        confirmed="da-xac-nhan" in request.args,
        saved="da-luu" in request.args,
    )


@blueprint.get("/theo-doi/quan-ly/<token>/du-lieu.json")
@public
def export(token: str) -> ResponseReturnValue:
    """Return all that is kept of somebody."""
    reader = tokens.managed(token)
    if reader is None:
        abort(404)
    response = jsonify(
        address=reader.address,
        language=reader.language,
        kept_since=reader.created_at.isoformat(),
        paused_since=reader.paused_at.isoformat() if reader.paused_at else None,
        subscriptions=[
            {
                "what": told["label"],
                "site": told["site"],
                "frequency": told["row"].frequency,
                "confirmed_at": told["row"].confirmed_at.isoformat(),
                "told_until": told["row"].told_until.isoformat(),
            }
            for told in (_told(one) for one in reader.subscriptions if one.confirmed_at)
        ],
    )
    response.headers["Content-Disposition"] = "attachment; filename=theo-doi.json"
    return response


@blueprint.route("/theo-doi/dung/<token>", methods=["GET", "POST"])
@public
def stop(token: str) -> ResponseReturnValue:
    """End all that somebody follows on a site: at one click of a mail program, or of a button.

    The request of a mail program comes from no form of ours, and is not led elsewhere
    (:rfc:`8058`): its token is the proof. To stop twice is no mistake; what is no token of ours is.
    """
    found = tokens.stopped(token)
    if found is None:
        status = 400 if request.method == "POST" else 410
        return _page("invalid", _("This link holds no longer")), status
    reader, unit_id = found
    if reader is None:
        return gone()
    site = platform.units.by_id(unit_id) or active_unit()
    if request.method == "GET":
        manage_path = url_for("subscriptions.manage", token=tokens.manage_token(reader))
        name = site.name(platform.clock.today(), language())
        return _page("stop", _("Stop these mails"), site=name, manage_path=manage_path)
    for one in [one for one in reader.subscriptions if one.unit_id == unit_id]:
        reader.subscriptions.remove(one)
    _forget_if_empty(reader)
    session().commit()
    return gone()


@blueprint.get("/theo-doi/da-dung")
@public
def gone() -> str:
    """Tell that it is done."""
    return _page("gone", _("You get no more of these mails"))


def _change(reader: Reader) -> None:
    """Do what a button of the page says, and commit."""
    act, _colon, number = request.form.get("act", "").partition(":")
    one = next((s for s in reader.subscriptions if str(s.id) == number), None)
    if act == "stop" and one is not None:
        reader.subscriptions.remove(one)
    elif act == "often" and one is not None:
        wanted = request.form.get(f"frequency-{one.id}", "")
        one.frequency = wanted if wanted in FREQUENCIES else one.frequency
    elif act == "stop-all":
        reader.subscriptions.clear()
    elif act == "resume":
        reader.paused_at, reader.refusals = None, 0
    _forget_if_empty(reader)
    session().commit()


def _forget_if_empty(reader: Reader) -> None:
    """Forget an address that follows nothing any more, and waits for no confirmation."""
    if not reader.subscriptions:
        withdraw(session(), reader.address)
        session().delete(reader)


def _told(followed: Subscription) -> dict[str, Any]:
    site = platform.units.by_id(followed.unit_id) or active_unit()
    hour = _hour(followed)
    return {
        "row": followed,
        "label": Target.of(followed).label(site, language()),
        "site": site.name(platform.clock.today(), language()),
        "options": [(name, letters.frequency_label(name, hour)) for name in FREQUENCIES],
    }


def _hour(followed: Subscription) -> int:
    site = platform.units.by_id(followed.unit_id) or active_unit()
    return platform.settings.of(SubscriptionSettings, site).hour


def _feeds(target: Target) -> list[tuple[str, str]]:
    """Return the feeds of the site, that of the list one came from first."""
    found = [(_("Everything new on this site"), url_for("feeds.site"))]
    if target.words and not target.type:
        label = target.label(active_unit(), language())
        found.insert(0, (label, url_for("feeds.site", q=target.words)))
    on = {m.name for m in platform.switchboard.sections_on(active_unit())}
    for kind in platform.types:
        pages = pages_of(kind.name)
        if pages is None or not kind.is_page or kind.section not in on:
            continue
        narrow = {"q": target.words} if target.words else {}
        if kind.name == target.type:
            own = pages.path_to("feed", **target.filters, **narrow)
            found.insert(0, (target.label(active_unit(), language()), own))
        elif not (target.type or target.words) and target.section in ("", kind.section):
            found.append((str(kind.label_plural), pages.path_to("feed")))
    return found


def _page(name: str, title: str, **values: Any) -> str:
    trail = crumbs((_("Follow this site"), url_for("subscriptions.index")), (title, request.path))
    return render_template(f"subscriptions/{name}.html", title=title, crumbs=trail, **values)


def _exempt(state: BlueprintSetupState) -> None:
    """Let mail programs end mails: of all views, this one needs no token of a form."""
    if protection := state.app.extensions.get("csrf"):
        protection.exempt(stop)


blueprint.record(_exempt)
blueprint.register_blueprint(desk.pages)
