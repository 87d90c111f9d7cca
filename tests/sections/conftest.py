"""Fixtures of the sections' tests: waivers, the cost of a page, the whole demonstration."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from hoitu.core.testing.fixtures import TODAY, Site
from hoitu.core.testing.markup import Page

if TYPE_CHECKING:
    from werkzeug.test import TestResponse

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
        sent = {**dict(page.form_data(form)), **entered}
        return visitor.post(form.get("action") or path, data=sent)

    return fill


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
def demo(
    database: str, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[Callable[..., Site]]:
    """Return a function that opens a site of the loaded demonstration by slug; only to be read."""
    from hoitu.core import schema
    from hoitu.core.app import create_app
    from hoitu.core.clock import FrozenClock
    from hoitu.core.demo import load
    from hoitu.core.extensions import KEY, Platform, session
    from hoitu.core.jobs import Worker
    from hoitu.core.units import importing

    folder = tmp_path_factory.mktemp("demo")
    url = f"sqlite:///{folder / 'hoitu.sqlite'}"
    if database == "postgresql":
        url = _empty_database(request.getfixturevalue("postgresql_server"))
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

    def open_site(slug: str = "hue") -> Site:
        return Site(app.test_client(), f"{slug}.localhost")

    yield open_site
    parts.search.close()
    parts.engine.dispose()


def _empty_database(server: str) -> str:
    import psycopg

    name = f"demo_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'create database "{name}"'.encode())
    return server.rpartition("/")[0] + "/" + name
