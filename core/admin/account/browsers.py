"""Browsers in a few words, so that people recognise their own in a list."""

from __future__ import annotations

from typing import Final

from flask import request

#: What the name of a browser (``User-Agent``) has in it, and what that is called; in this order, as
#: browsers pass themselves off as one another.
_BROWSERS: Final = (
    ("coc_coc_browser", "Coc Coc"), ("Edg", "Edge"), ("OPR/", "Opera"),
    ("SamsungBrowser", "Samsung"), ("Firefox/", "Firefox"), ("FxiOS/", "Firefox"),
    ("CriOS/", "Chrome"), ("Chrome/", "Chrome"), ("Safari/", "Safari"),
)  # fmt: skip
_SYSTEMS: Final = (
    ("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows"),
    ("Mac OS X", "macOS"), ("CrOS", "ChromeOS"), ("Linux", "Linux"),
)  # fmt: skip


def browser() -> str:
    """Return browser and system of the request, `Firefox, Windows`; '' when it says neither."""
    agent = request.user_agent.string
    known = (
        next((name for mark, name in names if mark in agent), "") for names in (_BROWSERS, _SYSTEMS)
    )
    return ", ".join(filter(None, known))
