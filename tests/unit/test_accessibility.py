"""What keeps people from reading a text: what blocks its publication, and advice."""

from __future__ import annotations

import pytest

from hoitu.core.content.accessibility import EXCERPT, findings, says_nothing
from hoitu.core.content.kinds import RichText

ROWS = "<tr><td>1</td><td>2</td></tr>"
HEAD = '<tr><th scope="col">Năm</th><th scope="col">Số</th></tr>'
LONG = " ".join(["từ"] * 160)


@pytest.mark.parametrize(
    ("html", "rules"),
    [
        ("", []),
        ("<p>Một đoạn.</p>", []),
        ('<p><img src="/tep/1/cau.jpg"></p>', ["picture_without_alt"]),
        ('<p><img src="/tep/1/cau.jpg" alt=""></p>', []),
        ('<p><img src="/tep/1/cau.jpg" alt="Cầu mới bắc qua sông"></p>', []),
        ('<p><a href="/bai/1"></a></p>', ["link_without_words"]),
        ('<p><a href="/bai/1"> <br> </a></p>', ["link_without_words"]),
        ('<p><a href="/bai/1"><img src="/tep/1/a.png" alt=""></a></p>', ["link_without_words"]),
        ('<p><a href="/bai/1"><img src="/tep/1/a.png" alt="Kế hoạch năm"></a></p>', []),
        ("<p><a>Không dẫn đi đâu</a></p>", []),
        ('<p>Xem <a href="/bai/1">tại đây</a></p>', ["link_says_nothing"]),
        ('<p><a href="/bai/1">Tai  Day:</a></p>', ["link_says_nothing"]),
        ('<p><a href="/bai/1"><strong>XEM THÊM...</strong></a></p>', ["link_says_nothing"]),
        ('<p><a href="/bai/1">click here »</a></p>', ["link_says_nothing"]),
        ('<p><a href="/bai/1">Xem thêm về kế hoạch cấp nước</a></p>', []),
        (f"<table>{ROWS}</table>", ["table_without_header"]),
        (f"<table>{HEAD}{ROWS}</table>", []),
        ("<table><tr><th>Năm</th><td>2026</td></tr></table>", []),
        ("<h3>Mục</h3>", ["heading_skips_level"]),
        ("<h2>Một</h2><h4>Mục</h4>", ["heading_skips_level"]),
        ("<h2>Một</h2><h3>a</h3><h4>b</h4><h2>Hai</h2><h3>c</h3>", []),
        ("<h2>Một</h2><h3>a</h3><h4>b</h4><h3>c</h3>", []),
        # One fault is told once: what follows the heading in the wrong place is not wrong, too.
        ("<h2>Một</h2><h4>a</h4><h4>b</h4>", ["heading_skips_level"]),
    ],
)
def test_what_blocks(html: str, rules: list[str]) -> None:
    found = findings(html)
    assert [finding.rule for finding in found] == rules
    assert all(finding.blocks for finding in found)


@pytest.mark.parametrize(
    ("html", "rules"),
    [
        ("<h2> </h2><p>Một đoạn.</p>", ["empty_heading"]),
        ("<p><strong>Mục tiêu chung</strong></p>", ["bold_paragraph"]),
        ("<p><strong>Lưu ý:</strong> nộp trước ngày 5.</p>", []),
        (f"<p><strong>{LONG[:400]}</strong></p>", ["long_sentence"]),
        ("<p>ỦY BAN NHÂN DÂN TỈNH</p>", []),
        ("<p>THÔNG BÁO VỀ VIỆC TỔ CHỨC TIẾP CÔNG DÂN</p>", ["capitals"]),
        ("<p>THÔNG BÁO SỐ 5 VỀ VIỆC 2026 TIẾP CÔNG DÂN</p>", ["capitals"]),
        (f"<p>{LONG}</p>", ["long_paragraph", "long_sentence"]),
        (f"<p>{'Câu ngắn thôi. ' * 51}</p>", ["long_paragraph"]),
        ('<p><a href="https://mau.vn/a.pdf">Kế hoạch</a></p>', ["file_without_type"]),
        ('<p><a href="https://mau.vn/a.PDF">Kế hoạch (PDF, 2 MB)</a></p>', []),
        ('<p><a href="/tep/5/a.pdf">Kế hoạch</a></p>', []),
        (
            '<p><a href="/bai/1">Kế hoạch</a> và <a href="/bai/1">kế hoạch năm</a></p>',
            ["repeated_link"],
        ),
        ('<p><a href="/bai/1">Kế hoạch</a> và <a href="/bai/2">báo cáo</a></p>', []),
        (f'<table>{HEAD}<tr><td colspan="2">Tổng</td></tr></table>', ["merged_cells"]),
        (f'<table>{HEAD}<tr><td colspan="1">Tổng</td><td>3</td></tr></table>', []),
        ('<p><img src="/tep/1/a.jpg" alt="IMG_2041.jpg"></p>', ["alt_is_file_name"]),
        ('<p><img src="/tep/1/a.jpg" alt="DSC 0042"></p>', ["alt_is_file_name"]),
    ],
)
def test_what_is_advised_against(html: str, rules: list[str]) -> None:
    found = findings(html)
    assert [finding.rule for finding in found] == rules
    assert not any(finding.blocks for finding in found)


def test_what_blocks_is_told_first_and_quoted() -> None:
    found = findings(f'<h2></h2><p><strong>Mục</strong></p><a href="/bai/1">{"đây " * 1}</a>')
    assert [finding.blocks for finding in found] == [True, False, False]
    assert found[0].excerpt == "đây"
    assert len(findings(f"<table><tr><td>{LONG}</td></tr></table>")[0].excerpt) <= EXCERPT


@pytest.mark.parametrize(
    "html",
    [
        "<p>chưa xong",
        "<a href=",
        "</p></p></table>",
        "<![if !IE]>a<![endif]>",
        "<" * 50_000,
        "<a " * 20_000,
        '<a href="http://[::1">Trang</a>',
        "<img src='http://[::1'>",
        "&#xffffffff; &khong; &",
    ],
)
def test_a_text_that_is_still_being_typed_raises_nothing(html: str) -> None:
    findings(html)


def test_what_is_saved_says_the_same_as_what_was_typed() -> None:
    typed = f'<h3>a</h3><table>{ROWS}</table><a href="/bai/1">đây</a><img src="/tep/1/a.png">'
    saved = RichText().clean(typed)
    assert [f.rule for f in findings(saved)] == [f.rule for f in findings(typed)]


@pytest.mark.parametrize("words", ["TẠI ĐÂY", "tại đây.", "(xem thêm)", "Chi tiết »", "Download"])
def test_words_are_compared_without_marks_capitals_and_signs(words: str) -> None:
    assert says_nothing(words)
