"""Buttons with which an administrator puts things in order: up, down, leave out, take in again.

The menu and the home page are ordered in the same way: every button is named after what it does and
has the key of the thing as its value. After each step one goes on at the same button.
"""

from __future__ import annotations

from collections.abc import Container, Sequence
from typing import Any

from flask import request

#: What can be done with an entry: names of the buttons.
ACTS = UP, DOWN, LEAVE_OUT, TAKE_IN = "up", "down", "leave-out", "take-in"
#: Parameter: the entry that was just moved.
MOVED = "vua-chuyen"


def pressed(keys: Container[str], acts: Sequence[str] = ACTS) -> tuple[str, str]:
    """Return the button that was pressed and the key of its entry; ('', '') for none of these."""
    act = next((name for name in acts if request.form.get(name) in keys), "")
    return act, request.form.get(act, "") if act else ""


def swap(keys: list[str], place: int) -> None:
    """Change the entry at a place with the one after it; at either end nothing moves."""
    if 0 <= place < len(keys) - 1:
        keys[place], keys[place + 1] = keys[place + 1], keys[place]


def move(keys: list[str], act: str, key: str) -> None:
    """Move an entry up or down by one place."""
    swap(keys, keys.index(key) - (act == UP))


def go_on_at(act: str, key: str, keys: Sequence[str]) -> dict[str, Any]:
    """Return what leads back to the button to go on with: the same, unless the entry is at an end.

    They are arguments of ``url_for``.
    """
    if act in (UP, DOWN):
        ends = {UP: keys[0], DOWN: keys[-1]}
        button = act if key != ends[act] else {UP: DOWN, DOWN: UP}[act]
    else:
        button = "shown"
    return {MOVED: key, "_anchor": f"{button}-{key}"}
