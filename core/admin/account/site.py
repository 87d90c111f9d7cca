"""The site as browsers name it when they make and use passkeys."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import request

from hoitu.core.extensions import platform
from hoitu.core.web.site import host_name


def host() -> str:
    """Return the host name for which passkeys are made and asked."""
    return host_name().lower()


def origin() -> str:
    """Return scheme, host and port of the pages on which that is done, as browsers see them."""
    if platform.config.demo_hosts:
        scheme, place = urlsplit(request.host_url)[:2]
        return f"{scheme}://{place}"
    return f"{platform.config.base_url}{request.host}"
