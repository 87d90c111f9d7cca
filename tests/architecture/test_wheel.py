"""What is delivered: the wheel, built, compared with the source, installed and run elsewhere."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tarfile
import time
import tomllib
import venv
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen
from zipfile import ZipFile

import pytest
from packaging.requirements import Requirement

# In one process: what the tests look at is built and installed once.
pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("wheel")]

ROOTS = ("core", "sections", "plugins", "themes", "migrations")
#: Left behind by running the source.
UNSHIPPED = {".pyc"}
START_SECONDS = 60
COLD_START = """
import time
start = time.perf_counter()
from hoitu.core.app import create_app
app = create_app()
answer = app.test_client().get("/", headers={"Host": "127.0.0.1"})
print(answer.status_code, round(time.perf_counter() - start, 2))
"""


@dataclass(frozen=True)
class Built:
    """A copy of the source and what was built from it."""

    source: Path
    wheel: Path
    #: Built from the source distribution instead of from the source.
    wheel_of_sdist: Path
    sdist: Path

    def contents(self) -> set[str]:
        """Return the files of the wheel, without its metadata."""
        return {name for name in _names(self.wheel) if ".dist-info/" not in name}


@dataclass(frozen=True)
class Installed:
    """An environment with nothing but the wheel, and an empty folder to work in."""

    programs: Path
    folder: Path

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        """Run a program of the environment; it must succeed."""
        done = self.attempt(*command)
        assert done.returncode == 0, done.stdout + done.stderr
        return done

    def attempt(self, *command: str) -> subprocess.CompletedProcess[str]:
        """Run a program of the environment."""
        program = str(self.programs / command[0])
        return subprocess.run(
            [program, *command[1:]], cwd=self.folder, env=self.environment,
            capture_output=True, text=True, check=False,
        )  # fmt: skip

    @property
    def environment(self) -> dict[str, str]:
        """The variables of an operator who tries the embedded profile without TLS."""
        clean = {k: v for k, v in os.environ.items() if not k.startswith(("HOITU_", "PYTHON"))}
        return clean | {
            "HOITU_INSTANCE": str(self.folder / "portal"),
            "HOITU_DEMO_HOSTS": "true",
            "HOITU_SECURE_COOKIES": "false",
        }


@pytest.fixture(scope="module")
def built(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Built:
    """Return the wheel of a copy of the source; what may not be in it lies beside, as at work."""
    folder = tmp_path_factory.mktemp("built")
    source = folder / "source"
    without = shutil.ignore_patterns(
        ".venv", ".git", ".*_cache", "instance", "build", "dist", "*.egg-info", "_build"
    )
    shutil.copytree(root, source, symlinks=True, ignore=without)
    (source / "instance").mkdir()
    (source / "instance" / "settings.toml").write_text('log_level = "INFO"\n')
    # The source distribution first: building a wheel leaves a folder of copies behind.
    _build(source, folder / "sdist", "--sdist")
    (sdist,) = (folder / "sdist").glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        archive.extractall(folder / "unpacked", filter="data")
    (unpacked,) = (folder / "unpacked").iterdir()
    _build(unpacked, folder / "again", "--wheel")
    _build(source, folder / "wheel", "--wheel")
    (wheel,) = (folder / "wheel").glob("*.whl")
    (again,) = (folder / "again").glob("*.whl")
    return Built(source, wheel, again, sdist)


def _build(source: Path, target: Path, kind: str) -> None:
    command = [sys.executable, "-P", "-m", "build", kind, "--outdir", str(target), str(source)]
    if _has_backend(source):
        command.append("--no-isolation")
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]


def _has_backend(source: Path) -> bool:
    """Say whether this environment holds what the build needs; else it is downloaded."""
    project = tomllib.loads((source / "pyproject.toml").read_text("utf-8"))
    try:
        needed = [Requirement(text) for text in project["build-system"]["requires"]]
        return all(need.specifier.contains(version(need.name)) for need in needed)
    except PackageNotFoundError:
        return False


def _names(wheel: Path) -> set[str]:
    with ZipFile(wheel) as archive:
        return set(archive.namelist())


@pytest.fixture(scope="module")
def installed(built: Built, tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """Install the wheel with its requirements and set up an instance with the demonstration."""
    folder = tmp_path_factory.mktemp("elsewhere")
    venv.create(folder / "env", with_pip=True)
    (folder / "empty").mkdir()
    here = Installed(folder / "env" / "bin", folder / "empty")
    here.run("pip", "install", "--quiet", str(built.wheel))
    here.run("hoitu", "init")
    here.run("hoitu", "demo", "--no-serve")
    return here


@pytest.fixture(scope="module")
def served(installed: Installed) -> Iterator[str]:
    """Return the address of the installed program, serving."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    log = installed.folder / "server.log"
    with log.open("wb") as output:
        server = subprocess.Popen(
            [str(installed.programs / "hoitu"), "serve", "--port", port],
            cwd=installed.folder, env=installed.environment,
            stdout=output, stderr=subprocess.STDOUT,
        )  # fmt: skip
    try:
        _wait_until_ready(server, f"http://127.0.0.1:{port}/readyz", log)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(timeout=30)


