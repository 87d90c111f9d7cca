"""A remark of the platform itself above a page of a site, such as that it is a preview only."""

from __future__ import annotations

from typing import Any

from flask import g

from hoitu.core.web.contributions import Panel

#: The slot of the theme in which the remark stands.
SLOT = "header"


def announce(template: str, **values: Any) -> None:
    """Put a remark above the page of this request; ``template`` finds ``values`` in the panel."""
    g.hoitu_banner = Panel("banner", "", template, values)


def banners(slot: str) -> list[Panel]:
    """Return the remark for a slot of this request, if there is one."""
    return [g.hoitu_banner] if slot == SLOT and "hoitu_banner" in g else []
