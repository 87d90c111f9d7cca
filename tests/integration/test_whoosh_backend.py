from __future__ import annotations

import gc
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from itertools import count
from pathlib import Path
from threading import Event

import pytest
from whoosh import fields, index

from hoitu.core.search import (
    NullBackend,
    SearchBackend,
    SearchDocument,
    SearchQuery,
    SearchUnavailable,
    WhooshBackend,
    vocabulary,
)
from hoitu.core.search.shelf import Shelf
from hoitu.core.testing.search_contract import SearchContract
from hoitu.core.testing.search_documents import document, found, similar_documents


@pytest.fixture
def open_backend(tmp_path: Path) -> Iterator[Callable[[], WhooshBackend]]:
    opened: list[WhooshBackend] = []

    def open_one() -> WhooshBackend:
        opened.append(WhooshBackend(tmp_path, time_limit=30.0))
        return opened[-1]

    yield open_one
    for backend in opened:
        backend.close()


@pytest.fixture
def backend(open_backend: Callable[[], WhooshBackend]) -> WhooshBackend:
    return open_backend()


class TestWhoosh(SearchContract):
    @pytest.fixture
    def open_backend(
        self, open_backend: Callable[[], WhooshBackend]
    ) -> Callable[[], SearchBackend]:
        return open_backend


# -- refresh() of the library -------------------------------------------------------------------


def test_the_library_still_brings_the_dead_back(tmp_path: Path) -> None:
    """When this fails, whoosh was mended or replaced: read the head of whoosh_backend again."""
    schema = fields.Schema(id=fields.ID(unique=True, stored=True), body=fields.TEXT(stored=True))
    shelf = index.create_in(str(tmp_path), schema)
    with shelf.writer() as writer:
        for name in "abcde":
            writer.add_document(id=name, body=f"{name} cũ")
    searcher = shelf.searcher()
    writer = shelf.writer()
    writer.delete_by_term("id", "a")
    writer.update_document(id="b", body="b mới")
    writer.commit(optimize=True)
    with searcher.refresh() as refreshed:
        alive = [stored["id"] for stored in refreshed.documents()]
    assert sorted(alive) == sorted("abcde" + "bcde")
    with index.open_dir(str(tmp_path)).searcher() as reopened:
        assert sorted(stored["id"] for stored in reopened.documents()) == list("bcde")


def test_an_open_searcher_sees_no_dead_documents(backend: WhooshBackend, tmp_path: Path) -> None:
    backend.rebuild(document(id_, title=f"Tin cũ {id_}") for id_ in range(5))
    assert len(found(backend, "cũ")) == 5
    backend.remove([0])
    backend.index([document(1, title="Tin mới 1")])
    index.open_dir(str(_folder(tmp_path))).optimize()
    assert sorted(found(backend, "tin")) == [1, 2, 3, 4]
    assert sorted(found(backend, "cũ")) == [2, 3, 4]
    assert backend.search(SearchQuery("tin")).total == backend.health().documents == 4


def _folder(instance: Path) -> Path:
    (folder,) = (instance / "search").glob("*/")
    return folder


# -- several processes, several threads ---------------------------------------------------------


_WRITE_TEN = """
import sys
from pathlib import Path
from hoitu.core.search import WhooshBackend
from hoitu.core.testing.search_documents import document
backend = WhooshBackend(Path(sys.argv[1]))
for id_ in range(int(sys.argv[2]), int(sys.argv[2]) + 10):
    backend.index([document(id_)])
"""


def test_four_processes_lose_nothing(backend: WhooshBackend, tmp_path: Path) -> None:
    backend.rebuild([])
    command = [sys.executable, "-c", _WRITE_TEN, str(tmp_path)]
    writers = [subprocess.Popen([*command, str(first)]) for first in range(0, 40, 10)]
    seen: list[int] = []
    while any(writer.poll() is None for writer in writers):
        seen.append(backend.search(SearchQuery("áo dài")).total)
        time.sleep(0.01)
    assert [writer.returncode for writer in writers] == [0, 0, 0, 0]
    assert seen == sorted(seen)
    assert sorted(found(backend, "áo dài", limit=100)) == list(range(40))


