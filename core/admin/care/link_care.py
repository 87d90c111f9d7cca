"""Broken links as a list of tasks: the own texts first, each link with what is wrong with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from flask import Response, abort, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import ColumnElement

from hoitu.core import clock, sheets
from hoitu.core.access import requires
from hoitu.core.admin import work
from hoitu.core.admin.blueprint import blueprint
from hoitu.core.admin.downloads import send_table
from hoitu.core.care import link_rounds
from hoitu.core.care import links as care
from hoitu.core.care.links import BrokenLink
from hoitu.core.content import ContentType, Item, linked
from hoitu.core.content.linked import Place
from hoitu.core.extensions import platform, session
from hoitu.core.web.access import current_actor
from hoitu.core.web.site import now

#: Links on the page; the table to take away has all of them.
SHOWN = 200
#: Entries that lead to an item, named beside it.
NAMED = 10
#: Name in the form: the key of the address to be asked.
KEY = "key"


@dataclass(frozen=True, slots=True)
class Task:
    """An entry with the broken links of its public text."""

    kind: ContentType
    item_id: int
    title: str
    mine: bool
    links: Sequence[BrokenLink]


@dataclass(frozen=True, slots=True)
class Incoming:
    """The entries that lead to an item: some by name, and how many there are."""

    named: Sequence[tuple[ContentType, Place]]
    count: int
    public: int


@blueprint.app_context_processor
def values() -> dict[str, Any]:
    """Give the page of an item what leads to it, and the first page what is broken."""
    if request.blueprint != blueprint.name:
        return {}
    return {"incoming": incoming, "broken_of_mine": broken_of_mine}


def broken_of_mine() -> int:
    """Return how many broken links stand in published texts the account is responsible for."""
    account_id = current_actor().account_id
    return care.broken_count(session(), account_id, now()) if account_id is not None else 0


def incoming(item: Item) -> Incoming:
    """Return which entries of the unit lead to an item, those that visitors read first.

    One statement for a page, however often it asks.
    """
    told: dict[int, Incoming] = g.setdefault("hoitu_incoming", {})
    if item.id not in told:
        told[item.id] = _incoming(item)
    return told[item.id]


def _incoming(item: Item) -> Incoming:
    known = {kind.name: kind for kind in work.kinds()}
    places = [p for p in linked.incoming(session(), item) if p.type in known]
    return Incoming(
        [(known[place.type], place) for place in places[:NAMED]],
        len(places),
        sum(place.is_public for place in places),
    )


@blueprint.get("/lien-ket-hong")
@requires("core.desk")
def broken_links() -> str:
    """Show the broken links of the public texts that the account may edit, its own first."""
    found = _broken(SHOWN + 1)
    return render_template(
        "desk/care/broken_links.html",
        tasks=_tasks(found[:SHOWN]),
        count=min(len(found), SHOWN),
        more=len(found) > SHOWN,
        KEY=KEY,
        local_day=clock.local,
    )


@blueprint.get("/lien-ket-hong.csv")
@requires("core.desk")
def broken_links_csv() -> Response:
    """Give the broken links as a table for spreadsheets."""
    header = [
        _("Type"), _("Title"), _("Words of the link"), _("Address"), _("What is wrong"),
        _("Since"), _("Page at the desk"),
    ]  # fmt: skip
    rows = [
        [
            str(platform.types[link.type].label),
            link.title,
            link.label,
            link.address,
            str(link.told),
            clock.local(link.since).date() if link.since else None,
            url_for("desk.edit", type_name=link.type, item_id=link.item_id, _external=True),
        ]
        for link in _broken(sheets.MAX_ROWS)
    ]
    return send_table("csv", "lien-ket-hong", header, rows)


@blueprint.post("/lien-ket-hong/hoi-lai")
@requires("core.desk")
def ask_again() -> ResponseReturnValue:
    """Let one address be asked by the worker: its site may take longer than a request may."""
    check = care.addresses(session(), request.form.get(KEY, ""))
    if check is None or not _editable():
        abort(404)
    link_rounds.ask_soon(session(), check.key, now())
    flash(_("%(url)s is being asked. Look here again in a minute.", url=check.url))
    session().commit()
    return redirect(url_for("desk.broken_links"), 303)


def _broken(limit: int) -> list[BrokenLink]:
    mine = current_actor().account_id
    return care.broken(session(), now(), _editable_items(), mine=mine, limit=limit)


def _editable() -> list[ContentType]:
    return [kind for kind in work.kinds() if work.may(kind, "edit")]


def _editable_items() -> ColumnElement[bool]:
    return work.within(_editable())


def _tasks(found: Sequence[BrokenLink]) -> list[Task]:
    me = current_actor().account_id
    tasks = []
    for item_id, group in groupby(found, key=lambda link: link.item_id):
        links = list(group)
        first = links[0]
        mine = me is not None and first.responsible_id == me
        tasks.append(Task(platform.types[first.type], item_id, first.title, mine, links))
    return tasks