def _wait_until_ready(server: subprocess.Popen[bytes], address: str, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and server.poll() is None:
        try:
            with urlopen(address, timeout=5):
                return
        except (URLError, ConnectionError, TimeoutError):
            time.sleep(0.2)
    pytest.fail(f"the server did not start:\n{log.read_text(errors='replace')}")


def test_the_wheel_holds_the_source_and_nothing_else(built: Built) -> None:
    expected = {
        f"hoitu/{path.relative_to(built.source).as_posix()}"
        for root in ROOTS
        for path in (built.source / root).rglob("*")
        if path.is_file() and path.suffix not in UNSHIPPED
    }
    assert expected - built.contents() == set()
    assert built.contents() - expected == set()


def test_every_kind_of_file_was_looked_at(built: Built) -> None:
    kinds = {".py", ".html", ".po", ".toml", ".yaml", ".woff2", ".css", ".svg", ".mako"}
    assert kinds <= {Path(name).suffix for name in built.contents()}
    assert any("/migrations/versions/" in name for name in built.contents())


def test_only_one_name_is_installed(built: Built) -> None:
    tops = {name.partition("/")[0] for name in _names(built.wheel)}
    assert sorted(top.partition("-")[0] for top in tops) == ["hoitu", "hoitu"]
    parts = {part for name in _names(built.wheel) for part in name.split("/")}
    assert not parts & {"tests", "instance", "__pycache__"}


def test_the_licences_are_delivered(built: Built) -> None:
    licences = {Path(name).name for name in _names(built.wheel) if "/licenses/" in name}
    assert licences == {"LICENSE", "THIRD_PARTY.md"}


def test_the_source_distribution_builds_the_same_wheel(built: Built) -> None:
    assert _names(built.wheel_of_sdist) == _names(built.wheel)


def test_the_installed_program_serves_the_portal(served: str) -> None:
    with urlopen(f"{served}/", timeout=30) as answer:
        page = answer.read().decode("utf-8")
        assert answer.status == 200
    assert '<html lang="vi"' in page
    title = page.partition("<title>")[2].partition("</title>")[0]
    assert "thành phố Huế" in title


def test_the_theme_of_the_installed_program_is_complete(served: str) -> None:
    with urlopen(f"{served}/", timeout=30) as answer:
        page = answer.read().decode("utf-8")
    styles = [part.partition('"')[0] for part in page.split('href="') if ".css" in part[:200]]
    styles = [path for path in styles if ".css" in path]
    assert styles != []
    for path in styles:
        with urlopen(served + path, timeout=30) as answer:
            assert answer.headers["Content-Type"].startswith("text/css")


def test_the_installed_program_finds_nothing_wrong(installed: Installed) -> None:
    installed.run("hoitu", "doctor")
    installed.run("hoitu", "db", "check")


def test_the_conformance_kit_runs_from_the_wheel(installed: Installed) -> None:
    """As a vendor runs it: pytest beside the wheel, and nothing of the checkout."""
    installed.run("pip", "install", "--quiet", "pytest")
    kit = ("pytest", "--pyargs", "hoitu.core.testing.conformance", "-p", "no:cacheprovider")
    done = installed.run(*kit, "--portal-plugin", "links", "-m", "gold", "-q")
    assert " passed" in done.stdout and "skipped" not in done.stdout


@pytest.mark.parametrize("folder", ROOTS)
def test_no_bare_name_is_installed(installed: Installed, folder: str) -> None:
    assert installed.run("python", "-c", f"import hoitu.{folder}").stderr == ""
    failed = installed.attempt("python", "-c", f"import {folder}")
    assert "ModuleNotFoundError" in failed.stderr


def test_a_cold_start_answers(installed: Installed, capsys: pytest.CaptureFixture[str]) -> None:
    """The figure is told, not judged: it depends on the machine."""
    status, seconds = installed.run("python", "-c", COLD_START).stdout.split()
    with capsys.disabled():
        print(f"\ncold start to the first page: {seconds} s")
    assert status == "200"
