"""The demonstration's data holds together: references, dates, succession, numbers, sample marks."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from hoitu.core import clock
from hoitu.core.demo.loading import InDays, read

ROOT = Path(__file__).parents[2]
FILES = {
    "units": ROOT / "core/demo/data/units.yaml",
    **{path.parent.name: path for path in sorted((ROOT / "sections").glob("*/demo.yaml"))},
}
SECTIONS = [name for name in FILES if name != "units"]
CATALOGUE = ROOT / "core/requirements/data/catalogue-2023-11-27.yaml"
TODAY = date(2026, 11, 22)
PLAN = "389/KH-UBND"
SAMPLE = "mẫu"

Row = dict[str, Any]


def load(path: Path) -> Any:
    return read(path.read_text("utf-8"))


DATA = {name: load(path) for name, path in FILES.items()}
LAW = load(CATALOGUE)
UNITS: dict[str, Row] = {unit["key"]: unit for unit in DATA["units"]["units"]}
SUCCESSION: list[Row] = DATA["units"]["succession"]
ITEMS: dict[str, list[Row]] = {name: DATA[name]["items"] for name in SECTIONS}
DOCUMENTS: list[Row] = [i for i in ITEMS["legal_documents"] if i["type"] == "legal_document"]
ACTS: dict[str, Row] = {
    item["fields"]["number"]: item for item in DOCUMENTS if SAMPLE not in item["fields"]["summary"]
}
REQUIREMENTS = {
    requirement["id"]: section["plugin"]
    for section in LAW["sections"]
    for requirement in section["requirements"]
} | {extra["id"]: "transparency" for extra in LAW["legal_extras"]}


def lives_on(row: Row, day: date) -> bool:
    start, end = row.get("valid_from"), row.get("valid_until")
    return (start is None or start <= day) and (end is None or day <= end)


def spans(row: Row) -> tuple[date, date]:
    return row.get("valid_from") or date.min, row.get("valid_until") or date.max


def strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for part in value.values():
            yield from strings(part)
    elif isinstance(value, list):
        for part in value:
            yield from strings(part)


def pattern_of(number: str) -> str:
    for pattern in LAW["document_symbol_patterns"]:
        if re.fullmatch(pattern["regex"], number):
            return str(pattern["kind"])
    raise AssertionError(f"{number} matches no pattern of document symbols")


@pytest.mark.parametrize("name", FILES)
def test_text_is_composed_unicode(name: str) -> None:
    text = FILES[name].read_text("utf-8")
    assert unicodedata.is_normalized("NFC", text)


@pytest.mark.parametrize("name", FILES)
def test_keys_are_unique(name: str) -> None:
    rows = DATA["units"]["units"] if name == "units" else ITEMS[name]
    assert [key for key, n in Counter(row["key"] for row in rows).items() if n > 1] == []


def test_slugs_are_unique_host_labels() -> None:
    slugs = [unit["slug"] for unit in UNITS.values()]
    assert len(set(slugs)) == len(slugs)
    assert [s for s in slugs if not re.fullmatch(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?", s)] == []


def test_official_codes_are_unique() -> None:
    codes = [unit["code"] for unit in UNITS.values() if unit["code"]]
    assert len(set(codes)) == len(codes) > 40


@pytest.mark.parametrize("unit", UNITS.values(), ids=UNITS)
def test_unit_lives_within_its_type(unit: Row) -> None:
    types = {row["id"]: row for row in LAW["unit_types"]}
    closed = types[unit["type"]]["valid_to"]
    start, end = spans(unit)
    assert start < end
    assert closed is None or end <= date.fromisoformat(closed)


@pytest.mark.parametrize("unit", UNITS.values(), ids=UNITS)
def test_names_and_hosts_follow_one_another(unit: Row) -> None:
    names = unit["names"]
    assert spans(names[0])[0] == date.min
    assert all(later["valid_from"] for later in names[1:])
    for earlier, later in pairwise(names):
        assert later["valid_from"] == earlier["valid_until"] + timedelta(days=1)
    assert names[-1].get("valid_until") is None
    for host in unit.get("hosts", []):
        start, end = spans(host)
        assert start < end <= spans(unit)[1]


@pytest.mark.parametrize("unit", UNITS.values(), ids=UNITS)
def test_parents_exist_for_as_long_as_they_are_parents(unit: Row) -> None:
    periods = [spans(parent) for parent in unit["parents"]]
    assert all(a[1] < b[0] for a, b in pairwise(periods))
    for parent, (start, end) in zip(unit["parents"], periods, strict=True):
        above = spans(UNITS[parent["key"]])
        assert above[0] <= start < end <= above[1]
        assert end <= spans(unit)[1]


def test_the_city_has_21_wards_and_19_communes() -> None:
    today = [unit for unit in UNITS.values() if lives_on(unit, TODAY)]
    local = [unit for unit in today if unit["type"] in {"ward", "commune"}]
    assert Counter(unit["type"] for unit in local) == {"ward": 21, "commune": 19}
    assert {unit["parents"][0]["key"] for unit in local} == {"province"}
    assert all(unit["site"] and unit["code"] for unit in local)
    assert not [unit for unit in today if unit["type"].startswith("district")]


@pytest.mark.parametrize("row", SUCCESSION, ids=lambda r: f"{r['predecessor']}>{r['successor']}")
def test_succession_follows_the_life_of_both_units(row: Row) -> None:
    predecessor, successor = UNITS[row["predecessor"]], UNITS[row["successor"]]
    day = row["effective_on"]
    assert predecessor["valid_until"] + timedelta(days=1) == day
    assert lives_on(successor, day)
    if row["kind"] in {"split", "upgrade"} and successor["valid_from"]:
        assert successor["valid_from"] == day
    assert row["kind"] in {"rename", "merge", "split", "upgrade", "dissolve", "transfer"}
    assert row["document"] is None or row["document"] in ACTS
    assert isinstance(row["partial"], bool)


def test_every_ended_unit_leads_to_one_that_lives() -> None:
    heirs: dict[str, set[str]] = {}
    for row in SUCCESSION:
        heirs.setdefault(row["predecessor"], set()).add(row["successor"])
    assert set(heirs) == {key for key, unit in UNITS.items() if unit["valid_until"]}
    for key in heirs:
        front = {key}
        while ended := {k for k in front if UNITS[k]["valid_until"]}:
            front = (front - ended) | {heir for k in ended for heir in heirs[k]}
        assert front


def test_a_successor_is_partial_exactly_where_it_crosses_old_districts() -> None:
    districts = [
        row for row in SUCCESSION if UNITS[row["predecessor"]]["type"].startswith("district")
    ]
    on_1_july = [row for row in districts if row["effective_on"] == date(2025, 7, 1)]
    shares = Counter(row["successor"] for row in on_1_july)
    assert len(shares) == 40
    assert {row["successor"] for row in on_1_july if row["partial"]} == {
        ward for ward, n in shares.items() if n > 1
    }


@pytest.mark.parametrize("name", SECTIONS)
def test_items_belong_to_a_unit_with_a_portal(name: str) -> None:
    assert [item["key"] for item in ITEMS[name] if not UNITS[item["unit"]]["site"]] == []
    assert {item["state"] for item in ITEMS[name]} <= {"published", "submitted", "archived"}


@pytest.mark.parametrize("name", SECTIONS)
def test_items_name_requirements_of_their_own_section(name: str) -> None:
    named = [item["fields"].get("requirement") for item in ITEMS[name]]
    assert {REQUIREMENTS[requirement] for requirement in named if requirement} <= {name}


@pytest.mark.parametrize("item", DOCUMENTS, ids=lambda item: item["key"])
def test_document_number_agrees_with_kind_and_requirement(item: Row) -> None:
    fields = item["fields"]
    number, kind = fields["number"], fields["kind"]
    pattern = pattern_of(number)
    codes = {
        row["code"]
        for rows in LAW["document_types"].values()
        if isinstance(rows, list)
        for row in rows
    }
    assert kind in codes
    expected = {
        "law": {"L", "NQ"},
        "normative": set(re.findall(r"\d/([^-/]+)-", number)),
        "administrative": set(re.findall(r"/([^-]+)-", number)),
        "party": set(re.findall(r"-([^/]+)/", number)),
        "official_letter": {"CV"},
    }
    assert kind in expected[pattern]
    is_normative = pattern in {"law", "normative"}
    assert (fields["requirement"] == "normative_documents") is is_normative
    year = re.search(r"/(\d{4})/", number)
    assert year is None or int(year[1]) == fields["issued_on"].year


@pytest.mark.parametrize("item", DOCUMENTS, ids=lambda item: item["key"])
def test_document_dates_agree(item: Row) -> None:
    fields = item["fields"]
    known = [fields[name] for name in ("issued_on", "effective_on", "expires_on") if fields[name]]
    assert known == sorted(known)
    assert fields["issued_on"] <= TODAY


def test_document_relations_reach_a_document_of_the_catalogue_of_relations() -> None:
    known = {name for pair in LAW["document_relations"]["pairs"] for name in pair}
    known |= set(LAW["document_relations"]["single"])
    relations = [relation for item in DOCUMENTS for relation in item["relations"]]
    assert {relation["relation"] for relation in relations} <= known
    assert {relation["target_number"] for relation in relations} <= set(ACTS)


def test_act_expires_when_its_successor_takes_effect() -> None:
    ended = {
        relation["target_number"]: item["fields"]["effective_on"]
        for item in ACTS.values()
        for relation in item["relations"]
        if relation["relation"] in {"replaces", "abrogates"}
    }
    expires = {number: item["fields"]["expires_on"] for number, item in ACTS.items()}
    assert ended == {number: day for number, day in expires.items() if day}
    assert ended["42/2022/NĐ-CP"] == date(2026, 7, 1)


def test_plan_389_stands_on_the_acts_of_its_first_part() -> None:
    relations = ACTS[PLAN]["relations"]
    bases = [r["target_number"] for r in relations if r["relation"] == "basis"]
    cited = {r["target_number"] for r in relations}
    assert len(bases) == len(set(bases)) == 20
    assert len(cited | {PLAN}) > 25
    body = ACTS[PLAN]["fields"]["body"]
    headings = re.findall(r"<h2>([IVX]+)\. ", body)
    assert headings == ["I", "II", "III", "IV", "V", "VI"]
    groups = re.findall(r'<th scope="row">(\w)\) ', body)
    assert groups == list("abcdeghiklm")


@pytest.mark.parametrize(
    "unit",
    [
        "phong-dien",
        "van-phong-ubnd",
        "so-thong-tin-va-truyen-thong",
        "so-tai-chinh",
        "xa-phong-hien",
        "xa-phong-my",
        "phuong-phong-dien",
        "phuong-phong-thai",
    ],
)
def test_pilot_units_and_two_wards_have_content(unit: str) -> None:
    documents = [item for item in DOCUMENTS if item["unit"] == unit]
    assert 3 <= len(documents) <= 5
    assert all("(văn bản mẫu)" in item["fields"]["summary"] for item in documents)
    parts = [item for item in ITEMS["agency"] if item["unit"] == unit]
    pages = {i["fields"]["requirement"] for i in parts if i["type"] == "agency_page"}
    assert pages >= {"functions_duties", "organisational_structure"}
    assert {i["type"] for i in parts} >= {
        "agency_page",
        "department",
        "staff_member",
        "contact_point",
        "hotline",
        "social_link",
    }


def test_samples_say_that_they_are_samples() -> None:
    for item in DOCUMENTS:
        fields = item["fields"]
        if fields["number"] not in ACTS or ACTS[fields["number"]] is not item:
            assert "Nội dung mẫu" in fields["body"]
            assert fields["signer"].endswith("(mẫu)")
    for item in ITEMS["news"]:
        assert "Nội dung mẫu" in item["fields"]["body"]
        assert item["fields"]["summary"].endswith("(Tin mẫu)")
    for item in ITEMS["agency"]:
        assert any(SAMPLE in text or ".example/" in text for text in strings(item["fields"]))
    for unit in UNITS.values():
        assert not unit.get("contact") or "(mẫu)" in unit["contact"]["address"]


def test_only_the_signer_of_the_plan_is_a_real_person() -> None:
    signers = {item["fields"]["signer"] for item in ACTS.values()} - {None}
    assert signers == {"Nguyễn Thanh Bình"}
    staff = [i["fields"]["full_name"] for i in ITEMS["agency"] if i["type"] == "staff_member"]
    assert staff
    assert [name for name in staff if not name.endswith("(mẫu)")] == []


@pytest.mark.parametrize("item", ITEMS["news"], ids=lambda item: item["key"])
def test_article_appears_while_its_unit_lives_and_names_its_source(item: Row) -> None:
    fields, published_on = item["fields"], item["fields"]["published_on"]
    if isinstance(published_on, InDays):
        published_on = clock.local(published_on.on(TODAY)).date()
    assert lives_on(UNITS[item["unit"]], published_on)
    source = [fields[f"source_{name}"] for name in ("name", "url", "published_at")]
    if fields["origin"] == "own":
        assert source == [None, None, None]
        return
    assert fields["origin"] == "external"
    assert all(source)
    published_at: datetime = fields["source_published_at"]
    assert published_at.tzinfo is not None
    assert published_at.date() < published_on


def test_departments_and_staff_belong_to_the_same_agency() -> None:
    departments = {i["key"]: i for i in ITEMS["agency"] if i["type"] == "department"}
    for item in ITEMS["agency"]:
        fields = item["fields"]
        above = fields.get("parent") or fields.get("department")
        assert above is None or departments[above]["unit"] == item["unit"]
        assert above != item["key"]
    staff = [i["fields"]["department"] for i in ITEMS["agency"] if i["type"] == "staff_member"]
    assert all(staff)


def test_links_are_dated_and_one_of_each_kind_is_shown() -> None:
    shown = [i["fields"] for i in ITEMS["links"] if lives_on(i["fields"], TODAY)]
    assert Counter(fields["requirement"] for fields in shown) == {
        "link_open_data": 1,
        "link_digital_transformation": 1,
        "link_party_committee": 1,
        "link_people_council": 1,
        "link_fatherland_front": 1,
    }
    for item in ITEMS["links"]:
        start, end = spans(item["fields"])
        assert start < end
        assert item["fields"]["url"].startswith("https://")
        assert item["unit"] == "province"
