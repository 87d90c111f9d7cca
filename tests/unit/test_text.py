from __future__ import annotations

import random
import unicodedata
from typing import Literal

import pytest

from hoitu.core.text import (
    excerpt,
    fold,
    nfc,
    number_key,
    person_sort_key,
    plain,
    slug,
    sort_key,
    tone_placed,
    words,
)

TONES = ("", "\u0300", "\u0309", "\u0303", "\u0301", "\u0323")
VOWELS = {"aăâ": "a", "eê": "e", "i": "i", "oôơ": "o", "uư": "u", "y": "y"}
SENTENCE = "Ủy ban nhân dân thành phố Huế ban hành Quyết định về đường Nguyễn Huệ"


def nfd(value: str) -> str:
    return unicodedata.normalize("NFD", value)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("", ""),
        (nfd("Quyết định"), "Quyết định"),
        ("a\x00b\x07c\x1bd\x7f", "abcd\x7f"),
        ("cột\tcột", "cột\tcột"),
        ("dòng\r\ndòng\rdòng\ndòng", "dòng\ndòng\ndòng\ndòng"),
        ("trang 1\ftrang 2\vtrang 3", "trang 1\ntrang 2\ntrang 3"),
        ("e\x00\u0302", "ê"),
        ("hỏng \ud83d!", "hỏng !"),
        ("hỏng \ufffe\uffff!", "hỏng !"),
        ("👩‍👩‍👧 Huế", "👩‍👩‍👧 Huế"),
    ],
)
def test_nfc(value: str, expected: str) -> None:
    assert nfc(value) == expected
    assert nfc(nfc(value)) == expected


@pytest.mark.parametrize("marks", ["\u0300\u0316", "\u0316\u0300", "\u0f73", "\u0f81\u0300"])
def test_marks_without_end_are_cut(marks: str) -> None:
    """Only so many are put in order: otherwise a short form would keep a process busy for hours."""
    assert 30 <= len(nfc("a" + marks * 400_000 + "b")) <= 64
    assert nfc("e\u0302\u0301" * 40) == "ế" * 40


@pytest.mark.parametrize(
    ("vowel", "plain_vowel"), [(v, base) for row, base in VOWELS.items() for v in row]
)
@pytest.mark.parametrize("tone", TONES)
def test_fold_strips_every_vietnamese_mark(vowel: str, plain_vowel: str, tone: str) -> None:
    letter = unicodedata.normalize("NFC", vowel + tone)
    for form in (letter, letter.upper(), nfd(letter), nfd(letter.upper())):
        assert fold(form) == plain_vowel


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("", ""),
        ("Đường đi", "duong di"),
        ("\u00d0à Nẵng \u0189ông", "da nang dong"),
        ("389/QĐ-UBND", "389/qd-ubnd"),
        ("hoà thuý", "hoa thuy"),
        ("hòa thúy", "hoa thuy"),
        ("Łódź, Ærø, Straße, İzmir", "lodz, aero, strasse, izmir"),
        ("quyết\u00ad\u200bđịnh", "quyetdinh"),
        ("Chúc mừng 🎉", "chuc mung 🎉"),
        ("한국", "한국"),
    ],
)
def test_fold(value: str, expected: str) -> None:
    assert fold(value) == expected
    assert fold(nfd(value)) == expected
    assert fold(expected) == expected


def test_fold_keeps_positions() -> None:
    assert len(fold(SENTENCE)) == len(SENTENCE)
    start = fold(SENTENCE).index("quyet dinh")
    assert SENTENCE[start : start + 10] == "Quyết định"


def test_fold_of_very_long_text() -> None:
    assert fold(nfd(SENTENCE) * 5_000) == fold(SENTENCE) * 5_000


@pytest.mark.parametrize(
    ("placed", "others"),
    [
        ("hòa", ["hoà"]),
        ("HÓA", ["HOÁ"]),
        ("Thủy", ["Thuỷ"]),
        ("khỏe", ["khoẻ"]),
        ("úy", ["uý"]),
        ("quý", ["qúy"]),
        ("quả", ["qủa"]),
        ("giá", ["gía"]),
        ("già", ["gìa"]),
        ("gìn", []),
        ("gì", []),
        ("giếng", []),
        ("hoàn", ["hòan"]),
        ("của", ["cuả"]),
        ("nghĩa", ["nghiã"]),
        ("xoáy", []),
        ("khuỷu", []),
        ("thuở", []),
        ("người", []),
        ("được", []),
        ("quyết", []),
        ("toàn", ["tòan"]),
    ],
)
def test_tone_placed(placed: str, others: list[str]) -> None:
    for written in (placed, *others):
        assert tone_placed(written) == placed
        assert tone_placed(nfd(written)) == placed


