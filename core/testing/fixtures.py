"""Fixtures for tests of the platform and of plugins; loaded by pytest from the wheel.

``app`` runs on SQLite or, with ``--database``, on a real PostgreSQL server that the tests start
themselves. Every test has its own database and instance.

``--database both`` runs each test on both. ``--database split`` runs each on one of the two, which
its name decides, so that half of every file runs on PostgreSQL at half the time; what stands or
falls with the database is marked ``both_databases`` and runs on both.
"""

from __future__ import annotations

import shutil
import zlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from argon2 import PasswordHasher

from hoitu.core.testing import postgresql

if TYPE_CHECKING:
    from flask.testing import FlaskClient
    from sqlalchemy import Engine
    from werkzeug.test import TestResponse

    from hoitu.core.app import Portal
    from hoitu.core.clock import FrozenClock
    from hoitu.core.content import ActionContext, Item
    from hoitu.core.extensions import Platform
    from hoitu.core.units import Unit

#: The conformance kit's option, markers and fixtures.
pytest_plugins = ("hoitu.core.testing.conformance.options",)
DATABASES = ("sqlite", "postgresql")
#: The day of the tests: a working Monday after the reorganisation of 2025.
TODAY = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
PASSWORD = "correct horse battery"  # noqa: S105 (of throw-away accounts)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let a run choose its databases."""
    parser.addoption("--database", choices=(*DATABASES, "both", "split"), default="sqlite")


def pytest_configure(config: pytest.Config) -> None:
    """Declare the marker of tests that stand or fall with the database."""
    config.addinivalue_line("markers", "both_databases: runs on both with --database split, too")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run every test that needs a database on each chosen one."""
    if "database" in metafunc.fixturenames:
        metafunc.parametrize("database", _databases(metafunc), scope="session")


def _databases(metafunc: pytest.Metafunc) -> tuple[str, ...]:
    chosen = metafunc.config.getoption("--database")
    if chosen in DATABASES:
        return (chosen,)
    test = metafunc.definition
    if chosen == "both" or test.get_closest_marker("both_databases"):
        return DATABASES
    return (DATABASES[zlib.crc32(test.nodeid.encode()) % 2],)


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    """Run a PostgreSQL server; its URL."""
    with postgresql.server() as url:
        yield url


@dataclass(frozen=True)
class Template:
    """A prepared instance, copied for each test."""

    folder: Path
    url: str


@pytest.fixture(scope="session")
def templates(
    tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Callable[[str], Template]:
    """Return a function that gives the instance with all tables and the units of the tests.

    It takes a database and keeps what it made. A fixture that asks for ``database`` itself is made
    again whenever a test on the other one comes between.
    """

    @cache
    def prepared(database: str) -> Template:
        folder = tmp_path_factory.mktemp(f"template-{database}")
        url = f"sqlite:///{folder / 'hoitu.sqlite'}"
        if database == "postgresql":
            url = postgresql.create_database(request.getfixturevalue("postgresql_server"))
        _prepare(folder, url)
        return Template(folder, url)

    return prepared


def _prepare(folder: Path, url: str) -> None:
    from hoitu.core import schema
    from hoitu.core.app import create_app
    from hoitu.core.extensions import KEY
    from hoitu.core.units import importing

    app = create_app(instance=folder, database_url=url)
    parts: Platform = app.extensions[KEY]
    for lineage in schema.lineages(parts.plugins):
        schema.upgrade(parts.engine, lineage)
    units = resources.files("hoitu.core.testing") / "data" / "units.yaml"
    with app.app_context(), parts.open_session(True) as session:
        importing.apply(session, units.read_text("utf-8"))
        session.commit()
    parts.search.rebuild(())
    parts.engine.dispose()


@pytest.fixture(scope="session")
def copy_template(
    database: str, templates: Callable[[str], Template], request: pytest.FixtureRequest
) -> Callable[[Path], str]:
    """Return a function that copies the prepared instance to a folder: the URL of its database."""

    def copy(folder: Path) -> str:
        template = templates(database)
        shutil.copytree(template.folder, folder)
        if database == "sqlite":
            return f"sqlite:///{folder / 'hoitu.sqlite'}"
        server = request.getfixturevalue("postgresql_server")
        return postgresql.create_database(server, template.url.rpartition("/")[2])

    return copy


@pytest.fixture
def instance(tmp_path: Path) -> Path:
    """Return the folder of this test's own instance, filled by ``database_url``."""
    return tmp_path / "instance"


@pytest.fixture
def database_url(instance: Path, copy_template: Callable[[Path], str]) -> Iterator[str]:
    """Return the URL of a database of this test's own."""
    url = copy_template(instance)
    yield url
    if url.startswith("postgresql:"):
        postgresql.drop_database(url)


@pytest.fixture
def clock() -> FrozenClock:
    """Return the clock of ``app``; it stands still until it is moved."""
    from hoitu.core.clock import FrozenClock

    return FrozenClock(TODAY)


class _Statements(dict[Any, Any]):
    """Compiled statements of all applications of this process: each test asks much the same.

    SQLAlchemy's key begins with the dialect, of which each engine has one of its own.
    """

    def get(self, key: tuple[Any, ...], default: Any = None) -> Any:
        return super().get((key[0].name, *key[1:]), default)

    def __setitem__(self, key: tuple[Any, ...], compiled: Any) -> None:
        super().__setitem__((key[0].name, *key[1:]), compiled)


