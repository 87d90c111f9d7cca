"""Loading the demonstration: units from this package, content from each section's ``demo.yaml``.

Everything goes through the same actions as an editor's work. A second run adds nothing. An entry
has ``key``, ``unit``, ``type``, ``state`` and ``fields``; a reference names the key of an entry
above it, or ``section:key`` of a section of lower weight. ``files`` names attachments, kept in the
folder ``demo`` of the section. Whatever must look current has ``!in_days 20`` for a date: so many
days after the day of loading, or before; with a time of day, ``!in_days 20 08:30``, for an instant.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from importlib import resources
from pathlib import Path
from typing import Any

import yaml
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from hoitu.core.access import SYSTEM
from hoitu.core.clock import ZONE, FrozenClock
from hoitu.core.content import ActionContext, Item, Reference, Rows, actions
from hoitu.core.content.files import upload
from hoitu.core.extensions import Platform
from hoitu.core.plugin.manifest import package_folder
from hoitu.core.settings.refresh import refresh
from hoitu.core.units import all_units, importing, unit_scope

#: Told how many of how many items of a section are loaded.
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class InDays:
    """A date relative to the day of loading, or an instant on it."""

    days: int
    at: time | None = None

    @classmethod
    def parse(cls, written: str) -> InDays:
        """Return what was written: days, and a time of day if any."""
        days, _space, at = written.partition(" ")
        return cls(int(days), time.fromisoformat(at) if at else None)

    def on(self, today: date) -> date:
        """Return the date, or the instant."""
        day = today + timedelta(days=self.days)
        return day if self.at is None else datetime.combine(day, self.at, tzinfo=ZONE)


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """A safe loader that knows relative dates."""


_Loader.add_constructor("!in_days", lambda loader, node: InDays.parse(str(node.value)))


def read(text: str) -> Any:
    """Return what the text of a ``demo.yaml`` holds."""
    return yaml.load(text, Loader=_Loader)  # noqa: S506 (a safe loader)


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
    earlier: dict[str, int] = {}
    for section, entries in _content(platform):
        loaded = dict(earlier)
        for number, entry in enumerate(entries, start=1):
            _load_item(platform, session, unit_ids, entry, loaded)
            progress(section, number, len(entries))
        session.commit()
        added += len(entries)
        earlier.update({f"{section}:{e['key']}": loaded[e["key"]] for e in entries})
    return added


def _content(platform: Platform) -> Iterator[tuple[str, list[Mapping[str, Any]]]]:
    """Yield (section, its demo entries)."""
    for manifest in platform.plugins.sections():
        plugin = platform.plugins.get(manifest.name)
        assert plugin is not None
        path: Path = package_folder(plugin.package) / "demo.yaml"
        if path.is_file():
            yield manifest.name, read(path.read_text("utf-8"))["items"]


def _load_item(
    platform: Platform,
    session: Session,
    unit_ids: Mapping[str, int],
    entry: Mapping[str, Any],
    loaded: dict[str, int],
) -> None:
    unit = platform.units.by_id(unit_ids[entry["unit"]])
    assert unit is not None
    today = platform.clock.today()
    values: dict[str, Any] = _dated(dict(entry["fields"]), today)
    for name, declared in platform.types[entry["type"]].fields.items():
        if isinstance(declared.kind, Reference) and values.get(name):
            values[name] = loaded[values[name]]
        if isinstance(declared.kind, Rows):
            values[name] = [_named(declared.kind, row, loaded) for row in values.get(name, ())]
    if entry.get("relations"):
        values["relations"] = [
            {"relation": r["relation"], "target_number": r["target_number"], "note": r.get("note")}
            for r in entry["relations"]
        ]
    published_on = values.pop("published_on", None) or _dated(entry.get("published_on"), today)
    context = ActionContext.of(platform, session, SYSTEM, unit)
    if published_on is not None:
        context = replace(context, clock=FrozenClock(_instant(published_on)))
    with unit_scope(unit.id):
        if entry.get("files"):
            values["attachments"] = [
                _file(platform, context, name) for name in _paths(entry, platform)
            ]
        kind = platform.types[entry["type"]]
        if kind.receivable:
            key = hashlib.sha256(entry["key"].encode()).hexdigest()[:32]
            item, _is_new = actions.receive(
                context, kind.name, values, key=key, stamped=_dated(entry.get("stamped", {}), today)
            )
        else:
            item = actions.create(context, entry["type"], values)
        if entry["state"] == "published":
            actions.publish(context, item)
        elif entry["state"] == "archived":
            actions.advance(context, item, "archive", entry["note"])
    loaded[entry["key"]] = item.id


def _named(kind: Rows, row: Mapping[str, Any], loaded: Mapping[str, int]) -> dict[str, Any]:
    """Return a row of a table with ids for the keys of its references."""
    named = {c.name for c in kind.columns if isinstance(c.kind, Reference)}
    return {name: loaded[value] if name in named else value for name, value in row.items()}


def _paths(entry: Mapping[str, Any], platform: Platform) -> list[Path]:
    plugin = platform.plugins.get(platform.types[entry["type"]].section)
    assert plugin is not None
    return [package_folder(plugin.package) / "demo" / name for name in entry["files"]]


def _file(platform: Platform, context: ActionContext, path: Path) -> int:
    with path.open("rb") as source:
        return upload(context, platform.files, path.name, source).id


def _dated(value: Any, today: date) -> Any:
    """Return a value with the dates in it that are relative."""
    if isinstance(value, InDays):
        return value.on(today)
    if isinstance(value, dict):
        return {name: _dated(part, today) for name, part in value.items()}
    if isinstance(value, list):
        return [_dated(part, today) for part in value]
    return value


def _instant(value: date | datetime | str) -> datetime:
    if isinstance(value, str):
        value = datetime.fromisoformat(value)
    if not isinstance(value, datetime):
        value = datetime.combine(value, time(8))
    return value if value.tzinfo else value.replace(tzinfo=ZONE)
