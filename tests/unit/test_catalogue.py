from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
import yaml

from hoitu.core.requirements import Catalogues
from hoitu.core.requirements.catalogue import CatalogueError, parse

BEFORE, AFTER = date(2025, 6, 30), date(2025, 7, 1)
TODAY = date(2026, 11, 23)

LATER = """
meta: {effective_from: "2027-01-01"}
unit_types:
- {id: ward, label_vi: Phường, level: commune, groups: [all_sites], has_site: true}
- {id: region, label_vi: Vùng, level: region, groups: [all_sites], has_site: true}
sections:
- group: z
  plugin: news
  label_vi: Tin
  requirements:
  - {id: only_duty, label_vi: Tin, description_vi: "", kind: news, unit_types: [all_sites],
     people_committee_only: false, legal_basis: [{ref: Luật mới}]}
"""


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> Catalogues:
    return Catalogues.load(tmp_path_factory.mktemp("instance"))


def owed(catalogues: Catalogues, unit_type: str, day: date = TODAY) -> set[str]:
    return {r.id for r in catalogues.on(day).mandated(unit_type, day)}


@pytest.mark.parametrize(
    ("unit_type", "requirement", "is_owed"),
    [
        ("ward", "normative_documents", True),
        ("ward", "administrative_map", True),
        ("department", "normative_documents", True),
        ("department", "administrative_map", False),
        ("department", "unit_activities", True),
        ("public_service_unit", "normative_documents", False),
        ("public_service_unit", "administrative_documents", True),
        ("party_body", "unit_activities", False),
        ("a type nobody declared", "unit_activities", False),
        ("ward", "platform_build", False),
    ],
)
def test_what_the_law_asks_of_a_type_of_unit(
    shipped: Catalogues, unit_type: str, requirement: str, is_owed: bool
) -> None:
    assert requirement in shipped.on(TODAY).requirements
    assert (requirement in owed(shipped, unit_type)) is is_owed


def test_a_duty_ends_with_its_last_day(shipped: Catalogues) -> None:
    lost = owed(shipped, "ward", BEFORE) - owed(shipped, "ward", AFTER)
    assert lost == {"link_district_committees"}


def test_an_expired_act_is_not_named_while_another_holds(shipped: Catalogues) -> None:
    requirements = shipped.on(TODAY).requirements
    documents = requirements["normative_documents"]
    assert any(basis.expired for basis in documents.legal_basis)
    assert documents.current_basis()
    assert not any(basis.expired for basis in documents.current_basis())


def test_every_duty_has_a_basis_a_label_and_known_unit_types(shipped: Catalogues) -> None:
    catalogue = shipped.on(TODAY)
    names = set(catalogue.unit_types).union(*(t.groups for t in catalogue.unit_types.values()))
    for requirement in catalogue.requirements.values():
        assert requirement.current_basis(), requirement.id
        assert requirement.label_vi, requirement.id
        assert requirement.unit_types <= names | {"platform"}, requirement.id


def test_a_later_file_holds_from_its_day_on(tmp_path: Path) -> None:
    (tmp_path / "catalogues").mkdir()
    (tmp_path / "catalogues" / "2027.yaml").write_text(LATER, encoding="utf-8")
    both = Catalogues.load(tmp_path)
    assert owed(both, "ward", date(2026, 12, 31)) == owed(both, "ward")
    assert len(owed(both, "ward")) > 1
    assert owed(both, "ward", date(2027, 1, 1)) == {"only_duty"}
    assert owed(both, "region", date(2027, 1, 1)) == {"only_duty"}
    # Types a later catalogue no longer knows stay known: dissolved units have them.
    assert both.unit_type("district_rural") is not None
    # Before the first catalogue, the first.
    assert both.on(date(1990, 1, 1)).effective_from == date(2023, 11, 27)


INCOMPLETE = LATER.replace("kind: news, ", "")
BROKEN = ("- [", "a word", "meta: {}", "", INCOMPLETE, LATER + "- {group: y}", "label: \udcff")


@pytest.mark.parametrize("text", BROKEN, ids=ascii)
def test_a_file_that_is_no_catalogue_is_named(tmp_path: Path, text: str) -> None:
    (tmp_path / "catalogues").mkdir()
    (tmp_path / "catalogues" / "2027.yaml").write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(CatalogueError, match=r"2027\.yaml is not a catalogue: "):
        Catalogues.load(tmp_path)


def test_the_fixture_of_these_tests_is_a_catalogue() -> None:
    assert parse("later", LATER).data == yaml.safe_load(LATER)
