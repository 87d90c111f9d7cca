"""Which pages can be listened to."""

from __future__ import annotations

import re
from itertools import islice

from flask_babel import gettext as _

from hoitu.core.content import Item
from hoitu.core.web import Panel

#: A text with fewer words is read faster than its control.
WORDS = 60
_WORD = re.compile(r"<[^>]*>|(\w+)")


def control(item: Item) -> list[Panel]:
    """Return the control for a public text of some length, none for others."""
    if not is_long(item.body or ""):
        return []
    return [
        Panel(
            "read_aloud",
            _("Listen to this page"),
            "read_aloud/control.html",
            {"tongue": item.language},
            weight=900,
        )
    ]


def offer() -> list[Panel]:
    """Return what the accessibility statement says of it."""
    return [Panel("read_aloud", _("Listen to this page"), "read_aloud/offer.html")]


def is_long(html: str) -> bool:
    """Say whether a text has words enough; only its beginning is looked at."""
    words = (match for match in _WORD.finditer(html) if match[1])
    return next(islice(words, WORDS - 1, None), None) is not None