@pytest.mark.parametrize(
    "value",
    ["", "hoa", "đ", "khai sinh", "café-bar", "nguyễnvăn", "ồố", "Łódź", "한국", "🎉", "ùỳạáà"],
)
def test_what_is_no_syllable_with_one_tone_keeps_its_marks(value: str) -> None:
    assert tone_placed(value) == nfc(value)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("", []),
        (" -–— … 🎉", []),
        ("Kế hoạch số 389/KH-UBND", ["ke", "hoach", "so", "389", "kh", "ubnd"]),
        (nfd("Đắk R'lấp, xã_Lộc"), ["dak", "r", "lap", "xa", "loc"]),
        ("Điều 1\fĐiều 2", ["dieu", "1", "dieu", "2"]),
    ],
)
def test_words(value: str, expected: list[str]) -> None:
    assert words(value) == expected


@pytest.mark.parametrize(
    ("spellings", "key"),
    [
        (("389/KH-UBND", "389-kh-ubnd", "389 KH UBND", "389/KH–UBND "), "389khubnd"),
        (("15/2024/QĐ-UBND", nfd("15/2024/qđ-ubnd"), "15/2024/QD-UBND"), "152024qdubnd"),
        (("52-NQ/TW", "52 NQ/TW"), "52nqtw"),
        (("", "/-"), ""),
    ],
)
def test_number_key(spellings: tuple[str, ...], key: str) -> None:
    assert {number_key(spelling) for spelling in spellings} == {key}


@pytest.mark.parametrize(
    ("value", "limit", "expected"),
    [
        ("Quyết định số 389/QĐ-UBND", 80, "quyet-dinh-so-389-qd-ubnd"),
        (nfd("  Đường  về — Huế! "), 80, "duong-ve-hue"),
        ("Diện tích 5 m², giá ½", 80, "dien-tich-5-m2-gia-1-2"),
        ("Huế 🎉 順化 2026", 80, "hue-2026"),
        ("thừa thiên huế", 15, "thua-thien-hue"),
        ("thừa thiên huế", 14, "thua-thien-hue"),
        ("thừa thiên huế", 13, "thua-thien"),
        ("thừa thiên huế", 10, "thua-thien"),
        ("thừa thiên huế", 9, "thua"),
        ("x" * 500, 80, "x" * 80),
        ("", 80, "muc"),
        ("🎉 順化", 80, "muc"),
    ],
)
def test_slug(value: str, limit: int, expected: str) -> None:
    assert slug(value, limit) == expected


def test_slug_of_very_long_text() -> None:
    assert slug(f"{SENTENCE} " * 1_000) == (
        "uy-ban-nhan-dan-thanh-pho-hue-ban-hanh-quyet-dinh-ve-duong-nguyen-hue-uy-ban"
    )


# Put in order by PostgreSQL 15 with ICU 72: ORDER BY name COLLATE "vi-x-icu".
ICU_NAMES = (
    "12-NQ/TU|389/KH-UBND|an|An|Án|Anh|Ảnh|Ánh|Ăn|Ân|Ẩn|Ấn|Âu Cơ|Ba|bà|Bả|Bã|Bá|Bạ|Bà Triệu|"
    "Chu Văn An|Cừ|Cử|Dạt|Duong|Dương|Đà Nẵng|Đạt|Đắk Lắk|Đương|Đường|Em|Êm|Fansipan|Giang|Ho|Hoa|"
    "Hoà|Hòa|Hóa|Hô|Hồ|Hổ|Hỗ|Hố|Hộ|Hơ|Huê|Huế|Huệ|Jrai|Le|Lê Lai|Lê Lợi|Lê-Lợi|Ngô Quyền|Nguyen|"
    "Nguyễn Ái Quốc|Nguyễn An|Nguyên Ân|Nguyễn Ân|Oanh|Ông|Ơn|Phường 10|Phường 2|Phường An|Quang|"
    "Quảng Điền|Thuận Hóa|Thuý|Thúy|Thừa Thiên|To|Tô|Tơ|Uyên|Ưng|Vỹ Dạ|Wagner|Xuân|Ỷ Lan|Yên|Zen"
)
ICU_ORDER = ICU_NAMES.split("|")


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_sort_key_gives_the_order_of_icu(form: Literal["NFC", "NFD"]) -> None:
    shuffled = [unicodedata.normalize(form, name) for name in ICU_ORDER]
    random.shuffle(shuffled)
    assert [nfc(name) for name in sorted(shuffled, key=sort_key)] == ICU_ORDER


