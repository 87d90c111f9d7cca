"""The effect of a document in search: told by its dates and the clock."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from hoitu.core.clock import FrozenClock
from hoitu.core.extensions import Platform
from hoitu.core.search import SearchQuery


def test_the_effect_follows_the_calendar(
    platform: Platform,
    publish: Callable[..., int],
    document: Callable[..., dict[str, Any]],
    drain: Callable[[], None],
    clock: FrozenClock,
) -> None:
    def effects() -> dict[str, int]:
        return dict(platform.search.search(SearchQuery("hội tụ")).facets.get("effect", {}))

    today = clock.today()
    publish("legal_document", **document("1/KH-UBND"))
    later = {"effective_on": today + timedelta(days=3), "expires_on": today + timedelta(days=9)}
    publish("legal_document", **{**document("2/KH-UBND"), **later})
    drain()
    assert effects() == {"in_force": 1, "not_yet": 1}
    clock.move(timedelta(days=2))
    drain()
    assert effects() == {"in_force": 1, "not_yet": 1}
    clock.move(timedelta(days=1))
    drain()
    assert effects() == {"in_force": 2}
    ended = SearchQuery("hội tụ", facets={"effect": "expired"})
    assert platform.search.search(ended).total == 0
    clock.move(timedelta(days=6))
    drain()
    assert effects() == {"in_force": 1, "expired": 1}
    assert platform.search.search(ended).total == 1
