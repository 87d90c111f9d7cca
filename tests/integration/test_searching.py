"""Search as visitors meet it: results, filters, the province, suggestions."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from datetime import timedelta
from html import unescape
from typing import TYPE_CHECKING, Any

import pytest

from hoitu.core.search.correction import correct
from hoitu.core.settings import switching
from hoitu.core.settings.switching import SwitchContext
from hoitu.core.testing.fixtures import Site

if TYPE_CHECKING:
    from hoitu.core.clock import FrozenClock
    from hoitu.core.units import Unit

Publish = Callable[..., int]
Drain = Callable[[], None]
DOCUMENT: dict[str, Any] = {
    "requirement": "administrative_documents",
    "kind": "KH",
    "summary": "Phát triển du lịch cộng đồng",
    "issuer": "Ủy ban nhân dân",
}
ARTICLE: dict[str, Any] = {
    "requirement": "unit_activities",
    "genre": "news",
    "summary": "Bà con đón khách du lịch.",
    "body": "<p>Toàn văn</p>",
    "origin": "own",
}


@pytest.fixture
def filled(publish: Publish, drain: Drain, unit: Unit, other_unit: Unit) -> dict[str, int]:
    """Publish documents and an article about tourism here, and one document next door."""
    made = {
        "plan": publish("legal_document", number="1/KH-UBND", issued_on="27/11/2025", **DOCUMENT),
        "old": publish("legal_document", number="2/KH-UBND", issued_on="27/11/2023", **DOCUMENT),
        "decision": publish(
            "legal_document",
            **{**DOCUMENT, "kind": "QĐ", "number": "3/QĐ-UBND", "issued_on": "05/11/2025"},
        ),
        "news": publish("news_article", title="Khai trương làng du lịch", **ARTICLE),
        "foreign": publish(
            "legal_document", other_unit, number="9/KH-UBND", issued_on="02/10/2024", **DOCUMENT
        ),
    }
    drain()
    return made


def main_of(page: str) -> str:
    return page.partition("<main")[2].partition("</main>")[0]


def titles(site: Site, path: str) -> list[str]:
    """Return the titles of the results on a page, in order."""
    answer = site.get(path)
    assert answer.status_code == 200
    return [unescape(t) for t in re.findall(r'class="row-title"[^>]*>(.*?)</a>', answer.text)]


def narrowings(site: Site, path: str) -> dict[str, tuple[int, str]]:
    """Return the filters of a page of results: count and address, by label."""
    label = r'<span class="facet-label">(.*?)</span> <span class="[\w-]*">(\d+)'
    found = re.findall(f'<a href="([^"]*)" rel="nofollow">{label}', main_of(site.get(path).text))
    return {unescape(label): (int(count), unescape(address)) for address, label, count in found}


def chips(site: Site, path: str) -> dict[str, str]:
    """Return the chosen filters of a page of results: the address without each, by value."""
    text = main_of(site.get(path).text)
    found = re.findall(r'class="chip" href="([^"]*)".*?</span> ([^<]*)</a>', text)
    return {unescape(value): unescape(address) for address, value in found}


def test_each_filter_leaves_as_many_results_as_it_says(
    site: Callable[..., Site], filled: dict[str, int]
) -> None:
    visitor, path = site(), "/tim-kiem?q=du+lich"
    assert len(titles(visitor, path)) == 4
    offered = narrowings(visitor, path)
    assert {label: n for label, (n, _) in offered.items()} == {
        "Văn bản": 3, "Tin tức": 1, "2026": 1, "2025": 2, "2023": 1
    }  # fmt: skip
    for count, address in offered.values():
        assert len(titles(visitor, address)) == count


def test_a_chosen_type_brings_its_own_filters(
    site: Callable[..., Site], filled: dict[str, int]
) -> None:
    visitor = site()
    path = narrowings(visitor, "/tim-kiem?q=du+lich")["Văn bản"][1]
    assert "loai=legal_document" in path
    offered = narrowings(visitor, path)
    count, address = offered["Quyết định"]
    assert count == 1 and "loai-con=Q" in address
    assert titles(visitor, address) == ["Quyết định 3/QĐ-UBND"]


def test_documents_are_narrowed_by_their_effect(
    site: Callable[..., Site], publish: Publish, drain: Drain, document: Callable[..., Any]
) -> None:
    in_force = {"issued_on": "01/10/2024", "effective_on": "01/11/2024"}
    publish("legal_document", **document("1/KH-UBND", **in_force))
    publish("legal_document", **document("2/KH-UBND", **in_force, expires_on="01/01/2026"))
    drain()
    visitor = site()
    offered = narrowings(visitor, "/tim-kiem?q=hoi+tu&loai=legal_document")
    assert titles(visitor, offered["Còn hiệu lực"][1]) == ["Kế hoạch 1/KH-UBND"]
    assert titles(visitor, offered["Hết hiệu lực toàn bộ"][1]) == ["Kế hoạch 2/KH-UBND"]


def test_chosen_filters_are_told_and_taken_off_one_by_one(
    site: Callable[..., Site], filled: dict[str, int]
) -> None:
    visitor, path = site(), "/tim-kiem?q=du+lich&loai=legal_document&loai-con=KH&nam=2025"
    assert titles(visitor, path) == ["Kế hoạch 1/KH-UBND"]
    chosen = chips(visitor, path)
    assert list(chosen) == ["Văn bản", "Kế hoạch", "2025"]
    assert len(titles(visitor, chosen["2025"])) == 2
    assert len(titles(visitor, chosen["Kế hoạch"])) == 2
    # Without the type there is no kind either.
    assert chips(visitor, chosen["Văn bản"]).keys() == {"2025"}


def test_the_province_is_one_click_away_and_keeps_words_and_filters(
    site: Callable[..., Site], filled: dict[str, int], other_unit: Unit
) -> None:
    visitor, path = site(), "/tim-kiem?q=du+lich&loai=legal_document"
    page = main_of(visitor.get(path).text)
    wide = unescape(re.findall(r'href="([^"]*pham-vi=toan-tinh[^"]*)"', page)[0])
    assert "loai=legal_document" in wide
    # Few own results: the count of the province is told.
    assert re.search(r"của tỉnh, thành phố \(4\)</a>", page)
    assert len(titles(visitor, wide)) == 4
    count, address = narrowings(visitor, wide)["Ủy ban nhân dân phường Hai"]
    assert count == 1
    assert f"don-vi={other_unit.slug}" in address
    assert titles(visitor, address) == ["Kế hoạch 9/KH-UBND"]
    assert "Ủy ban nhân dân phường Hai" in chips(visitor, address)


def test_newest_first(site: Callable[..., Site], filled: dict[str, int]) -> None:
    path = "/tim-kiem?q=du+lich&loai=legal_document&thu-tu=moi-nhat"
    assert titles(site(), path) == [
        "Kế hoạch 1/KH-UBND", "Quyết định 3/QĐ-UBND", "Kế hoạch 2/KH-UBND"
    ]  # fmt: skip


@pytest.mark.parametrize(
    "odd",
    ["loai=nothing", "nam=20x5", "nam=99999", "trang=0", "trang=-1", "trang=abc", "thu-tu=x",
     "pham-vi=x", "don-vi=x", "pham-vi=toan-tinh&don-vi=x", "loai=legal_document&loai-con=X",
     "trang=²", "nam=２０２５"],
)  # fmt: skip
def test_odd_values_are_left_out(
    odd: str, site: Callable[..., Site], filled: dict[str, int]
) -> None:
    assert len(titles(site(), f"/tim-kiem?q=du+lich&{odd}")) >= 3


def test_pages(
    site: Callable[..., Site], publish: Publish, drain: Drain, document: Callable[..., Any]
) -> None:
    for number in range(41):
        publish("legal_document", **document(f"{number}/KH-UBND"))
    drain()
    visitor, path = site(), "/tim-kiem?q=hoi+tu&loai=legal_document"
    seen: list[str] = []
    for number in (1, 2, 3):
        page = visitor.get(path).text
        assert f"41 kết quả, trang {number}/3" in page
        seen += titles(visitor, path)
        path = unescape("".join(re.findall(r'rel="next" href="([^"]*)"', page)))
    assert len(seen) == len(set(seen)) == 41 and path == ""
    beyond = visitor.get("/tim-kiem?q=hoi+tu&trang=9")
    assert beyond.status_code == 200
    assert "Về trang kết quả đầu tiên" in beyond.text


def test_a_misspelt_word_is_corrected_and_can_be_insisted_on(
    site: Callable[..., Site], publish: Publish, drain: Drain
) -> None:
    for number in range(3):
        publish("news_article", title=f"Nghiệm thu công trình thủy lợi {number}", **ARTICLE)
    drain()
    visitor = site()
    page = main_of(visitor.get("/tim-kiem?q=nghiem+thuu").text)
    assert "Không tìm thấy kết quả cho “nghiem thuu”" in page
    assert "Nghiệm thu công trình" in page
    literal = unescape(re.findall(r'href="([^"]*dung-nhu-go[^"]*)"', page)[0])
    assert titles(visitor, literal) == []
    assert "Có phải bạn muốn tìm" in visitor.get(literal).text


def test_nothing_found_is_followed_by_help(
    site: Callable[..., Site], filled: dict[str, int], other_unit: Unit
) -> None:
    page = main_of(site().get("/tim-kiem?q=tiep+cong+dan+xyzzy+qwrtp").text)
    assert "Bạn có thể thử" in page
    assert re.search(r'<a href="[^"]*">[^<]*[Tt]iếp công dân', page)
    assert "/hoi-dap" in page and "/so-do-cong" in page


def test_nothing_here_but_something_in_the_province(
    site: Callable[..., Site], publish: Publish, drain: Drain, other_unit: Unit
) -> None:
    publish("news_article", other_unit, title="Sửa chữa kè biển", **ARTICLE)
    drain()
    page = main_of(site().get("/tim-kiem?q=ke+bien").text)
    assert "Trên toàn tỉnh, thành phố: 1 kết quả" in page


def test_counting_in_the_province_corrects_nothing(
    site: Callable[..., Site], publish: Publish, drain: Drain, other_unit: Unit,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    for place in ((), (other_unit,)):
        publish("news_article", *place, title="Nghiệm thu công trình", **ARTICLE)
    drain()
    corrected: list[str] = []

    def noting(*asked: Any) -> str:
        corrected.append(asked[1].text)
        return correct(*asked)

    monkeypatch.setattr("hoitu.core.search.ranking.correct", noting)
    page = main_of(site().get("/tim-kiem?q=nghiem+thuu").text)
    assert re.search(r"của tỉnh, thành phố \(2\)</a>", page)
    site().get("/tim-kiem?q=xyzzy+qwrtp")
    assert corrected == ["nghiem thuu", "xyzzy qwrtp"]


def test_what_a_unit_switched_off_is_not_even_counted(
    site: Callable[..., Site], filled: dict[str, int], other_unit: Unit, clock: FrozenClock,
    desk: Callable[..., Any],
) -> None:  # fmt: skip
    visitor, wide = site(), "/tim-kiem?q=du+lich&loai=legal_document&pham-vi=toan-tinh"
    assert "4 kết quả" in visitor.get(wide).text
    waived = {"reason": "x", "decision_no": "1", "until": clock.today() + timedelta(days=9)}
    with desk(other_unit) as work:
        context = SwitchContext(
            work.session, work.actor, work.unit, work.hooks, work.switchboard, work.clock
        )
        for requirement in work.switchboard.parts("legal_documents"):
            switching.waive(context, "legal_documents", requirement, **waived)
    page = visitor.get(wide).text
    assert "3 kết quả" in page and "9/KH-UBND" not in page


# -- suggestions ----------------------------------------------------------------------------------


def suggested(site: Site, words: str, **more: str) -> list[dict[str, str]]:
    answer = site.get("/goi-y", query_string={"q": words, **more})
    assert answer.status_code == 200
    rows: list[dict[str, str]] = answer.get_json()["rows"]
    return rows


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_suggestions_lead_to_the_entry_and_to_all_results(
    form: Any, site: Callable[..., Site], filled: dict[str, int]
) -> None:
    entry, every = suggested(site(), unicodedata.normalize(form, "làng du lị"))
    assert entry["label"] == "Khai trương làng du lịch"
    assert entry["path"].startswith(f"/tin-tuc/{filled['news']}-")
    assert every["path"].startswith("/tim-kiem?q=")
    assert site().get(entry["path"]).status_code == 200


def test_suggestions_are_of_the_own_unit_unless_the_province_is_asked(
    site: Callable[..., Site], filled: dict[str, int]
) -> None:
    here = [row["label"] for row in suggested(site(), "ke hoach")]
    assert "Kế hoạch 1/KH-UBND" in here and "Kế hoạch 9/KH-UBND" not in here
    wide = suggested(site(), "ke hoach", **{"pham-vi": "toan-tinh"})
    foreign = next(row for row in wide if row["label"] == "Kế hoạch 9/KH-UBND")
    assert foreign["path"].startswith("http")


def test_what_is_not_public_any_more_is_not_suggested_though_the_index_has_it(
    site: Callable[..., Site], filled: dict[str, int], desk: Callable[..., Any]
) -> None:
    from hoitu.core.content import Item, actions

    with desk() as work:
        actions.unpublish(work, work.session.get(Item, filled["news"]), "Thử")
    assert [row["path"] for row in suggested(site(), "lang du li")] == ["/tim-kiem?q=lang+du+li"]


@pytest.mark.parametrize("words", ["", " ", "a", "%", "\x00", "'\"<b>", "*" * 900, "a" * 900])
def test_odd_words_get_an_answer(words: str, site: Callable[..., Site]) -> None:
    assert len(suggested(site(), words)) <= 1


def test_suggestions_cost_little(
    site: Callable[..., Site], filled: dict[str, int], statements: Callable[[], list[str]]
) -> None:
    visitor = site()
    visitor.get("/goi-y?q=ke")
    statements()
    assert len(suggested(visitor, "ke hoach")) > 2
    assert len(statements()) <= 4


def test_results_cost_little(
    site: Callable[..., Site], filled: dict[str, int], statements: Callable[[], list[str]]
) -> None:
    visitor = site()
    visitor.get("/tim-kiem?q=ke")
    statements()
    visitor.get("/tim-kiem?q=ke+hoach&pham-vi=toan-tinh")
    assert len(statements()) <= 7
