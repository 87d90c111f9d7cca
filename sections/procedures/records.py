"""Records of the national database as values of a procedure: pure functions.

Nothing a record tells is dropped or guessed: a way of filing or a unit of time that is not known
here is kept as it is written, and several fees stand in words instead of one sum.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from hoitu.core import text
from hoitu.core.content import package_data
from hoitu.sections.procedures.vocabularies import (
    LEVELS,
    METHODS,
    PACKAGE,
    TIME_UNITS,
    audience_of,
    field_of,
    first_named,
)

Record = Mapping[str, Any]
#: Names of the national database run to a paragraph; a title ends here, in characters.
LONGEST_TITLE = 250
#: Longest line with the names of forms, in characters.
LONGEST_FORMS = 400
#: The number of a document inside other words.
NUMBER = re.compile(r"\d+\s*(?:/\s*\d{4}\s*)?/[^\W\d_][\w/-]*\w")


def values_of(record: Record) -> dict[str, Any]:
    """Return the fields of a record, without those that belong to the unit."""
    name, description = text.nfc(_told(record.get("name"))), _told(record.get("description"))
    title = text.excerpt(name, LONGEST_TITLE)
    bases = record.get("legalBasises") or ()
    field_name, subjects = _told(record.get("field")), _lines(record.get("subjectTypes"))
    return {
        "code": _told(record.get("code")),
        "title": title,
        # A name that is too long for a title stands whole below it.
        "summary": "\n".join(filter(None, (name if title != name else "", description))),
        "level": first_named(LEVELS.terms.values(), _lines(record.get("level"))),
        "field_name": field_name,
        "field_group": field_of(field_name),
        "decision": _number(_told(record.get("decision_no")), ""),
        "subjects": subjects,
        "audience": audience_of(subjects),
        "steps": _steps(record.get("executionSteps")),
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
        "receiving": _lines(record.get("dossierReceivingAddresses")),
        "results": _rows(record.get("resultsDetails"), name="name", code="code"),
        "conditions": _told(record.get("requirementsAndConditions")),
        "bases": [_basis(_told(b.get("code")), _told(b.get("name"))) for b in bases],
        "keywords": ", ".join(_lines(record.get("keywords")).splitlines()),
        "related": _rows(record.get("procedureRelatedGroup"), code="code", name="name"),
    }


@cache
def _portal() -> tuple[frozenset[str], re.Pattern[str]]:
    """Return what the national database writes for nothing, and the heading of a step."""
    data = package_data(PACKAGE, "portal")
    return frozenset(map(text.fold, data["nothing"])), re.compile(data["step"])


def _told(value: Any) -> str:
    """Return a value as text; '' where the record says that nothing is known."""
    said = str(value if value is not None else "").strip()
    nothing, _step = _portal()
    return "" if text.fold(said) in nothing else said


def _lines(entries: Any) -> str:
    """Return one value, or several, a line each."""
    several = [entries] if isinstance(entries, str) else entries or ()
    return "\n".join(filter(None, dict.fromkeys(map(_told, several))))


def _rows(entries: Iterable[Record] | None, **columns: str) -> list[dict[str, Any]]:
    return [{name: _told(e.get(key)) for name, key in columns.items()} for e in entries or ()]


def _steps(entries: Iterable[Record] | None) -> list[dict[str, Any]]:
    """Return the steps; one running text that numbers its steps is taken apart."""
    rows = _rows(entries, name="name", description="description")
    if len(rows) != 1:
        return rows
    _nothing, heading = _portal()
    whole = rows[0]["description"]
    found = list(heading.finditer(whole))
    numbers = [int(match[1]) for match in found]
    # Numbers out of order are no headings: the text speaks of its steps.
    if len(found) < 2 or numbers != list(range(1, len(found) + 1)):
        return rows
    before = {"name": rows[0]["name"], "description": whole[: found[0].start()].strip()}
    ends = [*(match.start() for match in found[1:]), len(whole)]
    return [
        *([before] if any(before.values()) else []),
        *(
            {
                "name": match[0].rstrip(" :.\t\n"),
                "description": whole[match.end() : end].strip(),
            }
            for match, end in zip(found, ends, strict=True)
        ),
    ]


def _way(entry: Record) -> dict[str, Any]:
    time, unit = _told(entry.get("processingTime")), _told(entry.get("processingTimeUnit"))
    counted = time.isascii() and time.isdigit()
    fees = [
        (_sum(fee.get("amount")), _told(fee.get("description"))) for fee in entry.get("fees") or ()
    ]
    sums = {amount for amount, _note in fees}
    several = len(sums) > 1
    return {
        "method": _known(METHODS.terms, _told(entry.get("submissionMethod")).upper()),
        "time": int(time) if counted else None,
        "time_unit": _known(TIME_UNITS.terms, unit.lower()) if counted else "",
        "fee": None if several or not sums else sums.pop(),
        "fee_note": _lines([_priced(*fee) if several else fee[1] for fee in fees]),
        "note": _lines(["" if counted else f"{time} {unit}", entry.get("description")]),
    }


def _sum(amount: Any) -> int | None:
    """Return a fee in whole đồng; None for what is no such sum."""
    if isinstance(amount, float) and amount.is_integer():
        return int(amount)
    return amount if type(amount) is int else None


def _priced(amount: int | None, note: str) -> str:
    said = f"{amount:,} VND".replace(",", ".") if amount is not None else ""
    return ": ".join(filter(None, (said, note)))


def _paper(case: Record, paper: Record) -> dict[str, Any]:
    return {
        "case": _told(case.get("name")),
        "name": _told(paper.get("name")),
        "originals": paper.get("originalQty"),
        "copies": paper.get("copyQty"),
        "form": ", ".join(_lines(paper.get("attachments")).splitlines())[:LONGEST_FORMS],
    }


def _basis(told: str, name: str) -> dict[str, Any]:
    """Return a legal basis; what stands for its number and is none belongs to its name."""
    number = _number(told, name)
    if not any(map(str.isdigit, number)):
        number, name = "", name if told in name else _lines([told, name])
    return {"number": number, "name": name}


def _number(told: str, name: str) -> str:
    """Return the number of a document, found in what is told as its number or else in its name."""
    match = NUMBER.search(told)
    if match is None:
        match = NUMBER.search(name)
        # A bare "12" is completed by a name that says "12/2021/...", not by another number.
        if match is None or not match[0].startswith(f"{told}/" if told else ""):
            return told
    return "".join(match[0].split())


def _known(terms: Mapping[str, Any], key: str) -> str:
    """Return a key as the vocabulary spells it; one it does not know stays as it is."""
    return next((known for known in terms if known.casefold() == key.casefold()), key)
