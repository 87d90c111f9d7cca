"""What every search engine of the platform must do, as tests to inherit.

A subclass whose name starts with ``Test`` gives the fixture ``open_backend``: a function that opens
one index, empty at first, as one more process would. All backends it returns share that index.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import chain
from typing import Any

import pytest

from hoitu.core.search import SearchBackend, SearchDocument, SearchQuery
from hoitu.core.testing.search_documents import (
    FIRST_DAY,
    document,
    found,
    similar_documents,
    suggested,
)
from hoitu.core.testing.search_wording_contract import OpenBackend, WordingContract


class SearchContract(WordingContract):
    """The contract; every test starts from an empty index."""

    # -- which words --------------------------------------------------------------------------

    def test_all_words_are_required(self, backend: SearchBackend) -> None:
        """A document with some of the words is left out while another has them all."""
        backend.index([document(1, title="Lễ hội đèn lồng"), document(2, title="Lễ hội áo dài")])
        assert found(backend, "lễ hội đèn") == [1]

    def test_most_words_are_enough_when_nothing_has_all(self, backend: SearchBackend) -> None:
        """A mistyped word does not hide what the others find; one word of three is too few."""
        backend.index(
            [
                document(1, title="Lễ hội đèn lồng"),
                document(2, title="Lễ hội"),
                document(3, title="Đèn"),
            ]
        )
        assert found(backend, "lễ hội đèn lxồng") == [1, 2]

    def test_a_quoted_phrase_stands_together(self, backend: SearchBackend) -> None:
        """Words in double quotes must follow each other, inside one part of the document."""
        backend.index(
            [
                document(1, title="Tin", body="Công bố thủ tục hành chính mới"),
                document(2, title="Tin", body="Thủ tục mới về hành chính"),
                document(3, title="Thủ tục", summary="Hành chính"),
            ]
        )
        for text in ('"thủ tục hành chính"', "“thu tuc hanh chinh”"):
            assert found(backend, text) == [1]
        assert set(found(backend, "thủ tục hành chính")) == {1, 2, 3}
        assert found(backend, '"thủ tục" "hành chính mới"') == [1]
        assert found(backend, '"công bố" "thủ tục mới"') == []

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "   ",
            "...!?",
            '"',
            '""',
            "***",
            "(((",
            "/-/",
            "\x00",
            "\ud800",
            "🏛️🎉",
            "\u200b\u0301",
            "?" * 200_000,
            "\N{COMBINING ACUTE ACCENT}" * 200_000,
        ],
        ids=lambda text: ascii(text[:20]),
    )
    def test_text_without_words_finds_nothing(self, backend: SearchBackend, text: str) -> None:
        """What holds no word is no error and no wish to see everything."""
        backend.index([document()])
        results = backend.search(SearchQuery(text))
        assert (results.hits, results.total, suggested(backend, text)) == ((), 0, [])

    @pytest.mark.parametrize(
        "text",
        [
            "áo*",
            "áo AND (dài OR",
            "title:áo",
            "áo^9999 [dài TO",
            "-áo +dài ~ \\",
            "áo\x00dài 🎉",
            "' OR 1=1 --",
            "áo " * 70_000,
            "a" * 200_000,
            "ß İstanbul ﬁ Ǆ ไทย 한국어 中文",
        ],
        ids=lambda text: ascii(text[:20]),
    )
    def test_no_text_raises(self, backend: SearchBackend, text: str) -> None:
        """There is no syntax that a visitor could get wrong."""
        backend.index([document()])
        for query in (text, f'"{text}"', f'"{text}'):
            assert backend.search(SearchQuery(query)).total in (0, 1)
        assert suggested(backend, text) in ([], ["Lễ hội áo dài"])

    def test_signs_between_words_do_not_matter(self, backend: SearchBackend) -> None:
        """Signs that mean something to other engines are only signs."""
        backend.index([document()])
        for text in ("áo* dài?", "(áo) +dài", "áo:dài", "[áo TO dài]"):
            assert found(backend, text) == [1], text

    # -- restrictions, order, pages -----------------------------------------------------------

    @pytest.mark.parametrize(
        ("restriction", "ids"),
        [
            ({}, {1, 2, 3}),
            ({"unit_ids": frozenset({1})}, {1}),
            ({"unit_ids": frozenset({1, 2})}, {1, 2}),
            ({"unit_ids": frozenset()}, set()),
            ({"unit_ids": frozenset({99})}, set()),
            ({"sections": frozenset({"news", "agency"})}, {1, 3}),
            ({"sections": frozenset()}, set()),
            ({"types": frozenset({"question"})}, {2}),
            ({"types": frozenset()}, set()),
            ({"language": "en"}, {3}),
            ({"facets": {"kind": "KH"}}, {1, 2}),
            ({"facets": {"kind": "KH", "signer": "A=B"}}, {2}),
            ({"facets": {"kind": "\ud800"}}, set()),
            ({"hidden": frozenset({(1, "plans")})}, {2, 3}),
            ({"hidden": frozenset({(1, "other"), (2, "plans"), (3, "plans")})}, {1}),
            ({"hidden": frozenset({(2, "plans")}), "unit_ids": frozenset({1, 2})}, {1}),
            ({"since": date(2024, 5, 2)}, {2, 3}),
            ({"until": date(2024, 5, 2)}, {1, 2}),
            ({"since": date(2024, 5, 2), "until": date(2024, 5, 2)}, {2}),
            ({"since": date.min, "until": date.max}, {1, 2, 3}),
            ({"unit_ids": frozenset({1, 3}), "sections": frozenset({"agency"})}, {3}),
        ],
        ids=lambda value: ascii(sorted(value) if isinstance(value, set) else list(value)),
    )
    def test_restrictions(
        self, backend: SearchBackend, restriction: dict[str, Any], ids: set[int]
    ) -> None:
        """Only what the query allows is found and suggested; days are those of Vietnam."""
        both = {"title": "Kế hoạch năm", "requirement": "plans"}
        backend.index(
            [
                # The last moment of the first of May in Vietnam.
                document(
                    1,
                    **both,
                    facets={"kind": "KH"},
                    sort_at=datetime(2024, 5, 1, 16, 59, 59, 999_999, UTC),
                ),
                document(
                    2,
                    **both,
                    unit_id=2,
                    type="question",
                    section="interaction",
                    facets={"kind": "KH", "signer": "A=B"},
                    sort_at=datetime(2024, 5, 1, 17, tzinfo=UTC),
                ),
                document(
                    3,
                    **both,
                    unit_id=3,
                    section="agency",
                    language="en",
                    sort_at=datetime(2024, 5, 2, 17, tzinfo=UTC),
                ),
            ]
        )
        query = SearchQuery("kế hoạch", **restriction)
        results = backend.search(query)
        assert {hit.id for hit in results.hits} == ids
        assert results.total == len(ids)
        if "since" not in restriction and "until" not in restriction:
            assert suggested(backend, "kế ho", query) == (["Kế hoạch năm"] if ids else [])

    @pytest.mark.parametrize("text", ['"lễ hội" áo', "lễ hội áo lxồng"])
    def test_restrictions_hold_for_phrases_and_mistyped_words(
        self, backend: SearchBackend, text: str
    ) -> None:
        """No way of asking shows what must not be shown."""
        backend.index(
            [document(1), document(2, unit_id=2), document(3, requirement="events"), document(4)]
        )
        assert found(backend, text) == [4, 3, 2, 1]
        assert found(backend, text, unit_ids=frozenset({1})) == [4, 3, 1]
        assert found(backend, text, hidden=frozenset({(1, "activities")})) == [3, 2]
        backend.remove([4])
        assert found(backend, text, unit_ids=frozenset({1})) == [3, 1]

    def test_newest_first(self, backend: SearchBackend) -> None:
        """The order by date does not look at the words, and reaches back before 1970."""
        instants = (datetime(1945, 9, 2, tzinfo=UTC), datetime(2024, 1, 1, tzinfo=UTC), FIRST_DAY)
        backend.index(document(id_, sort_at=at) for id_, at in enumerate(instants))
        assert found(backend, "áo dài", order="newest") == [1, 2, 0]

    def test_equal_hits_come_newest_first(self, backend: SearchBackend) -> None:
        """Nothing but the date distinguishes these documents."""
        backend.index(document(id_) for id_ in (2, 1, 3))
        assert found(backend, "áo dài") == [3, 2, 1]

    def test_pages_fit_together(self, backend: SearchBackend) -> None:
        """Every hit is on one page, in the order of the whole list."""
        backend.rebuild(similar_documents(150))
        for order in ("relevance", "newest"):
            whole = found(backend, "thông tin", order=order, limit=200)
            pages = (
                found(backend, "thông tin", order=order, limit=20, offset=offset)
                for offset in range(0, 200, 20)
            )
            assert list(chain.from_iterable(pages)) == whole
            assert len(whole) == len(set(whole)) > 60

    @pytest.mark.parametrize("page", [{"limit": 0}, {"limit": -1}, {"offset": 10**9}])
    def test_a_page_beyond_the_hits_is_empty(
        self, backend: SearchBackend, page: dict[str, int]
    ) -> None:
        """The total is right all the same."""
        backend.index([document()])
        results = backend.search(SearchQuery("áo dài", **page))  # type: ignore[arg-type]
        assert (results.hits, results.total) == ((), 1)

    # -- what a hit shows ---------------------------------------------------------------------

    def test_a_hit_names_its_document(self, backend: SearchBackend) -> None:
        """Title, unit and type come back as they were given."""
        backend.index([document(7, unit_id=12, type="question")])
        results = backend.search(SearchQuery("áo dài"))
        (hit,) = results.hits
        assert (hit.id, hit.unit_id, hit.type, hit.title) == (7, 12, "question", "Lễ hội áo dài")
        assert hit.score > 0
        assert not results.partial
        assert results.took_ms > 0

    def test_the_snippet_marks_words_and_escapes_the_rest(self, backend: SearchBackend) -> None:
        """Nothing of a document becomes HTML in the results."""
        summary = "<script>alert(1)</script> Cố đô Huế & cầu Trường Tiền"
        backend.index([document(1, summary=summary)])
        (hit,) = backend.search(SearchQuery("co do truong")).hits
        assert hit.snippet == (
            "&lt;script&gt;alert(1)&lt;/script&gt; <mark>Cố đô</mark> Huế &amp; cầu "
            "<mark>Trường</mark> Tiền"
        )

    def test_the_snippet_marks_only_the_typed_marks(self, backend: SearchBackend) -> None:
        """Who types marks does not mean the words that only look alike without them."""
        backend.index([document(1, summary="Bàn về bản tin")])
        (hit,) = backend.search(SearchQuery("bản tin")).hits
        assert hit.snippet == "Bàn về <mark>bản tin</mark>"

    def test_the_snippet_of_a_long_text_shows_the_words(self, backend: SearchBackend) -> None:
        """A piece around the words is cut out of the body when the summary has none of them."""
        body = f"{'mở đầu ' * 60}điện Thái Hòa{' kết thúc' * 60}"
        backend.index([document(1, summary="Tham quan", body=body)])
        (hit,) = backend.search(SearchQuery("thái hòa")).hits
        assert "<mark>Thái Hòa</mark>" in hit.snippet
        assert hit.snippet.startswith("…")
        assert hit.snippet.endswith("…")
        assert len(hit.snippet.striptags()) < 300

    def test_hits_are_counted(self, backend: SearchBackend) -> None:
        """All hits are counted, not only those of the page; the year is the one in Vietnam."""
        new_year = datetime(2023, 12, 31, 17, tzinfo=UTC)
        backend.index(
            [
                document(1, sort_at=new_year),
                document(2, unit_id=2, sort_at=new_year - timedelta(seconds=1)),
                document(3, type="question", section="interaction", sort_at=new_year),
            ]
        )
        results = backend.search(SearchQuery("áo dài", limit=1))
        assert results.facets == {
            "type": {"article": 2, "question": 1},
            "section": {"news": 2, "interaction": 1},
            "unit": {"1": 2, "2": 1},
            "year": {"2024": 2, "2023": 1},
        }

    def test_facets_of_documents_are_counted(self, backend: SearchBackend) -> None:
        """Each count is what is left when the value is chosen; an empty value is none."""
        kinds = ("QĐ", "KH", "QĐ", "", 'A="1"\t\n')
        backend.index(document(n, facets={"kind": kind}) for n, kind in enumerate(kinds))
        backend.index([document(9, title="Khác", facets={"kind": "QĐ", "effect": "expired"})])
        counts = backend.search(SearchQuery("áo dài")).facets
        assert counts["kind"] == {"QĐ": 2, "KH": 1, 'A="1"\t\n': 1}
        assert "effect" not in counts
        for kind, number in counts["kind"].items():
            assert len(found(backend, "áo dài", facets={"kind": kind})) == number

    # -- suggestions --------------------------------------------------------------------------

    def test_titles_are_suggested_while_typing(self, backend: SearchBackend) -> None:
        """The last word may be unfinished, with or without marks; each title comes once."""
        backend.index(
            [
                document(1, title="Kế hoạch 389/KH-UBND"),
                document(2, title="Kế hoạch 389/KH-UBND", unit_id=2),
                document(3, title="Kế toán trưởng"),
                document(4, title="Tin tức", body="Kế hoạch"),
            ]
        )
        assert suggested(backend, "ke h") == ["Kế hoạch 389/KH-UBND"]
        assert suggested(backend, "389/k") == ["Kế hoạch 389/KH-UBND"]
        assert set(suggested(backend, "Kế")) == {"Kế hoạch 389/KH-UBND", "Kế toán trưởng"}
        assert len(backend.suggest("kế", limit=1)) == 1
        assert backend.suggest("hoạch kế toán x") == []

    def test_the_best_suggestion_comes_first(self, backend: SearchBackend) -> None:
        """A title that begins so, with the typed marks; each names its document."""
        titles = ("Báo cáo năm", "Bảo tàng thành phố", "Tin về bảo tàng", "Bảo tàng")
        backend.index(document(n, title=title, unit_id=3) for n, title in enumerate(titles))
        backend.index([document(9, title="Báo chí tàng thư", unit_id=3)])
        assert suggested(backend, "bảo t") == [
            "Bảo tàng", "Bảo tàng thành phố", "Tin về bảo tàng", "Báo chí tàng thư"
        ]  # fmt: skip
        first = backend.suggest("bảo t")[0]
        assert (first.id, first.unit_id, first.type) == (3, 3, "article")

    # -- changes ------------------------------------------------------------------------------

    def test_a_document_replaces_the_one_before(self, backend: SearchBackend) -> None:
        """The text before a change is not found any more."""
        assert backend.index([document(1, title="Cũ"), document(2)]) == 2
        assert backend.index([document(1, title="Mới"), document(3)]) == 2
        assert found(backend, "cũ") == []
        assert found(backend, "mới") == [1]
        assert set(found(backend, "áo dài")) == {2, 3}
        assert backend.health().documents == 3

    def test_of_one_id_the_last_counts(self, backend: SearchBackend) -> None:
        """A batch may hold an item twice."""
        assert backend.index([document(1, title="Cũ"), document(2), document(1, title="Mới")]) == 2
        assert found(backend, "cũ") == []
        assert found(backend, "mới") == [1]
        assert backend.health().documents == 2

    def test_a_rebuild_holds_every_id_once(self, backend: SearchBackend) -> None:
        """An item that changes meanwhile may be met twice."""
        assert backend.rebuild([document(1), document(2), document(1)]) == 2
        assert sorted(found(backend, "áo dài")) == [1, 2]

    def test_what_is_removed_is_not_found(self, backend: SearchBackend) -> None:
        """The answer says how many documents there were; the last one may go too."""
        backend.index(document(id_) for id_ in range(5))
        assert backend.remove([1, 3, 99, 3]) == 2
        assert set(found(backend, "áo dài")) == {0, 2, 4}
        assert suggested(backend, "lễ") == ["Lễ hội áo dài"]
        assert backend.remove([0, 2, 4]) == 3
        assert found(backend, "áo dài") == []
        assert backend.suggest("lễ") == []
        assert backend.remove([0]) == 0
        assert backend.health().documents == 0
        backend.index([document(8)])
        assert found(backend, "áo dài") == [8]

    def test_nothing_to_write_is_no_error(self, backend: SearchBackend) -> None:
        """Empty batches and an empty platform are ordinary."""
        assert backend.rebuild(iter(())) == 0
        assert backend.index(iter(())) == 0
        assert backend.remove(iter(())) == 0
        assert found(backend, "áo dài") == []
        assert backend.health().ok

    def test_a_wrong_document_changes_nothing(self, backend: SearchBackend) -> None:
        """An instant without a zone is the caller's mistake; the whole batch is refused."""
        backend.rebuild([document(1)])
        for write in (backend.index, backend.rebuild):
            with pytest.raises(ValueError, match="time zone"):
                write([document(2), document(3, sort_at=datetime(2024, 1, 1))])  # noqa: DTZ001
            assert found(backend, "áo dài") == [1]
        assert backend.health().ok

    def test_other_processes_see_the_change(self, open_backend: OpenBackend) -> None:
        """A reader that was open before sees every commit of another one."""
        writer, reader = open_backend(), open_backend()
        writer.rebuild([document(1)])
        assert found(reader, "áo dài") == [1]
        writer.index([document(2)])
        assert found(reader, "áo dài") == [2, 1]
        writer.remove([1])
        assert found(reader, "áo dài") == [2]
        writer.rebuild([document(3)])
        assert found(reader, "áo dài") == [3]

    def test_search_stays_up_during_a_rebuild(self, open_backend: OpenBackend) -> None:
        """Until the new index is complete, the old one answers, to this process and to others."""
        backend, reader = open_backend(), open_backend()
        backend.rebuild([document(1)])

        def documents() -> Iterator[SearchDocument]:
            yield document(2)
            assert found(backend, "áo dài") == found(reader, "áo dài") == [1]
            yield document(3)

        assert backend.rebuild(documents()) == 2
        assert set(found(backend, "áo dài")) == set(found(reader, "áo dài")) == {2, 3}

    def test_a_rebuild_that_fails_changes_nothing(self, backend: SearchBackend) -> None:
        """The error comes through, the old index stays and can be written."""

        def documents() -> Iterator[SearchDocument]:
            yield document(2)
            raise ConnectionError("the database went away")

        backend.rebuild([document(1)])
        with pytest.raises(ConnectionError):
            backend.rebuild(documents())
        backend.index([document(3)])
        assert found(backend, "áo dài") == [3, 1]

    def test_a_rebuilt_index_is_healthy(self, backend: SearchBackend) -> None:
        """Health counts the documents and asks for nothing."""
        backend.rebuild(similar_documents(5))
        health = backend.health()
        assert (health.ok, health.documents, health.remedy) == (True, 5, "")
        assert health.detail

    def test_a_closed_backend_opens_again(self, backend: SearchBackend) -> None:
        """Closing twice is no error, and neither is using it afterwards."""
        backend.index([document()])
        assert found(backend, "áo dài") == [1]
        backend.close()
        backend.close()
        assert found(backend, "áo dài") == [1]
