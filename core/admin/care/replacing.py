"""Find and replace: a search, a page on which each place is looked at, and a batch that does it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select

from hoitu.core import batches, text
from hoitu.core.access import requires
from hoitu.core.admin import work
from hoitu.core.admin.blueprint import blueprint
from hoitu.core.admin.flashes import PROBLEM
from hoitu.core.batches import BatchRow, Do, NewRow
from hoitu.core.care import replacing as care
from hoitu.core.care.passages import Search
from hoitu.core.care.replacing import Finding
from hoitu.core.content import ActionContext, ContentType, Item
from hoitu.core.extensions import session

#: Name of the batches' kind.
REPLACE = "replace"
#: Names in the address and the form: words, what takes their place, whole words, without marks,
#: type; the ticked places, and whether to publish at once.
WANTED, INSTEAD, WHOLE, FOLD, TYPE = "tim", "thay", "tron-tu", "bo-dau", "loai"
TICKED, PUBLISH = "cho", "xuat-ban"
#: The same for the template.
NAMES = {
    "wanted": WANTED,
    "instead": INSTEAD,
    "whole": WHOLE,
    "fold": FOLD,
    "type": TYPE,
    "ticked": TICKED,
    "publish": PUBLISH,
}
#: Longest words, in characters.
LIMIT = 300
#: Entries and places on one page; a form has at most two thousand parts.
ENTRIES, PLACES = 200, 1000


@blueprint.get("/thay-the")
@requires("core.desk")
def replace() -> str:
    """Show the search and, once there is one, each place where the words stand."""
    kinds = _kinds()
    search = _search(request.args)
    problem = _problem(search) if WANTED in request.args else ""
    asked = WANTED in request.args and not problem
    return _page(kinds, search, _found(kinds, search) if asked else None, problem)


@blueprint.post("/thay-the")
@requires("core.desk")
def replace_ticked() -> ResponseReturnValue:
    """Begin a batch that replaces the words in the ticked places, as they were seen."""
    kinds, search = _kinds(), _search(request.form)
    ticked = _ticked()
    if _problem(search) or not ticked:
        flash(
            _problem(search) or _("Tick the places in which the words are to be replaced."), PROBLEM
        )
        return redirect(url_for("desk.replace", **_address(search)), 303)
    context = work.context()
    params = {
        "wanted": search.wanted,
        "instead": search.instead,
        "whole_words": search.whole_words,
        "fold": search.fold,
        "publish": bool(request.form.get(PUBLISH)),
    }
    title = _("Replace “%(wanted)s” by “%(instead)s”", wanted=search.wanted, instead=search.instead)
    batch = batches.start(context, REPLACE, _rows(kinds, ticked), params, title=title)
    batches.begin(context, batch)
    return redirect(url_for("desk.batch", batch_id=batch.id), 303)


def _page(
    kinds: list[ContentType], search: Search, found: Finding | None, problem: str
) -> str:  # fmt: skip
    return render_template(
        "desk/care/replace.html",
        kinds=kinds,
        chosen_type=request.args.get(TYPE, ""),
        search=search,
        found=found,
        problem=problem,
        places=sum(len(entry.occurrences) for entry in found.entries) if found else 0,
        may_publish=any(work.may(kind, "publish") for kind in kinds),
        four_eyes=work.context().editorial.four_eyes,
        names=NAMES,
        limit=LIMIT,
    )


def _kinds() -> list[ContentType]:
    """Return the types in which the account may replace words, or answer 403."""
    kinds = care.kinds_of(work.context(), work.kinds())
    if not kinds:
        abort(403)
    return kinds


def _search(sent: Mapping[str, str]) -> Search:
    return Search(
        text.one_line(sent.get(WANTED, "")),
        text.one_line(sent.get(INSTEAD, "")),
        whole_words=bool(sent.get(WHOLE)),
        fold=bool(sent.get(FOLD)),
    )


def _problem(search: Search) -> str:
    """Return what is wrong with a search, '' for nothing."""
    if not search.wanted:
        return str(_("Say what is to be replaced."))
    if max(len(search.wanted), len(search.instead)) > LIMIT:
        return str(_("Write at most %(n)d characters.", n=LIMIT))
    if search.wanted == search.instead:
        return str(_("Both are the same; nothing would change."))
    return ""


def _found(kinds: list[ContentType], search: Search) -> Finding:
    wanted = request.args.get(TYPE, "")
    chosen = [kind for kind in kinds if wanted in ("", kind.name)]
    conditions = [(kind, work.requirement_on(kind)) for kind in chosen]
    return care.find(work.context(), search, conditions, most=ENTRIES, most_places=PLACES)


def _ticked() -> dict[int, tuple[int, list[int]]]:
    """Return the ticked places by entry: the version that was seen, and their numbers."""
    seen: dict[int, int] = {}
    places: dict[int, list[int]] = defaultdict(list)
    for value in request.form.getlist(TICKED)[:PLACES]:
        parts = value.split(".")
        if len(parts) != 3 or not all(p.isascii() and p.isdigit() and len(p) < 19 for p in parts):
            continue
        item_id, version, number = map(int, parts)
        seen[item_id] = version
        places[item_id].append(number)
    return {item_id: (version, places[item_id]) for item_id, version in seen.items()}


def _rows(kinds: list[ContentType], ticked: Mapping[int, tuple[int, list[int]]]) -> list[NewRow]:
    """Return the rows of a batch; what is not the account's to edit is left out as if not there."""
    chosen = select(Item.id, Item.type, Item.title).where(
        Item.id.in_(sorted(ticked)), work.within(kinds)
    )
    types = {kind.name: kind for kind in kinds}
    names = {row.id: types[row.type].name_of(row) for row in session().execute(chosen)}
    return [
        NewRow(item_id, names[item_id], {"version": version, "places": places})
        for item_id, (version, places) in ticked.items()
        if item_id in names
    ]


def _address(search: Search) -> dict[str, Any]:
    address: dict[str, Any] = {WANTED: search.wanted, INSTEAD: search.instead}
    flags = {WHOLE: search.whole_words, FOLD: search.fold}
    address |= {name: "1" for name, value in flags.items() if value}
    if request.form.get(TYPE):
        address[TYPE] = request.form[TYPE]
    return address


def _do(context: ActionContext, row: BatchRow, params: Mapping[str, Any]) -> str:
    """Replace the words in one entry of a batch."""
    search = Search(
        params["wanted"], params["instead"], bool(params["whole_words"]), bool(params["fold"])
    )
    item = batches.entry_of(context, row)
    places = frozenset(row.values.get("places", ()))
    return care.apply_one(context, item, search, places, publish=bool(params["publish"]))


#: What is done to the rows of such a batch.
KINDS: Mapping[str, Do] = {REPLACE: _do}
