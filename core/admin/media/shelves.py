"""The page of the library: what the unit has, and what the province offers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import g, render_template, request, url_for

from hoitu.core.access import requires
from hoitu.core.admin.blueprint import blueprint
from hoitu.core.admin.media import answers, province
from hoitu.core.admin.media.choosing import key, words
from hoitu.core.admin.media.holding import held
from hoitu.core.admin.media.sending import demand_use
from hoitu.core.content.files import ALLOWED
from hoitu.core.extensions import platform, session
from hoitu.core.media import library, shared, usage
from hoitu.core.web.site import today

#: Files of one page.
SIZE = 36
#: Names of parameters, and the values that choose the province and the list.
KIND, WORDS, BEFORE, AFTER, FROM, VIEW = "loai", "q", "truoc", "sau", "cua", "xem"
PROVINCE, LIST = "tinh", "danh-sach"


@dataclass(frozen=True, slots=True)
class Shelf:
    """What the page shows of a library."""

    cards: list[answers.Card]
    older: str
    newer: str


@blueprint.get("/thu-vien")
@requires("core.desk")
def media() -> str:
    """Show one page of the library, the newest first."""
    demand_use()
    of_province = request.args.get(FROM) == PROVINCE
    return render_template(
        "desk/media/shelves.html",
        shelf=_offered() if of_province else _own(),
        of_province=of_province,
        provides=province.provides(),
        path_of=province.path_of,
        kinds=_kinds(of_province),
        kind=_kind(),
        words=words(),
        in_list=request.args.get(VIEW) == LIST,
        grid=_address(**{VIEW: None}),
        listed=_address(**{VIEW: LIST}),
        limit=platform.config.upload_limit_mb,
        accepted=",".join(ALLOWED),
    )


def _own() -> Shelf:
    kind = _kind()
    free = usage.unused(session(), g.unit.id, held()) if kind == library.UNUSED else None
    chosen = library.narrowed(kind, words(), unused=free)
    page = library.page(session(), chosen, before=key(BEFORE), after=key(AFTER), size=SIZE)
    return _shelf(page, answers.cards(page.files))


def _offered() -> Shelf:
    page = shared.page(
        platform, today(), _kind(), words(), before=key(BEFORE), after=key(AFTER), size=SIZE
    )
    return _shelf(page, province.cards(page.files))


def _shelf(page: library.Files | shared.Page, cards: list[answers.Card]) -> Shelf:
    return Shelf(
        cards,
        older=_address(**{BEFORE: page.older}) if page.older is not None else "",
        newer=_address(**{AFTER: page.newer}) if page.newer is not None else "",
    )


def _kinds(of_province: bool) -> dict[str, Any]:
    """Return what the list may be narrowed to; how an offered file is used is its owner's."""
    own = (library.UNDESCRIBED, library.UNUSED)
    return {k: label for k, label in library.KINDS.items() if not (of_province and k in own)}


def _kind() -> str:
    chosen = request.args.get(KIND, "")
    return chosen if chosen in _kinds(request.args.get(FROM) == PROVINCE) else ""


def _address(**changed: Any) -> str:
    """Return the address of the list as it is chosen, from its beginning, with changes."""
    kept = {name: request.args.get(name) for name in (FROM, KIND, VIEW)}
    return url_for("desk.media", **{**kept, WORDS: words() or None, **changed})
