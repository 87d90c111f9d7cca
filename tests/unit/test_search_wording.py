"""How search reads what is written and what is typed."""

from __future__ import annotations

from unicodedata import normalize

import pytest

from hoitu.core.search import language
from hoitu.core.search.keystrokes import decoded
from hoitu.core.search.wording import (
    Word,
    number_keys,
    read_query,
    read_words,
    short_forms,
    shortened,
)


@pytest.mark.parametrize(
    ("written", "word"),
    [
        ("hoà", Word("hoa", "hòa")),
        ("HÒA", Word("hoa", "hòa")),
        (normalize("NFD", "thuỷ"), Word("thuy", "thủy")),
        ("kí", Word("ky", "ký")),
        ("Mĩ", Word("my", "mỹ")),
        ("quí", Word("quy", "quý")),
        ("khi", Word("khi", "khi")),
        ("tại", Word("tai", "tại")),
        ("05", Word("5", "5")),
        ("00", Word("00", "00")),
        ("001193", Word("001193", "001193")),
    ],
)
def test_one_spelling_stands_for_all(written: str, word: Word) -> None:
    assert read_words(written) == [word]


def test_long_forms_become_short_ones() -> None:
    words = read_words("Ủy ban nhân dân và Hội đồng nhân dân; nhân dân")
    assert [word.exact for word in shortened(words)] == ["ubnd", "và", "hđnd", "nhân", "dân"]
    assert [word.exact for word in short_forms(words)] == ["ubnd", "hđnd"]
    assert short_forms(read_words("dịch vụ công trực tuyến")) == [Word("dvctt", "dvctt")]
    assert short_forms([]) == shortened([]) == []


@pytest.mark.parametrize(
    ("typed", "needed"),
    [
        ("làm thế nào để đăng ký kết hôn ở đâu?", "đăng ký kết hôn"),
        ("lam the nao dang ky ket hon", "dang ky ket hon"),
        ("số 389", "389"),
        ("số nhà", "số nhà"),
        ("ở đâu", "ở đâu"),
        ("thủ tục hành chính của phường", "tthc phường"),
        # Without marks it may be a road, a market or a cattle pen.
        ("cho", "cho"),
        ("", ""),
    ],
)
def test_what_has_to_be_found(typed: str, needed: str) -> None:
    assert " ".join(word.exact for word in read_query(typed).needed) == needed


@pytest.mark.parametrize(
    ("typed", "needed"),
    [
        ("chủ tịch phường Phong Điền", "chủ tịch"),
        ("chu tich ubnd phuong phong dien", "chu tich ubnd"),
        ("phường Phong Điền", "phường phong điền"),
        ("chủ tịch phường Phong Thái", "chủ tịch phường phong thái"),
        ("điền vào đơn", "điền đơn"),
    ],
)
def test_the_name_of_the_place_need_not_be_found(typed: str, needed: str) -> None:
    wording = read_query(typed, "Ủy ban nhân dân phường Phong Điền")
    assert " ".join(word.exact for word in wording.needed) == needed


def test_numbers_are_found_by_their_beginnings() -> None:
    assert number_keys("05/2024/QĐ-UBND") == {
        "52024qdubnd", "^5", "^52024", "^52024qd"
    }  # fmt: skip
    assert number_keys("MAU-0055 55/QĐ-UBND") >= {"mau0055", "55qdubnd", "^55", "^mau"}
    assert number_keys("") == number_keys(" /- ") == set()


def test_phrases_count_once_and_only_the_first() -> None:
    typed = " ".join(f'"tin {n}"' for n in (11, 12, 11, 13, 14, 15, 16))
    assert list(read_query(typed).phrases) == [("tin", str(n)) for n in (11, 12, 13, 14)]
    assert read_query('"tin"').phrases == []


def test_marks_count_once_any_is_typed() -> None:
    assert read_query("ban tổ chức").marked
    assert not read_query("ban to chuc").marked
    assert not read_query("kế hoạch".encode("ascii", "ignore").decode()).marked


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("quyeets", "quyết"),
        ("ddinhj", "định"),
        ("dinhjd", "định"),
        ("thuwowngf", "thường"),
        ("thuwongf", "thường"),
        ("vietej", "việt"),
        ("uyr", "ủy"),
        ("nguwowif", "người"),
        ("quye6t1", "quyết"),
        ("d9inh5", "định"),
        ("thu73a", "thửa"),
        ("hoaf", "hòa"),
    ],
)
def test_keys_of_input_methods_are_read(typed: str, meant: str) -> None:
    assert list(decoded(typed)) == [meant]


@pytest.mark.parametrize(
    "typed", ["", "s", "khai", "quyết", "389kh", "x9", "12", "zzz", "a-b", "ª"]
)
def test_other_words_are_left_alone(typed: str) -> None:
    assert list(decoded(typed)) == []


def test_what_is_known_of_the_language_is_in_order() -> None:
    for short, forms in language.long_forms().items():
        assert short.isalnum()
        assert short == short.lower()
        for form in forms:
            assert len(form) > 1, short
    for phrases in (language.abbreviations(), language.asking_phrases()):
        for first, found in phrases.items():
            lengths = [len(words) for words, _value in found]
            assert lengths == sorted(lengths, reverse=True), "the longest is tried first"
            assert len({words for words, _value in found}) == len(found), first
    assert ("l", "n") in language.alike("onsets")
    assert ("n", "l") in language.alike("onsets")
    assert {"quyet", "dinh", "nghieng", "a"} <= language.syllables()
    assert language.syllables().isdisjoint({"doah", "tpa", "dinj", "buyts"})
