"""Themes and display choices in a browser: legible, in bounds, on paper, without scripts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest

from hoitu.core.testing.faults import faults, overflow

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

    from hoitu.core.testing.live import LiveSite

pytestmark = pytest.mark.e2e

UNIT = "phuong-phong-dien"
DESK, PHONE = {"width": 1280, "height": 900}, {"width": 360, "height": 740}
THEMES = ("civic", "heritage")
#: A page of each kind; `detail` and `print` are found on the list.
PAGES = {
    "home": "/",
    "list": "/van-ban",
    "search": "/tim-kiem?q=k%E1%BA%BF+ho%E1%BA%A1ch",
    "form": "/hoi-dap/gui",
    "missing": "/khong-co-trang-nay",
}
#: Adds up how far the page moved while it loaded.
WATCH = (
    "window.moved = 0; new PerformanceObserver(list => list.getEntries().forEach("
    "entry => { window.moved += entry.value })).observe({type: 'layout-shift', buffered: true})"
)

Visit = Callable[..., "Page"]


@pytest.fixture
def visit(live_site: LiveSite, browser: Browser) -> Iterator[Visit]:
    """Return a function that opens a new visitor's page, with what the visitor chose."""
    opened = []

    def make(viewport: Any = DESK, size: str = "", scheme: str = "", **options: Any) -> Page:
        address = live_site.address(UNIT)
        context = browser.new_context(viewport=viewport, base_url=address, **options)
        chosen = {"hoitu_size": size, "hoitu_scheme": scheme}
        context.add_cookies(
            [{"name": n, "value": v, "url": address + "/"} for n, v in chosen.items() if v]
        )
        opened.append(context)
        return context.new_page()

    yield make
    for context in opened:
        context.close()


@pytest.fixture(scope="module", params=THEMES)
def theme(request: pytest.FixtureRequest, live_site: LiveSite, browser: Browser) -> Iterator[str]:
    """Let the unit's administrator choose a theme at the desk; afterwards there is none again."""
    context = browser.new_context(base_url=live_site.address(UNIT))
    page = context.new_page()
    page.goto("/quan-tri/")
    page.fill("#email", live_site.accounts["unit_admin"].email)
    page.fill("#password", live_site.accounts["unit_admin"].password)
    page.press("#password", "Enter")
    page.wait_for_url("**/quan-tri/")

    def choose(name: str) -> None:
        page.goto("/quan-tri/dien-mao")
        page.check(f"#theme-{name}")
        with page.expect_navigation():
            page.click('form[enctype="multipart/form-data"] button.first')

    choose(request.param)
    yield request.param
    choose("none")
    context.close()


def paths_of(page: Page) -> dict[str, str]:
    """Return a page of each kind."""
    page.goto("/van-ban")
    detail = page.locator("main .row-title").first.get_attribute("href")
    assert detail
    return {**PAGES, "detail": detail, "print": f"{detail}/in"}


@pytest.mark.slow
def test_every_kind_of_page_is_accessible_in_the_dark(theme: str, visit: Visit) -> None:
    page = visit(scheme="dark")
    for kind, path in paths_of(page).items():
        page.goto(path)
        if kind != "missing":
            assert f"/assets/{theme}/" in page.content()
        for viewport in (DESK, PHONE):
            page.set_viewport_size(viewport)
            assert faults(page) == [], f"{kind} {viewport}"


def test_large_text_stays_within_a_phone(theme: str, visit: Visit) -> None:
    for page in (visit(PHONE, size="150"), visit({"width": 640, "height": 450}, size="112")):
        for kind, path in paths_of(page).items():
            page.goto(path)
            assert overflow(page) <= 0, f"{theme} {kind}"


def test_nothing_moves_while_a_page_loads(theme: str, visit: Visit) -> None:
    for viewport in (DESK, PHONE):
        page = visit(viewport)
        page.add_init_script(WATCH)
        found = paths_of(page)
        for kind in ("home", "list", "detail"):
            page.goto(found[kind])
            page.wait_for_load_state("networkidle")
            assert page.evaluate("window.moved") == 0, f"{theme} {kind}"


