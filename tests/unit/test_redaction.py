from __future__ import annotations

from time import perf_counter

import pytest

from hoitu.core.content.redaction import MARK, blacked, blacked_value, candidates, telling

NAME = "Nguyễn Thị Ánh"


@pytest.mark.parametrize(
    "said",
    [
        NAME,
        NAME.upper(),
        "nguyen thi anh",
        "Nguyễn  Thị\nÁnh",
        "<b>Nguyễn</b> <i>Thị</i>&nbsp;Ánh",
        "/tim?q=nguyen%20thi%20anh",
        "nguyen-thi-anh",
        "nguyen_thi_anh",
        "(Nguyễn Thị Ánh)",
    ],
)
def test_a_name_is_found_however_it_is_written(said: str) -> None:
    left, found = blacked(f"x {said} y", [NAME])
    assert found == 1
    assert "nh" not in left.replace(MARK, "").lower()


@pytest.mark.parametrize("said", ["Nguyễn Thị Ánhx", "xNguyễn Thị Ánh", "Nguyễn Ánh", "Thị Ánh"])
def test_other_words_stay(said: str) -> None:
    assert blacked(said, [NAME]) == (said, 0)


@pytest.mark.parametrize(
    "said", ["0905 781 243", "0905.781.243", "+84 905 781 243", "84905781243", "(0905) 781-243"]
)
@pytest.mark.parametrize("known", ["0905781243", "0905 781 243", "+84 905 781 243"])
def test_a_number_is_found_however_it_is_grouped(said: str, known: str) -> None:
    assert blacked(f"gọi {said}.", [known]) == (f"gọi {MARK}.", 1)


def test_a_part_of_a_longer_number_stays() -> None:
    assert blacked("10905781243999", ["0905781243"])[1] == 0


def test_html_stays_whole() -> None:
    left, found = blacked('<p>Gửi <a href="mailto:A@b.vn">a@b.vn</a></p>', ["a@b.vn"])
    assert (left, found) == (f'<p>Gửi <a href="mailto:{MARK}">{MARK}</a></p>', 2)


def test_values_of_any_shape_are_gone_through() -> None:
    value = {"a": [NAME, 5, None], "b": {"c": f"{NAME} {NAME}"}}
    assert blacked_value(value, [NAME]) == ({"a": [MARK, 5, None], "b": {"c": f"{MARK} {MARK}"}}, 3)


def test_candidates_come_with_their_reason_and_once() -> None:
    said = ["Bà nguyen thi anh, 0905.781.243", "CCCD 046199087651, a@b.vn", "0905 781 243"]
    found = {c.words: (c.why, c.places) for c in candidates(said, {"name": NAME, "address": ""})}
    assert found == {
        NAME: ("name", 1), "a@b.vn": ("email", 1), "0905.781.243": ("phone", 2),
        "046199087651": ("identity", 1),
    }  # fmt: skip


def test_what_tells_of_somebody_is_named() -> None:
    assert telling("gọi 0905781243, a@b.vn") == ["a@b.vn", "0905781243"]


@pytest.mark.parametrize(
    "said", ["nguyen " + "<>" * 20_000, "nguyen " + "& " * 20_000, "a" * 50_000, "0 " * 20_000]
)
def test_no_text_takes_long(said: str) -> None:
    begun = perf_counter()
    blacked(said, [NAME, "0905781243", "a@b.vn"])
    candidates([said], {"name": NAME})
    assert perf_counter() - begun < 5
