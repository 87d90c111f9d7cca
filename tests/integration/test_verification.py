"""``/xac-minh/<id>``: whether a copy somebody holds is what the agency published."""

from __future__ import annotations

import hashlib
import json
import unicodedata
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date, timedelta
from io import BytesIO
from typing import Any

import pytest

from hoitu.core.content import ActionContext, Item, actions, files
from hoitu.core.extensions import Platform
from hoitu.core.testing.fixtures import Site
from hoitu.core.units import Unit

Desk = Callable[..., AbstractContextManager[ActionContext]]
Document = Callable[..., dict[str, object]]
Open = Callable[..., Site]
FILE = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF"


@pytest.fixture
def published(desk: Desk, document: Document, platform: Platform) -> int:
    with desk() as work:
        row = files.upload(work, platform.files, "ke-hoach.pdf", BytesIO(FILE))
        values = document(signer="Trần Văn A", attachments=[row.id])
        return actions.publish(work, actions.create(work, "legal_document", values)).id


def test_it_tells_what_was_published_when_and_by_whom(site: Open, published: int) -> None:
    page = site().get(f"/xac-minh/{published}").text
    told = (
        "Ủy ban nhân dân phường Một",
        "09:00 23/11/2026",
        "389/KH-UBND",
        "Trần Văn A",
        f"https://mot.test/bai/{published}",
        hashlib.sha256(FILE).hexdigest(),
    )
    assert [words for words in told if words not in page] == []


