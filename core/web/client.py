"""The client: from which address and network a request comes, and whether a program sent it."""

from __future__ import annotations

from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address

import crawleruseragents
from flask import request

#: IPv6 in groups of four digits, up to the /64 that one household has.
_HOUSEHOLD = len("2001:0db8:0000:0000")
#: Longest name of a browser that is looked at.
_AGENT = 400


def client_address() -> str:
    """Return the address of the browser: behind a proxy of ours, what that one saw last.

    A proxy of ours has a private address; what anybody else says in ``X-Forwarded-For`` is not
    believed. '' where the address is not known.
    """
    return str(_client() or "")


def client_network() -> str:
    """Return what a limit counts as one network: an IPv4 address, or the /64 of an IPv6 one."""
    found = _client()
    return found.exploded[:_HOUSEHOLD] if isinstance(found, IPv6Address) else str(found or "")


def is_robot(agent: str) -> bool:
    """Say whether the name of a browser (``User-Agent``) is none: empty, or that of a program."""
    return _is_robot(agent[:_AGENT])


@lru_cache(maxsize=4096)
def _is_robot(agent: str) -> bool:
    return not agent or bool(crawleruseragents.is_crawler(agent))


def _client() -> IPv4Address | IPv6Address | None:
    direct = _read(request.remote_addr or "")
    if direct is not None and not direct.is_private:
        return direct
    return _read(next(reversed(request.access_route), "")) or direct


def _read(written: str) -> IPv4Address | IPv6Address | None:
    try:
        found = ip_address(written)
    except ValueError:
        return None
    # A server that listens on both kinds writes IPv4 as IPv6.
    return found.ipv4_mapped or found if isinstance(found, IPv6Address) else found
