"""Units from a file: the province's list of agencies as YAML, applied idempotently by slug."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import yaml
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from hoitu.core import stamp, text
from hoitu.core.units.models import (
    HostRow,
    SuccessionRow,
    UnitNameRow,
    UnitParentRow,
    UnitRow,
)

#: How one unit continues another.
SUCCESSION_KINDS = ("rename", "merge", "split", "upgrade", "dissolve", "transfer")


class UnitFileError(ValueError):
    """A units file cannot be applied; the message names the unit and the mistake."""


def apply(session: Session, source: str) -> dict[str, int]:
    """Apply the units and successions written in ``source`` (YAML); the caller commits.

    Units are known by slug: a second run changes what differs and adds nothing twice. Returns unit
    ids by the file's keys.

    :raises UnitFileError: the file is not such a list, or a reference leads nowhere.
    """
    try:
        data = yaml.safe_load(source)
        units, successions = data["units"], data.get("succession") or []
        rows = {entry["key"]: _unit(session, entry) for entry in units}
        session.flush()
        for entry in units:
            _dated_facts(session, rows, entry)
        for entry in successions:
            _succession(session, rows, entry)
    except (yaml.YAMLError, KeyError, TypeError, AttributeError) as error:
        raise UnitFileError(f"not a list of units: {type(error).__name__} {error}") from error
    # Both: from now on there are rows to move, however many processes begin to write at once.
    stamp.bump(session)
    stamp.bump(session, stamp.CONTENT)
    return {key: row.id for key, row in rows.items()}


def _unit(session: Session, entry: Mapping[str, Any]) -> UnitRow:
    slug = entry["slug"]
    if text.slug(slug) != slug:
        raise UnitFileError(f"unit {entry['key']}: slug {slug!r} must be lower-case ASCII")
    row = session.scalar(select(UnitRow).where(UnitRow.slug == slug))
    if row is None:
        row = UnitRow(slug=slug, uid=uuid5(NAMESPACE_URL, f"hoitu:unit:{slug}").hex)
        session.add(row)
    row.type, row.code = entry["type"], entry.get("code") or ""
    row.has_site, row.website = bool(entry["site"]), entry.get("website") or ""
    row.valid_from, row.valid_until = _period(entry)
    return row


def _dated_facts(session: Session, rows: Mapping[str, UnitRow], entry: Mapping[str, Any]) -> None:
    unit = rows[entry["key"]]
    for kind in (UnitNameRow, UnitParentRow, HostRow):
        session.execute(delete(kind).where(kind.unit_id == unit.id))
    facts: list[UnitNameRow | UnitParentRow | HostRow] = []
    for name in entry["names"]:
        start, end = _period(name)
        facts.append(
            UnitNameRow(
                unit_id=unit.id,
                language="vi",
                name=text.nfc(name["name"]),
                short=text.nfc(name.get("short") or ""),
                valid_from=start,
                valid_until=end,
            )
        )
    if entry.get("name_en"):
        facts.append(UnitNameRow(unit_id=unit.id, language="en", name=entry["name_en"], short=""))
    for parent in entry.get("parents") or []:
        if parent["key"] not in rows:
            raise UnitFileError(f"unit {entry['key']}: parent {parent['key']} is not in the file")
        start, end = _period(parent)
        parent_id = rows[parent["key"]].id
        facts.append(
            UnitParentRow(unit_id=unit.id, parent_id=parent_id, valid_from=start, valid_until=end)
        )
    for host in entry.get("hosts") or []:
        start, end = _period(host)
        facts.append(
            HostRow(unit_id=unit.id, name=host["name"].lower(), valid_from=start, valid_until=end)
        )
    session.add_all(facts)


def _succession(session: Session, rows: Mapping[str, UnitRow], entry: Mapping[str, Any]) -> None:
    pair = (entry["predecessor"], entry["successor"])
    if missing := [key for key in pair if key not in rows]:
        raise UnitFileError(f"succession {pair}: {missing[0]} is not in the file")
    if entry["kind"] not in SUCCESSION_KINDS:
        raise UnitFileError(f"succession {pair}: unknown kind {entry['kind']}")
    before, after = rows[pair[0]].id, rows[pair[1]].id
    known = session.scalar(
        select(SuccessionRow).where(
            SuccessionRow.predecessor_id == before, SuccessionRow.successor_id == after
        )
    )
    row = known or SuccessionRow(predecessor_id=before, successor_id=after)
    row.kind, row.partial = entry["kind"], bool(entry.get("partial"))
    row.effective_on, row.legal_document = entry["effective_on"], entry.get("document") or ""
    session.add(row)


def _period(entry: Mapping[str, Any]) -> tuple[date | None, date | None]:
    start, end = entry.get("valid_from"), entry.get("valid_until")
    for day in (start, end):
        if day is not None and not isinstance(day, date):
            raise UnitFileError(f"{entry}: {day!r} is not a date")
    if start and end and end < start:
        raise UnitFileError(f"{entry}: ends before it begins")
    return start, end
