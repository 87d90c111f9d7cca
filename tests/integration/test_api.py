"""The read API: what it answers, and what its description promises."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

CONTACT = {"address": "Số 1 đường Lê Lợi", "phone": "0234 000 1700"}


@pytest.fixture
def contact(publish: Callable[..., int]) -> int:
    return publish("contact_point", **CONTACT)


def test_a_field_hides_nothing_of_the_item(site: Any, contact: int) -> None:
    visitor = site()
    listed = visitor.get("/api/v1/contact_point").get_json()["items"]
    whole = visitor.get(f"/api/v1/contact_point/{contact}").get_json()
    for entry in (*listed, whole):
        assert (entry["id"], entry["type"]) == (contact, "contact_point")
        assert entry["url"].startswith("https://mot.test/gioi-thieu/")
        assert entry["fields"]["address"] == CONTACT["address"]


def test_long_texts_are_told_of_single_items_only(site: Any, publish: Any) -> None:
    values = {"requirement": "functions_duties", "title": "Trang", "body": "<p>Dài</p>",
              "body_en": "<p>Long</p>"}  # fmt: skip
    item_id = publish("agency_page", **values)
    [listed] = site().get("/api/v1/agency_page").get_json()["items"]
    assert set(listed["fields"]) == {"requirement", "title"}
    whole = site().get(f"/api/v1/agency_page/{item_id}").get_json()
    assert whole["fields"] == {**values, "figures": [], "attachments": []}


def test_the_description_names_what_is_answered(
    site: Any, contact: int, publish: Any, document: Any
) -> None:
    found = {
        "contact_point": contact,
        "legal_document": publish("legal_document", **document()),
    }
    described = site().get("/api/v1/openapi.json").get_json()
    for name, item_id in found.items():
        schema = described["components"]["schemas"][name]["properties"]
        whole = site().get(f"/api/v1/{name}/{item_id}").get_json()
        assert set(whole) == set(schema)
        assert set(whole["fields"]) == set(schema["fields"]["properties"])
        content = described["paths"][f"/{name}"]["get"]["responses"]["200"]["content"]
        listed = site().get(f"/api/v1/{name}").get_json()
        assert set(listed) == set(content["application/json"]["schema"]["properties"])
