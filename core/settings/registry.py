"""The settings registry: what a plugin lets administrators decide, resolved per unit.

A plugin declares a frozen dataclass; every attribute has a default, a label and maybe a help text
(:func:`setting`). A value is looked up for the unit, then its type, then the platform, then the
default. Deployment settings (addresses, secrets, engines) are not here but in ``core.config``.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields, is_dataclass
from dataclasses import field as dataclass_field
from datetime import datetime
from typing import Any, TypeVar, cast

from sqlalchemy import String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from hoitu.core import stamp
from hoitu.core.access import Actor, audit
from hoitu.core.db import Base, Json
from hoitu.core.events import SettingChanged, append
from hoitu.core.units import Unit

T = TypeVar("T")

PLATFORM = "platform"


class SettingError(ValueError):
    """A setting is unknown or its value has the wrong type; the message names it."""


class SettingRow(Base):
    """One stored value: for `platform`, `type:<id>` or `unit:<id>`."""

    __tablename__ = "setting"
    __table_args__ = (UniqueConstraint("scope", "plugin", "key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    scope: Mapped[str] = mapped_column(String(60))
    plugin: Mapped[str] = mapped_column(String(60))
    key: Mapped[str] = mapped_column(String(60))
    value: Mapped[Any] = mapped_column(Json)


@dataclass(frozen=True, slots=True)
class Origin:
    """A resolved value and the scope it comes from (`default` when nobody set it)."""

    value: Any
    scope: str


def setting(
    default: Any,
    *,
    label: Any,
    help: Any = "",
    options: Mapping[str, Any] | None = None,
    largest: int | None = None,
    whole_platform: bool = False,
    names_file: bool = False,
) -> Any:
    """Declare one setting of a settings dataclass; ``options`` are its values with labels.

    A number with ``largest`` is between 0 and that.

    One of the ``whole_platform`` is the operator's: no unit and no type has a value of its own. One
    that ``names_file`` is a number, the id of a file (0: of none), which is in use as long.
    """
    told = {
        "label": label, "help": help, "options": options or {}, "largest": largest,
        "whole": whole_platform, "file": names_file,
    }  # fmt: skip
    return dataclass_field(default=default, metadata=told)


class SettingsRegistry:
    """Every declared setting and its stored values; reloaded when the stamp moves."""

    def __init__(self) -> None:
        self._schemas: dict[str, type] = {}
        self._values: dict[tuple[str, str, str], Any] = {}
        self._resolved: dict[tuple[str, int], Any] = {}

    def register(self, plugin: str, schema: type) -> None:
        """Add a plugin's settings dataclass.

        :raises SettingError: not a frozen dataclass, or an attribute has no default or label.
        """
        if not is_dataclass(schema) or not schema.__dataclass_params__.frozen:  # type: ignore[attr-defined]
            raise SettingError(f"{schema.__name__} must be a frozen dataclass")
        for entry in fields(schema):
            if entry.default is MISSING or "label" not in entry.metadata:
                raise SettingError(f"{schema.__name__}.{entry.name} needs a default and a label")
        self._schemas[plugin] = schema

    def reload(self, session: Session) -> None:
        """Read all stored values."""
        self._values = {
            (row.scope, row.plugin, row.key): row.value
            for row in session.scalars(select(SettingRow))
        }
        self._resolved = {}

    def schemas(self) -> dict[str, type]:
        """Return the declared dataclasses by plugin."""
        return dict(sorted(self._schemas.items()))

    def naming_files(self) -> dict[tuple[str, str], Any]:
        """Return the labels of the settings that name a file, by owner and key."""
        return {
            (owner, entry.name): entry.metadata["label"]
            for owner, schema in self.schemas().items()
            for entry in fields(cast("Any", schema))
            if entry.metadata.get("file")
        }

    def of(self, schema: type[T], unit: Unit) -> T:
        """Return the settings of a plugin as they hold for ``unit``."""
        plugin = self._plugin_of(schema)
        key = (plugin, unit.id)
        # Bound first: what was read before a reload is stored where nobody looks any more.
        resolved = self._resolved
        if key not in resolved:
            values = {
                f.name: self.origin(plugin, f.name, unit).value for f in fields(cast("Any", schema))
            }
            resolved[key] = schema(**values)
        return cast("T", resolved[key])

    def origin(self, plugin: str, key: str, unit: Unit, *, inherited: bool = False) -> Origin:
        """Return the value of one setting for a unit and where it comes from.

        ``inherited`` asks what would hold if the unit had not set it.
        """
        entry, values = self._entry(plugin, key), self._values
        own = () if inherited else (f"unit:{unit.id}",)
        scopes = () if entry.metadata.get("whole") else (*own, f"type:{unit.type}")
        for scope in (*scopes, PLATFORM):
            if (scope, plugin, key) in values:
                return Origin(values[scope, plugin, key], scope)
        return Origin(entry.default, "default")

    def stored(self, scope: str, plugin: str, key: str) -> Any:
        """Return what is stored for a scope itself; None when nothing is."""
        return self._values.get((scope, plugin, key))

    def mark(self, scope: str, plugin: str) -> str:
        """Return what to give :meth:`is_unchanged` later: it stands for what is stored now."""
        values = self._values.items()
        return _mark({key: value for (s, p, key), value in values if (s, p) == (scope, plugin)})

    def is_unchanged(self, session: Session, scope: str, plugin: str, mark: str) -> bool:
        """Say whether nobody changed what is stored for a scope since the mark was taken.

        Until the caller commits or rolls back, nobody else stores settings.
        """
        stamp.bump(session)
        session.flush()
        wanted = (SettingRow.scope == scope, SettingRow.plugin == plugin)
        rows = session.execute(select(SettingRow.key, SettingRow.value).where(*wanted))
        return _mark({row.key: row.value for row in rows}) == mark

    def store(
        self,
        session: Session,
        actor: Actor,
        scope: str,
        plugin: str,
        key: str,
        value: Any,
        now: datetime,
    ) -> None:
        """Store a value for a scope (None removes it), audited; the caller commits.

        Removing what nobody set changes nothing and is not recorded.

        :raises SettingError: unknown setting, a value of another type than the default, or one that
            is not among its options or within its bounds.
        """
        entry = self._entry(plugin, key)
        if scope != PLATFORM and entry.metadata.get("whole"):
            raise SettingError(f"{plugin}.{key} is set for the whole platform only")
        if value is not None and type(value) is not type(entry.default):
            raise SettingError(
                f"{plugin}.{key} takes {type(entry.default).__name__}, not {type(value).__name__}"
            )
        options = entry.metadata.get("options")
        if value is not None and options and value not in options:
            raise SettingError(f"{plugin}.{key} takes one of {', '.join(options)}, not {value}")
        largest = entry.metadata.get("largest")
        if value is not None and largest is not None and not 0 <= value <= largest:
            raise SettingError(f"{plugin}.{key} is between 0 and {largest}, not {value}")
        wanted = (SettingRow.scope == scope, SettingRow.plugin == plugin, SettingRow.key == key)
        row = session.scalar(select(SettingRow).where(*wanted))
        before = row.value if row else None
        if value is None:
            if row is None:
                return
            session.delete(row)
        else:
            row = row or SettingRow(scope=scope, plugin=plugin, key=key)
            row.value = value
            session.add(row)
        unit_id = int(scope.removeprefix("unit:")) if scope.startswith("unit:") else 0
        stamp.bump(session)
        append(session, SettingChanged(unit_id, plugin, key), now)
        audit.record(
            session, actor, "setting.change", object_type="setting", object_id=f"{plugin}.{key}",
            unit_id=unit_id or None, now=now,
            detail={"scope": scope, "value": value, "before": before},
        )  # fmt: skip

    def _entry(self, plugin: str, key: str) -> Any:
        schema = self._schemas.get(plugin)
        found = [f for f in fields(cast("Any", schema)) if f.name == key] if schema else []
        if not found:
            raise SettingError(f"unknown setting {plugin}.{key}")
        return found[0]

    def _plugin_of(self, schema: type) -> str:
        found = [name for name, known in self._schemas.items() if known is schema]
        if not found:
            raise SettingError(f"{schema.__name__} is not registered")
        return found[0]


def _mark(values: Mapping[str, Any]) -> str:
    told = json.dumps(values, sort_keys=True)
    return hashlib.sha256(told.encode()).hexdigest()[:32]
