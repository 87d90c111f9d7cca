"""Whether an address answers: one question to another site, asked with care.

An editor may enter any address, so it is looked up first, and only what is permitted is asked. The
connection goes to the very address that was looked up; redirects are followed by the same rules.
"""

from __future__ import annotations

import socket
import ssl
import string
from collections.abc import Callable, Collection
from contextlib import suppress
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from ipaddress import IPv4Address, IPv6Address, ip_address
from threading import Timer
from urllib.parse import SplitResult, quote, urljoin, urlsplit

#: Says whether a host at a port with this IP address may be asked.
Permits = Callable[[str, int, str], bool]
PORTS = {"http": 80, "https": 443}
#: First 96 bits of addresses that hold an IPv4 address: compatible ones, and the NAT64 prefix.
EMBEDDING = frozenset({0, int(IPv6Address("64:ff9b::")) >> 32})
HOPS = 5
#: An answer takes at most so many times the time of one step: slow servers send byte by byte.
STEPS = 3
AGENT = "HoiTu-LinkCheck/1"
#: Answers of sites that are there, though not for programs, or not without signing in.
PRESENT = frozenset({401, 403, 405, 406, 429})
#: Names that belong to nobody (RFC 2606): samples.
SAMPLES = (".example", ".invalid", ".test")


class NotAsked(Exception):
    """The address may not be asked; nothing is known of it."""


class Broken(Exception):
    """The address does not lead to a page; ``str`` gives the key of the problem."""


def public_only(own_hosts: Collection[str]) -> Permits:
    """Return the rule of the platform: public addresses, and its own sites wherever they run."""

    def permits(host: str, port: int, address: str) -> bool:
        found = ip_address(address)
        if isinstance(found, IPv6Address):
            found = found.ipv4_mapped or found.sixtofour or _translated(found) or found
        if found.is_global and not found.is_multicast:
            return True
        return host in own_hosts and port in PORTS.values()

    return permits


def _translated(address: IPv6Address) -> IPv4Address | None:
    """Return the IPv4 address that a NAT64 or an IPv4-compatible address leads to (RFC 6052)."""
    return IPv4Address(int(address) & 0xFFFFFFFF) if int(address) >> 32 in EMBEDDING else None


def is_sample(address: str) -> bool:
    """Say whether an address has a name that nobody can own."""
    return (urlsplit(address).hostname or "").endswith(SAMPLES)


@dataclass(frozen=True, slots=True)
class Checker:
    """Asks addresses; ``timeout`` is of each step, in seconds."""

    permits: Permits
    timeout: float = 5

    def check(self, address: str) -> str:
        """Return '' when the address answers, else the key of what is wrong.

        :raises NotAsked: the address, or one it leads to, may not be asked.
        """
        try:
            self._follow(address)
        except Broken as problem:
            return str(problem)
        return ""

    def _follow(self, address: str) -> None:
        for _hop in range(HOPS):
            status, location = self._answer(address)
            if 300 <= status < 400 and location:
                address = _joined(address, location)
            elif not status:
                raise Broken("connection")
            elif status < 400 or status in PRESENT:
                return
            else:
                raise Broken("missing" if status in (404, 410) else "error")
        raise Broken("redirect")

    def _answer(self, address: str) -> tuple[int, str]:
        """Return status and redirection; many servers know only GET, some cut HEAD off."""
        try:
            parts = urlsplit(address)
            port = parts.port or PORTS.get(parts.scheme, 0)
        except ValueError as error:
            raise Broken("name") from error
        if not port or not parts.hostname:
            raise Broken("redirect")
        place = self._look_up(_ascii_host(parts).rstrip("."), port)
        status, location = self._ask("HEAD", parts, place)
        return (status, location) if 0 < status < 400 else self._ask("GET", parts, place)

    def _look_up(self, host: str, port: int) -> tuple[str, int]:
        try:
            entries = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            raise Broken("name") from error
        found = [str(entry[4][0]).partition("%")[0] for entry in entries]
        if not found or not all(self.permits(host, port, address) for address in found):
            raise NotAsked(host)
        return found[0], port

    def _ask(self, method: str, parts: SplitResult, place: tuple[str, int]) -> tuple[int, str]:
        """Return status and redirection; status 0: the server broke off."""
        host = _ascii_host(parts)
        connection = HTTPConnection(host, place[1], timeout=self.timeout)
        limit = Timer(self.timeout * STEPS, _cut, (connection,))
        limit.daemon = True
        name = f"[{host}]" if ":" in host else host
        headers = {
            "Host": f"{name}:{parts.port}" if parts.port else name,
            "User-Agent": AGENT,
            "Accept": "*/*",
            "Connection": "close",
        }
        try:
            target = _ascii_target(parts)
            connection.sock = socket.create_connection(place, self.timeout)
            limit.start()
            if parts.scheme == "https":
                context = ssl.create_default_context()
                connection.sock = context.wrap_socket(connection.sock, server_hostname=host)
            connection.request(method, target, headers=headers)
            response = connection.getresponse()
            return response.status, _as_meant(response.headers.get("Location", ""))
        except HTTPException:
            return 0, ""
        except TimeoutError as error:
            raise Broken("timeout") from error
        except ssl.SSLError as error:
            raise Broken("certificate") from error
        except UnicodeError as error:
            # Our own trouble with its letters, not the site's.
            raise NotAsked(host) from error
        except (OSError, ValueError) as error:
            raise Broken("connection") from error
        finally:
            limit.cancel()
            connection.close()


def _ascii_host(parts: SplitResult) -> str:
    """Return the name of a host as it goes over the wire: in ASCII.

    :raises NotAsked: it has letters that cannot be written so; newer programs may know how.
    """
    host = (parts.hostname or "").lower()
    if host.isascii():
        return host
    try:
        return host.encode("idna").decode("ascii")
    except UnicodeError as error:
        raise NotAsked(host) from error


def _ascii_target(parts: SplitResult) -> str:
    """Return path and query as browsers send them; what is escaped already stays as it is."""
    query = f"?{parts.query}" if parts.query else ""
    return quote(f"{parts.path or '/'}{query}", safe=string.punctuation)


def _joined(address: str, location: str) -> str:
    """Return where a redirection leads; some servers send what is no address at all."""
    try:
        return urljoin(address, location)
    except ValueError as error:
        raise Broken("redirect") from error


def _as_meant(location: str) -> str:
    """Return the address of a redirection: letters beyond ASCII are sent as UTF-8."""
    try:
        return location.encode("latin-1").decode()
    except UnicodeError:
        return location


def _cut(connection: HTTPConnection) -> None:
    """End a connection whose answer takes too long; the reader then meets its end."""
    with suppress(OSError, AttributeError):
        connection.sock.shutdown(socket.SHUT_RDWR)
