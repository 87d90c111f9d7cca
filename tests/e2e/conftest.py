"""A served demonstration and a browser, once per session."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.error import URLError
from urllib.request import urlopen

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser

START_SECONDS = 60


@dataclass(frozen=True)
class SignIn:
    email: str
    password: str


@dataclass(frozen=True)
class LiveSite:
    """The demonstration, answering on this machine. Accounts are by role."""

    port: int
    accounts: dict[str, SignIn]

    def address(self, slug: str | None = None) -> str:
        """Return the address of a unit's site without a final slash; None is the province."""
        host = f"{slug}.localhost" if slug else "localhost"
        return f"http://{host}:{self.port}"


@pytest.fixture(scope="session")
def live_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveSite]:
    instance = tmp_path_factory.mktemp("live") / "instance"
    command = Path(sys.executable).parent / "hoitu"
    environment = {k: v for k, v in os.environ.items() if not k.startswith("HOITU_")} | {
        "HOITU_INSTANCE": str(instance),
        "HOITU_DEMO_HOSTS": "true",
        "HOITU_SECURE_COOKIES": "false",
    }
    subprocess.run([command, "demo", "--no-serve"], env=environment, check=True)
    port = _free_port()
    log = instance / "server.log"
    with log.open("wb") as output:
        server = subprocess.Popen(
            [command, "serve", "--port", str(port)],
            env=environment, stdout=output, stderr=subprocess.STDOUT,
        )  # fmt: skip
    try:
        _wait_until_ready(server, port, log)
        yield LiveSite(port, _accounts(instance / "demo-sign-in.txt"))
    finally:
        server.terminate()
        server.wait(timeout=30)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    from playwright.sync_api import sync_playwright

    program = shutil.which("chromium")
    if program is None:
        pytest.skip("chromium is not installed")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield opened
        opened.close()


def _free_port() -> int:
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
    pytest.fail(f"the server did not start:\n{log.read_text(errors='replace')}")


def _accounts(sign_in_file: Path) -> dict[str, SignIn]:
    lines = [line.split() for line in sign_in_file.read_text("utf-8").splitlines()]
    return {role: SignIn(email, password) for role, email, password in lines}
