"""The mirror: records of the national database of procedures become items of a unit.

A record has the shape of the national portal (catalogue: procedure_fields). What the unit wrote
itself, the local note and its files, is never touched.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any

from sqlalchemy import select

from hoitu.core import text
from hoitu.core.content import ActionContext, Item, actions
from hoitu.sections.procedures.models import Procedure, ProcedureSource
from hoitu.sections.procedures.vocabularies import LEVELS, METHODS, TIME_UNITS

Record = Mapping[str, Any]
#: Names of the national database run to a paragraph; a title ends here, in characters.
LONGEST_TITLE = 250


class Outcome(StrEnum):
    """What a refresh did."""

    CREATED = "created"
    CHANGED = "changed"
    SAME = "same"


def values_of(record: Record) -> dict[str, Any]:
    """Return the fields of a record, without those that belong to the unit. Pure."""
    name, description = text.nfc(record["name"]), record.get("description") or ""
    title = text.excerpt(name, LONGEST_TITLE)
    return {
        "code": record["code"],
        "title": title,
        # A name that is too long for a title stands whole below it.
        "summary": "\n".join(filter(None, (name if title != name else "", description))),
        "level": _known(LEVELS.terms, record.get("level"), "other"),
        "field_name": record.get("field") or "",
        "decision": record.get("decision_no") or "",
        "subjects": _lines(record.get("subjectTypes")),
        "steps": _rows(record.get("executionSteps"), name="name", description="description"),
        "ways": [_way(entry) for entry in record.get("executionMethods") or ()],
        "dossier": [
            _paper(case, paper)
            for case in record.get("executionCases") or ()
            for paper in case.get("profileComponents") or ()
        ],
        "executing": _lines(record.get("departmentsExecuting")),
        "authority": _lines(record.get("departmentsAuthority")),
        "authorised": _lines(record.get("departmentsAuthorized")),
        "coordinating": _lines(record.get("departmentsCoordinating")),
        "receiving": record.get("dossierReceivingAddresses") or "",
        "results": _rows(record.get("resultsDetails"), name="name", code="code"),
        "conditions": record.get("requirementsAndConditions") or "",
        "bases": _rows(record.get("legalBasises"), number="code", name="name"),
        "keywords": ", ".join(record.get("keywords") or ()),
        "related": _rows(record.get("procedureRelatedGroup"), code="code", name="name"),
    }


def refresh(context: ActionContext, record: Record, source: str) -> Outcome:
    """Create or change the procedure of a record and publish it; say what was done.

    The caller commits. ``source`` is where the record was read.

    :raises Refused: the record lacks what a procedure needs, or the section is off for the unit.
    """
    values = values_of(record)
    key = text.number_key(values["code"])
    digest = hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()
    known = context.session.get(ProcedureSource, (context.unit.id, key))
    item = _held(context, key)
    outcome = Outcome.SAME
    if item is None:
        actions.publish(context, actions.create(context, "procedure", values))
        outcome = Outcome.CREATED
    elif known is None or known.source_hash != digest:
        actions.edit(context, item, values)
        actions.publish(context, item)
        outcome = Outcome.CHANGED
    row = known or ProcedureSource(unit_id=context.unit.id, code_key=key)
    row.source, row.source_hash, row.fetched_at = source, digest, context.now()
    context.session.add(row)
    return outcome


def _held(context: ActionContext, key: str) -> Procedure | None:
    held = select(Procedure).where(Procedure.code_key == key, Item.state != "trashed")
    return context.session.scalars(held.order_by(Item.id)).first()


def _way(entry: Record) -> dict[str, Any]:
    fees = [fee for fee in entry.get("fees") or () if isinstance(fee.get("amount"), int)]
    said = [entry.get("description"), *(fee.get("description") for fee in entry.get("fees") or ())]
    unit = str(entry.get("processingTimeUnit") or "").lower()
    time = entry.get("processingTime")
    return {
        "method": _known(METHODS.terms, entry.get("submissionMethod"), "DIRECT"),
        "time": time if isinstance(time, int) else None,
        "time_unit": _known(TIME_UNITS.terms, unit, "day") if time is not None else "",
        "fee": fees[0]["amount"] if fees else None,
        "note": _lines(said),
    }


def _paper(case: Record, paper: Record) -> dict[str, Any]:
    return {
        "case": case.get("name") or "",
        "name": paper.get("name") or "",
        "originals": paper.get("originalQty"),
        "copies": paper.get("copyQty"),
        "form": ", ".join(filter(None, paper.get("attachments") or ()))[:400],
    }


def _rows(entries: Iterable[Record] | None, **columns: str) -> list[dict[str, Any]]:
    return [{name: e.get(key) or "" for name, key in columns.items()} for e in entries or ()]


def _lines(entries: Iterable[str | None] | None) -> str:
    return "\n".join(entry for entry in entries or () if entry)


def _known(terms: Mapping[str, Any], key: Any, otherwise: str) -> str:
    return str(key) if key in terms else otherwise
