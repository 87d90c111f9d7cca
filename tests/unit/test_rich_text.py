"""What is stored of the HTML that editors type and paste, again and again the same."""

from __future__ import annotations

from pathlib import Path

import pytest

from hoitu.core.content.kinds import Invalid, RichText
from hoitu.core.content.rich_text import clean

WORD = Path(__file__).parents[1] / "samples" / "word_clipboard.html"

NBSP = "\N{NO-BREAK SPACE}"


def listed(level: int, marker: str, words: str, listing: str = "l0") -> str:
    """Return a paragraph of a list as Word writes it."""
    return (
        f"<p class=MsoListParagraphCxSpMiddle style='text-indent:-.25in;mso-list:{listing} "
        f"level{level} lfo1'><![if !supportLists]><span><span style='mso-list:Ignore'>{marker}"
        f"<span style='font:7.0pt \"Times New Roman\"'>&nbsp;&nbsp;&nbsp; </span></span></span>"
        f"<![endif]><span lang=VI>{words}<o:p></o:p></span></p>\n"
    )


CASES = {
    "text alone": ("Thông báo", "Thông báo"),
    "text in lines": (
        "Đoạn một\r\nvẫn thế\n\n \nĐoạn hai", "<p>Đoạn một<br>vẫn thế</p><p>Đoạn hai</p>"
    ),
    "an angle is text": ("3 < 5 & 7", "3 &lt; 5 &amp; 7"),
    "bold and italic": ("<p><b>a</b> <i>b</i></p>", "<p><strong>a</strong> <em>b</em></p>"),
    "struck out": ("<p><strike>a</strike><del>b</del></p>", "<p><s>ab</s></p>"),
    "bold by style": (
        "<p><span style='color:red;font-weight:700'>a</span></p>", "<p><strong>a</strong></p>"
    ),
    "italic by style": ("<p><span style='font-style: italic'>a</span></p>", "<p><em>a</em></p>"),
    "underlined by style": (
        "<p><span style='text-decoration:underline'>a</span></p>", "<p><u>a</u></p>"
    ),
    "bold that is not": ("<b style='font-weight:normal'><p>a</p></b>", "<p>a</p>"),
    "bold of Word": (
        "<p><b style='mso-bidi-font-weight:normal'>a</b></p>", "<p><strong>a</strong></p>"
    ),
    "bold in pieces": ("<p><b>a</b><b> b</b></p>", "<p><strong>a b</strong></p>"),
    "bold around blocks": ("<b><p>a</p><p>b</p></b>", "<p>a</p><p>b</p>"),
    "bold heading": ("<h2><b>a</b></h2>", "<h2>a</h2>"),
    "the first rank is the page's": (
        "<h1>a</h1><h2>b</h2><h3>c</h3>", "<h2>a</h2><h3>b</h3><h4>c</h4>"
    ),
    "ranks without the first stay": ("<h2>a</h2><h3>b</h3>", "<h2>a</h2><h3>b</h3>"),
    "low ranks": ("<h5>a</h5><h6>b</h6>", "<h4>a</h4><h4>b</h4>"),
    "empty blocks": (
        "<p>&nbsp;</p><p>a</p><p><br></p><h2> </h2><ul><li></li></ul><blockquote></blockquote>",
        "<p>a</p>",
    ),
    "empty formats": ("<p>a<b> </b>b<i></i></p>", "<p>a b</p>"),
    "runs of spaces": (f"<p>{NBSP} a {NBSP}{NBSP} b\n c{NBSP}</p>", "<p>a b c</p>"),
    "a space that holds together": (f"<p>Điều{NBSP}1</p>", "<p>Điều&nbsp;1</p>"),
    "breaks at the ends": ("<p><br>a<br>b<br></p>", "<p>a<br>b</p>"),
    "between blocks": ("<h2>a</h2>\n\n<p>b</p>\n", "<h2>a</h2><p>b</p>"),
    "words among blocks": ("a <b>b</b><p>c</p>d", "<p>a <strong>b</strong></p><p>c</p><p>d</p>"),
    "boxes": ("<div>a</div><div><p>b</p><div>c</div></div>", "<p>a</p><p>b</p><p>c</p>"),
    "composed letters": (
        "<p>Hue\N{COMBINING CIRCUMFLEX ACCENT}\N{COMBINING ACUTE ACCENT}</p>", "<p>Huế</p>"
    ),
    "places in the same text": ("<p><a name='_Toc1'></a><a href='#_Toc1'>a</a></p>", "<p>a</p>"),
    "a link that is none": ("<p><a href='javascript:x()'>a</a></p>", "<p>a</p>"),
    "a link inside the site": (
        "<p><a href='/bai/12'>a</a></p>",
        '<p><a href="/bai/12" rel="noopener noreferrer">a</a></p>',
    ),
    "a link of Word": (
        "<p><a href='/bai/12'><u><span style='text-decoration:underline'>a</span></u></a></p>",
        '<p><a href="/bai/12" rel="noopener noreferrer">a</a></p>',
    ),
    "a picture": (
        '<figure class="image"><img src="/tep/1/a.jpg" alt="b" width="9" height="6" '
        'style="aspect-ratio:9/6"><figcaption>c</figcaption></figure>',
        '<figure><img src="/tep/1/a.jpg" alt="b" width="9" height="6">'
        "<figcaption>c</figcaption></figure>",
    ),
    "a picture that decorates": ('<p><img src="/tep/1/a.jpg" alt=""></p>',) * 2,
    "a picture of another computer": ("<p>a<img src='file:///C:/a.png'></p>", "<p>a</p>"),
    "lists": (
        '<ol start="3" type="a"><li>a\n<ul>\n<li>b</li>\n</ul></li></ol>',
        '<ol start="3" type="a"><li>a <ul><li>b</li></ul></li></ol>',
    ),
    "scripts and styles": (
        "<style>p{color:red}</style><script>x()</script><p onclick='x()' style='color:red'>a</p>",
        "<p>a</p>",
    ),
    "header cells of a head": (
        "<table><thead><tr><th>a</th><th>b</th></tr></thead>"
        "<tbody><tr><th>c</th><td>1</td></tr></table>",
        '<table><thead><tr><th scope="col">a</th><th scope="col">b</th></tr></thead>'
        '<tbody><tr><th scope="row">c</th><td>1</td></tr></tbody></table>',
    ),
    "header cells without a head": (
        "<table><tr><th>a<th>b<tr><th>c<td>1</table>",
        '<table><tbody><tr><th scope="col">a</th><th scope="col">b</th></tr>'
        '<tr><th scope="row">c</th><td>1</td></tr></tbody></table>',
    ),
    "a header of several rows": (
        '<table><tbody><tr><th scope="rowgroup" rowspan="2">a</th><td>1</td></tr></tbody></table>',
    )
    * 2,
    "a bold first row": (
        "<table><tr><td><p><b>a</b></p></td></tr><tr><td><p>1</p></td></tr></table>",
        "<table><tbody><tr><td><strong>a</strong></td></tr><tr><td>1</td></tr></tbody></table>",
    ),
    "paragraphs of a cell": (
        "<table><tr><td><p>a</p><p>b</p></td><td><p>&nbsp;</p></td></tr></table>",
        "<table><tbody><tr><td><p>a</p><p>b</p></td><td></td></tr></tbody></table>",
    ),
    "the caption of a frame": (
        "<figure class='table'><table><tr><td>1</td></tr></table><figcaption>a</figcaption>"
        "</figure>",
        "<table><caption>a</caption><tbody><tr><td>1</td></tr></tbody></table>",
    ),
    "a table without cells": ("<p>a</p><table></table>", "<p>a</p>"),
    "numbers of Word": (
        listed(1, "1.", "a") + listed(1, "2.", "b"), "<ol><li>a</li><li>b</li></ol>"
    ),
    "bullets of Word": (
        listed(1, "\N{MIDDLE DOT}", "a") + listed(2, "o", "b") + listed(1, "§", "c"),
        "<ul><li>a<ul><li>b</li></ul></li><li>c</li></ul>",
    ),
    "levels of Word": (
        listed(1, "I.", "a") + listed(2, "1.", "b") + listed(3, "a)", "c") + listed(1, "II.", "d"),
        '<ol type="I"><li>a<ol><li>b<ol type="a"><li>c</li></ol></li></ol></li><li>d</li></ol>',
    ),
    "a list of Word that goes on": (
        listed(1, "1.", "a") + "<p>b</p>" + listed(1, "2.", "c"),
        '<ol><li>a</li></ol><p>b</p><ol start="2"><li>c</li></ol>',
    ),
    "two lists of Word": (
        listed(1, "iv)", "a") + listed(1, "v)", "b") + listed(1, "-", "c", "l1"),
        '<ol start="4" type="i"><li>a</li><li>b</li></ol><ul><li>c</li></ul>',
    ),
    "numbers that are cited": (
        listed(1, "Điều 1.", "a") + listed(2, "1.1.", "b"), "<p>Điều 1. a</p><p>1.1. b</p>"
    ),
    "a numbered heading": (
        "<h2 style='mso-list:l0 level1 lfo1'><span style='mso-list:Ignore'>I.&nbsp; </span>a</h2>",
        "<h2>I. a</h2>",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("typed", "stored"), CASES.values(), ids=CASES)
def test_what_is_stored(typed: str, stored: str) -> None:
    assert RichText().clean(typed) == stored


@pytest.mark.parametrize("typed", [typed for typed, _stored in CASES.values()], ids=CASES)
def test_what_is_stored_stays_as_it_is(typed: str) -> None:
    stored = RichText().clean(typed)
    assert RichText().clean(stored) == stored


def test_a_text_of_word_keeps_its_order_and_loses_its_look() -> None:
    stored = RichText().clean(WORD.read_text("utf-8"))
    assert stored == (
        "<h2>KẾ HOẠCH CẢI CÁCH HÀNH CHÍNH NĂM 2024</h2>"
        "<p><strong>Căn cứ</strong> Luật Tổ chức chính quyền địa phương ngày "
        "<em>19 tháng 6 năm 2015</em>; xem "
        '<a href="https://vanban.hue.gov.vn/ke-hoach" rel="noopener noreferrer">văn bản gốc</a>'
        ".</p>"
        "<h3>Nhiệm vụ</h3>"
        "<ol><li>Rà soát thủ tục hành chính"
        '<ol type="a"><li>Cấp huyện</li><li>Cấp xã</li></ol></li><li>Công khai kết quả</li></ol>'
        "<p>Đối tượng:</p><ul><li>Cán bộ</li><li>Công chức</li></ul>"
        "<p>Điều 1. Ban hành kèm theo Kế hoạch này.</p>"
        "<table><tbody>"
        '<tr><td><strong>TT</strong></td><td colspan="2"><strong>Nội dung</strong></td></tr>'
        '<tr><td rowspan="2">1</td><td>Tập huấn</td><td>Quý&nbsp;I</td></tr>'
        "<tr><td>Kiểm tra</td><td></td></tr>"
        "</tbody></table>"
    )


@pytest.mark.parametrize(
    "hostile",
    [
        "<svg><script>x()</script></svg>",
        "<math><mtext><table><mglyph><style><img src=x onerror=x()>",
        '<p><a href="&#106;avascript:x()">a</a></p>',
        "<p style='mso-list:l0 level1 lfo1'><span style='mso-list:Ignore'>"
        "&lt;img src=x onerror=x()&gt;</span>a</p>",
        '<abbr title="&quot;><script>x()</script>">a</abbr>',
        "<word-marker onclick=x()>a</word-marker>",
        "<noscript><p title='</noscript><img src=x onerror=x()>'></noscript>",
    ],
)
def test_nothing_that_runs_is_stored(hostile: str) -> None:
    stored = clean(hostile)
    tags = stored.replace("&lt;", "").replace("&quot;", "")
    assert not any(word in tags for word in ("<script", "<svg", "<math", "<style", "javascript:"))
    assert "<img" not in tags or "onerror" not in tags
    assert clean(stored) == stored


@pytest.mark.parametrize("tag", ["div", "b", "blockquote", "ul><li", "table><tr><td"])
def test_depth_without_end_is_no_error(tag: str) -> None:
    stored = clean(f"<{tag}>" * 3000 + "a")
    assert "a" in stored
    assert clean(stored) == stored


def test_the_limit_is_that_of_what_is_stored() -> None:
    word = "<p class=MsoNormal style='font-size:14.0pt'><span style='color:black'>abc</span></p>"
    assert RichText(20).clean(word) == "<p>abc</p>"
    with pytest.raises(Invalid):
        RichText(20).clean("<p>abcdefghijklmn</p>")
    with pytest.raises(Invalid):
        RichText(20).clean("<p> </p>" * 1000)