def test_threads_share_one_searcher_while_a_writer_changes_the_index(
    backend: WhooshBackend, open_backend: Callable[[], WhooshBackend]
) -> None:
    backend.rebuild(similar_documents(120))
    expected = found(backend, "kế hoạch", sections=frozenset({"legal_documents"}), limit=100)
    assert expected
    stop = Event()

    def read() -> int:
        rounds = 0
        while not stop.is_set() or not rounds:
            ids = found(backend, "kế hoạch", sections=frozenset({"legal_documents"}), limit=100)
            assert sorted(ids) == sorted(expected)
            assert backend.suggest("kế ho")
            rounds += 1
        return rounds

    writer = open_backend()
    with ThreadPoolExecutor(6) as pool:
        readers = [pool.submit(read) for _ in range(6)]
        try:
            for id_ in range(12):
                writer.index([document(id_ % 3)])
            writer.rebuild([*similar_documents(120), document(5)])
        finally:
            stop.set()
        assert all(reader.result() for reader in readers)
    assert found(backend, "áo dài") == [5]


def test_a_writer_waits_for_another_one_and_gives_up_in_the_end(
    backend: WhooshBackend, tmp_path: Path
) -> None:
    hurried = WhooshBackend(tmp_path, writer_timeout=0.1)

    def documents() -> Iterator[SearchDocument]:
        yield document(1)
        with pytest.raises(TimeoutError):
            hurried.index([document(2)])
        with pytest.raises(TimeoutError):
            hurried.remove([1])
        with pytest.raises(TimeoutError):
            hurried.rebuild([])

    assert backend.rebuild(documents()) == 1
    assert hurried.index([document(2)]) == 1
    assert found(backend, "áo dài") == [2, 1]


# -- missing, damaged, older --------------------------------------------------------------------


def _unavailable(backend: WhooshBackend) -> None:
    for ask in (lambda: found(backend, "áo dài"), lambda: backend.suggest("áo")):
        with pytest.raises(SearchUnavailable, match="hoitu search rebuild"):
            ask()
    health = backend.health()
    assert (health.ok, health.remedy) == (False, "hoitu search rebuild")
    assert health.detail
    backend.rebuild([document(1)])
    assert found(backend, "áo dài") == [1]
    assert backend.health().ok


def test_a_missing_index(backend: WhooshBackend) -> None:
    assert backend.remove([1]) == 0
    _unavailable(backend)


def test_an_index_that_disappears(
    backend: WhooshBackend, open_backend: Callable[[], WhooshBackend], tmp_path: Path
) -> None:
    other = open_backend()
    backend.rebuild([document(1)])
    assert found(backend, "áo dài") == found(other, "áo dài") == [1]
    shutil.rmtree(_folder(tmp_path))
    _unavailable(backend)
    backend.rebuild([document(3)])
    shutil.rmtree(_folder(tmp_path))
    backend.rebuild([document(2)])
    assert found(backend, "áo dài") == found(other, "áo dài") == [2]


def test_an_index_of_another_form(backend: WhooshBackend, tmp_path: Path) -> None:
    backend.rebuild([document(1)])
    _folder(tmp_path).rename(tmp_path / "search" / "form-0")
    with pytest.raises(SearchUnavailable):
        backend.index([document(2)])
    with pytest.raises(SearchUnavailable):
        backend.remove([1])
    _unavailable(backend)


def test_an_index_that_cannot_be_read(backend: WhooshBackend, tmp_path: Path) -> None:
    backend.rebuild([document(1)])
    (contents,) = _folder(tmp_path).glob("*.toc")
    contents.unlink()
    contents.mkdir()
    with pytest.raises(SearchUnavailable, match="Is a directory"):
        found(backend, "áo dài")
    with pytest.raises(IsADirectoryError):
        backend.index([document(1)])
    assert not backend.health().ok


def test_a_first_rebuild_shows_nothing_unfinished(backend: WhooshBackend) -> None:
    def documents() -> Iterator[SearchDocument]:
        with pytest.raises(SearchUnavailable):
            found(backend, "áo dài")
        yield document(1)

    assert backend.rebuild(documents()) == 1
    assert found(backend, "áo dài") == [1]


