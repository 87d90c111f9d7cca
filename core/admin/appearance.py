"""Appearance: what a unit decides about its look and its menu, inside the frame of the province."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import abort, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from hoitu.core.access import requires
from hoitu.core.admin import ordering, work
from hoitu.core.admin.blueprint import blueprint
from hoitu.core.admin.flashes import PROBLEM
from hoitu.core.admin.ordering import DOWN, LEAVE_OUT, MOVED, TAKE_IN, UP
from hoitu.core.admin.unit_settings import SEEN, seen, store
from hoitu.core.content import Problem, Refused
from hoitu.core.content.files import upload
from hoitu.core.extensions import platform, session
from hoitu.core.theming import Theme
from hoitu.core.web import home, language, look, menus, themes

#: What may stand in the place of a picture.
IMAGES = ("image/png", "image/jpeg", "image/webp")


@blueprint.get("/dien-mao")
@requires("core.modules")
def appearance() -> str:
    """Show the look of the site and the order of its menu."""
    chosen, headings = platform.settings.of(look.Look, g.unit), menus.headings()
    return render_template(
        "desk/appearance.html",
        chosen=chosen,
        themes=themes.offered(language()),
        own_theme=_own_theme(),
        inherited_theme=_inherited_theme().title_in(language()),
        accents=look.accents(),
        pictures={part: look.chosen_file(getattr(chosen, part)) for part in look.PICTURES},
        headings=headings,
        moved=_moved(headings),
        SEEN=SEEN,
        seen_look=seen(look.NAME),
        seen_menu=seen(menus.NAME),
    )


@blueprint.post("/dien-mao")
@requires("core.modules")
def save_appearance() -> ResponseReturnValue:
    """Store the theme, the colour and the pictures that were sent."""
    accent, theme = request.form.get("accent", ""), request.form.get("theme", _own_theme())
    if accent and accent not in look.accents():
        flash(_("Choose one of the colours of the list."), PROBLEM)
        return redirect(url_for("desk.appearance"), 303)
    if theme and theme not in themes.offered(language()):
        flash(_("Choose one of the themes of the list."), PROBLEM)
        return redirect(url_for("desk.appearance"), 303)
    # Without a theme of its own the unit follows its type and the platform.
    values: dict[str, Any] = {"accent": accent, "theme": theme or None}
    try:
        for part in look.PICTURES:
            if request.form.get(f"{part}-remove"):
                values[part] = 0
            elif (sent := request.files.get(part)) is not None and sent.filename:
                values[part] = picture_of(sent)
    except Refused as refused:
        session().rollback()
        flash(" ".join(map(str, refused.problems)), PROBLEM)
        return redirect(url_for("desk.appearance"), 303)
    if store(look.NAME, changed(look.NAME, values)):
        flash(_("Saved. Visitors see it within a minute."))
    return redirect(url_for("desk.appearance"), 303)


@blueprint.get("/dien-mao/xem-thu/<name>")
@requires("core.modules")
def try_theme(name: str) -> str:
    """Show the home page in a theme before the unit chooses it; visitors see nothing of it."""
    if name not in themes.offered(language()):
        abort(404)
    themes.try_on(platform.themes.named(name))
    return home.index()


@blueprint.post("/dien-mao/menu")
@requires("core.modules")
def save_menu() -> ResponseReturnValue:
    """Move a heading up or down, leave it out or take it in again."""
    headings = {heading.key: heading for heading in menus.headings()}
    keys = list(headings)
    left_out = {key for key, heading in headings.items() if heading.left_out}
    act, key = ordering.pressed(headings)
    if act in (UP, DOWN):
        ordering.move(keys, act, key)
    elif act == LEAVE_OUT and headings[key].demanded:
        flash(_("The law demands what stands under this heading; it cannot be left out."), PROBLEM)
    elif act == LEAVE_OUT:
        left_out.add(key)
    elif act == TAKE_IN:
        left_out.discard(key)
    elif request.form.get("reset"):
        keys, left_out = [], set()
    values = {"order": "\n".join(keys), "left_out": "\n".join(sorted(left_out))}
    place = ordering.go_on_at(act, key, keys) if act else {"_anchor": "menu"}
    if not store(menus.NAME, changed(menus.NAME, values)):
        place.pop(MOVED, None)
    return redirect(url_for("desk.appearance", **place), 303)


def _moved(headings: Sequence[menus.Heading]) -> str:
    """Return where the heading stands that was moved or shown just now; '' for none."""
    key = request.args.get(MOVED, "")
    for place, heading in enumerate(headings, start=1):
        if heading.key == key:
            told = {"heading": heading.link.label, "n": place, "all": len(headings)}
            if heading.left_out:
                return str(_("“%(heading)s” is left out of the menu.", **told))
            return str(_("“%(heading)s” is in the menu, in place %(n)d of %(all)d.", **told))
    return ""


def picture_of(sent: Any) -> int:
    """Keep a picture that was sent; return the id of its file.

    :raises Refused: it is no picture, or must not be kept.
    """
    # Whoever looks into the bytes may take its time: nobody shall wait for our transaction.
    session().commit()
    stored = upload(work.context(), platform.files, sent.filename, sent.stream)
    if stored.media_type not in IMAGES:
        raise Refused([Problem("", _("%(name)s is no picture.", name=sent.filename))])
    return stored.id


def _own_theme() -> str:
    """Return the theme the unit chose itself; '' where it follows others."""
    origin = platform.settings.origin(look.NAME, themes.KEY, g.unit)
    return str(origin.value) if origin.scope.startswith("unit:") else ""


def _inherited_theme() -> Theme:
    """Return the theme that holds where the unit chooses none."""
    inherited = platform.settings.origin(look.NAME, themes.KEY, g.unit, inherited=True)
    return platform.themes.named(inherited.value)


def changed(owner: str, values: dict[str, Any]) -> dict[str, Any]:
    """Return what differs from what holds: a unit has no value of its own where it needs none."""
    origin = platform.settings.origin
    return {
        key: value for key, value in values.items() if value != origin(owner, key, g.unit).value
    }
