"""The site of the request: which unit, which language, which day, and links between sites."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from datetime import date, datetime
from typing import Any, TypeVar, cast
from urllib.parse import urlsplit

from flask import Flask, abort, g, has_request_context, request
from werkzeug.exceptions import HTTPException, NotFound
from werkzeug.routing import IntegerConverter, Map
from werkzeug.wrappers import Response

from hoitu.core import i18n
from hoitu.core.content import Item, item_path
from hoitu.core.extensions import platform, session
from hoitu.core.settings.refresh import refresh
from hoitu.core.units import Unit
from hoitu.core.units.scope import enter_scope, leave_scope

#: Endpoints that answer on any host name, without a unit.
UNITLESS = frozenset({"health.healthz", "health.readyz", "assets.asset"})
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


T = TypeVar("T")


class Key(IntegerConverter):
    """A number in an address; one that no database key can hold leads to no page."""

    def __init__(self, map: Map, max: int = 2**63 - 1, **options: Any) -> None:
        super().__init__(map, max=max, **options)


class UnknownHost(Exception):
    """No unit's site answers on the requested host name."""


def init_app(app: Flask) -> None:
    """Resolve the unit of each request before anything else, and forget it afterwards."""
    app.url_map.converters["int"] = Key
    app.before_request(open_site)
    app.teardown_request(_close_site)


def open_site() -> Response | None:
    """Find the unit behind the host name and restrict the request to it."""
    g.hoitu_reads_only = request.method in SAFE_METHODS
    if request.endpoint in UNITLESS:
        return None
    # The body is received before the transaction begins: a slow upload must not hold its lock.
    refusal = None if g.hoitu_reads_only else _receive_form()
    g.hoitu_kept = refresh(platform, session())
    unit = platform.units.by_host(host_name())
    if unit is None or not unit.has_site:
        raise UnknownHost(request.host)
    g.unit = unit
    enter_scope(unit.id)
    if refusal is not None:
        raise refusal
    # PostgreSQL takes no text with a NUL in it, and no address of the site has one.
    if "\0" in request.path:
        raise NotFound
    return None


def _receive_form() -> HTTPException | None:
    """Read the form; return why it was refused, to be told in the frame of the site."""
    try:
        len(request.form)
    except HTTPException as error:
        return error
    return None


def host_name() -> str:
    """Return the host name of the request without its port."""
    name, colon, port = request.host.rpartition(":")
    return name if colon and port.isdigit() else request.host


def active_unit() -> Unit:
    """Return the unit whose site is addressed; 404 outside a site."""
    if "unit" not in g:
        abort(404)
    return cast("Unit", g.unit)


def today() -> date:
    """Return the day of the request in Vietnam."""
    if "hoitu_today" not in g:
        g.hoitu_today = platform.clock.today()
    return cast("date", g.hoitu_today)


def now() -> datetime:
    """Return the instant of the request: every query of one page sees the same."""
    if "hoitu_now" not in g:
        g.hoitu_now = platform.clock.now()
    return cast("datetime", g.hoitu_now)


def kept(key: Hashable, compute: Callable[[], T]) -> T:
    """Return what ``compute`` gives; its result is kept for the site and language of the request.

    It is kept until anything is published or configured, and for a minute at most. It must depend
    on nothing else: not on the path of the request, nor on who asks. It is not kept when a plugin
    failed while contributing to it, when the request may have written, nor under a host name that
    is only accepted: visitors choose those.
    """
    own = (g.unit.id, request.root_url, key)
    found = cast("T | None", g.hoitu_kept.find(own))
    if found is None:
        lost = platform.hooks.lost
        found = compute()
        if platform.hooks.lost == lost and g.hoitu_reads_only and is_own_host():
            g.hoitu_kept.store(own, found)
    return found


def is_own_host() -> bool:
    """Say whether the site is asked for under its own host name, not one that is only accepted.

    Visitors choose those: what is made for one of them is not for others.
    """
    return platform.config.demo_hosts or request.host == active_unit().host(today())


def content_state() -> int:
    """Return the number that every change of content moves, as the request sees it.

    What is read under it is true for as long as it stands still, at all sites.
    """
    return cast("int", g.hoitu_kept.state.content)


def language() -> str:
    """Return the language of the request, from the prefix of its path."""
    if not has_request_context():
        return i18n.DEFAULT
    return cast("str", request.environ.get(i18n.ENVIRON_KEY, i18n.DEFAULT))


def path_in(wanted: str) -> str:
    """Return the path and query of the present page in another language."""
    query = request.query_string.decode("utf-8", "replace")
    return i18n.prefix(wanted) + request.path + (f"?{query}" if query else "")


def is_local(path: str) -> bool:
    """Say whether a path leads to a page of this very site, whatever a browser makes of it.

    One with a place on that page is refused: servers never see such paths.
    """
    if not path.startswith("/") or not path.isprintable() or "\\" in path:
        return False
    try:
        parts = urlsplit(path)
    except ValueError:
        return False
    return not path.startswith("//") and not (parts.scheme or parts.netloc or parts.fragment)


def unit_address(unit: Unit) -> str:
    """Return the address of a unit's home page, or its external website, or ''."""
    if not unit.has_site:
        return unit.website
    suffix = request.host[len(host_name()) :]
    if platform.config.demo_hosts:
        host = "localhost" if unit == platform.units.province() else f"{unit.slug}.localhost"
        return f"{request.scheme}://{host}{suffix}/"
    host = unit.host(today()) or ""
    return f"{platform.config.base_url}{host}/" if host else ""


def path_of(item: Item) -> str:
    """Return the path of an item on a site: that of a translation is in its own language."""
    kind = platform.types.get(item.type)
    path = kind.path(item) if kind else item_path(item)
    if not item.is_translation or item.language == language():
        return path
    return i18n.prefix(item.language) + path.removeprefix(request.script_root)


def address_of(item: Item) -> str:
    """Return the canonical path of an item, or its full address at the unit that owns it."""
    path = path_of(item)
    if "unit" in g and item.unit_id == g.unit.id:
        return path
    owner = platform.units.by_id(item.unit_id)
    return unit_address(owner).rstrip("/") + path if owner else path


def _close_site(_error: BaseException | None) -> None:
    leave_scope()
