"""Two texts side by side, word by word."""

from __future__ import annotations

import re
import time

import pytest

from hoitu.core.admin import wording


def plain(marked: str) -> str:
    """Return a marked line without what is only spoken: [-taken out-] and [+put in+]."""
    silent = re.sub(r'<span class="visually-hidden">[^<]*</span>', "", marked)
    return re.sub(r"<del>(.*?)</del>", r"[-\1-]", re.sub(r"<ins>(.*?)</ins>", r"[+\1+]", silent))


@pytest.mark.parametrize(
    ("left", "right", "marked"),
    [
        ("năm ngày", "năm ngày", ("năm ngày", "năm ngày")),
        ("năm ngày", "mười ngày", ("[-năm-] ngày", "[+mười+] ngày")),
        ("năm ngày", "năm ngày làm việc", ("năm ngày", "năm ngày[+ làm việc+]")),
        # What stands between two changed words belongs to the change.
        ("một hai ba", "bốn năm ba", ("[-một hai-] ba", "[+bốn năm+] ba")),
        ("a < b", "a > b", ("a [-&lt;-] b", "a [+&gt;+] b")),
        ("", "mới", ("", "[+mới+]")),
    ],
)
def test_words_are_marked_where_they_differ(left: str, right: str, marked: tuple[str, str]) -> None:
    assert tuple(map(plain, wording.words(left, right))) == marked


def test_every_change_is_said_as_well_as_shown() -> None:
    old, new = wording.words("năm", "mười")
    assert old == '<del><span class="visually-hidden">removed: </span>năm</del>'
    assert new == '<ins><span class="visually-hidden">added: </span>mười</ins>'


def test_a_new_paragraph_does_not_push_the_others_out_of_line() -> None:
    left = ["Mở đầu chung.", "Điều một nói về phí.", "Điều hai nói về hạn nộp."]
    right = ["Mở đầu chung.", "Đoạn hoàn toàn khác.", "Điều một nói về lệ phí.", left[2]]
    rows = [pair for passage in wording.passages(left, right) for pair in passage.pairs]
    assert [(plain(row.left), plain(row.right)) for row in rows] == [
        ("Mở đầu chung.", "Mở đầu chung."),
        ("", "[+Đoạn hoàn toàn khác.+]"),
        ("Điều một nói về phí.", "Điều một nói về [+lệ +]phí."),
        ("Điều hai nói về hạn nộp.", "Điều hai nói về hạn nộp."),
    ]


def test_long_runs_without_a_change_are_folded() -> None:
    same = [f"dòng {number}" for number in range(10)]
    found = wording.passages([*same, "cũ"], [*same, "mới"])
    assert [(len(passage.pairs), passage.folded) for passage in found] == [(10, True), (1, False)]


def test_formatted_text_is_read_line_by_line() -> None:
    html = (
        '<h2>Điều 1</h2><p>Xem <a href="/bai/7">quyết định</a><br>và phụ lục.</p>'
        '<ul><li>một</li><li>hai</li></ul><p><img src="/tep/1/a.png" alt="Bản đồ"></p>'
        "<table><tr><th>Tên</th><td>Số</td></tr></table><p></p>"
    )
    assert wording.lines_of(html) == [
        "[Heading 2] Điều 1",
        "Xem quyết định (/bai/7)",
        "và phụ lục.",
        "• một",
        "• hai",
        "[Picture: Bản đồ]",
        "Tên | Số",
    ]


@pytest.mark.parametrize(
    "html", ["<p>chưa đóng", "<a href='x", "<", "<![x y]>", "</p></a>", "&nbsp;&#0;"]
)
def test_text_that_is_no_html_is_read_as_far_as_it_goes(html: str) -> None:
    wording.lines_of(html)


@pytest.mark.parametrize("same", [True, False], ids=["alike", "unlike"])
def test_the_longest_texts_are_compared_in_a_moment(same: bool) -> None:
    """Two hundred thousand characters, in one line and in thousands."""
    words = [f"từ{number % 97}" for number in range(40_000)]
    others = words if same else [f"chữ{number % 89}" for number in range(40_000)]
    changed = [*others[:20_000], "khác", *others[20_000:]]
    begun = time.monotonic()
    wording.passages([" ".join(words)], [" ".join(changed)])
    wording.passages(
        [" ".join(words[at : at + 10]) for at in range(0, 40_000, 10)],
        [" ".join(changed[at : at + 10]) for at in range(0, 40_000, 10)],
    )
    assert time.monotonic() - begun < 20
