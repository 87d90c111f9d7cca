"""Fixtures of the sections' tests: waivers, the cost of a page, the whole demonstration."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from hoitu.core.testing import postgresql
from hoitu.core.testing.fixtures import TODAY, Site
from hoitu.core.testing.markup import Element, Page
from hoitu.core.testing.visitors import proof

if TYPE_CHECKING:
    from werkzeug.test import TestResponse

    from hoitu.core.app import Portal
    from hoitu.core.clock import FrozenClock
    from hoitu.core.content import ActionContext
    from hoitu.core.units import Unit

#: The one type of unit that the city has none of.
SPECIAL_ZONE = """
units:
- {key: zone, slug: dac-khu-thu, type: special_zone, site: true, valid_from: 2025-07-01,
   valid_until: null, names: [{name: "Ủy ban nhân dân đặc khu Thử", short: "Đặc khu Thử"}]}
"""

Desk = Callable[..., AbstractContextManager["ActionContext"]]


@pytest.hookimpl(tryfirst=True)  # before the groups are read
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let one process of the run load the demonstration into each database, not every one."""
    here = Path(__file__).parent
    for item in items:
        # The hook is given the tests of every folder; "demo" is something else in others.
        if not item.path.is_relative_to(here):
            continue
        if isinstance(item, pytest.Function) and "demo" in item.fixturenames:
            database = item.callspec.params["database"]
            item.add_marker(pytest.mark.xdist_group(f"demo-{database}"))


@pytest.fixture
def waive(desk: Desk, clock: FrozenClock) -> Callable[..., None]:
    """Return a function that excuses a unit from requirements of a section: they are off."""
    from hoitu.core.settings import switching

    def off(section: str, *requirements: str, at: Unit | None = None) -> None:
        with desk(at) as work:
            context = switching.SwitchContext(
                work.session, work.actor, work.unit, work.hooks, work.switchboard, work.clock
            )
            for requirement in requirements:
                switching.waive(
                    context,
                    section,
                    requirement,
                    reason="Thử nghiệm",
                    decision_no="1/QĐ-UBND",
                    until=clock.today() + timedelta(days=30),
                )

    return off


@pytest.fixture
def unpublish(desk: Desk) -> Callable[..., None]:
    """Return a function that takes an item off the site of a unit."""
    from hoitu.core.content import Item, actions

    def make(item_id: int, at: Unit | None = None) -> None:
        with desk(at) as work:
            actions.unpublish(work, work.session.get(Item, item_id), "Thử")

    return make


@pytest.fixture
def send(clock: FrozenClock) -> Callable[..., TestResponse]:
    """Return a function that fills in the form of a page, as slowly as a person, and sends it."""

    def fill(visitor: Site, path: str, **entered: Any) -> TestResponse:
        page = Page(visitor.get(path).text)
        form = next(e for e in page.all("form") if e.get("method") == "post")
        clock.move(timedelta(seconds=20))
        sent = {**dict(page.form_data(form)), **_proven(form), **entered}
        return visitor.post(form.get("action") or path, data=sent)

    return fill


def _proven(form: Element) -> dict[str, str]:
    """Return what the script of the form finds out while somebody writes."""
    found = [e for e in form.walk() if e.get("data-word")]
    return {e.get("name"): proof(e.get("data-word")) for e in found}


@pytest.fixture
def cost(site: Callable[..., Site], statements: Callable[[], list[str]]) -> Callable[[str], int]:
    """Return a function that counts the statements of a page whose unit is known already."""

    def of(path: str) -> int:
        visitor = site()
        assert visitor.get(path).status_code == 200
        statements()
        visitor.get(path)
        return len(statements())

    return of


@pytest.fixture(scope="session")
def demonstrations(
    tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[Callable[[str], Portal]]:
    """Return a function that gives the loaded demonstration on a database: made once on each."""
    from hoitu.core.extensions import KEY

    made: dict[str, Portal] = {}

    def on(database: str) -> Portal:
        if database not in made:
            folder = tmp_path_factory.mktemp("demo")
            url = f"sqlite:///{folder / 'hoitu.sqlite'}"
            if database == "postgresql":
                url = postgresql.create_database(request.getfixturevalue("postgresql_server"))
            made[database] = _loaded(folder, url)
        return made[database]

    yield on
    for app in made.values():
        app.extensions[KEY].search.close()
        app.extensions[KEY].engine.dispose()


def _loaded(folder: Path, url: str) -> Portal:
    from hoitu.core import schema
    from hoitu.core.app import create_app
    from hoitu.core.clock import FrozenClock
    from hoitu.core.demo import load
    from hoitu.core.extensions import KEY, Platform, session
    from hoitu.core.jobs import Worker
    from hoitu.core.units import importing

    app = create_app(
        instance=folder,
        clock=FrozenClock(TODAY),
        database_url=url,
        demo_hosts=True,
        secure_cookies=False,
    )
    parts: Platform = app.extensions[KEY]
    for lineage in schema.lineages(parts.plugins):
        schema.upgrade(parts.engine, lineage)
    parts.search.rebuild(())
    with app.app_context():
        load(parts, session(), lambda *_: None)
        importing.apply(session(), SPECIAL_ZONE)
        session().commit()
    Worker(app).drain()
    return app


@pytest.fixture
def demo(database: str, demonstrations: Callable[[str], Portal]) -> Callable[..., Site]:
    """Return a function that opens a site of the loaded demonstration by slug; only to be read."""
    app = demonstrations(database)
    return lambda slug="hue": Site(app.test_client(), f"{slug}.localhost")
