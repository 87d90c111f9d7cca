"""A plugin on trial: an instance with it alone, three units that have it, and samples of content.

At unit ``here`` the checks look; unit ``there`` has content of its own that must not be seen from
``here``; unit ``empty`` has none.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import inspect, select
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from hoitu.core import schema
from hoitu.core.access import PUBLIC, SYSTEM, accounts
from hoitu.core.app import create_app
from hoitu.core.clock import FrozenClock
from hoitu.core.content import ActionContext, ContentType, Item, Reference, actions
from hoitu.core.db import Base
from hoitu.core.extensions import KEY, Platform, session
from hoitu.core.jobs import Worker
from hoitu.core.plugin import Manifest
from hoitu.core.requirements import Catalogue, UnitType
from hoitu.core.settings import refresh, switching
from hoitu.core.testing.conformance.installed import PortalPlugin, only
from hoitu.core.testing.factories import Factory, NoSample, text_field
from hoitu.core.testing.fixtures import PASSWORD, TODAY
from hoitu.core.testing.samples import Values, demo_entries, texts
from hoitu.core.units import Unit, all_units, importing, unit_scope
from hoitu.core.web.access import declared_access

log = logging.getLogger(__name__)

HERE, THERE, EMPTY = "mot", "hai", "ba"
#: What texts of a unit hold, and no text of another.
MARKS = {HERE: "Anbinhx", THERE: "Zbimatz"}
#: What texts hold that are not published, at whatever unit.
DRAFT_MARK = "Qnhapvk"
#: Types of units in the order of preference, among those that may have most of the plugin.
USUAL = ("ward", "commune", "department", "province")


@dataclass(frozen=True)
class Sample:
    """An item as it was made: its id, slug and columns."""

    id: int
    slug: str
    type: str
    requirement: str
    columns: dict[str, Any]
    #: Texts of fields that no visitor may see.
    private: tuple[str, ...] = ()


@dataclass
class Snapshot:
    """The prepared instance; each trial runs on a copy."""

    plugin: PortalPlugin
    folder: Path
    url: str
    #: Why the plugin cannot be tried at all.
    failure: str = ""
    #: By unit.
    samples: dict[str, list[Sample]] = field(default_factory=dict)
    drafts: dict[str, list[Sample]] = field(default_factory=dict)
    words: dict[str, set[str]] = field(default_factory=dict)
    files: dict[str, set[int]] = field(default_factory=dict)
    #: Why there is no sample of a type for a requirement.
    missing: dict[tuple[str, str], str] = field(default_factory=dict)


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

    def staff(self, at: str) -> FlaskClient:
        """Return somebody who is signed in at ``HERE`` and administers the unit ``at``."""
        client = self.app.test_client()
        sent = {"email": f"{at}@a.vn", "password": PASSWORD}
        before = self.app.config.get("WTF_CSRF_ENABLED", True)
        self.app.config["WTF_CSRF_ENABLED"] = False
        path = self.path_of("desk.sign_in")
        answer = client.post(path, data=sent, headers={"Host": self.host()})
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
        parts = self.platform
        return ActionContext(
            session(), SYSTEM, unit, parts.types, parts.hooks, parts.switchboard, parts.clock
        )

    def factory(self, work: ActionContext, mark: str) -> Factory:
        """Return a factory of samples whose texts hold ``mark``."""
        demo = demo_entries(self.plugin.folder, self.platform.clock.today())
        return Factory(work, self.platform.files, values=Values(mark), demo=demo)

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


# -- preparing ------------------------------------------------------------------------------------


def start(snapshot: Snapshot, folder: Path, url: str) -> Trial:
    """Start the plugin on an instance."""
    return Trial(snapshot, _application(snapshot.plugin, folder, url))


def prepare(plugin: PortalPlugin, folder: Path, url: str) -> Snapshot:
    """Set up an instance with one plugin and what it needs, units, and samples of its content.

    What goes wrong is noted in the snapshot, for the check whose matter it is.
    """
    snapshot = Snapshot(plugin, folder, url)
    folder.mkdir(parents=True)
    try:
        app = _application(plugin, folder, url)
    except Exception as error:
        log.exception("%s", plugin.name)
        snapshot.failure = f"{type(error).__name__}: {error}"
        return snapshot
    parts: Platform = app.extensions[KEY]
    try:
        _fill(snapshot, app, parts)
    except Exception as error:
        log.exception("%s", plugin.name)
        snapshot.failure = f"{type(error).__name__}: {error}"
    finally:
        parts.search.close()
        parts.engine.dispose()
    return snapshot


def _application(plugin: PortalPlugin, folder: Path, url: str) -> Flask:
    with only({plugin.name, *plugin.needs()}):
        app = create_app(
            instance=folder, clock=FrozenClock(TODAY), database_url=url, secure_cookies=False
        )
    app.testing = True
    # Errors are answered as in production: the kit looks at what a visitor gets.
    app.config["PROPAGATE_EXCEPTIONS"] = False
    return app


def _fill(snapshot: Snapshot, app: Flask, parts: Platform) -> None:
    found = parts.plugins.get(snapshot.plugin.name)
    if found is None or not found.is_active:
        snapshot.failure = f"{found.state}: {found.reason}" if found else "it is not found"
        return
    for lineage in schema.lineages(parts.plugins):
        schema.upgrade(parts.engine, lineage)
    with app.app_context(), parts.open_session(True) as opened:
        importing.apply(opened, _units(snapshot.plugin.manifest, parts))
        opened.commit()
    parts.search.rebuild(())
    trial = Trial(snapshot, app)
    for slug in (HERE, THERE, EMPTY):
        trial.switch_on(slug)
    with parts.open_session(True) as opened:
        for slug in (HERE, THERE):
            account = accounts.create(
                opened, email=f"{slug}@a.vn", name=f"Quản trị {slug}", password=PASSWORD
            )
            accounts.grant(opened, account, "unit_admin", trial.unit(slug).id)
        opened.commit()
    for slug in (THERE, HERE):
        _publish_samples(trial, slug)
    trial.deliver()


def _units(manifest: Manifest, parts: Platform) -> str:
    """Return a province and three units of a type that may have most of the plugin."""
    today = parts.clock.today()
    catalogue = parts.catalogues.on(today)
    kind = _fitting(manifest, catalogue, today)
    names = {HERE: "Một", THERE: "Hai", EMPTY: "Ba"}
    units = [_unit(kind, slug, f"Đơn vị {name}") for slug, name in names.items()]
    if kind != "province":
        units.insert(0, _unit("province", "tinh", "Ủy ban nhân dân tỉnh Thử"))
        units[1:] = [{**unit, "parents": [{"key": "tinh"}]} for unit in units[1:]]
    return yaml.safe_dump({"units": units}, allow_unicode=True)


def _unit(kind: str, slug: str, name: str) -> dict[str, Any]:
    return {
        "key": slug, "slug": slug, "type": kind, "site": True, "names": [{"name": name}],
        "hosts": [{"name": f"{slug}.test"}], "valid_from": None, "valid_until": None,
    }  # fmt: skip


def _fitting(manifest: Manifest, catalogue: Catalogue, today: date) -> str:
    def score(unit_type: UnitType) -> tuple[int, int]:
        duties = [d for r in manifest.requirements if (d := catalogue.requirements.get(r))]
        fit = [d for d in duties if not d.people_committee_only or unit_type.matches(d.unit_types)]
        usual = USUAL.index(unit_type.id) if unit_type.id in USUAL else len(USUAL)
        return len(fit), -usual

    allowed = manifest.allowed_unit_types
    fitting = [
        t
        for t in catalogue.unit_types.values()
        if t.has_site
        and (t.valid_from is None or t.valid_from <= today)
        and (t.valid_until is None or today <= t.valid_until)
        and (not allowed or t.matches(allowed))
    ]
    return max(fitting, key=score).id if fitting else USUAL[0]


def _publish_samples(trial: Trial, slug: str) -> None:
    snapshot = trial.snapshot
    samples: list[Sample] = []
    drafts: list[Sample] = []
    with trial.desk(slug) as work:
        factory, hidden = trial.factory(work, MARKS[slug]), trial.factory(work, DRAFT_MARK)
        for kind in trial.kinds:
            several = "requirement" in kind.fields
            served = [r for r in kind.requirements if r in trial.on(slug)]
            items = []
            for requirement in (served if several else ()) or ("",):
                try:
                    items.append(factory.publish(kind, requirement))
                except NoSample as error:
                    snapshot.missing.setdefault((kind.name, requirement), str(error))
            if not items:
                continue
            samples += [_sample(kind, item) for item in items]
            # What it refers to is public already.
            hidden.made.by_type.update(factory.made.by_type)
            with suppress(NoSample):
                drafts.append(_sample(kind, hidden.create(kind)))
            if name := text_field(kind):
                actions.edit(work, items[0], {name: hidden.value(kind.fields[name])})
        hidden_ids = {draft.type: draft.id for draft in drafts}
        for kind in trial.kinds:
            # An editor may name what is not public yet; its title must not be told by that.
            named = {
                n: hidden_ids[f.kind.type]
                for n, f in kind.shown_fields.items()
                if isinstance(f.kind, Reference) and f.kind.type in hidden_ids
            }
            if named:
                with suppress(NoSample):
                    samples.append(_sample(kind, factory.publish(kind, given=named)))
        made = factory.made
        snapshot.words[slug] = {word for words in made.words.values() for word in words}
        snapshot.files[slug] = made.files
    snapshot.samples[slug], snapshot.drafts[slug] = samples, drafts


def _sample(kind: ContentType, item: Item) -> Sample:
    columns = {c.key: getattr(item, c.key) for c in inspect(type(item)).column_attrs}
    private = [n for n, f in kind.fields.items() if getattr(f, "private", False)]
    return Sample(
        id=item.id,
        slug=item.slug,
        type=item.type,
        requirement=item.requirement,
        columns={n: v for n, v in columns.items() if isinstance(v, str | int)},
        private=tuple(t for n in private for t in texts(getattr(item, n))),
    )
