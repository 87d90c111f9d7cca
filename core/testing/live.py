"""The demonstration, served by a process of its own: for browsers that look at it."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import Request, urlopen

START_SECONDS = 60
COMMAND = Path(sys.executable).parent / "hoitu"


@dataclass(frozen=True)
class SignIn:
    """What an account of the demonstration signs in with."""

    email: str
    password: str


@dataclass(frozen=True)
class LiveSite:
    """The demonstration, answering on this machine. Accounts are by role."""

    port: int
    accounts: dict[str, SignIn]
    environment: dict[str, str]

    def address(self, slug: str | None = None) -> str:
        """Return the address of a unit's site without a final slash; None is the province."""
        host = f"{slug}.localhost" if slug else "localhost"
        return f"http://{host}:{self.port}"

    def newest(self, type_name: str, slug: str | None = None) -> str | None:
        """Return the address of the newest item of a type at a unit, None while there is none."""
        found = self._ask(type_name, slug)["items"]
        return str(found[0]["url"]) if found else None

    def types(self, slug: str | None = None) -> list[str]:
        """Return the content types that a unit publishes."""
        paths = self._ask("openapi.json", slug)["paths"]
        return [path.strip("/") for path in paths if "{" not in path]

    def run(self, *arguments: str) -> None:
        """Run a command of the operator.

        :raises subprocess.CalledProcessError: it failed.
        """
        subprocess.run(  # noqa: S603 (our own command)
            [COMMAND, *arguments], env=self.environment, check=True, stdout=subprocess.DEVNULL
        )

    @contextmanager
    def themed(self, theme: str) -> Iterator[None]:
        """Show every site that chose no theme itself in this one meanwhile."""
        self.run("setting", "set", "core.look.theme", theme)
        try:
            yield
        finally:
            self.run("setting", "set", "core.look.theme", "")

    def _ask(self, path: str, slug: str | None) -> dict[str, Any]:
        # Only browsers know by themselves that every name below localhost is this machine.
        host = self.address(slug).removeprefix("http://")
        request = Request(f"http://127.0.0.1:{self.port}/api/v1/{path}", headers={"Host": host})
        with urlopen(request) as answer:  # noqa: S310 (our own server)
            return dict(json.load(answer))


@contextmanager
def served_demo(
    instance: Path, port: int | None = None, more: Mapping[str, str] | None = None
) -> Iterator[LiveSite]:
    """Load the demonstration into an empty folder and serve it, with ``more`` in the environment.

    :raises RuntimeError: the server did not start; the message is its log.
    """
    environment = {k: v for k, v in os.environ.items() if not k.startswith("HOITU_")} | {
        "HOITU_INSTANCE": str(instance),
        "HOITU_DEMO_HOSTS": "true",
        "HOITU_SECURE_COOKIES": "false",
        "HOITU_SECOND_FACTOR": "none",
        **(more or {}),
    }
    subprocess.run(  # noqa: S603 (our own command)
        [COMMAND, "demo", "--no-serve"], env=environment, check=True
    )
    port = port or free_port()
    log = instance / "server.log"
    with log.open("wb") as output:
        server = subprocess.Popen(  # noqa: S603 (our own command)
            [COMMAND, "serve", "--port", str(port)],
            env=environment, stdout=output, stderr=subprocess.STDOUT,
        )  # fmt: skip
    try:
        _wait_until_ready(server, port, log)
        yield LiveSite(port, _accounts(instance / "demo-sign-in.txt"), environment)
    finally:
        server.terminate()
        server.wait(timeout=30)


def free_port() -> int:
    """Return a port of this machine nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_until_ready(server: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and server.poll() is None:
        try:
            with urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5):
                return
        except (URLError, ConnectionError, TimeoutError):
            time.sleep(0.2)
    raise RuntimeError(f"the server did not start:\n{log.read_text(errors='replace')}")


def _accounts(sign_in_file: Path) -> dict[str, SignIn]:
    lines = [line.split() for line in sign_in_file.read_text("utf-8").splitlines()]
    return {role: SignIn(email, password) for role, email, password in lines}
