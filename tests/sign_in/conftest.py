"""A real provider (oidc-provider, certified), with faults at will, and the steps of a browser."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from fcntl import LOCK_EX, flock
from functools import partial
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit

import pytest
import requests

from hoitu.core.testing.fixtures import PASSWORD

if TYPE_CHECKING:
    from werkzeug.test import TestResponse

    from hoitu.core.app import Portal
    from hoitu.core.extensions import Platform
    from hoitu.core.units import Unit

#: Of the provider that the tests run; not a secret of anything else.
CLIENT, SECRET = "hoitu-test", "loopback-only-not-a-secret-0123456789"
#: Packages are fetched once for all runs.
BUILT = Path(__file__).parents[2] / "build" / "oidc"
#: Below the ports that a system gives to clients, where one would be in the way now and then.
PORTS = range(20_000, 32_000)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run what needs the provider in one process: it is started once."""
    here = Path(__file__).parent
    for item in items:
        if item.path.is_relative_to(here):
            item.add_marker(pytest.mark.xdist_group("sign-in"))


@pytest.fixture(scope="session")
def provider_folder() -> Path:
    """Return a folder with the provider and its packages."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        pytest.fail("Node 20 with npm is needed for these tests; on Debian: apt-get install npm")
    source = resources.files("hoitu.plugins.vneid") / "simulation"
    BUILT.mkdir(parents=True, exist_ok=True)
    with (BUILT / "lock").open("w") as lock:
        flock(lock, LOCK_EX)
        for name in ("package.json", "package-lock.json", "provider.mjs"):
            wanted = (source / name).read_text("utf-8")
            if name == "package-lock.json" and (
                not (BUILT / name).exists() or (BUILT / name).read_text("utf-8") != wanted
            ):
                shutil.rmtree(BUILT / "node_modules", ignore_errors=True)
            (BUILT / name).write_text(wanted, "utf-8")
        shutil.copy(Path(__file__).with_name("serve.mjs"), BUILT)
        if not (BUILT / "node_modules").exists():
            command = ["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts", "--silent"]
            subprocess.run(command, cwd=BUILT, check=True)
    return BUILT


@dataclass
class Provider:
    """The provider as it runs: its address, and what goes wrong with it."""

    folder: Path
    keys: Path
    port: int
    origin: str
    settings: dict[str, str] = field(default_factory=dict)
    _process: subprocess.Popen[bytes] | None = None

    @property
    def issuer(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self, **settings: str) -> Provider:
        told = {
            "PORT": str(self.port), "ORIGIN": self.origin, "KEYS": str(self.keys),
            "CLIENT": CLIENT, "SECRET": SECRET, **self.settings, **settings,
        }  # fmt: skip
        self._process = subprocess.Popen(
            ["node", "serve.mjs"], cwd=self.folder, env={**os.environ, **told},
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        assert self._process.stdout is not None
        assert self._process.stdout.readline().strip().endswith(b"ready")
        return self

    def stop(self) -> None:
        assert self._process is not None
        for stream in (self._process.stdin, self._process.stdout):
            assert stream is not None
            stream.close()
        self._process.wait(10)

    def fail(self, **faults: Any) -> None:
        """Have the provider answer wrongly from now on; a path is written ``_token`` for /token."""
        named = {
            name.replace("_", "/", 1) if name.startswith("_") else name: fault
            for name, fault in faults.items()
        }
        requests.post(f"{self.issuer}/faults", json=named, timeout=5)

    def asked(self) -> dict[str, int]:
        """Return how often each address was asked for."""
        return dict(requests.get(f"{self.issuer}/faults", timeout=5).json())

    def sign_in(self, address: str, who: str, kept: requests.Session | None = None) -> str:
        """Do what a person's browser does there; return where it is sent."""
        with nullcontext(kept) if kept is not None else requests.Session() as browser:
            answer = browser.get(address, allow_redirects=False, timeout=10)
            form = urljoin(self.issuer, answer.headers["location"])
            assert "VNeID" in browser.get(form, timeout=10).text
            answer = browser.post(form, data={"who": who}, allow_redirects=False, timeout=10)
            while not urlsplit(answer.headers["location"]).path.endswith("/ve"):
                onward = urljoin(self.issuer, answer.headers["location"])
                answer = browser.get(onward, allow_redirects=False, timeout=10)
            return str(answer.headers["location"])


def free_port() -> int:
    """Return a port nobody listens on."""
    start = PORTS.start + os.getpid() % 5000
    for port in range(start, PORTS.stop):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)):
                return port
    raise AssertionError("no port is free")


@contextmanager
def running(folder: Path, keys: Path, origin: str, **settings: str) -> Iterator[Provider]:
    """Run a provider until the end of the block."""
    found = Provider(folder, keys, free_port(), origin, settings).start()
    try:
        yield found
    finally:
        found.stop()


@pytest.fixture(scope="session")
def shared_provider(
    provider_folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Provider]:
    with running(provider_folder, tmp_path_factory.mktemp("keys"), "https://tinh.test") as found:
        yield found


