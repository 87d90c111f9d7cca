from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from datetime import date

import pytest

from hoitu.core.testing.fixtures import Site

PLAN = "Kế hoạch 389/KH-UBND"
GOLDEN = ("389/KH-UBND", "389 kh ubnd", "ke hoach tai cau truc", "kế hoạch tái cấu trúc")


def hits(site: Site, place: str, words: str) -> list[str]:
    """Return the titles of the documents a page of results names, in order."""
    page = site.get(place, query_string={"q": words})
    assert page.status_code == 200
    main = page.text.partition("<main")[2].partition("</main>")[0]
    found = re.findall(r'<a[^>]*href="[^"]*/van-ban/\d+-[^"]*"[^>]*>(.*?)</a>', main, re.DOTALL)
    return [re.sub(r"<[^>]+>", "", title).strip() for title in found]


@pytest.mark.parametrize("form", ["NFC", "NFD"])
@pytest.mark.parametrize("words", GOLDEN)
@pytest.mark.parametrize("place", ["/tim-kiem", "/van-ban"])
def test_plan_389_is_found_first(
    place: str, words: str, form: str, demo: Callable[..., Site]
) -> None:
    typed = unicodedata.normalize(form, words)  # type: ignore[arg-type]
    assert hits(demo(), place, typed)[0] == PLAN


@pytest.mark.parametrize(
    ("words", "first"),
    [
        ("42/2022/NĐ-CP", "Nghị định 42/2022/NĐ-CP"),
        ("42/2022/nd-cp", "Nghị định 42/2022/NĐ-CP"),
        ("1418/QĐ-BTTTT", "Quyết định 1418/QĐ-BTTTT"),
        ("1418 qd btttt", "Quyết định 1418/QĐ-BTTTT"),
    ],
)
def test_other_numbers_are_found_first(words: str, first: str, demo: Callable[..., Site]) -> None:
    assert hits(demo(), "/tim-kiem", words)[0] == first


def test_search_of_a_ward_shows_its_own_documents_only(demo: Callable[..., Site]) -> None:
    assert PLAN not in hits(demo("phuong-phong-dien"), "/tim-kiem", "389/KH-UBND")


@pytest.mark.parametrize("words", ["389/KH-UBND", "389 kh ubnd", "tái cấu trúc", "tai cau truc"])
def test_found_after_publishing_and_gone_after_unpublishing(
    words: str,
    site: Callable[..., Site],
    publish: Callable[..., int],
    unpublish: Callable[..., None],
    drain: Callable[[], None],
) -> None:
    item_id = publish(
        "legal_document",
        requirement="administrative_documents",
        kind="KH",
        number="389/KH-UBND",
        summary="Tái cấu trúc hệ thống cổng",
        issuer="Ủy ban nhân dân phường Một",
        issued_on=date(2026, 5, 4),
    )
    drain()
    for place in ("/tim-kiem", "/van-ban"):
        assert hits(site(), place, words) == [PLAN]
    unpublish(item_id)
    drain()
    for place in ("/tim-kiem", "/van-ban"):
        assert hits(site(), place, words) == []
