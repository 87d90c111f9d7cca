"""The public site as visitors meet it: in a browser, on a desk and on a phone, light and dark."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

from hoitu.core.testing.faults import faults

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, Response

    from hoitu.core.testing.live import LiveSite

pytestmark = pytest.mark.e2e

DESK, PHONE = {"width": 1280, "height": 900}, {"width": 360, "height": 740}
#: (unit, path, status)
PAGES = (
    (None, "/", 200),
    ("phong-dien", "/", 200),
    ("phuong-phong-dien", "/", 200),
    (None, "/van-ban", 200),
    (None, "/van-ban?loai=KH&nam=2023", 200),
    (None, "/tim-kiem?q=389/KH-UBND", 200),
    (None, "/tim-kiem?q=zzzzzz", 200),
    (None, "/so-do-cong", 200),
    (None, "/gioi-thieu/ban-do", 200),
    ("phuong-phong-dien", "/gioi-thieu/ban-do", 200),
    (None, "/gioi-thieu/phan-cong-nhiem-vu", 200),
    (None, "/khong-co-trang-nay", 404),
    ("khong-co-don-vi", "/", 404),
)


@dataclass
class Visit:
    """A page in the browser with everything that went wrong while it was shown."""

    page: Page
    complaints: list[str] = field(default_factory=list)
    hosts: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.page.on("console", self._note)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", lambda request: self.hosts.add(urlsplit(request.url).netloc))

    def open(self, address: str) -> Response:
        response = self.page.goto(address)
        assert response is not None
        self.page.wait_for_load_state("networkidle")
        return response

    def _note(self, message: Any) -> None:
        # The browser reports the status of the page itself; the test looks at that by itself.
        own_status = message.location.get("url") == self.page.url and "404" in message.text
        if message.type in ("error", "warning") and not own_status:
            self.complaints.append(message.text)


@pytest.fixture
def visit(browser: Browser) -> Iterator[Callable[..., Visit]]:
    opened = []

    def make(**options: Any) -> Visit:
        context = browser.new_context(**{"viewport": DESK, **options})
        opened.append(context)
        return Visit(context.new_page())

    yield make
    for context in opened:
        context.close()


def assert_good_everywhere(at: Visit) -> None:
    for viewport in (DESK, PHONE):
        at.page.set_viewport_size(viewport)
        assert faults(at.page) == [], f"{at.page.url} at {viewport['width']}"


@pytest.mark.parametrize("prefix", ["", "/en"])
@pytest.mark.parametrize(("slug", "path", "status"), PAGES)
def test_page(
    live_site: LiveSite,
    visit: Callable[..., Visit],
    slug: str | None,
    path: str,
    status: int,
    prefix: str,
) -> None:
    at = visit()
    address = live_site.address(slug)
    response = at.open(address + prefix + path)
    assert response.status == status
    assert at.page.locator("h1").count() == 1
    assert at.page.locator("html").get_attribute("lang") == (prefix.strip("/") or "vi")
    assert at.complaints == []
    assert at.hosts == {urlsplit(address).netloc}
    assert_good_everywhere(at)


def test_every_heading_of_the_site(live_site: LiveSite, visit: Callable[..., Visit]) -> None:
    at = visit(viewport=PHONE)
    at.open(live_site.address() + "/so-do-cong")
    headings = at.page.locator("main .tree a").evaluate_all("all => all.map(a => a.href)")
    assert len(headings) > 3
    # A place on a page is that page.
    for address in dict.fromkeys(address.partition("#")[0] for address in headings):
        assert at.open(address).status == 200, address
        assert at.page.locator("h1").count() == 1, address
        assert faults(at.page) == [], address
    assert at.complaints == []


def open_plan(at: Visit, live_site: LiveSite) -> None:
    """Go to plan 389/KH-UBND the way a visitor does: by its number."""
    at.open(live_site.address() + "/")
    at.page.fill("#site-search", "389/KH-UBND")
    with at.page.expect_navigation():
        at.page.press("#site-search", "Enter")
    with at.page.expect_navigation():
        at.page.click("main .row-title >> nth=0")
    at.page.wait_for_load_state("networkidle")


def test_plan_is_found_by_its_number(live_site: LiveSite, visit: Callable[..., Visit]) -> None:
    at = visit()
    open_plan(at, live_site)
    assert "389/KH-UBND" in at.page.locator("h1").inner_text()
    assert "27/11/2023" in at.page.locator(".facts").inner_text()
    assert at.page.locator(".related li").count() > 10
    assert at.complaints == []
    assert_good_everywhere(at)


def test_print_view(live_site: LiveSite, visit: Callable[..., Visit]) -> None:
    at = visit()
    open_plan(at, live_site)
    with at.page.expect_navigation():
        at.page.click(".tools a[rel=nofollow]")
    at.page.wait_for_load_state("networkidle")
    assert at.page.locator("header.site-header").count() == 0
    assert "389/KH-UBND" in at.page.locator("h1").inner_text()
    assert at.complaints == []
    assert_good_everywhere(at)


def test_dissolved_unit_names_its_successor(
    live_site: LiveSite, visit: Callable[..., Visit]
) -> None:
    at = visit()
    at.open(live_site.address("phong-dien") + "/")
    assert "31/12/2024" in at.page.locator(".ended").inner_text()
    successor = at.page.locator(".ended a").first.get_attribute("href")
    assert successor == live_site.address("phong-dien-thi-xa") + "/"
    other = visit()
    other.open(live_site.address("phuong-phong-dien") + "/")
    assert other.page.locator(".ended").count() == 0


def test_menu_on_a_phone_without_scripts(live_site: LiveSite, visit: Callable[..., Visit]) -> None:
    at = visit(viewport=PHONE, java_script_enabled=False)
    at.open(live_site.address() + "/")
    documents = at.page.locator('#menu a[href="/van-ban"]')
    assert not documents.is_visible()
    at.page.locator(".menu-button").click()
    at.page.locator("#menu summary", has_text="Văn bản").click()
    documents.click()
    at.page.wait_for_url("**/van-ban")
    assert at.page.locator("main .row").count() > 5


def test_keyboard_reaches_content_first(live_site: LiveSite, visit: Callable[..., Visit]) -> None:
    at = visit()
    at.open(live_site.address() + "/van-ban")
    at.page.keyboard.press("Tab")
    assert at.page.evaluate("document.activeElement.className") == "skip"
    at.page.keyboard.press("Enter")
    assert at.page.evaluate("document.activeElement.id") == "noi-dung"


def test_submenu_by_keyboard(live_site: LiveSite, visit: Callable[..., Visit]) -> None:
    at = visit()
    at.open(live_site.address() + "/")
    group = at.page.locator("#menu details").first
    group.locator("summary").focus()
    assert not group.locator("a").first.is_visible()
    at.page.keyboard.press("Enter")
    assert group.locator("a").first.is_visible()
    assert faults(at.page) == []


@pytest.mark.parametrize("path", ["/", "/van-ban"])
def test_page_does_not_move_while_it_loads(
    live_site: LiveSite, visit: Callable[..., Visit], path: str
) -> None:
    at = visit(viewport=PHONE)
    at.page.add_init_script(
        "window.moved = 0; new PerformanceObserver(list => list.getEntries().forEach("
        "entry => { window.moved += entry.value })).observe({type: 'layout-shift', buffered: true})"
    )
    at.open(live_site.address() + path)
    assert at.page.evaluate("document.fonts.check('16px \"Be Vietnam Pro\"')")
    assert at.page.evaluate("window.moved") < 0.05


def test_language_switch_keeps_the_page(live_site: LiveSite, visit: Callable[..., Visit]) -> None:
    at = visit()
    at.open(live_site.address() + "/van-ban?loai=KH")
    with at.page.expect_navigation():
        at.page.click('.languages a[hreflang="en"]')
    assert at.page.url == live_site.address() + "/en/van-ban?loai=KH"
    with at.page.expect_navigation():
        at.page.click('.languages a[hreflang="vi"]')
    assert at.page.url == live_site.address() + "/van-ban?loai=KH"
