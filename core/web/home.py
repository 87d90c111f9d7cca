"""The home page of a unit: blocks contributed by its sections, put together in bands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from flask import Blueprint, g, render_template
from markupsafe import Markup

from hoitu.core.access import public
from hoitu.core.web.chrome import draw, slot
from hoitu.core.web.home_order import columns
from hoitu.core.web.site import kept

blueprint = Blueprint("home", __name__, template_folder="templates")

#: Blocks beside a large one.
BESIDE = 2
#: Blocks of a row beside the narrow column, whose own blocks are shorter: so many stand beside two
#: rows.
IN_A_ROW, SIDE_PER_TWO_ROWS = 2, 3


@dataclass(slots=True)
class Band:
    """A stripe of the page over its whole width.

    ``kind`` is `lead` (a large block, others beside it), `wide` (one block) or `grid`.
    """

    kind: str
    main: list[Markup] = field(default_factory=list)
    side: list[Markup] = field(default_factory=list)


@blueprint.get("/")
@public
def index() -> str:
    """Show the home page."""
    return render_template("web/home.html", bands=kept("home", _drawn))


def bands(main: Sequence[tuple[str, Markup]], side: Sequence[Markup]) -> list[Band]:
    """Return the stripes of a page from (size, block) pairs in order and the narrow column.

    The narrow column stands beside the longest grid. Neither is longer than the other: what either
    has too much comes below both, in rows of its own.
    """
    found: list[Band] = []
    for size, block in main:
        last = found[-1] if found else None
        if size == "large" and not any(band.kind == "lead" for band in found):
            found.append(Band("lead", [block]))
        elif size == "wide":
            found.append(Band("wide", [block]))
        elif last and last.kind == "lead" and len(last.side) < BESIDE:
            last.side.append(block)
        elif last and last.kind == "grid":
            last.main.append(block)
        else:
            found.append(Band("grid", [block]))
    return _with_side(found, list(side))


def _with_side(found: list[Band], side: list[Markup]) -> list[Band]:
    """Put the narrow column beside the longest grid, or into a grid of its own."""
    grids = [band for band in found if band.kind == "grid"]
    longest = max(grids, key=lambda band: len(band.main), default=None)
    if not side:
        return found
    if longest is None:
        return [*found, Band("grid", side)]
    rows = min(-(-len(longest.main) // IN_A_ROW), len(side))
    places = max(1, rows * SIDE_PER_TWO_ROWS // 2)
    rest = longest.main[rows * IN_A_ROW :] + side[places:]
    longest.main, longest.side = longest.main[: rows * IN_A_ROW], side[:places]
    if rest:
        # One block alone looks lost in a grid.
        kind = "grid" if len(rest) > 1 else "wide"
        found.insert(found.index(longest) + 1, Band(kind, rest))
    return found


def _drawn() -> list[Band]:
    wide, narrow = columns(g.unit)
    main = [(panel.size, block) for panel in wide if (block := draw(panel))]
    side = [block for panel in (*narrow, *slot("sidebar")) if (block := draw(panel))]
    return bands(main, side)
