"""Take the screenshots of the documentation: the main pages in every theme, wide and on a phone.

Usage: python -P tools/screens.py [--folder FOLDER]

The demonstration is loaded and served for it. A page is shown from its top, three windows high at
most; what is long below looks the same in every theme.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image

from hoitu.core.testing.live import LiveSite, served_demo

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "docs" / "_static" / "screens"
WARD = "phuong-phong-dien"
THEMES = ("civic", "heritage")
WINDOWS = {"wide": (1280, 800), "phone": (360, 740)}
#: Most windows that a picture is high.
HIGHEST = 3
QUALITY = 72


def main() -> int:
    """Write every picture."""
    from playwright.sync_api import sync_playwright

    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--folder", type=Path, default=FOLDER)
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as folder,
        served_demo(Path(folder) / "demo") as site,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        for theme in THEMES:
            with site.themed(theme):
                _take_all(browser, site, theme, options.folder)
        browser.close()
    return 0


def _take_all(browser: Browser, site: LiveSite, theme: str, folder: Path) -> None:
    for window, (width, height) in WINDOWS.items():
        page = browser.new_page(viewport={"width": width, "height": height}, locale="vi-VN")
        for name, address in _pages(site):
            page.goto(address)
            page.wait_for_load_state("networkidle")
            _write(page, folder / f"{theme}-{name}-{window}.webp")
        page.close()


def _pages(site: LiveSite) -> Iterator[tuple[str, str]]:
    """Yield the name and address of the main page types."""
    ward = site.address(WARD)
    yield "province", f"{site.address()}/"
    yield "ward", f"{ward}/"
    yield "documents", f"{site.address()}/van-ban"
    yield "document", site.newest("legal_document") or ""
    yield "article", site.newest("news_article", WARD) or ""
    yield "procedure", site.newest("procedure", WARD) or ""
    yield "organisation", f"{ward}/gioi-thieu/so-do-to-chuc"
    yield "question", f"{ward}/hoi-dap/gui?viet=1"
    yield "search", f"{site.address()}/tim-kiem?q=quyet+dinh"


def _write(page: Page, file: Path) -> None:
    size = page.viewport_size
    assert size is not None
    clip = {"x": 0, "y": 0, "width": size["width"], "height": HIGHEST * size["height"]}
    whole = page.evaluate("document.documentElement.scrollHeight")
    clip["height"] = min(clip["height"], whole)
    picture = page.screenshot(full_page=True, clip=clip)
    with Image.open(BytesIO(picture)) as image:
        image.convert("RGB").save(file, quality=QUALITY, method=6)
    print(file.name, f"{file.stat().st_size / 1000:.0f} kB", flush=True)


if __name__ == "__main__":
    sys.exit(main())
