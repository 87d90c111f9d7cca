"""The home page and the foot of a site: the order of the blocks, who is responsible, the badge."""

from __future__ import annotations

from collections.abc import Container, Sequence
from typing import Any

from flask import flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from hoitu.core import text
from hoitu.core.access import requires
from hoitu.core.admin import ordering
from hoitu.core.admin.appearance import changed, picture_of
from hoitu.core.admin.blueprint import blueprint
from hoitu.core.admin.flashes import PROBLEM
from hoitu.core.admin.ordering import DOWN, LEAVE_OUT, MOVED, TAKE_IN, UP
from hoitu.core.admin.unit_settings import SEEN, seen, store
from hoitu.core.content import Refused
from hoitu.core.extensions import platform, session
from hoitu.core.web import home_order, look, site_facts
from hoitu.core.web.chrome import slot
from hoitu.core.web.home_order import MAIN, SIDE, Block

#: The button that moves a block to the other column.
ACROSS = "across"
Columns = dict[str, list[str]]


@blueprint.get("/trang-chu")
@requires("core.modules")
def home_page() -> str:
    """Show the blocks of the home page, column by column, and the facts of the foot."""
    wide, narrow = home_order.blocks(g.unit)
    chosen = platform.settings.of(site_facts.SiteSettings, g.unit)
    return render_template(
        "desk/home_page.html",
        columns=((MAIN, wide), (SIDE, narrow)),
        moved=_moved(wide, narrow),
        chosen=chosen,
        badge=look.chosen_file(chosen.badge),
        missing=site_facts.missing(slot("footer")),
        SEEN=SEEN,
        seen_home=seen(home_order.NAME),
        seen_facts=seen(site_facts.NAME),
        LONGEST=site_facts.LONGEST,
    )


@blueprint.post("/trang-chu/khoi")
@requires("core.modules")
def save_home() -> ResponseReturnValue:
    """Move a block up, down or to the other column, leave it out or take it in again."""
    wide, narrow = home_order.blocks(g.unit)
    by_name = {block.panel.name: block for block in (*wide, *narrow)}
    columns: Columns = {column: [b.panel.name for b in blocks]
                        for column, blocks in ((MAIN, wide), (SIDE, narrow))}  # fmt: skip
    left_out = set(home_order.order_of(g.unit).left_out)
    act, name = ordering.pressed(by_name, (*ordering.ACTS, ACROSS))
    if act == LEAVE_OUT:
        left_out.add(name)
        if by_name[name].demanded:
            flash(_("The law asks for what this block leads to. It stays in the menu; think of "
                    "those who look for it on the home page."), PROBLEM)  # fmt: skip
    elif act == TAKE_IN:
        left_out.discard(name)
    elif act:
        _move(columns, act, name)
    values: dict[str, Any] = {"left_out": "\n".join(sorted(left_out))}
    for column, names in columns.items():
        values[column] = "\n".join(_with_absent(column, names, by_name))
    place: dict[str, Any] = {"_anchor": "blocks"}
    if request.form.get("reset"):
        values = dict.fromkeys(values)
    elif act:
        place = ordering.go_on_at(act, name, _column_of(columns, name))
    else:
        values = {}
    if not store(home_order.NAME, values):
        place.pop(MOVED, None)
    return redirect(url_for("desk.home_page", **place), 303)


@blueprint.post("/trang-chu/chan-trang")
@requires("core.modules")
def save_facts() -> ResponseReturnValue:
    """Store who is responsible, and the badge with where it leads."""
    back = redirect(url_for("desk.home_page", _anchor="foot"), 303)
    values: dict[str, Any] = {
        "responsible": text.nfc(request.form.get("responsible", "")).strip(),
        "badge_link": request.form.get("badge_link", "").strip(),
    }
    problem = site_facts.problem_with_responsible(values["responsible"])
    if not site_facts.is_safe_link(values["badge_link"]):
        problem = _("The address of the badge must begin with https:// and lead to a site.")
    if problem:
        flash(problem, PROBLEM)
        return back
    try:
        if request.form.get("badge-remove"):
            values["badge"] = 0
        elif (sent := request.files.get("badge")) is not None and sent.filename:
            values["badge"] = picture_of(sent)
    except Refused as refused:
        session().rollback()
        flash(" ".join(map(str, refused.problems)), PROBLEM)
        return back
    if store(site_facts.NAME, changed(site_facts.NAME, values)):
        flash(_("Saved. Visitors see it within a minute."))
    return back


def _move(columns: Columns, act: str, name: str) -> None:
    own = _column_of(columns, name)
    if act in (UP, DOWN):
        ordering.move(own, act, name)
        return
    own.remove(name)
    other = columns[SIDE] if own is columns[MAIN] else columns[MAIN]
    other.append(name)


def _column_of(columns: Columns, name: str) -> list[str]:
    return columns[MAIN] if name in columns[MAIN] else columns[SIDE]


def _with_absent(column: str, shown: Sequence[str], present: Container[str]) -> list[str]:
    """Return the names of a column with those of blocks that have nothing to show at present.

    They keep their places: a block without content today may have some tomorrow.
    """
    order = home_order.order_of(g.unit)
    stored = order.main if column == MAIN else order.side
    left, found = list(shown), []
    for name in stored:
        if name not in present:
            found.append(name)
        elif left:
            found.append(left.pop(0))
    return [*found, *left]


def _moved(wide: Sequence[Block], narrow: Sequence[Block]) -> str:
    """Return where the block stands that was moved or shown just now; '' for none."""
    name = request.args.get(MOVED, "")
    for blocks, told in (
        (wide, _("“%(block)s” is in the wide column, in place %(n)d of %(all)d.")),
        (narrow, _("“%(block)s” is in the narrow column, in place %(n)d of %(all)d.")),
    ):
        for place, block in enumerate(blocks, start=1):
            if block.panel.name == name:
                title = str(block.panel.title)
                if block.left_out:
                    return str(_("“%(block)s” is left out of the home page.", block=title))
                return str(told) % {"block": title, "n": place, "all": len(blocks)}
    return ""
