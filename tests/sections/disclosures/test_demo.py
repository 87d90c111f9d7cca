"""The samples: every unit of the pilot has something of each kind, and says that it is made up."""

from __future__ import annotations

import unicodedata
from importlib import resources

import pytest

from hoitu.core.demo.loading import read
from hoitu.core.sheets import read as read_sheet

PACKAGE = resources.files("hoitu.sections.disclosures")
TEXT = (PACKAGE / "demo.yaml").read_text("utf-8")
ITEMS = read(TEXT)["items"]
TYPES = {
    "budget_disclosure",
    "statistical_table",
    "statistical_release",
    "research_result",
    "anti_corruption_disclosure",
}
PILOT = (
    "province", "van-phong-ubnd", "so-tai-chinh", "so-thong-tin-va-truyen-thong", "phong-dien",
    "xa-phong-hien", "xa-phong-my", "phuong-phong-dien", "phuong-phong-thai",
)  # fmt: skip


@pytest.mark.parametrize("unit", PILOT)
def test_every_pilot_unit_has_all_of_it(unit: str) -> None:
    assert {item["type"] for item in ITEMS if item["unit"] == unit} == TYPES


def test_text_is_composed_and_marked_as_a_sample() -> None:
    assert unicodedata.is_normalized("NFC", TEXT)
    for item in ITEMS:
        assert "mẫu" in str(item["fields"]).casefold()
        investigator = item["fields"].get("principal_investigator", "(mẫu)")
        assert investigator.endswith("(mẫu)")


def test_keys_are_unique() -> None:
    keys = [item["key"] for item in ITEMS]
    assert len(set(keys)) == len(keys)


def test_files_are_there_readable_and_used() -> None:
    named = {name for item in ITEMS for name in item.get("files", ())}
    held = {path.name for path in (PACKAGE / "demo").iterdir()}
    assert named == held
    for name in named:
        content = PACKAGE / "demo" / name
        if name.endswith(".pdf"):
            assert content.read_bytes().startswith(b"%PDF-1.4")
            continue
        with content.open("rb") as source:
            assert read_sheet(name, source).rows
