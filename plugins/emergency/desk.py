"""The page at the desk: what stands now, and the form that puts up more."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final
from uuid import uuid4

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from sqlalchemy import select

from hoitu.core import clock
from hoitu.core.access import Account, requires
from hoitu.core.admin import current_actor, desk_pages
from hoitu.core.content import Choice, Field, Line, Moment, Paragraphs
from hoitu.core.extensions import platform, session
from hoitu.core.forms import EntryForm, form_of
from hoitu.core.units import Unit
from hoitu.core.web import active_unit, is_local, language, now, today
from hoitu.plugins.emergency import publishing, vocabulary
from hoitu.plugins.emergency.board import Banner, banner_of, in_order, standing
from hoitu.plugins.emergency.models import DETAIL, HEADLINE, LINK, EmergencyBanner
from hoitu.plugins.emergency.publishing import PERMISSION, Moved, NotYours, Place

pages = desk_pages(
    "emergency",
    __name__,
    path="/khan-cap",
    label=lazy_gettext("Emergency banners"),
    first="index",
    permission=PERMISSION,
)

#: Follows the slug of a unit where the units below it are meant, too.
_BELOW: Final = "+"
_UID: Final = re.compile(r"[0-9a-f]{32}", re.ASCII)
#: Columns that are texts.
_TEXTS: Final = ("severity", "headline", "detail", "headline_en", "detail_en", "link")


def _places() -> Sequence[tuple[str, str]]:
    """Return (key, label) of the sites a banner can be put up for, the widest first."""
    day, here = today(), active_unit()
    if not publishing.is_everywhere(here):
        return ((here.slug, here.name(day, language())),)
    sites = [u for u in platform.units.sites() if u.exists_on(day) and u != here]
    found = [
        (f"{here.slug}{_BELOW}", _("Every site of the province")),
        (here.slug, _("%(unit)s only", unit=here.name(day, language()))),
    ]
    for unit in platform.units.in_order(sites, day):
        name = unit.name(day, language())
        found.append((unit.slug, name))
        if platform.units.children(unit, day):
            found.append((f"{unit.slug}{_BELOW}", _("%(unit)s and all units below it", unit=name)))
    return found


_FIELDS: Final = (
    Field(Choice(vocabulary.severities), lazy_gettext("How grave it is"), name="severity"),
    Field(Choice(_places), lazy_gettext("Where it is shown"), name="place"),
    Field(
        Line(HEADLINE),
        lazy_gettext("Heading"),
        name="headline",
        help=lazy_gettext("What happens, where, and what to do, in one line."),
    ),
    Field(Paragraphs(DETAIL), lazy_gettext("Text"), name="detail"),
    Field(
        Line(HEADLINE),
        lazy_gettext("Heading in English"),
        name="headline_en",
        help=lazy_gettext("May stay empty: English pages then show the Vietnamese words."),
    ),
    Field(Paragraphs(DETAIL), lazy_gettext("Text in English"), name="detail_en"),
    Field(
        Line(LINK),
        lazy_gettext("Where to read more"),
        name="link",
        help=lazy_gettext("A page of this site, such as /tin-tuc/12-bao-so-5, or a whole address."),
    ),
    Field(
        Moment(), lazy_gettext("Begins at"), name="begins_at", help=lazy_gettext("Empty: at once.")
    ),
    Field(Choice(vocabulary.durations), lazy_gettext("For how long"), name="hours"),
)
BannerForm = form_of(_FIELDS)


@pages.get("")
@requires(PERMISSION)
def index() -> ResponseReturnValue:
    """Show what stands or is planned, and the form."""
    return _page(BannerForm(None, _proposed()))


@pages.post("")
@requires(PERMISSION)
def write() -> ResponseReturnValue:
    """Show a banner as it will be, or put it up once it was shown so."""
    form = BannerForm(request.form)
    if not _fits(form):
        return _page(form, code=422)
    uid = request.form.get("uid", "")
    if request.form.get("step") != "publish" or not _UID.fullmatch(uid):
        if request.form.get("step") == "change":
            return _page(form)
        return _page(form, preview=_as_shown(form))
    is_new = publishing.put_up(
        current_actor(), active_unit(), _place(form), uid, _values(form), _hours(form)
    )
    session().commit()
    flash(_("The banner is up.") if is_new else _("This banner was put up already."))
    return redirect(url_for("emergency.desk.index"), 303)


@pages.post("/<int:banner_id>/gia-han")
@requires(PERMISSION)
def extend(banner_id: int) -> ResponseReturnValue:
    """Let a banner stand longer."""
    typed = request.form.get("hours", "")
    if typed not in dict(vocabulary.durations()):
        abort(400)
    try:
        seen = request.form.get("until", "")
        row = publishing.extend(current_actor(), active_unit(), banner_id, int(typed), seen)
    except NotYours:
        abort(404)
    except Moved as moved:
        end = clock.format_instant(moved.ends_at)
        flash(_("Nothing was changed: the end had been put off before, to %(end)s.", end=end))
        return redirect(url_for("emergency.desk.index"), 303)
    session().commit()
    flash(_("The banner stands until %(end)s now.", end=clock.format_instant(row.ends_at)))
    return redirect(url_for("emergency.desk.index"), 303)


@pages.post("/<int:banner_id>/go")
@requires(PERMISSION)
def withdraw(banner_id: int) -> ResponseReturnValue:
    """Take a banner down."""
    try:
        publishing.withdraw(current_actor(), active_unit(), banner_id)
    except NotYours:
        abort(404)
    session().commit()
    flash(_("The banner is down."))
    return redirect(url_for("emergency.desk.index"), 303)


def _proposed() -> dict[str, Any]:
    here = active_unit()
    own = "" if publishing.is_everywhere(here) else here.slug
    return {"severity": "warning", "place": own, "hours": str(vocabulary.USUAL)}


def _fits(form: EntryForm) -> bool:
    """Say whether a banner can be made of what was typed; the form says why not."""
    valid = form.validate()
    complete = form.demand(("severity", "place", "headline", "hours"))
    if not (valid and complete):
        return False
    link = _values(form)["link"]
    if (
        link
        and not is_local(link.partition("#")[0])
        and not link.startswith(("https://", "http://"))
    ):
        form.entry("link").refuse(_("Begin with / for a page of this site, else with https://"))
    begins_at = _values(form)["begins_at"]
    if begins_at is not None and begins_at < now() and request.form.get("step") != "publish":
        form.entry("begins_at").refuse(
            _("This moment has passed. Leave it empty to begin at once.")
        )
    if _values(form)["detail_en"] and not _values(form)["headline_en"]:
        form.entry("headline_en").refuse(_("The English text needs an English heading."))
    return not form.complaints()


def _values(form: EntryForm) -> dict[str, Any]:
    """Return the columns of a banner."""
    declared = {entry.declared.name: entry for entry in form.entries()}
    return {
        name: declared[name].declared.kind.clean(declared[name].data)
        for name in (*_TEXTS, "begins_at")
    }


def _place(form: EntryForm) -> Place:
    key = str(form.entry("place").data)
    unit = platform.units.by_slug(key.removesuffix(_BELOW))
    assert unit is not None, key
    return Place(unit, key.endswith(_BELOW))


def _hours(form: EntryForm) -> int:
    return int(form.entry("hours").data)


def _as_shown(form: EntryForm) -> Banner:
    """Return the banner that a form would put up."""
    values, place, here = _values(form), _place(form), active_unit()
    begins_at = values.pop("begins_at") or now()
    return Banner(
        id=0, uid="", unit_id=place.unit.id, below=place.below, issued_at_id=here.id,
        begins_at=begins_at, ends_at=begins_at + timedelta(hours=_hours(form)),
        changed_at=now(), **values,
    )  # fmt: skip


def _page(
    form: EntryForm, *, preview: Banner | None = None, code: int = 200
) -> ResponseReturnValue:
    here = active_unit()
    rows = publishing.changeable(here)
    own = {row.id for row in rows}
    body = render_template(
        "emergency/desk.html",
        form=form,
        complaints=form.complaints(),
        preview=preview,
        uid=request.form.get("uid") or uuid4().hex,
        banners=in_order(map(banner_of, rows)),
        others=[banner for banner in standing(here) if banner.id not in own],
        authors=_authors(rows),
        place_of=place_label,
        at=now(),
        durations=vocabulary.durations(),
        usual=str(vocabulary.USUAL),
        is_everywhere=publishing.is_everywhere(here),
    )
    return body, code


def place_label(banner: Banner) -> str:
    """Return where a banner is shown, in words."""
    unit: Unit | None = platform.units.by_id(banner.unit_id)
    if unit is None:
        return ""
    if banner.below and publishing.is_everywhere(unit):
        return str(_("Every site of the province"))
    name = unit.name(today(), language())
    return str(_("%(unit)s and all units below it", unit=name)) if banner.below else name


def _authors(rows: Sequence[EmergencyBanner]) -> dict[int, str]:
    """Return who put each banner up, by its id: one statement, or none."""
    wanted = {row.account_id for row in rows}
    if not wanted:
        return {}
    found = session().execute(select(Account.id, Account.name).where(Account.id.in_(wanted)))
    names = {row.id: row.name for row in found}
    return {row.id: names.get(row.account_id, "") for row in rows}