@pytest.mark.parametrize(
    "ascending",
    [
        ("", " ", "_", "-", ",", ".", "(", "§", "/", "%", "🎉", "₫", "0", "9", "a", "z", "я", "順"),
        ("a", "A", "à", "À", "ả", "ã", "á", "ạ", "ă", "ằ", "ẳ", "ẵ", "ắ", "ặ", "â", "ậ", "b"),
        ("d", "đ", "e", "ẹ", "ê", "f", "o", "ọ", "ô", "ộ", "ơ", "ợ", "p", "u", "ụ", "ư", "ự", "v"),
        ("e", "è", "é", "ë", "ê"),
        ("tuyên", "tuyển", "tuyến", "Tuyến", "tuyến b"),
    ],
)
def test_sort_key_levels(ascending: tuple[str, ...]) -> None:
    keys = [sort_key(value) for value in ascending]
    assert keys == sorted(set(keys))


def test_sort_key_ignores_form_twin_letters_and_invisible_characters() -> None:
    assert sort_key(nfd("Đặng Thị Ngọc Thịnh")) == sort_key("Đặng Thị Ngọc Thịnh")
    assert sort_key("\u00d0à Nẵng") == sort_key("Đà Nẵng")
    assert sort_key("Huế\u200b\u00ad") == sort_key("Huế")
    assert sort_key("Thừa\u00a0Thiên") == sort_key("Thừa Thiên")


def test_sort_key_can_be_stored_as_one_string() -> None:
    stored = {name: "\1".join(sort_key(name)).encode() for name in ICU_ORDER}
    assert sorted(ICU_ORDER, key=stored.__getitem__) == ICU_ORDER
    assert not any(b"\0" in key for key in stored.values())


def test_person_sort_key_starts_with_the_given_name() -> None:
    expected = [
        "",
        "Lê Văn An",
        "Nguyễn Thị An",
        " Trần  An ",
        "Võ An",
        "Lê Ân",
        "Bảo",
        "Đỗ Bảo",
    ]
    shuffled = random.sample(expected, len(expected))
    assert sorted(shuffled, key=person_sort_key) == expected


@pytest.mark.parametrize(
    ("value", "limit", "expected"),
    [
        ("", 10, ""),
        ("Thừa Thiên Huế", 14, "Thừa Thiên Huế"),
        ("Thừa Thiên Huế", 13, "Thừa Thiên…"),
        ("Thừa Thiên Huế", 11, "Thừa Thiên…"),
        ("Thừa Thiên Huế", 10, "Thừa…"),
        ("Thừa Thiên, Huế và", 14, "Thừa Thiên…"),
        (nfd("Thừa\n\n Thiên\tHuế"), 14, "Thừa Thiên Huế"),
        ("x" * 50, 10, "x" * 9 + "…"),
        ("🎉" * 50, 3, "🎉🎉…"),
        ("Huế", 1, "…"),
    ],
)
def test_excerpt(value: str, limit: int, expected: str) -> None:
    assert excerpt(value, limit) == expected
    assert len(expected) <= limit


@pytest.mark.parametrize("limit", range(1, 90))
def test_excerpt_never_exceeds_the_limit(limit: int) -> None:
    short = excerpt(SENTENCE, limit)
    assert len(short) <= limit
    assert SENTENCE.startswith(short.removesuffix("…"))


def test_excerpt_needs_room() -> None:
    with pytest.raises(ValueError, match="room"):
        excerpt("Huế", 0)


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("", ""),
        ("chữ &amp; dấu &lt;b&gt; &#7871;&nbsp;x", "chữ & dấu <b> ế x"),
        ("<p>Điều 1</p><p>Điều 2</p>", "Điều 1 Điều 2"),
        ("<b>Q</b>uyết <i>định</i>", "Quyết định"),
        ("một<br>hai<br/>ba<hr>bốn", "một hai ba bốn"),
        ("<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>", "a b c"),
        ("a<script>var x = '<p>1</p>'</script><STYLE>p {}</STYLE>b", "ab"),
        ("a<script src='x'/>alert(1)</script>b", "ab"),
        ("a<template><p>b<template>c</template></p>d</template>e", "ae"),
        ("</script>a", "a"),
        ("a<!-- ẩn <p> -->b", "ab"),
        ("<![if !supportLists]>a<![endif]><![x y]>b", "ab"),
        ("<p>Quyết định</p><p hidden", "Quyết định"),
        ("1 < 2 và R&D", "1 < 2 và R&D"),
        (nfd("<p>Huế</p>"), "Huế"),
        ("<p>👩‍👩‍👧</p>", "👩‍👩‍👧"),
    ],
)
def test_plain(html: str, expected: str) -> None:
    assert plain(html) == expected


@pytest.mark.parametrize("piece", ["<a b='", "<a", "<!--", "</", "<?", "<![ x"])
def test_plain_of_endless_tags_takes_linear_time(piece: str) -> None:
    assert plain("<p>Huế</p>" + piece * 50_000) == "Huế"


def test_plain_of_very_long_text() -> None:
    assert plain(f"<p>{SENTENCE}</p>" * 2_000) == " ".join([SENTENCE] * 2_000)
