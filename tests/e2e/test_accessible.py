"""Every type of public page without an axe violation: in each theme, language, contrast and width.

The light and the high contrast are checked in full, the dark scheme on the pages of
``test_display``. A theme is an attribute of the unit; a contrast is one of the page, which the
server sets for visitors who chose it (``test_display``) and this test sets itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from hoitu.core.testing.faults import violations

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

    from hoitu.core.testing.live import LiveSite

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(600)]

WARD = "phuong-phong-dien"
WIDTHS = {"phone": 360, "desk": 1280}
CONTRASTS = ("light", "contrast")
#: Pages with a template of their own: (unit, path).
PAGES = (
    (None, "/"),
    (WARD, "/"),
    (WARD, "/tim-kiem?q=quyet+dinh"),
    (WARD, "/tim-kiem?q=zzzzzz"),
    (WARD, "/so-do-cong"),
    (WARD, "/khong-co-trang-nay"),
    (WARD, "/van-ban"),
    (WARD, "/van-ban/lay-y-kien"),
    (WARD, "/tin-tuc"),
    (WARD, "/thu-tuc-hanh-chinh"),
    (WARD, "/gioi-thieu"),
    (WARD, "/gioi-thieu/lien-he"),
    (WARD, "/gioi-thieu/danh-ba"),
    (WARD, "/gioi-thieu/so-do-to-chuc"),
    (WARD, "/gioi-thieu/phan-cong-nhiem-vu"),
    (WARD, "/gioi-thieu/ban-do"),
    (WARD, "/cong-khai"),
    (WARD, "/cong-khai/tai-chinh"),
    (WARD, "/cong-khai/thong-ke"),
    (WARD, "/minh-bach"),
    (WARD, "/quy-hoach-ke-hoach"),
    (WARD, "/chuyen-de"),
    (WARD, "/hoi-dap"),
    (WARD, "/hoi-dap/gui?viet=1"),
    (WARD, "/hoi-dap/tra-cuu"),
    (WARD, "/hoi-dap/thong-ke"),
    (WARD, "/khao-sat"),
    (WARD, "/khao-sat/ket-qua"),
    (WARD, "/lien-ket"),
    (WARD, "/ho-tro-tiep-can"),
    (WARD, "/quyen-rieng-tu"),
    (WARD, "/theo-doi"),
)
#: Types whose items have a page drawn by a template of their own, or with much of its own.
ITEMS = (
    "legal_document", "draft_consultation", "news_article", "procedure", "question", "topic",
    "department", "budget_disclosure", "statistical_table", "project", "emergency_notice",
)  # fmt: skip
#: The same work for each of several tests, so that they run side by side.
SHARES = 4


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(locale="vi-VN")
    yield context.new_page()
    context.close()


def addresses(live_site: LiveSite) -> list[str]:
    """Return the address of every type of page, and of the views beside an article's own."""
    items = [live_site.newest(name, WARD) or live_site.newest(name) for name in ITEMS]
    assert None not in items, dict(zip(ITEMS, items, strict=True))
    article = str(items[2])
    return [
        *(live_site.address(slug) + path for slug, path in PAGES),
        *map(str, items),
        f"{article}/in",
    ]


@pytest.mark.parametrize("share", range(SHARES))
@pytest.mark.parametrize("tongue", ["", "/en"])
@pytest.mark.parametrize("theme", ["civic", "heritage"])
def test_no_violation(live_site: LiveSite, page: Page, theme: str, tongue: str, share: int) -> None:
    found = []
    with live_site.themed(theme):
        for address in addresses(live_site)[share::SHARES]:
            page.goto(_in(tongue, address))
            assert page.locator(f"link[rel=stylesheet][href*='/assets/{theme}/']").count()
            for contrast in CONTRASTS:
                page.evaluate("name => document.documentElement.dataset.scheme = name", contrast)
                for width in WIDTHS.values():
                    page.set_viewport_size({"width": width, "height": 800})
                    found += [f"{page.url} {contrast} {width} {one}" for one in violations(page)]
    assert found == [], "\n".join(found)


def _in(tongue: str, address: str) -> str:
    """Return the address in another language."""
    parts = urlsplit(address)
    return parts._replace(path=tongue + parts.path).geturl()