_STATEMENTS = _Statements()


def _engine(url: str) -> Engine:
    from hoitu.core.db import make_engine

    return make_engine(url).execution_options(compiled_cache=_STATEMENTS)


@pytest.fixture
def make_app(
    instance: Path, database_url: str, clock: FrozenClock, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., Portal]]:
    """Return a function that builds the application, with deployment settings as arguments."""
    from hoitu.core.app import create_app
    from hoitu.core.extensions import KEY

    made: list[Portal] = []
    monkeypatch.setattr("hoitu.core.app.make_engine", _engine)
    # Most tests sign somebody in; only the work it takes to check a password is less.
    weak = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    monkeypatch.setattr("hoitu.core.access.passwords._hasher", weak)

    def make(**settings: Any) -> Portal:
        # Administrators of most tests have a password and no more.
        plain = {"secure_cookies": False, "second_factor": "none"}
        values = {"database_url": database_url, **plain, **settings}
        app = create_app(instance=instance, clock=clock, **values)
        app.testing = True
        # Errors are answered as in production: tests look at what a visitor gets.
        app.config["PROPAGATE_EXCEPTIONS"] = False
        made.append(app)
        return app

    yield make
    for app in made:
        app.extensions[KEY].search.close()
        app.extensions[KEY].engine.dispose()


@pytest.fixture
def app(make_app: Callable[..., Portal]) -> Portal:
    """Return the application with every installed plugin."""
    return make_app()


@pytest.fixture
def platform(app: Portal) -> Platform:
    """Return the platform of ``app``, its configuration read."""
    from hoitu.core.extensions import KEY
    from hoitu.core.settings.refresh import refresh

    parts: Platform = app.extensions[KEY]
    with parts.open_session(False) as session:
        refresh(parts, session)
    return parts


@pytest.fixture
def units(platform: Platform) -> Callable[[str], Unit]:
    """Return a function that finds a unit of the tests by slug."""

    def by_slug(slug: str) -> Unit:
        found = platform.units.by_slug(slug)
        assert found is not None, slug
        return found

    return by_slug


@pytest.fixture
def unit(units: Callable[[str], Unit]) -> Unit:
    """Return a ward."""
    return units("phuong-mot")


@pytest.fixture
def other_unit(units: Callable[[str], Unit]) -> Unit:
    """Return another ward."""
    return units("phuong-hai")


@dataclass(frozen=True)
class Site:
    """The site of one unit, as a visitor sees it."""

    client: FlaskClient
    host: str

    def get(self, path: str, **options: Any) -> TestResponse:
        """Request a page."""
        return self.client.get(path, headers={"Host": self.host}, **options)

    def post(self, path: str, **options: Any) -> TestResponse:
        """Send a form."""
        return self.client.post(path, headers={"Host": self.host}, **options)


@pytest.fixture
def site(app: Portal, unit: Unit) -> Callable[..., Site]:
    """Return a function that opens the site of a unit (by default ``unit``) as a new visitor."""

    def open_site(of: Unit | None = None) -> Site:
        return Site(app.test_client(), (of or unit).hosts[-1].name)

    return open_site


@pytest.fixture
def desk(app: Portal, platform: Platform, unit: Unit) -> Callable[..., AbstractContextManager[Any]]:
    """Return a function that opens an action context, for a role or for the platform itself.

    It commits at the end of the block, unless an exception leaves it.
    """
    from hoitu.core.access import ROLES, SYSTEM, Actor, Grant
    from hoitu.core.content import ActionContext
    from hoitu.core.extensions import session
    from hoitu.core.units import unit_scope

    @contextmanager
    def open_desk(of: Unit | None = None, role: str | None = None) -> Iterator[ActionContext]:
        at = of or unit
        grants = frozenset({Grant(role or "", None if role == "platform_admin" else at.id)})
        # Each role is somebody else: nobody approves what they submitted themselves.
        number = list(ROLES).index(role) + 1 if role in ROLES else 0
        actor = Actor(number, f"Thử {role}", grants) if role else SYSTEM
        with app.test_request_context(base_url=f"http://{at.hosts[-1].name}"), unit_scope(at.id):
            yield ActionContext.of(platform, session(), actor, at)
            session().commit()

    return open_desk


@pytest.fixture
def publish(desk: Callable[..., AbstractContextManager[ActionContext]]) -> Callable[..., int]:
    """Return a function that publishes an item of a type and returns its id."""
    from hoitu.core.content import actions

    def make(type_name: str, at: Unit | None = None, **values: Any) -> int:
        with desk(at) as work:
            item: Item = actions.create(work, type_name, values)
            return actions.publish(work, item).id

    return make


@pytest.fixture
def drain(app: Portal) -> Callable[[], None]:
    """Return a function that delivers all events and runs all due jobs."""
    from hoitu.core.jobs import Worker

    return Worker(app).drain


@pytest.fixture
def statements(platform: Platform) -> Iterator[Callable[[], list[str]]]:
    """Return a function that lists the SQL statements since it was last called."""
    from sqlalchemy import event

    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        seen.append(statement)

    event.listen(platform.engine, "before_cursor_execute", note)

    def take() -> list[str]:
        taken = [s for s in seen if not s.upper().startswith(("BEGIN", "PRAGMA"))]
        seen.clear()
        return taken

    yield take
    event.remove(platform.engine, "before_cursor_execute", note)