# The library leaves files open when it fails on them.
@pytest.mark.filterwarnings("ignore::ResourceWarning")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("damage", [b"", b"\x00" * 64, b"x" * 5000], ids=["none", "zeros", "x"])
@pytest.mark.parametrize("suffix", [".toc", ".seg"])
def test_damaged_files(
    open_backend: Callable[[], WhooshBackend], tmp_path: Path, suffix: str, damage: bytes
) -> None:
    open_backend().rebuild(similar_documents(20))
    (path,) = (tmp_path / "search").glob(f"*/*{suffix}")
    path.write_bytes(damage)
    backend = open_backend()
    with pytest.raises(SearchUnavailable):
        backend.remove([10_000])
    _unavailable(backend)
    gc.collect()


def test_an_index_begun_by_updates_is_not_called_complete(backend: WhooshBackend) -> None:
    backend.index([document(1)])
    assert found(backend, "áo dài") == [1]
    health = backend.health()
    assert (health.ok, health.documents, health.remedy) == (False, 1, "hoitu search rebuild")


def test_a_rebuild_leaves_one_index_behind(backend: WhooshBackend, tmp_path: Path) -> None:
    for remains in ("fresh", "form-0"):
        (tmp_path / "search" / remains).mkdir(parents=True)
    for _ in range(3):
        backend.rebuild([document(1)])
    assert len(list((tmp_path / "search").glob("*/"))) == 1
    assert len(list(_folder(tmp_path).glob("*.seg"))) == 1


# -- limits -------------------------------------------------------------------------------------


def test_the_time_limit_gives_a_part(tmp_path: Path, backend: WhooshBackend) -> None:
    backend.rebuild(similar_documents(50))
    for text in ('"kế hoạch"', '"kế hoạch" xyz'):
        results = WhooshBackend(tmp_path, time_limit=0.0).search(SearchQuery(text))
        assert (results.partial, results.facets) == (True, {})
    assert not backend.search(SearchQuery('"kế hoạch"')).partial


_ONSETS = ("b", "c", "d", "g", "h", "l", "m", "n", "r", "s", "t", "v", "x", "ch", "kh", "ph")