@pytest.fixture
def provider(shared_provider: Provider) -> Iterator[Provider]:
    """Return the provider, in order."""
    shared_provider.fail()
    yield shared_provider
    shared_provider.fail()


def settings_of(running: Provider, /, **more: Any) -> dict[str, Any]:
    """Return ``[plugin.vneid]`` for a provider."""
    agreed = {
        "issuer": running.issuer,
        "client_id": CLIENT,
        "client_secret": SECRET,
        "discovery_url": f"{running.issuer}/.well-known/openid-configuration",
        "acr_values": "LoA2",
    }
    told = {**agreed, **more.pop("provider", {})}
    return {"vneid": {"provider": told, **more}}


@pytest.fixture
def app(make_app: Callable[..., Portal], provider: Provider) -> Portal:
    """Return the application with a sign-in that is set up."""
    return make_app(plugin=settings_of(provider))


@pytest.fixture
def run_provider(
    provider_folder: Path, tmp_path: Path
) -> Callable[..., AbstractContextManager[Provider]]:
    """Return a function that runs another provider, with keys of its own."""
    return partial(running, provider_folder, tmp_path / "keys", "https://tinh.test")


@pytest.fixture(scope="session")
def provider_at(
    provider_folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str], AbstractContextManager[tuple[Provider, dict[str, str]]]]:
    """Return a function that runs a provider for an installation elsewhere.

    It gives the provider, and what the installation is told of it in its environment.
    """

    @contextmanager
    def at(origin: str) -> Iterator[tuple[Provider, dict[str, str]]]:
        with running(provider_folder, tmp_path_factory.mktemp("keys"), origin) as found:
            told = settings_of(found)["vneid"]["provider"]
            prefix = "HOITU_PLUGIN__VNEID__PROVIDER__"
            yield found, {f"{prefix}{name.upper()}": value for name, value in told.items()}

    return at


@pytest.fixture
def agreed() -> Callable[..., dict[str, Any]]:
    """Return the function that writes the settings for a provider."""
    return settings_of


@pytest.fixture
def open_browser() -> Callable[..., Visitor]:
    """Return a function that opens a browser at the site of a ward."""
    return lambda app: Visitor(app, "tinh.test", "mot.test")


@dataclass
class Visitor:
    """A browser with its own cookies, that goes where it is sent."""

    app: Portal
    province: str
    unit: str

    def __post_init__(self) -> None:
        self.client = self.app.test_client()

    def get(self, address: str, **options: Any) -> TestResponse:
        """Open an address, or a path of the unit's site."""
        parts = urlsplit(urljoin(f"https://{self.unit}", address))
        path = parts.path + (f"?{parts.query}" if parts.query else "")
        return self.client.get(path, headers={"Host": parts.netloc}, **options)

    def post(self, path: str, host: str = "", **options: Any) -> TestResponse:
        return self.client.post(path, headers={"Host": host or self.unit}, **options)

    def leave(self, target: str = "") -> str:
        """Begin to sign in; return the provider's address."""
        page = self.get(f"/dang-nhap/bat-dau?tiep={target}")
        assert page.status_code == 302, page.text
        away = self.get(page.location)
        assert away.status_code == 302, away.text
        return str(away.location)

    def sign_in(
        self, provider: Provider, who: str = "cong-dan-2", target: str = ""
    ) -> TestResponse:
        """Sign in whole; return the answer that begins the session, or the first that is none."""
        answer = self.get(provider.sign_in(self.leave(target), who))
        return self.get(answer.location) if answer.status_code == 302 else answer

    def form_token(self) -> dict[str, str]:
        """Return what our own forms send along."""
        found = re.search(r'name="csrf_token" value="([^"]+)"', self.get("/cua-toi").text)
        assert found
        return {"csrf_token": found[1]}

    def sign_out(self) -> TestResponse:
        """Press the button on the page of what is theirs."""
        return self.post("/dang-xuat", data=self.form_token())

    def is_signed_in(self, host: str = "") -> bool:
        address = f"https://{host or self.unit}/cua-toi"
        return self.get(address).status_code == 200

    def cookies(self, host: str = "") -> dict[str, str]:
        return {
            one.key: one.value
            for one in self.client._cookies.values()
            if one.domain == (host or self.unit)
        }


@pytest.fixture
def visitor(app: Portal, unit: Unit) -> Callable[..., Visitor]:
    """Return a function that gives a new browser at a unit's site."""

    def new(of: Unit | None = None) -> Visitor:
        return Visitor(app, "tinh.test", (of or unit).hosts[-1].name)

    return new


@pytest.fixture
def add_account(platform: Platform, unit: Unit) -> Callable[[str, str], None]:
    """Return a function that gives somebody an account with a role at the ward."""
    from hoitu.core.access import accounts

    def add(email: str, role: str) -> None:
        with platform.open_session(True) as session:
            account = accounts.create(session, email=email, name="Ông Một", password=PASSWORD)
            accounts.grant(session, account, role, unit.id)
            session.commit()

    return add
