"""The page of results: own unit first, one click to the whole province."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from flask import Response, g, make_response, render_template, url_for
from flask_babel import gettext as _
from markupsafe import Markup

from hoitu.core import text
from hoitu.core.access import public
from hoitu.core.content import Item
from hoitu.core.extensions import platform
from hoitu.core.search import SearchHit, SearchResults, SearchUnavailable
from hoitu.core.web import translations
from hoitu.core.web.chrome import crumbs
from hoitu.core.web.menus import Link, every_heading
from hoitu.core.web.pages import requirement_path
from hoitu.core.web.searching.asking import LAST_PAGE, SIZE, Asked, asked
from hoitu.core.web.searching.blueprint import blueprint
from hoitu.core.web.searching.facets import chips, facets
from hoitu.core.web.searching.noting import note
from hoitu.core.web.searching.permitted import visible
from hoitu.core.web.site import address_of, kept, language, today

#: With no more own results than these the visitor is told how many the province has.
FEW = 5
#: Headings of the site that are named to somebody who found nothing.
HEADINGS = 5
#: Key of the duty under which visitors may put a question to the unit.
QUESTIONS = "questions_answers"


@dataclass(frozen=True, slots=True)
class Found:
    """A hit that the visitor may see, with its address and origin."""

    item: Item
    address: str
    snippet: Markup
    kind: Any
    unit_name: str
    in_attachment: bool


@blueprint.get("/tim-kiem")
@public
def results() -> Response:
    """Show the search form and, for ``?q=``, what was found."""
    wanted, unavailable = asked(), ""
    found, elsewhere = SearchResults(), 0
    if wanted.words:
        try:
            found = _search(wanted)
            elsewhere = _in_the_province(wanted, found)
        except SearchUnavailable:
            unavailable = _("Search is not available at the moment. Please browse the sections.")
    pages = min(-(-found.total // SIZE), LAST_PAGE)
    body = render_template(
        "web/search.html",
        asked=wanted,
        results=found,
        hits=_shown(found.hits, wanted.wide),
        facets=facets(wanted, found),
        chips=chips(wanted),
        pages=pages,
        elsewhere=elsewhere,
        unavailable=unavailable,
        help=Help.about(wanted.words) if wanted.words and not found.total else None,
        crumbs=crumbs((_("Search"), url_for("search.results"))),
    )
    answer = make_response(body, 503 if unavailable else 200)
    if wanted.words and not unavailable and not found.total and not wanted.is_narrowed:
        note(answer, wanted.words)
    return answer


def _search(wanted: Asked) -> SearchResults:
    found = platform.search.search(wanted.query())
    if found.corrected and wanted.literal:
        # The visitor has seen what was found instead, and wants the words as typed.
        return replace(found, hits=(), total=0, facets={}, corrected=False)
    return found


def _in_the_province(wanted: Asked, found: SearchResults) -> int:
    """Return how many results wait in the province for somebody who has few or none here."""
    if wanted.wide or wanted.page > 1 or found.total > FEW:
        return 0
    query = replace(wanted.query(wide=True, limit=1), correct=False)
    there = platform.search.search(query)
    if not there.total and found.corrected:
        there = platform.search.search(replace(query, text=found.correction))
    return there.total


def _shown(hits: Sequence[SearchHit], wide: bool) -> list[Found]:
    seen = visible(((hit.id, hit.unit_id) for hit in hits), wide=wide)
    told = {item.id for item in translations.once(item for item, _unit in seen.values())}
    return [_present(hit, *seen[hit.id]) for hit in hits if hit.id in told]


def _present(hit: SearchHit, item: Item, unit: Any) -> Found:
    kind = platform.types[item.type]
    return Found(
        item=item,
        address=address_of(item),
        snippet=hit.snippet,
        kind=kind.label,
        unit_name=unit.name(today(), language()),
        in_attachment=hit.in_attachment,
    )


@dataclass(frozen=True, slots=True)
class Help:
    """What is offered to somebody who found nothing."""

    headings: Sequence[Link]
    #: Where a question may be put to the unit; '' = nowhere.
    questions: str

    @classmethod
    def about(cls, words: str) -> Help:
        """Return what may help somebody who looked for words."""
        return cls(_headings(words), kept("search-questions", _questions))


def _headings(words: str) -> list[Link]:
    """Return the headings of the site that have the most words in common with others."""
    wanted = set(text.words(words))
    enough = min(2, len(wanted))
    links = [
        link for top in kept("search-headings", every_heading) for link in (top, *top.children)
    ]
    shared = {link.path: len(wanted & set(text.words(link.label))) for link in links}
    fitting = {link.path: link for link in links if shared[link.path] >= enough > 0}
    return sorted(fitting.values(), key=lambda link: -shared[link.path])[:HEADINGS]


def _questions() -> str:
    for kind in platform.types:
        on = platform.switchboard.section_on
        if QUESTIONS in kind.requirements and on(g.unit, kind.section, QUESTIONS):
            return requirement_path(kind.section, QUESTIONS)
    return ""