@pytest.fixture
def ticking(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """A clock that goes on by a second each time somebody looks; tell the present second."""
    clock = count()
    for module in ("ranking", "shelf", "correction"):
        monkeypatch.setattr(f"hoitu.core.search.{module}.monotonic", clock.__next__)
    return clock


def test_one_time_limit_holds_for_a_whole_search(
    tmp_path: Path, backend: WhooshBackend, ticking: Iterator[int]
) -> None:
    # Words scattered over the text: those with most of the words are looked at too.
    backend.rebuild(document(id_, body="Hệ thống ngày nay và kế hoạch") for id_ in range(50))
    hurried = WhooshBackend(tmp_path, time_limit=9.0)
    results = hurried.search(SearchQuery('"kế hoạch" "hệ thống" "ngày nay"'))
    assert (results.partial, results.facets) == (True, {})
    assert 0 < results.total <= 9
    assert next(ticking) < 9 + 6, "seconds until the end of the search"
    hurried.close()


def test_a_correction_ends_with_the_time(
    tmp_path: Path, backend: WhooshBackend, ticking: Iterator[int]
) -> None:
    backend.rebuild(document(id_, title="Lễ hội đèn lồng") for id_ in range(3))
    assert backend.search(SearchQuery("lễ hộij đèm lồnk")).correction == "lễ hội đèn lồng"
    begun = next(ticking)
    hurried = WhooshBackend(tmp_path, time_limit=9.0)
    results = hurried.search(SearchQuery("lễ hộij đèm lồnk"))
    assert (results.correction, results.partial, results.total) == ("", True, 0)
    assert next(ticking) - begun < 9 + 8, "seconds until the end of the search"
    hurried.close()


def test_words_alike_are_not_all_tried_with_each_other(
    backend: WhooshBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    rhymes = ["ang", "inh", "oc", "uyen", "at", "em", "on", "uy"]
    words = [onset + rhyme for onset in _ONSETS for rhyme in rhymes]
    backend.rebuild(document(n, title=word) for n, word in enumerate(words))
    looked_up: list[str] = []
    look_up = Shelf.frequency

    def noting(shelf: Shelf, field: str, term: str) -> int:
        looked_up.append(term)
        return look_up(shelf, field, term)

    monkeypatch.setattr(Shelf, "frequency", noting)
    backend.search(SearchQuery(" ".join(words[:16])))
    pairs = set(looked_up)
    assert 0 < len(pairs) < 15 * 6 * 12, "gaps, ways and candidates"
    assert len(looked_up) == 2 * len(pairs), "in two fields, once each"


def test_words_that_are_only_tried_push_out_no_others(
    backend: WhooshBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hoitu.core.search.shelf._KEPT_SETS", 36)
    words = [f"{onset}ang" for onset in _ONSETS]
    backend.rebuild([document(), *(document(n, title=word) for n, word in enumerate(words, 10))])
    found(backend, "áo dài")
    backend.search(SearchQuery("qang wang"))
    read: list[str] = []
    postings = Shelf._postings
    monkeypatch.setattr(
        Shelf, "_postings", lambda *asked: read.append(asked[2]) or postings(*asked)
    )
    found(backend, "áo dài")
    assert read == []
    found(backend, "áo xưa")
    assert "xua" in read


def test_a_commit_lets_only_what_it_wrote_be_read_for_corrections(
    backend: WhooshBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[int] = []
    read_words = vocabulary._read
    monkeypatch.setattr(
        vocabulary, "_read", lambda leaf: read.append(leaf.doc_count_all()) or read_words(leaf)
    )
    backend.rebuild(document(id_, title="Lễ hội") for id_ in range(9))
    assert backend.search(SearchQuery("đèm lồnk")).correction == ""
    backend.index([document(20, title="Đèn lồng")])
    assert backend.search(SearchQuery("đèm lồnk")).correction == "đèn lồng"
    assert read == [9, 1]
    backend.remove([20])
    assert backend.search(SearchQuery("đèm lồnk")).correction == ""
    assert read == [9, 1]


def test_too_many_hits_are_not_counted(
    backend: WhooshBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hoitu.core.search.ranking._COUNTED_HITS", 3)
    backend.rebuild(document(id_) for id_ in range(4))
    assert backend.search(SearchQuery("áo dài")).facets == {}
    assert backend.search(SearchQuery("áo dài", unit_ids=frozenset({1}))).total == 4
    backend.remove([0])
    assert backend.search(SearchQuery("áo dài")).facets["unit"] == {"1": 3}


def test_many_small_commits_stay_findable(backend: WhooshBackend) -> None:
    for id_ in range(30):
        backend.index([document(id_), document(1000, title=f"Thay đổi {id_}")])
    assert sorted(found(backend, "áo dài", limit=100)) == list(range(30))
    assert [hit.title for hit in backend.search(SearchQuery("thay đổi")).hits] == ["Thay đổi 29"]
    assert found(backend, '"hội áo dài"', limit=100, order="newest") == list(range(29, -1, -1))


def test_few_segments_stay(backend: WhooshBackend, tmp_path: Path) -> None:
    backend.rebuild(document(id_) for id_ in range(60))
    for id_ in range(100, 140):
        backend.index([document(id_)])
        assert len(list(_folder(tmp_path).glob("*.seg"))) <= 4
    assert len(found(backend, "áo dài", limit=200)) == 100


# -- search switched off ------------------------------------------------------------------------


def test_switched_off_search_finds_nothing_and_is_no_fault() -> None:
    backend: SearchBackend = NullBackend()
    assert (
        backend.index([document(1)]) == backend.remove([1]) == backend.rebuild([document(1)]) == 0
    )
    assert backend.search(SearchQuery("áo dài")).total == 0
    assert backend.suggest("áo") == []
    assert backend.health().ok
    backend.close()


def test_a_number_written_as_one_word_is_no_phrase(backend: WhooshBackend) -> None:
    backend.rebuild([document(1, number="12/QĐ-UBND"), document(2, title="Về 12QĐUBND về phường")])
    for text, ids in {'"12QĐUBND về"': [2], '"áo dài"': [1], '"12 QĐ UBND"': [1]}.items():
        assert sorted(found(backend, text)) == ids, text


def test_an_empty_index_has_no_days(backend: WhooshBackend) -> None:
    backend.rebuild([])
    assert backend.search(SearchQuery("áo dài", since=date(2024, 1, 1))).total == 0
