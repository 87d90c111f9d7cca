"""What visitors did not find is taken down: words only, after the answer, for the unit alone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from hoitu.core.care import unfound
from hoitu.core.care.unfound import UnfoundSearch, is_personal, key_of
from hoitu.core.testing.fixtures import Site
from hoitu.core.units import all_units

if TYPE_CHECKING:
    from hoitu.core.clock import FrozenClock
    from hoitu.core.extensions import Platform
    from hoitu.core.units import Unit

pytestmark = pytest.mark.both_databases

Rows = Callable[[], list[tuple[int, str, int]]]
MINUTE = timedelta(minutes=1)


@pytest.fixture
def rows(platform: Platform) -> Rows:
    """Return a function that lists what was taken down: unit, words, times."""

    def read() -> list[tuple[int, str, int]]:
        with platform.open_session(False) as session, all_units("a test"):
            found = session.scalars(select(UnfoundSearch).order_by(UnfoundSearch.id))
            return [(row.unit_id, row.words, row.times) for row in found]

    return read


def look_for(site: Site, words: str, agent: str = "Mozilla/5.0", **more: str) -> None:
    answer = site.client.get(
        "/tim-kiem",
        query_string={"q": words, **more},
        headers={"Host": site.host, "User-Agent": agent},
        buffered=True,
    )
    assert answer.status_code == 200


def test_spellings_of_the_same_words_count_as_one_and_stay_with_the_unit(
    site: Callable[..., Site], rows: Rows, clock: FrozenClock, unit: Unit, other_unit: Unit
) -> None:
    look_for(site(), "đăng ký xe zyx")
    clock.move(MINUTE)
    look_for(site(), "Dang  ky xe ZYX")
    clock.move(MINUTE)
    look_for(site(other_unit), "đăng ký xe zyx")
    assert rows() == [(unit.id, "Dang ky xe ZYX", 2), (other_unit.id, "đăng ký xe zyx", 1)]


def test_it_is_written_once_a_minute_and_all_at_once(
    site: Callable[..., Site], rows: Rows, clock: FrozenClock
) -> None:
    look_for(site(), "xyzzy")
    for words in ("qwrtp", "qwrtp", "plugh"):
        look_for(site(), words)
    assert [words for _, words, _ in rows()] == ["xyzzy"]
    clock.move(MINUTE)
    look_for(site(), "qwrtp")
    assert [(words, times) for _, words, times in rows()] == [
        ("xyzzy", 1), ("qwrtp", 3), ("plugh", 1)
    ]  # fmt: skip


def test_the_page_itself_writes_nothing(
    site: Callable[..., Site], rows: Rows, statements: Callable[[], list[str]]
) -> None:
    statements()
    answer = site().get("/tim-kiem?q=xyzzy")
    assert not [s for s in statements() if s.lower().startswith(("insert", "update", "delete"))]
    assert rows() == []
    answer.close()
    assert len(rows()) == 1


@pytest.mark.parametrize(
    "words",
    ["0912345678", "0912 345 678", "+84 91 234 56 78", "091.234.5678", "ai.do@thu.example",
     "cccd 046123456789", "CMND 191234567", "so 123456789012345", "０９１２３４５６７８",
     "(0234) 3822.456", "0912,345,678", "0912–345–678", "0912_345_678", "0912 . 345 . 678"],
)  # fmt: skip
def test_what_may_be_personal_is_not_taken_down(
    words: str, site: Callable[..., Site], rows: Rows
) -> None:
    assert is_personal(words)
    look_for(site(), words)
    assert rows() == []


@pytest.mark.parametrize(
    "words", ["389/KH-UBND", "thông tư 12/2023/TT-BTTTT", "kế hoạch 2026", "ngày 27/11/2026"]
)
def test_numbers_of_documents_are_not_personal(words: str) -> None:
    assert key_of(words)


@pytest.mark.parametrize("words", ["", "?!", "a " * 60, "x" * 81, "ﷺ" * 60])
def test_what_is_no_search_has_no_key(words: str) -> None:
    key = key_of(words)
    assert len(key) <= unfound.LONGEST and (not key or len(words) <= unfound.LONGEST)


@pytest.mark.parametrize(
    "agent",
    ["Googlebot/2.1", "curl/8.0", "Mozilla/5.0 (compatible; bingbot/2.0)", "python-requests/2"],
)
def test_robots_are_not_listened_to(agent: str, site: Callable[..., Site], rows: Rows) -> None:
    look_for(site(), "xyzzy", agent)
    assert rows() == []


def test_a_search_with_filters_says_nothing_about_the_words(
    site: Callable[..., Site], rows: Rows
) -> None:
    look_for(site(), "xyzzy", nam="2020")
    assert rows() == []


def test_a_process_collects_only_so_many(
    site: Callable[..., Site], rows: Rows, clock: FrozenClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hoitu.core.web.searching.noting.AT_A_TIME", 3)
    look_for(site(), "xyzzy")
    for number in range(9):
        look_for(site(), f"plugh{number}")
    clock.move(MINUTE)
    look_for(site(), "plugh0")
    assert len(rows()) == 1 + 3


def test_a_unit_takes_in_only_so_many(
    site: Callable[..., Site], rows: Rows, clock: FrozenClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unfound, "MOST", 2)
    for words in ("mot", "haii", "baaa", "mot"):
        look_for(site(), f"xyzzy{words}")
        clock.move(MINUTE)
    assert [(words, times) for _, words, times in rows()] == [("xyzzymot", 2), ("xyzzyhaii", 1)]


def test_a_database_that_refuses_spoils_no_page(
    site: Callable[..., Site], rows: Rows, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_arguments: Any) -> None:
        raise OperationalError("insert", {}, Exception("locked"))

    monkeypatch.setattr("hoitu.core.web.searching.noting.write", refuse)
    look_for(site(), "xyzzy")
    assert rows() == []


def test_two_processes_may_take_down_the_same_words(
    platform: Platform, unit: Unit, rows: Rows, clock: FrozenClock
) -> None:
    for _ in range(2):
        with platform.open_session(True) as session:
            one = unfound.Unfound(unit.id, "xyzzy", "xyzzy", clock.today(), 2)
            unfound.write(session, [one])
            session.commit()
    assert rows() == [(unit.id, "xyzzy", 4)]


def test_old_and_spare_words_are_forgotten(
    site: Callable[..., Site], rows: Rows, clock: FrozenClock, drain: Callable[[], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    look_for(site(), "oldd")
    clock.move(unfound.KEPT)
    for words in ("often", "often", "rare", "last"):
        look_for(site(), f"xyzzy{words}")
        clock.move(MINUTE)
    drain()
    assert {words for _, words, _ in rows()} == {"oldd", "xyzzyoften", "xyzzyrare", "xyzzylast"}
    monkeypatch.setattr(unfound, "LIMIT", 2)
    clock.move(timedelta(days=1))
    drain()
    assert {words for _, words, _ in rows()} == {"xyzzyoften", "xyzzylast"}


def test_the_desk_lists_them_to_its_own_unit(
    site: Callable[..., Site], staff: Callable[..., Any], clock: FrozenClock, other_unit: Unit
) -> None:
    for words in ("xyzzy", "=plugh", "=plugh"):
        look_for(site(), words)
        clock.move(MINUTE)
    editor, path = staff("editor"), "/quan-tri/tim-khong-thay"
    page = editor.open(path).text
    assert page.index("=plugh") < page.index("xyzzy")
    assert "/tim-kiem?q=xyzzy" in page
    assert "23/11/2026" in page
    table = editor.open(f"{path}.csv")
    assert "xyzzy;1;" in table.text or "xyzzy,1," in table.text
    assert "\n=plugh" not in table.text
    assert editor.open(f"{path}.xlsx").status == 200
    assert editor.open(f"{path}.pdf").status == 404
    foreign = staff("editor", other_unit).open(path)
    assert foreign.status == 200 and "xyzzy" not in foreign.text


@pytest.mark.parametrize("path", ["", ".csv"])
def test_visitors_do_not_see_them(path: str, visitor: Callable[..., Any]) -> None:
    assert visitor().open(f"/quan-tri/tim-khong-thay{path}").status == 302