def test_the_text_is_hashed_in_its_canonical_form(site: Open, published: int) -> None:
    told = site().get(f"/xac-minh/{published}.json").get_json()
    canonical = site().get(f"/xac-minh/{published}.txt").data
    assert told["text"]["sha256"] == hashlib.sha256(canonical).hexdigest()
    assert told["text"]["size"] == len(canonical)
    words = canonical.decode()
    assert unicodedata.is_normalized("NFC", words)
    values = json.loads(words)
    assert values["fields"]["number"] == "389/KH-UBND"
    assert values["language"] == "vi"
    # A field that is added later moves no hash.
    assert not [name for name, value in values["fields"].items() if value in (None, "", [])]
    same = json.dumps(values, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    assert words == same


def test_the_hash_of_the_text_follows_the_public_version(
    site: Open, desk: Desk, published: int, clock: Any
) -> None:
    def told() -> Any:
        return site().get(f"/xac-minh/{published}.json").get_json()

    first = told()
    clock.move(timedelta(hours=1))
    with desk() as work:
        actions.edit(work, work.session.get_one(Item, published), {"summary": "Bản chưa duyệt"})
    assert told() == first
    assert "Bản chưa duyệt" not in site().get(f"/xac-minh/{published}.txt").text
    with desk() as work:
        actions.publish(work, work.session.get_one(Item, published))
    second = told()
    assert second["text"]["sha256"] != first["text"]["sha256"]
    assert second["files"] == first["files"]
    assert second["versions"] == ["2026-11-23T10:00:00+07:00", "2026-11-23T09:00:00+07:00"]


@pytest.mark.parametrize("spelling", [str, str.upper, lambda h: f"  SHA256:{h[:32]} {h[32:]} "])
def test_a_hash_is_found_in_any_spelling(
    site: Open, published: int, spelling: Callable[[str], str]
) -> None:
    entered = spelling(hashlib.sha256(FILE).hexdigest())
    page = site().get(f"/xac-minh/{published}", query_string={"ma": entered}).text
    assert "notice-good" in page
    assert "ke-hoach.pdf" in page


@pytest.mark.parametrize(
    ("entered", "tone"),
    [("0" * 64, "notice-bad"), ("abc", "notice-bad"), ("</p><script>", "notice-bad")],
)
def test_another_hash_is_not_the_same(site: Open, published: int, entered: str, tone: str) -> None:
    answer = site().get(f"/xac-minh/{published}", query_string={"ma": entered})
    assert answer.status_code == 200
    assert tone in answer.text
    assert "notice-good" not in answer.text
    assert "</p><script>" not in answer.text


def test_it_says_where_a_document_stands_now(
    site: Open, desk: Desk, document: Document, clock: Any
) -> None:
    with desk() as work:
        values = document(effective_on=date(2026, 1, 1), expires_on=date(2026, 11, 25))
        item = actions.publish(work, actions.create(work, "legal_document", values)).id
    path = f"/xac-minh/{item}.json"
    assert site().get(path).get_json()["state"] == "InForce"
    clock.move(timedelta(days=3))
    assert site().get(path).get_json()["state"] == "NotInForce"


# -- what is not to be seen ------------------------------------------------------------------------


ENDINGS = ("", ".json", ".txt")


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_draft_is_not_there(site: Open, desk: Desk, document: Document, ending: str) -> None:
    with desk() as work:
        draft = actions.create(work, "legal_document", document()).id
    assert site().get(f"/xac-minh/{draft}{ending}").status_code == 404


@pytest.mark.parametrize("ending", ENDINGS)
def test_another_unit_knows_nothing_of_it(
    site: Open, published: int, other_unit: Unit, ending: str
) -> None:
    assert site(other_unit).get(f"/xac-minh/{published}{ending}").status_code == 404


@pytest.mark.parametrize("ending", ENDINGS)
def test_what_is_no_page_of_its_own_is_not_there(
    site: Open, publish: Callable[..., int], ending: str
) -> None:
    hidden = publish("hotline", purpose="Phản ánh", phone="1900 1075")
    assert site().get(f"/xac-minh/{hidden}{ending}").status_code == 404


def test_private_fields_are_in_no_form_of_it(site: Open, desk: Desk) -> None:
    with desk() as work:
        item, _new = actions.receive(
            work, "question",
            {"topic": "land", "title": "Lệ phí", "question": "Bí mật của tôi",
             "asker_name": "Ẩn Danh", "phone": "0900 000 000", "may_publish": True},
            key="0" * 32,
        )  # fmt: skip
        actions.edit(work, item, {"summary": "Bao nhiêu?", "body": "<p>Không thu.</p>"})
        item_id = actions.advance(work, item, "publish").id
    for ending in ENDINGS:
        text = site().get(f"/xac-minh/{item_id}{ending}").text
        assert "Lệ phí" in text
        assert not any(secret in text for secret in ("Bí mật", "Ẩn Danh", "0900 000 000"))


@pytest.mark.parametrize("leads_on", [True, False])
@pytest.mark.parametrize(
    ("reason", "status"), [("mistake", 404), ("outdated", 410), ("merged", 301)]
)
def test_of_what_was_withdrawn_it_tells_what_may_be_known(
    site: Open, desk: Desk, published: int, document: Document, publish: Callable[..., int],
    reason: str, status: int, leads_on: bool,
) -> None:  # fmt: skip
    other = publish("legal_document", **document("2/KH-UBND"))
    with desk() as work:
        item = work.session.get_one(Item, published)
        target = other if leads_on or reason == "merged" else None
        details = actions.StepDetails(withdrawn_for=reason, withdrawn_to=target)
        actions.advance(work, item, "unpublish", "lý do kín", details)
    page, told = site().get(f"/xac-minh/{published}"), site().get(f"/xac-minh/{published}.json")
    assert page.status_code == told.status_code == status
    assert site().get(f"/xac-minh/{published}.txt").status_code == 404
    assert "lý do kín" not in page.text + told.text
    assert hashlib.sha256(FILE).hexdigest() not in page.text
    assert ("389/KH-UBND" in page.text + told.text) is (status == 410)
    if status == 301:
        assert page.location == f"/xac-minh/{other}"
        assert told.location == f"/xac-minh/{other}.json"
    if status == 410:
        assert told.get_json()["state"] == ("replaced" if leads_on else "withdrawn")
        assert page.headers["X-Robots-Tag"] == told.headers["X-Robots-Tag"] == "noindex"


# -- the ways to it --------------------------------------------------------------------------------


def test_the_page_and_its_print_view_lead_to_it(site: Open, published: int) -> None:
    page = site().get(f"/van-ban/{published}", follow_redirects=True)
    assert f"https://mot.test/bai/{published}" in page.text
    assert f"https://mot.test/xac-minh/{published}" in page.text
    paper = site().get(f"{page.request.path}/in").text
    assert f"https://mot.test/xac-minh/{published}" in paper
    drawn = paper.partition("<svg")[2].partition("</svg>")[0]
    assert "<path" in drawn
    assert "style=" not in drawn
