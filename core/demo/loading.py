"""Loading the demonstration: units from this package, content from each section's ``demo.yaml``.

Everything goes through the same actions as an editor's work. A second run adds nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime, time
from importlib import resources
from pathlib import Path
from typing import Any

import yaml
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from hoitu.core.access import SYSTEM
from hoitu.core.clock import ZONE, FrozenClock
from hoitu.core.content import ActionContext, Item, Reference, actions
from hoitu.core.extensions import Platform
from hoitu.core.plugin.manifest import package_folder
from hoitu.core.settings.refresh import refresh
from hoitu.core.units import all_units, importing, unit_scope

#: Told how many of how many items of a section are loaded.
Progress = Callable[[str, int, int], None]
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def load(platform: Platform, session: Session, progress: Progress) -> int:
    """Load units and content that are not there yet; return how many items were added.

    The session is committed after the units and after each section.
    """
    source = resources.files("hoitu.core.demo") / "data" / "units.yaml"
    unit_ids = importing.apply(session, source.read_text("utf-8"))
    session.commit()
    refresh(platform, session)
    with all_units("count of the demonstration's items"):
        if session.scalar(select(func.count(Item.id))):
            return 0
    added = 0
    for section, entries in _content(platform):
        loaded: dict[str, int] = {}
        for number, entry in enumerate(entries, start=1):
            _load_item(platform, session, unit_ids, entry, loaded)
            progress(section, number, len(entries))
        session.commit()
        added += len(loaded)
    return added


def _content(platform: Platform) -> Iterator[tuple[str, list[Mapping[str, Any]]]]:
    """Yield (section, its demo entries)."""
    for manifest in platform.plugins.sections():
        plugin = platform.plugins.get(manifest.name)
        assert plugin is not None
        path: Path = package_folder(plugin.package) / "demo.yaml"
        if path.is_file():
            data = yaml.load(path.read_text("utf-8"), Loader=_LOADER)  # noqa: S506 (safe loader)
            yield manifest.name, data["items"]


def _load_item(
    platform: Platform,
    session: Session,
    unit_ids: Mapping[str, int],
    entry: Mapping[str, Any],
    loaded: dict[str, int],
) -> None:
    unit = platform.units.by_id(unit_ids[entry["unit"]])
    assert unit is not None
    values = dict(entry["fields"])
    for name, declared in platform.types[entry["type"]].fields.items():
        if isinstance(declared.kind, Reference) and values.get(name):
            values[name] = loaded[values[name]]
    if entry.get("relations"):
        values["relations"] = [
            {"relation": r["relation"], "target_number": r["target_number"], "note": r.get("note")}
            for r in entry["relations"]
        ]
    published_on = values.pop("published_on", None)
    context = ActionContext(
        session=session,
        actor=SYSTEM,
        unit=unit,
        types=platform.types,
        hooks=platform.hooks,
        switchboard=platform.switchboard,
        clock=platform.clock,
    )
    if published_on is not None:
        context = replace(context, clock=FrozenClock(_instant(published_on)))
    with unit_scope(unit.id):
        item = actions.create(context, entry["type"], values)
        if entry["state"] == "published":
            actions.publish(context, item)
    loaded[entry["key"]] = item.id


def _instant(value: date | datetime | str) -> datetime:
    if isinstance(value, str):
        value = datetime.fromisoformat(value)
    if not isinstance(value, datetime):
        value = datetime.combine(value, time(8))
    return value if value.tzinfo else value.replace(tzinfo=ZONE)
