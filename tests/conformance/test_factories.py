"""Samples: from kinds, then from demo.yaml, then left out; and what a section must add."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from hoitu.core.content import (
    Amount,
    Choice,
    ContentType,
    Day,
    Email,
    Field,
    Flag,
    Invalid,
    Kind,
    Line,
    Moment,
    Number,
    Paragraphs,
    Point,
    RichText,
    Rows,
    Url,
)
from hoitu.core.testing.copies import copy_of
from hoitu.core.testing.factories import Factory, NoSample
from hoitu.core.testing.samples import DemoEntry, NoValue, Values, demo_entries


class Shade(Kind):
    """A kind of a vendor's that nothing is known of."""


class Plate(Line):
    """A kind derived from one of core's."""


@pytest.mark.parametrize(
    "kind",
    [
        Line(40), Line(5), Plate(12), Paragraphs(), RichText(), Day(), Moment(), Flag(), Amount(),
        Number(), Number(100, 200), Number(-9, -1), Point(), Url(400), Email(120),
        Choice(lambda: (("", "-"), ("a", "A"))),
        Rows((Field(Line(20), "A", name="a"), Field(Number(), "B", name="b"))),
    ],
    ids=lambda kind: type(kind).__name__,
)  # fmt: skip
def test_every_kind_of_core_has_a_value_that_it_accepts(kind: Kind) -> None:
    declared = Field(kind, "A", name="a", required=True)
    value = Values().of(declared)
    assert not declared.is_empty(value)
    try:
        kind.clean(value)
    except Invalid as error:
        pytest.fail(str(error.message))


def test_an_unknown_kind_has_none() -> None:
    with pytest.raises(NoValue, match="shade: no sample value for the kind Shade"):
        Values().of(Field(Shade(), "Shade", name="shade"))


def test_optional_dates_are_left_out_unless_asked_for() -> None:
    declared = Field(Day(), "A", name="a")
    assert Values().of(declared) is None
    assert Values().of(declared, dates=True)


def test_demo_entries_have_dates_for_days(tmp_path: Path) -> None:
    (tmp_path / "demo.yaml").write_text(
        "items:\n- {key: a, unit: province, type: t, state: published, "
        "fields: {day: !in_days 3, rows: [{day: !in_days -1}]}}\n"
    )
    (entry,) = demo_entries(tmp_path, date(2026, 11, 23))
    assert entry.fields == {"day": date(2026, 11, 26), "rows": [{"day": date(2026, 11, 22)}]}
    assert demo_entries(tmp_path / "nowhere", date(2026, 11, 23)) == []


# -- made at a unit ------------------------------------------------------------------------------

SERVED = "administrative_documents"
DEMO = {"number": "12/KH-UBND", "kind": "KH", "summary": "Từ tệp mẫu", "signer": "Lan (mẫu)"}


@dataclass
class Bench:
    """A factory at a unit and the type it makes."""

    kind: ContentType
    make: Callable[..., Factory]


@pytest.fixture
def bench(desk: Callable[..., AbstractContextManager[Any]], platform: Any) -> Any:
    def entries(**fields: Any) -> list[DemoEntry]:
        return [DemoEntry("a", "legal_document", "published", fields, {})]

    with desk() as work:
        yield Bench(
            platform.types["legal_document"],
            lambda **fields: Factory(
                work, platform.files, demo=entries(**fields) if fields else ()
            ),
        )


def test_what_a_rule_refuses_comes_from_the_demonstration(bench: Bench) -> None:
    factory = bench.make(**DEMO)
    item: Any = factory.publish(bench.kind, SERVED)
    assert item.number == DEMO["number"]
    # Only what was refused is borrowed; the rest can be told from everybody else's.
    assert "Zbimatz" in item.summary and "Zbimatz" in item.signer
    assert factory.made.words["legal_document"] >= {"Zbimatz", DEMO["number"], item.uid}
    assert factory.made.by_type == {"legal_document": item.id}


def test_what_nothing_helps_is_told(bench: Bench) -> None:
    for factory in (bench.make(), bench.make(**{**DEMO, "number": "none"})):
        with pytest.raises(NoSample, match=r"legal_document .*number: .*demo\.yaml"):
            factory.publish(bench.kind, SERVED)


def test_given_values_are_not_corrected(bench: Bench) -> None:
    with pytest.raises(NoSample):
        bench.make(**DEMO).publish(bench.kind, SERVED, given={"number": "none"})
    item: Any = bench.make(**DEMO).publish(bench.kind, SERVED, given={"number": "7/QĐ-UBND"})
    assert item.number == "7/QĐ-UBND"


def test_a_draft_could_be_published_and_is_not(bench: Bench) -> None:
    item: Any = bench.make(**DEMO).create(bench.kind, SERVED, dates=True)
    assert item.state == "draft"
    assert item.effective_on is not None


def test_a_copy_has_rows_of_its_own(bench: Bench) -> None:
    pattern: Any = bench.make(**DEMO).publish(
        bench.kind,
        SERVED,
        given={"relations": [{"relation": "basis", "target_number": "1/NQ-CP", "note": "x"}]},
    )
    copy = copy_of(pattern)
    assert copy.id is None
    assert copy.uid != pattern.uid
    assert copy.number == pattern.number
    assert copy.relations == pattern.relations
    assert copy.relation_rows[0] is not pattern.relation_rows[0]
    assert [row.file_id for row in copy.attachment_rows] == pattern.attachments
