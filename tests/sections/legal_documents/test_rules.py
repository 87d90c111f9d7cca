from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from hoitu.sections.legal_documents.models import LegalDocument
from hoitu.sections.legal_documents.rules import pattern_of, problems
from hoitu.sections.legal_documents.vocabularies import RELATIONS, patterns

FIRST, SECOND, THIRD = date(2026, 1, 1), date(2026, 2, 1), date(2026, 3, 1)
BASIS = {"relation": "basis", "target_number": "42/2022/NĐ-CP", "note": ""}


@pytest.mark.parametrize(
    ("number", "kind"),
    [
        ("64/2025/QH15", "law"),
        ("202/2025/QH15", "law"),
        ("1675/2025/UBTVQH15", "law"),
        ("54/2023/QĐ-UBND", "normative"),
        ("42/2022/NĐ-CP", "normative"),
        ("13/2018/NĐ-CP", "normative"),
        ("09/2017/TT-BTTTT", "normative"),
        ("05/2024/NQ-HĐND", "normative"),
        ("12a/2024/QĐ-UBND", "normative"),
        ("01/2020/TTLT-BTP-BTC", "normative"),
        ("389/KH-UBND", "administrative"),
        ("1675/NQ-UBTVQH15", "administrative"),
        ("1418/QĐ-BTTTT", "administrative"),
        ("56/QĐ-UBND", "administrative"),
        ("01/TB-UBND", "administrative"),
        ("07a/CTr-UBND", "administrative"),
        ("12-NQ/TU", "party"),
        ("05-CT/TU", "party"),
        ("2323/BTTTT-THH", "official_letter"),
        ("115/STTTT-CNTT", "official_letter"),
        ("389KH-UBND", None),
        ("389/kh-ubnd", None),
        ("389/", None),
        ("/KH-UBND", None),
        ("KH-UBND", None),
        ("389", None),
        ("389/KH UBND", None),
        ("389/KH-", None),
        ("123456/KH-UBND", None),
    ],
)
def test_pattern_of(number: str, kind: str | None) -> None:
    found = pattern_of(number)
    assert (found.kind if found else None) == kind


def test_examples_have_the_form_they_are_examples_of() -> None:
    for pattern in patterns():
        found = pattern_of(pattern.example)
        assert found is not None
        assert found.kind == pattern.kind


@pytest.mark.parametrize(
    ("values", "fields"),
    [
        ({}, []),
        ({"number": "389/KH-UBND", "requirement": "administrative_documents"}, []),
        ({"number": "389/KH-UBND", "requirement": "normative_documents"}, ["number"]),
        ({"number": "54/2023/QĐ-UBND", "requirement": "normative_documents"}, []),
        ({"number": "54/2023/QĐ-UBND", "requirement": "administrative_documents"}, []),
        ({"number": "số 389"}, ["number"]),
        ({"issued_on": FIRST, "effective_on": FIRST}, []),
        ({"issued_on": FIRST, "effective_on": SECOND, "expires_on": THIRD}, []),
        ({"issued_on": SECOND, "effective_on": FIRST}, ["effective_on"]),
        ({"issued_on": FIRST, "expires_on": FIRST}, ["expires_on"]),
        ({"issued_on": FIRST, "expires_on": SECOND}, []),
        ({"effective_on": SECOND, "expires_on": SECOND}, ["expires_on"]),
        ({"issued_on": FIRST, "effective_on": THIRD, "expires_on": SECOND}, ["expires_on"]),
        (
            {"issued_on": SECOND, "effective_on": FIRST, "expires_on": FIRST},
            ["effective_on", "expires_on"],
        ),
        ({"expires_on": FIRST}, []),
        ({"relations": [BASIS]}, []),
        ({"relations": [BASIS, {**BASIS, "relation": "amends"}]}, []),
        ({"relations": [{**BASIS, "relation": ""}]}, ["relations"]),
        ({"relations": [{**BASIS, "relation": "khong-co"}]}, ["relations"]),
        ({"relations": [{**BASIS, "target_number": ""}]}, ["relations"]),
        ({"number": "42/2022/NĐ-CP", "relations": [BASIS]}, ["relations"]),
    ],
)
def test_problems(values: dict[str, Any], fields: list[str]) -> None:
    document = LegalDocument(unit_id=1)
    for name, value in values.items():
        setattr(document, name, value)
    assert [problem.field for problem in problems(document)] == fields


@pytest.mark.parametrize(
    ("values", "day", "state"),
    [
        ({}, FIRST, "in_force"),
        ({"effective_on": SECOND}, FIRST, "not_yet"),
        ({"effective_on": SECOND}, SECOND, "in_force"),
        ({"expires_on": SECOND}, FIRST, "in_force"),
        ({"expires_on": SECOND}, SECOND, "expired"),
        ({"expires_on": SECOND}, THIRD, "expired"),
        ({"effective_on": FIRST, "expires_on": THIRD}, SECOND, "in_force"),
        ({"force": "partly_expired"}, FIRST, "partly_expired"),
        ({"force": "partly_expired", "effective_on": SECOND}, FIRST, "not_yet"),
        ({"force": "suspended", "expires_on": FIRST}, FIRST, "expired"),
    ],
)
def test_force_on(values: dict[str, Any], day: date, state: str) -> None:
    assert LegalDocument(**values).force_on(day) == state


def test_every_inverse_leads_back() -> None:
    relations = RELATIONS.terms
    for key, term in relations.items():
        assert relations[term.inverse].inverse == key
        assert term.vi
        assert term.en