def test_the_home_page_is_light(theme: str, visit: Visit) -> None:
    page = visit()
    asked: list[Any] = []
    # Playwright marks the function it is given; a method cannot be marked.
    page.on("requestfinished", lambda request: asked.append(request))  # noqa: PLW0108
    page.goto("/")
    page.wait_for_load_state("networkidle")
    # Pictures of the content are the editors' matter.
    sizes = {request.url: request.sizes() for request in asked if request.resource_type != "image"}
    assert len(sizes) <= 9, sorted(sizes)
    sent = sum(size["responseBodySize"] + size["responseHeadersSize"] for size in sizes.values())
    assert sent <= 150_000, theme


def test_the_header_of_a_phone_is_low(theme: str, visit: Visit) -> None:
    page = visit(PHONE)
    page.goto("/van-ban")
    assert page.locator(".site-header").evaluate("header => header.offsetHeight") <= 140, theme
    for name in (".menu-button", ".search-button"):
        box = page.locator(name).bounding_box()
        assert box and box["width"] >= 44 and box["height"] >= 44


def test_a_visitor_chooses_without_scripts(visit: Visit) -> None:
    page = visit(PHONE, java_script_enabled=False)
    page.goto("/van-ban?nam=2026")
    larger = page.locator(".display button", has_text="A+")
    page.locator(".display summary").click()
    with page.expect_navigation():
        larger.click()
    assert page.url.endswith("/van-ban?nam=2026#hien-thi")
    # The browser opens the box around the place it went to: the next press needs no search.
    assert larger.is_visible()
    with page.expect_navigation():
        larger.click()
    assert page.locator("html").get_attribute("data-size") == "125"
    with page.expect_navigation():
        page.locator(".display button", has_text="Tương phản cao").click()
    assert page.locator("html").get_attribute("data-scheme") == "contrast"
    page.goto("/")
    assert page.locator("html").get_attribute("data-size") == "125"
    assert page.locator("body").evaluate("b => getComputedStyle(b).backgroundColor") == (
        "rgb(0, 0, 0)"
    )


def test_the_device_decides_where_the_visitor_does_not(visit: Visit) -> None:
    page = visit()
    page.goto("/")
    grounds = {}
    for name, media in {
        "light": {"color_scheme": "light"},
        "dark": {"color_scheme": "dark"},
        "more": {"color_scheme": "dark", "contrast": "more"},
    }.items():
        page.emulate_media(**media)  # type: ignore[arg-type]
        grounds[name] = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert len(set(grounds.values())) == len(grounds)
    chosen = visit(scheme="light", color_scheme="dark")
    chosen.goto("/")
    assert chosen.evaluate("getComputedStyle(document.body).backgroundColor") == grounds["light"]


def test_paper_is_white_and_says_where_it_comes_from(visit: Visit) -> None:
    page = visit(scheme="contrast", size="150")
    page.goto("/van-ban")
    page.emulate_media(media="print")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert page.evaluate("getComputedStyle(document.documentElement).fontSize") == "14px"
    for gone in (".topbar", ".site-menu", ".filters", ".site-footer"):
        assert not page.locator(gone).first.is_visible(), gone
    told = page.locator(".print-only").inner_text()
    assert page.url in told and "In ngày" in told


def test_forced_colours_keep_what_is_chosen_apart(visit: Visit) -> None:
    page = visit(scheme="dark")
    page.goto("/")
    page.emulate_media(forced_colors="active")
    page.locator(".display summary").click()
    width = "button => getComputedStyle(button).borderTopWidth"
    pressed, other = ('[aria-pressed="true"]', '[aria-pressed="false"]')
    assert page.locator(f".display-choices {pressed}").last.evaluate(width) == "3px"
    assert page.locator(f".display-choices {other}").last.evaluate(width) == "1px"


def test_boxes_of_a_phone_close_on_a_tap_beside_them(visit: Visit) -> None:
    page = visit(PHONE, java_script_enabled=False)
    page.goto("/")
    for button, box in ((".menu-button", "#menu"), (".search-button", "#search-box")):
        page.locator(button).click()
        assert page.locator(box).is_visible()
        page.mouse.click(180, 730)
        assert not page.locator(box).is_visible()


def test_escape_closes_a_box_of_the_header_and_returns_to_its_button(visit: Visit) -> None:
    page = visit()
    page.goto("/")
    box = page.locator("#menu details").first
    box.locator("summary").click()
    box.locator("a").first.focus()
    page.keyboard.press("Escape")
    assert box.get_attribute("open") is None
    assert page.evaluate("document.activeElement.tagName") == "SUMMARY"
    box.locator("summary").click()
    page.mouse.click(640, 700)
    assert box.get_attribute("open") is None
