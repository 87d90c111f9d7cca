"""Preparing a trial: an instance with one plugin and what it needs, its units and its samples."""

from __future__ import annotations

import logging
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import Any

import yaml
from flask import Flask
from sqlalchemy import inspect

from hoitu.core import schema
from hoitu.core.access import accounts
from hoitu.core.app import create_app
from hoitu.core.clock import FrozenClock
from hoitu.core.content import ContentType, Item, Reference, actions
from hoitu.core.extensions import KEY, Platform
from hoitu.core.plugin import Manifest
from hoitu.core.requirements import Catalogue, UnitType
from hoitu.core.testing.conformance.installed import PortalPlugin, only, unconfigured
from hoitu.core.testing.conformance.snapshot import (
    DRAFT_MARK,
    EMPTY,
    HERE,
    MARKS,
    THERE,
    Sample,
    Snapshot,
)
from hoitu.core.testing.conformance.trial import Trial
from hoitu.core.testing.factories import NoSample, text_field
from hoitu.core.testing.fixtures import PASSWORD, TODAY
from hoitu.core.testing.samples import texts
from hoitu.core.units import importing

log = logging.getLogger(__name__)

#: Types of units in the order of preference, among those that may have most of the plugin.
USUAL = ("ward", "commune", "department", "province")


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
    with unconfigured(), only({plugin.name, *plugin.needs()}):
        app = create_app(
            instance=folder,
            clock=FrozenClock(TODAY),
            database_url=url,
            secure_cookies=False,
            second_factor="none",
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
        for slug in (HERE, THERE, EMPTY):
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
    private = {n: f for n, f in kind.fields.items() if f.private}
    return Sample(
        id=item.id,
        slug=item.slug,
        type=item.type,
        requirement=item.requirement,
        columns={n: v for n, v in columns.items() if isinstance(v, str | int)},
        private=tuple(t for n, f in private.items() for t in texts(f, getattr(item, n))),
    )
