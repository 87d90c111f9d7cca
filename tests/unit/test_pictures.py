"""Pictures in a text: which are the library's, and how each is written for every browser."""

from __future__ import annotations

import pytest

from hoitu.core.media.pictures import Picture, Source, element, named_in, responsive

SOURCES = tuple(Source(w, f) for w in (320, 640, 800) for f in ("avif", "webp", "jpg"))
BRIDGE = Picture(7, "cau.jpg", 800, 600, SOURCES)


def test_a_picture_comes_in_all_formats_and_sizes_and_keeps_its_place() -> None:
    drawn = responsive('<p><img src="/tep/7/cau.jpg" alt="Cầu &amp; sông"></p>', {7: BRIDGE})
    assert drawn == (
        '<p><picture>'
        '<source type="image/avif" srcset="/tep/7/320.avif 320w, /tep/7/640.avif 640w, '
        '/tep/7/800.avif 800w" sizes="(min-width: 48rem) 46rem, 100vw">'
        '<source type="image/webp" srcset="/tep/7/320.webp 320w, /tep/7/640.webp 640w, '
        '/tep/7/800.webp 800w" sizes="(min-width: 48rem) 46rem, 100vw">'
        '<img src="/tep/7/800.jpg" alt="Cầu &amp; sông" srcset="/tep/7/320.jpg 320w, '
        '/tep/7/640.jpg 640w, /tep/7/800.jpg 800w" sizes="(min-width: 48rem) 46rem, 100vw" '
        'width="800" height="600" loading="lazy" decoding="async">'
        "</picture></p>"
    )  # fmt: skip


def test_a_picture_without_copies_still_keeps_its_place() -> None:
    fresh = Picture(7, "cau.jpg", 800, 600)
    assert responsive('<img src="/tep/7/cau.jpg" alt="">', {7: fresh}) == (
        '<img src="/tep/7/cau.jpg" alt="" width="800" height="600" loading="lazy" decoding="async">'
    )


@pytest.mark.parametrize(
    "html",
    [
        "<p>Không có ảnh</p>",
        '<img src="https://elsewhere.example/tep/7/cau.jpg" alt="">',
        '<img src="/tep/8/cau.jpg" alt="">',
        '<img src="/tep/x/cau.jpg" alt="">',
        '<img src="/tep/99999999999999999999/cau.jpg" alt="">',
        '<img alt="/tep/7/cau.jpg">',
        '<a href="/tep/7/cau.jpg">Cầu</a>',
    ],
)
def test_everything_else_stays_as_it_is(html: str) -> None:
    assert responsive(html, {7: BRIDGE}) == html


def test_the_library_s_pictures_of_a_text_are_named() -> None:
    html = (
        '<img alt="a > b" src="/tep/7/x.png"><IMG SRC="/en/tep/8/y.png">'
        '<img src="https://a.example/tep/9/z.png"><a href="/tep/10/a.pdf">A</a>'
    )
    assert named_in(html) == {7, 8}


def test_what_an_editor_typed_cannot_leave_its_attribute() -> None:
    typed = '<img src="/tep/7/cau.jpg" alt="&quot; onerror=&quot;alert(1)&gt;<b>">'
    drawn = responsive(typed, {7: BRIDGE})
    assert 'onerror="' not in drawn
    assert 'alt="&#34; onerror=&#34;alert(1)&gt;&lt;b&gt;"' in drawn


def test_the_language_of_the_page_stays_in_the_address() -> None:
    drawn = responsive('<img src="/en/tep/7/cau.jpg" alt="">', {7: BRIDGE})
    assert "/en/tep/7/640.webp 640w" in drawn
    assert ' src="/en/tep/7/800.jpg"' in drawn


def test_a_cover_is_not_lazy_where_it_is_seen_at_once() -> None:
    drawn = element(BRIDGE, {"alt": "Cầu", "class": "cover"}, sizes="20rem", lazy=False)
    assert "loading" not in drawn
    assert 'sizes="20rem"' in drawn and 'class="cover"' in drawn


def test_a_picture_of_unknown_size_says_none() -> None:
    assert element(Picture(7, "cau.jpg", 0, 0), {"alt": ""}, lazy=False) == (
        '<img alt="" src="/tep/7/cau.jpg">'
    )
