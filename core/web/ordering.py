"""Orders a unit chooses for what plugins contribute: headings of the menu, blocks of the home page.

An order is kept as keys, one a line. It outlives what it names: keys nobody contributes any more
are passed over, and what came later stands where its weight puts it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

T = TypeVar("T")


def in_order(found: Iterable[T], key: Callable[[T], str], chosen: Sequence[str]) -> list[T]:
    """Return entries, given by weight, in the chosen order of their keys.

    One whose key is not in the order follows the one before it.
    """
    places = {name: place for place, name in enumerate(chosen)}
    place, ranked = -1, []
    for entry in found:
        place = places.get(key(entry), place)
        ranked.append((place, entry))
    return [entry for _place, entry in sorted(ranked, key=lambda pair: pair[0])]
