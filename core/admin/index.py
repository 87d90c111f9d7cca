"""My work: the first page of the desk, a page of each pile of work, and the way to write more."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from flask import abort, g, render_template, request, url_for
from sqlalchemy import func, select

from hoitu.core.access import requires
from hoitu.core.admin import work
from hoitu.core.admin.blueprint import blueprint
from hoitu.core.admin.colleagues import Colleagues
from hoitu.core.admin.entries import Entry, entries_of
from hoitu.core.admin.piles import Pile, counts, part_of, piles_of
from hoitu.core.admin.translations import duty_panels
from hoitu.core.content import ContentType, Item, open_forms
from hoitu.core.content.item import TRASHED
from hoitu.core.extensions import platform, session
from hoitu.core.web.access import current_actor
from hoitu.core.web.defence import refused_today
from hoitu.core.web.site import language

#: Entries of a pile on the first page, and on a page of its own.
SHOWN, SIZE = 10, 25
#: The pile of what visitors sent.
RECEIVED = "tiep-nhan"
#: Types that an account wrote last are offered first, so many of them.
LATELY = 5


@dataclass(frozen=True, slots=True)
class ShownPile:
    """A pile as the page shows it; ``count`` stops a little above a thousand."""

    pile: Pile
    count: int
    entries: Sequence[Entry]


@dataclass(frozen=True, slots=True)
class Unsaved:
    """Text that was typed and never saved, and where to go on with it."""

    title: str
    kind: ContentType
    typed_at: datetime | None
    path: str


@blueprint.get("/")
@requires("core.desk")
def index() -> str:
    """Show what waits for the account, the most urgent first, and what was changed last."""
    kinds, context = work.kinds(), work.context()
    piles = piles_of(context, Colleagues(context))
    found = counts(session(), piles)
    parts = [(p, part_of(session(), p, size=SHOWN)) for p in piles if found[p.name]]
    entries = entries_of({pile.name: part.items for pile, part in parts})
    shown = [ShownPile(pile, found[pile.name], entries[pile.name]) for pile, _ in parts]
    return render_template(
        "desk/index.html",
        piles=shown,
        refused=refused_today() if RECEIVED in entries else 0,
        unsaved=_unsaved(),
        idle=not any(one.pile.acts for one in shown),
        recent=_recent(kinds),
        kinds={kind.name: kind for kind in kinds},
        may_write=any(work.may(kind, "create") for kind in kinds),
        panels=duty_panels() + platform.hooks.dashboard_panels(g.unit, current_actor()),
    )


@blueprint.get("/viec/<name>")
@requires("core.desk")
def pile(name: str) -> str:
    """Show all of one pile, page by page."""
    context = work.context()
    found = next((p for p in piles_of(context, Colleagues(context)) if p.name == name), None)
    if found is None:
        abort(404)
    part = part_of(session(), found, size=SIZE, after=request.args.get("sau", ""))
    return render_template(
        "desk/pile.html",
        pile=found,
        count=counts(session(), [found])[name],
        entries=entries_of({name: part.items})[name],
        refused=refused_today() if name == RECEIVED else 0,
        first=request.args.get("sau", "") and url_for("desk.pile", name=name),
        following=part.after and url_for("desk.pile", name=name, sau=part.after),
    )


@blueprint.get("/viet-moi")
@requires("core.desk")
def write() -> str:
    """Offer what the account may write here: what it wrote lately first, then by section."""
    creatable = [kind for kind in work.kinds() if work.may(kind, "create")]
    groups = [
        (_section_title(section), list(kinds))
        for section, kinds in groupby(creatable, key=lambda kind: kind.section)
    ]
    return render_template("desk/write.html", lately=_lately(creatable), groups=groups)


def _lately(creatable: Sequence[ContentType]) -> list[ContentType]:
    """Return the types of the account's entries that were changed last.

    One statement looks up each type in an index: whoever has years of work here has many entries.
    """
    if not creatable:
        return []
    mine = (Item.unit_id == g.unit.id, Item.responsible_id == current_actor().account_id)
    newest = [
        select(func.max(Item.updated_at))
        .where(*mine, Item.type == kind.name)
        .scalar_subquery()
        .label(kind.name)
        for kind in creatable
    ]
    found = zip(creatable, session().execute(select(*newest)).one(), strict=True)
    written = [(changed_at, kind) for kind, changed_at in found if changed_at is not None]
    written.sort(key=lambda pair: pair[0], reverse=True)
    return [kind for _changed_at, kind in written[:LATELY]]


def _section_title(section: str) -> str:
    plugin = platform.plugins.get(section)
    return plugin.manifest.label(language()) if plugin and plugin.manifest else section


def _unsaved() -> list[Unsaved]:
    """Return what the account typed and never saved, newest first."""
    account_id = current_actor().account_id
    known = {kind.name: kind for kind in work.kinds()}
    found = open_forms.all_unsaved(session(), account_id) if account_id is not None else []
    return [
        Unsaved(form.title, known[form.type], form.typed_at, _place(form))
        for form in found
        if form.type in known
    ]


def _place(form: open_forms.OpenForm) -> str:
    if form.item_id is None:
        return url_for("desk.new", type_name=form.type, form=form.key)
    return url_for("desk.edit", type_name=form.type, item_id=form.item_id)


def _recent(kinds: Sequence[ContentType]) -> Sequence[Any]:
    newest = (
        select(Item)
        .where(work.within(list(kinds)), Item.state != TRASHED)
        .order_by(Item.updated_at.desc(), Item.id.desc())
        .limit(SHOWN)
    )
    return session().scalars(newest).all()
