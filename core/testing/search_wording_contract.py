"""What words must find, as tests to inherit: see `SearchContract`, of which they are a part."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Literal
from unicodedata import normalize

import pytest

from hoitu.core.search import SearchBackend, SearchQuery
from hoitu.core.testing.search_documents import (
    PLAN_389,
    document,
    found,
    similar_documents,
)

OpenBackend = Callable[[], SearchBackend]


class WordingContract:
    """Words, marks, numbers and slips; every test starts from an empty index."""

    @pytest.fixture
    def open_backend(self) -> OpenBackend:
        """Open the index of this test once more."""
        raise NotImplementedError("the subclass says how its index is opened")

    @pytest.fixture
    def backend(self, open_backend: OpenBackend) -> SearchBackend:
        """Return the index of this test."""
        return open_backend()

    # -- words and marks ----------------------------------------------------------------------

    @pytest.mark.parametrize(
        "text",
        [
            "389/KH-UBND",
            "389 kh ubnd",
            "389-kh-ubnd",
            "389khubnd",
            "kế hoạch 389/KH-UBND",
            "ke hoach tai cau truc",
            "kế hoạch tái cấu trúc",
            "KẾ HOẠCH TÁI CẤU TRÚC",
            normalize("NFD", "kế hoạch tái cấu trúc"),
            '"tái cấu trúc hệ thống"',
            "ke hoach tai cau truc cong trang thong tin dien tu",
        ],
    )
    def test_the_plan_comes_first_among_similar_documents(
        self, backend: SearchBackend, text: str
    ) -> None:
        """The right document is first, however it is asked for."""
        backend.rebuild([*similar_documents(), PLAN_389])
        assert found(backend, text)[0] == PLAN_389.id

    def test_every_way_of_writing_finds_the_word(self, backend: SearchBackend) -> None:
        """Marks, case, đ and the normal form do not decide whether something is found."""
        backend.index([document(1, title=normalize("NFD", "Đường Lê Lợi")), document(2)])
        for text in ("đường lê lợi", "duong le loi", "ĐƯỜNG", "Duong", normalize("NFD", "đường")):
            assert found(backend, text) == [1], text

    def test_the_same_marks_rank_higher(self, backend: SearchBackend) -> None:
        """Of words with the same letters, the one with the typed marks comes first."""
        titles = ("Bản tin", "Bàn tin", "Bán tin", "Ban tin")
        backend.index(document(id_, title=title) for id_, title in enumerate(titles))
        for id_, title in enumerate(titles[:3]):
            results = found(backend, title)
            assert results[0] == id_
            assert len(results) == 4

    @pytest.mark.parametrize("form", ["NFC", "NFD"])
    @pytest.mark.parametrize(
        ("one", "other"), [("hoà", "hòa"), ("THUỶ", "thủy"), ("khoẻ", "Khỏe"), ("kĩ", "kỹ")]
    )
    def test_two_spellings_are_one_word(
        self, backend: SearchBackend, one: str, other: str, form: Literal["NFC", "NFD"]
    ) -> None:
        """Neither place of a tone mark nor i or y at the end makes another word of it."""
        titles = [f"Tin {normalize(form, word)}" for word in (one, other)]
        backend.index(document(id_, title=title) for id_, title in enumerate(titles))
        for text in titles:
            hits = backend.search(SearchQuery(text)).hits
            assert [hit.id for hit in hits] == [1, 0]
            assert hits[0].score == hits[1].score
        backend.index([document(7, summary=f"Nói về {one} và tin")])
        (hit,) = backend.search(
            SearchQuery(f"{other} tin", types=None, since=date(2021, 3, 8))
        ).hits
        assert f"<mark>{one}</mark>" in hit.snippet

    def test_the_typed_marks_come_first_wherever_the_word_stands(
        self, backend: SearchBackend
    ) -> None:
        """A word in the body with the typed marks is before a title with others."""
        backend.index(
            [
                document(1, title="Tin", body="Việc bảo đảm trật tự"),
                document(2, title="Bão số 3", summary="Bão"),
                document(3, title="Báo chí", summary="Báo"),
                document(4, title="Bảo tàng"),
            ]
        )
        assert found(backend, "bảo") == [4, 1, 3, 2]
        assert found(backend, normalize("NFD", "BÃO"))[0] == 2
        assert set(found(backend, "bao")) == {1, 2, 3, 4}

    def test_the_title_outranks_summary_and_body(self, backend: SearchBackend) -> None:
        """Where a word stands decides the order, whatever the date."""
        backend.index(
            [
                document(1, title="Cố đô"),
                document(2, title="Du lịch", summary="Cố đô"),
                document(3, title="Du lịch", body="Cố đô. " * 40),
            ]
        )
        assert found(backend, "cố đô") == [1, 2, 3]

    def test_attached_files_come_last(self, backend: SearchBackend) -> None:
        """What only a file says is found, after what the item says, and shown."""
        backend.index(
            [
                document(1, title="Tin", summary="Giới thiệu", attachments="Tờ trình đề án"),
                document(2, title="Tin", body="Tờ trình"),
            ]
        )
        last = backend.search(SearchQuery("tờ trình")).hits[-1]
        assert found(backend, "tờ trình") == [2, 1]
        assert last.snippet == "<mark>Tờ trình</mark> đề án"

    def test_words_that_stand_together_rank_higher(self, backend: SearchBackend) -> None:
        """Syllables make a word together, whichever document is newer."""
        titles = ("Việc tái cấu trúc các ngân hàng", "Cấu trúc tài sản")
        backend.index(document(id_, title=title) for id_, title in enumerate(titles, 1))
        assert found(backend, "tai cau truc") == [1, 2]

    def test_what_is_called_by_a_number_comes_before_what_only_has_it(
        self, backend: SearchBackend
    ) -> None:
        """The plan itself stands before the page that tells of its results."""
        called = document(
            1, title="Kế hoạch 389/KH-UBND Tái cấu trúc các cổng", number="389/KH-UBND"
        )
        later = document(2, title="Tái cấu trúc", number="389/KH-UBND")
        backend.index([called, later])
        assert found(backend, "389/KH-UBND") == [1, 2]

    def test_a_documents_own_number_outranks_those_that_cite_it(
        self, backend: SearchBackend
    ) -> None:
        """Also when the number stands in the title of the other one, or in a longer query."""
        backend.index(
            [
                document(1, title="Quy định về giá đất", number="12/2024/QĐ-UBND"),
                document(2, title="Sửa đổi 12/2024/QĐ-UBND về giá đất", number="5/2025/QĐ-UBND"),
            ]
        )
        for text in ("12/2024/QĐ-UBND", "12 2024 qd ubnd", "giá đất 12/2024/QĐ-UBND"):
            assert found(backend, text) == [1, 2]

    @pytest.mark.parametrize(
        "text",
        ["05/2024/QĐ-UBND", "5/2024/qd-ubnd", "5-2024-QĐ.UBND", "5/2024", "số 5/2024", "QĐ 5/2024"],
    )
    def test_a_number_is_found_in_part_and_in_any_punctuation(
        self, backend: SearchBackend, text: str
    ) -> None:
        """Also without the zero before it, or with a word for number."""
        backend.index(
            [
                document(1, title="Giá đất", number="05/2024/QĐ-UBND"),
                document(2, title="Báo cáo 5 điểm năm 2024 theo QĐ của UBND", number="7/BC-UBND"),
                document(3, title="Số 15/2024", number="15/2024/QĐ-UBND"),
            ]
        )
        assert found(backend, text)[0] == 1

    @pytest.mark.parametrize(
        "text", ["1.001193", "1001193", "001193", "1.001193.000.00.00.H57", "mã thủ tục 1.001193"]
    )
    def test_the_code_of_a_procedure_is_found(self, backend: SearchBackend, text: str) -> None:
        """Whole or in part, with points or without."""
        codes = ("1.001193.000.00.00.H57", "1.001194.000.00.00.H57")
        backend.index(document(n, title="Khai sinh", number=code) for n, code in enumerate(codes))
        assert found(backend, text)[0] == 0

    def test_short_and_long_forms_are_found_by_each_other(self, backend: SearchBackend) -> None:
        """Offices write UBND, people write it out, and the other way round."""
        titles = ("Lịch của UBND phường", "Lịch của Ủy ban nhân dân phường", "Lịch nhân dân")
        backend.index(document(id_, title=title) for id_, title in enumerate(titles))
        for text in ("lịch ubnd phường", "lịch uỷ ban nhân dân phường"):
            assert set(found(backend, text)) == {0, 1}, text
        backend.index([document(5, summary="Do Ủy ban nhân dân phường mời")])
        (hit,) = backend.search(SearchQuery("áo dài UBND")).hits
        assert "<mark>Ủy ban nhân dân</mark>" in hit.snippet

    def test_words_of_asking_are_not_required(self, backend: SearchBackend) -> None:
        """People ask in whole sentences; what they ask for is in a few words of them."""
        backend.index([document(1, title="Đăng ký kết hôn"), document(2, title="Ở đâu cũng vui")])
        for text in ("cho tôi hỏi đăng ký kết hôn ở đâu?", "dang ky ket hon o dau"):
            assert found(backend, text)[0] == 1, text
        assert found(backend, "ở đâu") == [2]

    def test_the_name_of_the_place_is_not_required(self, backend: SearchBackend) -> None:
        """A unit need not repeat its name in every item to be found by it on its own site."""
        backend.index([document(1, title="Chủ tịch"), document(2, title="Phường Một")])
        place = "Ủy ban nhân dân phường Một"
        assert found(backend, "chủ tịch phường một") != [1]
        assert found(backend, "chủ tịch phường một", place=place) == [1]
        assert found(backend, "phường một", place=place) == [2]

    # -- did you mean -------------------------------------------------------------------------

    @pytest.mark.parametrize(
        ("text", "correction"),
        [
            ("quyeets ddinhj", "quyết định"),
            ("quye6t1 d9inh5", "quyết định"),
            ("quyet dinj", "quyết định"),
            ("quyết đnih", "quyết định"),
            ("quyetdinh", "quyết định"),
            ("quyế tđịnh", "quyết định"),
            ("quyêt đjnh", "quyết định"),
            ("tủ tục hành chín", "thủ tục hành chính"),
            ("thutuc hành chính", "thủ tục hành chính"),
            ("khai xinh", "khai sinh"),
            ("hộ tịt", "hộ tịch"),
            ("lông nghiệp", "nông nghiệp"),
            ("trứng thực", "chứng thực"),
            ("nông nghỉêp", "nông nghiệp"),
            ("nông nghiẹp", "nông nghiệp"),
            ("xem khai xinh 12/QĐ", "xem khai sinh 12/QĐ"),
        ],
    )
    def test_slips_are_corrected(self, backend: SearchBackend, text: str, correction: str) -> None:
        """Fingers, ears, input methods and spaces slip; the words of the index are proposed."""
        titles = (
            "Quyết định về thủ tục hành chính",
            "Khai sinh, hộ tịch và chứng thực",
            "Nông nghiệp và xem hành chính",
            "Quyết định 12/QĐ về khai sinh, xem thêm",
        )
        backend.rebuild(document(id_, title=title) for id_, title in enumerate(titles))
        results = backend.search(SearchQuery(text))
        assert results.correction == correction
        assert {hit.id for hit in backend.search(SearchQuery(correction)).hits} <= {
            hit.id for hit in results.hits
        }

    def test_hits_of_a_correction_say_so(self, backend: SearchBackend) -> None:
        """They are given only when there is nothing as typed."""
        backend.rebuild([document(1, title="Lễ hội đèn lồng"), document(2, title="Lễ hội áo dài")])
        none = backend.search(SearchQuery("đèm lồnk"))
        assert (none.correction, none.corrected) == ("đèn lồng", True)
        assert [hit.id for hit in none.hits] == [1]
        some = backend.search(SearchQuery("lễ hội đèn lxồng"))
        assert (some.correction, some.corrected) == ("lễ hội đèn lồng", False)
        assert [hit.id for hit in some.hits] == [1, 2]

    @pytest.mark.parametrize(
        "text", ["lễ hội", "le hoi", "LỄ HỘI", '"lễ hội" áo', "zzzz", "wifi", "áo xưa", "lễ hỏi áo"]
    )
    def test_nothing_better_is_no_correction(self, backend: SearchBackend, text: str) -> None:
        """What is found as typed is right, marks or not; what nobody knows is left alone."""
        backend.index([document(1), document(2, title="Lẽ phải")])
        results = backend.search(SearchQuery(text))
        assert (results.correction, results.corrected) == ("", False)

    def test_a_correction_shows_nothing_hidden(self, backend: SearchBackend) -> None:
        """Words that stand only where the query may not look are not proposed."""
        backend.index([document(1, title="Đèn lồng", unit_id=2), document(2)])
        here, off = frozenset({1}), frozenset({(2, "activities")})
        for query in (
            SearchQuery("đèm lồnk", unit_ids=here),
            SearchQuery("đèm lồnk", hidden=off),
        ):
            results = backend.search(query)
            assert (results.correction, results.total) == ("", 0)
        backend.remove([1])
        assert backend.search(SearchQuery("đèm lồnk")).correction == ""

    def test_a_correction_has_only_marks_that_may_be_seen(self, backend: SearchBackend) -> None:
        """Marks that words have elsewhere, or had in what was removed, are not proposed."""
        backend.rebuild(document(id_, title="Đen Lỗng", unit_id=2) for id_ in range(5))
        backend.index([document(7, title="Đèn lồng")])
        here = backend.search(SearchQuery("đem lonk", unit_ids=frozenset({1})))
        assert here.correction == "đèn lồng"
        assert backend.search(SearchQuery("đem lonk")).correction == "đen lỗng"
        backend.remove(range(5))
        assert backend.search(SearchQuery("đem lonk")).correction == "đèn lồng"

    def test_a_correction_need_not_be_wanted(self, backend: SearchBackend) -> None:
        """A query can do without one; what is found as typed stays the same."""
        backend.index([document(1, title="Lễ hội đèn lồng"), document(2, title="Lễ hội áo dài")])
        for text, ids in {"đèm lồnk": [], "lễ hội đèn lxồng": [1, 2]}.items():
            results = backend.search(SearchQuery(text, correct=False))
            assert (results.correction, results.corrected) == ("", False)
            assert [hit.id for hit in results.hits] == ids
