"""A plugin on trial: an instance with it alone, three units that have it, and samples of content.

At unit ``here`` the checks look; unit ``there`` has content of its own that must not be seen from
``here``; unit ``empty`` has none.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from functools import cached_property
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import inspect, select
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from hoitu.core.access import PUBLIC, SYSTEM
from hoitu.core.content import ActionContext, ContentType, Item
from hoitu.core.db import Base
from hoitu.core.extensions import KEY, Platform, session
from hoitu.core.jobs import Worker
from hoitu.core.plugin import Manifest
from hoitu.core.settings import refresh, switching
from hoitu.core.testing.conformance.snapshot import (
    HERE,
    Snapshot,
)
from hoitu.core.testing.factories import Factory
from hoitu.core.testing.fixtures import PASSWORD
from hoitu.core.testing.samples import Values, demo_entries
from hoitu.core.units import Unit, all_units, unit_scope
from hoitu.core.web.access import declared_access


class Trial:
    """The running application with one plugin."""

    def __init__(self, snapshot: Snapshot, app: Flask) -> None:
        self.snapshot, self.plugin, self.app = snapshot, snapshot.plugin, app
        self.platform: Platform = app.extensions[KEY]
        self.name = snapshot.plugin.name
        self.read_configuration()

    def read_configuration(self) -> None:
        """Read units and switches anew, as the next request will."""
        with self.platform.open_session(False) as opened:
            refresh.refresh(self.platform, opened)

    def close(self) -> None:
        """Give back files and connections."""
        self.platform.search.close()
        self.platform.engine.dispose()

    # -- what there is ------------------------------------------------------------------------

    @property
    def manifest(self) -> Manifest:
        """The manifest of the plugin."""
        return self.plugin.manifest

    @property
    def kinds(self) -> list[ContentType]:
        """The content types of the plugin."""
        return list(self.platform.types.of_section(self.name))

    def unit(self, slug: str = HERE) -> Unit:
        """Return a unit of the trial."""
        found = self.platform.units.by_slug(slug)
        assert found is not None, slug
        return found

    def on(self, slug: str = HERE) -> frozenset[str]:
        """Return the requirements of the plugin that are on at a unit."""
        return self.platform.switchboard.requirements_on(self.unit(slug), self.name)

    @cached_property
    def rules(self) -> list[Rule]:
        """The routes of the plugin."""
        rules = self.app.url_map.iter_rules()
        return [rule for rule in rules if self.owns(rule.endpoint)]

    def owns(self, endpoint: str) -> bool:
        """Say whether an endpoint is the plugin's."""
        return endpoint.partition(".")[0] == self.name

    def access_of(self, rule: Rule) -> str:
        """Return ``public`` or the permission of a route."""
        return declared_access(self.app.view_functions[rule.endpoint])

    def is_public(self, rule: Rule) -> bool:
        """Say whether anyone may call a route."""
        return self.access_of(rule) == PUBLIC

    @property
    def tables(self) -> list[str]:
        """The tables of the models that are defined in the plugin's package."""
        inside = (self.plugin.package, f"{self.plugin.package}.")
        return sorted(
            str(mapper.local_table.name)  # type: ignore[attr-defined]
            for mapper in Base.registry.mappers
            if f"{mapper.class_.__module__}.".startswith(inside[1])
            and mapper.local_table is not Item.__table__
        )

    # -- visiting -----------------------------------------------------------------------------

    def visitor(self) -> FlaskClient:
        """Return a new visitor."""
        return self.app.test_client()

    def staff(self, of: str, at: str = HERE) -> FlaskClient:
        """Return somebody who administers the unit ``of`` and is signed in at ``at``."""
        client = self.app.test_client()
        sent = {"email": f"{of}@a.vn", "password": PASSWORD}
        before = self.app.config.get("WTF_CSRF_ENABLED", True)
        self.app.config["WTF_CSRF_ENABLED"] = False
        path = self.path_of("desk.sign_in")
        answer = client.post(path, data=sent, headers={"Host": self.host(at)})
        self.app.config["WTF_CSRF_ENABLED"] = before
        assert answer.status_code in (302, 303), answer.text
        return client

    def host(self, slug: str = HERE) -> str:
        """Return the host name of a unit."""
        return f"{slug}.test"

    def get(
        self, path: str, at: str = HERE, client: FlaskClient | None = None, **options: Any
    ) -> TestResponse:
        """Request a page of a unit's site."""
        return self.send("GET", path, at, client, **options)

    def send(
        self,
        method: str,
        path: str,
        at: str = HERE,
        client: FlaskClient | None = None,
        **options: Any,
    ) -> TestResponse:
        """Send a request to a unit's site."""
        headers = {"Host": self.host(at)}
        asking = client or self.visitor()
        return asking.open(path, method=method, headers=headers, buffered=True, **options)

    def path_of(self, endpoint: str, **arguments: Any) -> str:
        """Return the path of a route."""
        with self.app.test_request_context():
            return str(self.app.url_map.bind("x").build(endpoint, arguments))

    # -- working ------------------------------------------------------------------------------

    @contextmanager
    def desk(self, at: str = HERE) -> Iterator[ActionContext]:
        """Open an action context of the platform itself at a unit; it commits at the end."""
        unit = self.unit(at)
        with (
            self.app.test_request_context(base_url=f"http://{self.host(at)}"),
            unit_scope(unit.id),
        ):
            yield self._context(unit)
            session().commit()

    @contextmanager
    def site(self, at: str = HERE) -> Iterator[Unit]:
        """Open a request of a visitor, as the views of a page see it."""
        with self.app.test_request_context(base_url=f"http://{self.host(at)}"):
            self.app.preprocess_request()
            yield self.unit(at)

    def _context(self, unit: Unit) -> ActionContext:
        return ActionContext.of(self.platform, session(), SYSTEM, unit)

    def factory(self, work: ActionContext, mark: str) -> Factory:
        """Return a factory of samples whose texts hold ``mark``."""
        demo = demo_entries(self.plugin.folder, self.platform.clock.today())
        # What two units borrow must not be the same, or nobody could tell whose it is.
        first = int(work.unit.slug == HERE)
        return Factory(work, self.platform.files, values=Values(mark), demo=demo, first=first)

    def deliver(self) -> None:
        """Deliver all events and run all due jobs."""
        Worker(self.app).drain()

    def switch_off(self, at: str = HERE) -> None:
        """Switch the whole plugin off for a unit, whoever demands it."""
        with self.desk(at) as work:
            context = switching.SwitchContext(
                work.session, SYSTEM, work.unit, work.hooks, work.switchboard, work.clock
            )
            for part in sorted(self.on(at)):
                if work.switchboard.explain(work.unit, self.name, part).locked:
                    switching.waive(
                        context, self.name, part,
                        reason="trial", decision_no="1/QĐ-UBND", until=date(2099, 1, 1),
                    )  # fmt: skip
                else:
                    switching.switch(context, self.name, part, False)
        self.read_configuration()

    def switch_on(self, at: str) -> None:
        """Switch everything on that a unit may have."""
        with self.desk(at) as work:
            context = switching.SwitchContext(
                work.session, SYSTEM, work.unit, work.hooks, work.switchboard, work.clock
            )
            for name in (*sorted(self.plugin.needs()), self.name):
                for part in work.switchboard.parts(name):
                    decision = work.switchboard.explain(work.unit, name, part)
                    if not (decision.on or decision.locked):
                        switching.switch(context, name, part, True)
        self.read_configuration()

    def rows_of(self, at: str) -> dict[str, list[tuple[Any, ...]]]:
        """Return every row of every table that belongs to a unit."""
        there = set(inspect(self.platform.engine).get_table_names())
        unit, found = self.unit(at), {}
        with self.platform.open_session(False) as opened, all_units("a check of the kit"):
            connection = opened.connection()
            for table in Base.metadata.sorted_tables:
                if "unit_id" in table.c and table.name in there:
                    rows = connection.execute(select(table).where(table.c.unit_id == unit.id))
                    found[table.name] = sorted((tuple(row) for row in rows), key=repr)
        return found
