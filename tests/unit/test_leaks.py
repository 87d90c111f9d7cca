from __future__ import annotations

import pytest

from hoitu.core.content.leaks import has_contact, tells_of

PERSON = {
    "name": "Nguyễn Văn An",
    "phone": "+84 912 345 678",
    "email": "An@mau.vn",
    "address": "12 Lê Lợi, Huế",
}


@pytest.mark.parametrize(
    ("said", "tells"),
    [
        ("Trả lời ông Nguyễn Văn An như sau", True),
        ("tra loi ong nguyen van an", True),
        ("<p>Xin gọi <b>0912 345 678</b></p>", True),
        ("gửi về an@MAU.VN", True),
        ("nhà số 12 Lê Lợi, Huế", True),
        ("Thành phố Huế đã ban hành văn bản.", False),
        ("Bình an", False),
        ("Quyết định số 912/QĐ-UBND ngày 34", False),
        ("", False),
    ],
)
def test_what_tells_of_a_person(said: str, tells: bool) -> None:
    assert tells_of(said, **PERSON) is tells


@pytest.mark.parametrize("name", ["An", ""])
def test_one_word_is_any_word(name: str) -> None:
    assert not tells_of("Bình an ở Huế", name=name, address="Huế")


@pytest.mark.parametrize(
    ("said", "has"),
    [
        ("căn cước 046191234567", True),
        ("chứng minh 191234567", True),
        ("gọi 0234 000 7777", True),
        ("gọi +84 912 345 678", True),
        ("viết cho bon@mau.vn", True),
        ("Nghị định 13/2023/NĐ-CP, điều 12", False),
        ("từ 01/01/2026 đến 31/12/2026", False),
        ("1.250.000.000 đồng", False),
        ("mã 1.001234.000.00.00.H57", False),
    ],
)
def test_what_is_somebodys_contact(said: str, has: bool) -> None:
    assert has_contact(said) is has
