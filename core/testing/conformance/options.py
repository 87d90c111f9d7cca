"""What the kit adds to pytest: an option, the markers of the levels, and fixtures.

It is loaded with every run of pytest, so it imports nothing of the platform before it is needed.
"""

from __future__ import annotations

import importlib
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from hoitu.core.testing import postgresql
from hoitu.core.testing.conformance.levels import LEVELS

if TYPE_CHECKING:
    from hoitu.core.testing.conformance.installed import PortalPlugin
    from hoitu.core.testing.conformance.snapshot import Snapshot
    from hoitu.core.testing.conformance.trial import Trial

HERE = Path(__file__).parent
PACKAGE = __name__.rpartition(".")[0]


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let a run choose its plugins."""
    parser.addoption(
        "--portal-plugin",
        action="append",
        default=[],
        metavar="NAME",
        help="check this plugin only; may be repeated (conformance kit of Hội Tụ)",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Register the levels."""
    for level, meaning in LEVELS.items():
        config.addinivalue_line("markers", f"{level}: conformance of a plugin. {meaning}")


# -- collecting: under their own names, from whatever folder pytest was started ------------------


class KitModule(pytest.Module):
    """A module of the kit, imported under its one name whatever the import mode of the run."""

    def _getobj(self) -> Any:
        return importlib.import_module(f"{PACKAGE}.{self.path.stem}")


def pytest_collect_directory(path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Take the folders on the way to the kit as folders: as packages they get a second name."""
    if path == HERE or (path in HERE.parents and (path / "__init__.py").is_file()):
        return pytest.Dir.from_parent(parent, path=path)
    return None


def pytest_pycollect_makemodule(
    module_path: Path, parent: pytest.Collector
) -> pytest.Module | None:
    """Import the kit's modules as they are installed."""
    if module_path.parent == HERE:
        return KitModule.from_parent(parent, path=module_path)
    return None


def pytest_collection(session: pytest.Session) -> None:
    """Refuse a plugin that is not installed, before anything is run."""
    if chosen := session.config.getoption("--portal-plugin"):
        from hoitu.core.testing.conformance.installed import installed

        known = installed()
        if strangers := sorted(set(chosen) - set(known)):
            raise pytest.UsageError(
                f"--portal-plugin {strangers[0]}: no such plugin; "
                f"installed: {', '.join(sorted(known)) or 'none'}"
            )


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Ask every check of every chosen plugin."""
    if "portal_plugin" not in metafunc.fixturenames:
        return
    from hoitu.core.testing.conformance.installed import installed

    chosen = metafunc.config.getoption("--portal-plugin") or sorted(installed())
    metafunc.parametrize(
        "portal_plugin", list(dict.fromkeys(chosen)), indirect=True, scope="session"
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Without a level in ``-m``, ask each plugin for what its manifest claims."""
    if any(level in config.option.markexpr for level in LEVELS):
        return
    left_out = [item for item in items if not _is_claimed(item)]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in set(left_out)]


def _is_claimed(item: pytest.Item) -> bool:
    name = getattr(item, "callspec", None) and item.callspec.params.get("portal_plugin")  # type: ignore[attr-defined]
    if not name or item.path.parent != HERE:
        return True
    return item.get_closest_marker(_claim(name)) is not None


def _claim(name: str) -> str:
    from hoitu.core.plugin import ManifestError
    from hoitu.core.testing.conformance.installed import PortalPlugin, installed

    try:
        return PortalPlugin(installed()[name]).manifest.tier
    except ManifestError:
        # What it claims cannot be read; that it cannot is what bronze finds.
        return "bronze"


# -- fixtures ------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def portal_plugin(request: pytest.FixtureRequest) -> PortalPlugin:
    """Return an installed plugin; a test that asks for it runs once for each."""
    from hoitu.core.testing.conformance.installed import PortalPlugin, installed

    return PortalPlugin(installed()[request.param])


@pytest.fixture(scope="session")
def new_database(
    database: str, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[Callable[..., str]]:
    """Return a function that makes a database, empty or as a copy of another: its URL."""
    made: list[str] = []
    # Asked for at once: what is started later would be stopped before the databases are dropped.
    server = request.getfixturevalue("postgresql_server") if database == "postgresql" else ""

    def make(pattern: str = "") -> str:
        if server:
            url = postgresql.create_database(server, pattern.rpartition("/")[2] or None)
            made.append(url)
            return url
        path = tmp_path_factory.mktemp("database") / "hoitu.sqlite"
        if pattern:
            shutil.copyfile(pattern.removeprefix("sqlite:///"), path)
        return f"sqlite:///{path}"

    yield make
    for url in made:
        postgresql.drop_database(url)


@pytest.fixture(scope="session")
def snapshot(
    portal_plugin: PortalPlugin,
    new_database: Callable[..., str],
    tmp_path_factory: pytest.TempPathFactory,
) -> Snapshot:
    """Return an instance with this plugin alone, units that have it, and samples of its content."""
    from hoitu.core.testing.conformance import preparing

    folder = tmp_path_factory.mktemp(f"portal-{portal_plugin.name}") / "instance"
    return preparing.prepare(portal_plugin, folder, new_database())


@pytest.fixture(scope="session")
def open_trial(
    snapshot: Snapshot,
    new_database: Callable[..., str],
    tmp_path_factory: pytest.TempPathFactory,
) -> Callable[[], Trial]:
    """Return a function that starts the plugin on a copy of the prepared instance."""

    def start() -> Trial:
        from hoitu.core.testing.conformance import preparing

        if snapshot.failure:
            pytest.skip(f"it does not start (see test_it_works_alone): {snapshot.failure}")
        folder = tmp_path_factory.mktemp("trial") / "instance"
        shutil.copytree(snapshot.folder, folder)
        return preparing.start(snapshot, folder, new_database(snapshot.url))

    return start


@pytest.fixture(scope="session")
def trial(open_trial: Callable[[], Trial]) -> Iterator[Trial]:
    """Return the running plugin; whoever takes it changes nothing."""
    running = open_trial()
    yield running
    running.close()


@pytest.fixture
def fresh_trial(open_trial: Callable[[], Trial]) -> Iterator[Trial]:
    """Return the running plugin on an instance of this test's own, to be changed at will."""
    running = open_trial()
    yield running
    running.close()
