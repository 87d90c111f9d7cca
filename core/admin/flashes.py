"""Many messages at once: as many as the session's cookie carries, and how many there are besides.

A browser drops a cookie that is too long, and with it the whole session: whoever sent a folder of
two hundred refused files would be signed out instead of told.
"""

from __future__ import annotations

from collections.abc import Sequence

from flask import flash
from flask_babel import gettext as _

from hoitu.core.text import excerpt

#: Category of a message that something was not done; that of all others is Flask's own.
PROBLEM = "problem"
#: Most messages that are told, characters of one, and of all of them together.
MOST, LONGEST, ROOM = 10, 300, 1_200


def flash_some(messages: Sequence[str], category: str = "message") -> None:
    """Flash the first messages and, where there are more than fit, how many more."""
    room, told = ROOM, 0
    for message in messages[:MOST]:
        short = excerpt(message, LONGEST)
        if told and len(short) > room:
            break
        flash(short, category)
        room -= len(short)
        told += 1
    if len(messages) > told:
        flash(_("and %(n)d more", n=len(messages) - told), category)
