"""Suggestions while somebody types: what leads straight to an entry, and to all results."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify, request
from flask_babel import gettext as _
from flask_babel import ngettext

from hoitu.core import text
from hoitu.core.access import public
from hoitu.core.content import Item
from hoitu.core.extensions import platform
from hoitu.core.search import SearchUnavailable
from hoitu.core.web import translations
from hoitu.core.web.searching.asking import PLACE, PROVINCE, QUERY, Asked, typed
from hoitu.core.web.searching.blueprint import blueprint
from hoitu.core.web.searching.permitted import visible
from hoitu.core.web.site import address_of

#: Suggestions in a list that is looked through with the arrow keys.
SIZE = 6
#: A letter alone could be anything.
SHORTEST = 2
#: Characters of a summary below a title.
EXCERPT = 90


@blueprint.get("/goi-y")
@public
def suggestions() -> Response:
    """Return entries whose titles have the words typed so far, and the way to all results."""
    asked = Asked(typed(request.args.get(QUERY, "")), wide=request.args.get(PLACE) == PROVINCE)
    found = _found(asked) if len(asked.words) >= SHORTEST else []
    count = len(found)
    told = ngettext("%(num)d suggestion", "%(num)d suggestions", count) if found else ""
    if len(asked.words) >= SHORTEST:
        every = _("Search for “%(words)s”", words=asked.words)
        found.append({"label": every, "path": asked.address(), "kind": ""})
    answer = jsonify(rows=found, told=told or _("No suggestions"))
    answer.cache_control.public = True
    answer.cache_control.max_age = 60
    return answer


def _found(asked: Asked) -> list[dict[str, Any]]:
    query = asked.query()
    try:
        # Some to spare: what is not visible any more is left out.
        hits = platform.search.suggest(asked.words, query, SIZE + 2)
    except SearchUnavailable:
        return []
    seen = visible(((hit.id, hit.unit_id) for hit in hits), wide=asked.wide)
    items = translations.once(seen[hit.id][0] for hit in hits if hit.id in seen)[:SIZE]
    return [
        {
            "label": item.title,
            "path": address_of(item),
            "kind": _told(item),
        }
        for item in items
    ]


def _told(item: Item) -> str:
    """Return what stands below a title: of which type an entry is, and what it is about."""
    told = str(platform.types[item.type].label), text.excerpt(item.summary or "", EXCERPT)
    return ": ".join(filter(None, told))
