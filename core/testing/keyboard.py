"""Somebody at a browser without a mouse."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Page


class Keyboard:
    """Somebody who works with the keyboard alone; also where the page's scripts do not run.

    ``wanted`` are CSS selectors. What cannot be reached or chosen fails the test.
    """

    def __init__(self, page: Page) -> None:
        self.page = page

    def to(self, wanted: str, limit: int = 150) -> None:
        """Press Tab until what has the focus fits a selector."""
        for _step in range(limit):
            if self.page.evaluate("s => document.activeElement.matches(s)", wanted):
                return
            self.page.keyboard.press("Tab")
        pytest.fail(f"{wanted} cannot be reached with the keyboard on {self.page.url}")

    def type(self, field: str, text: str) -> None:
        """Fill a field, by its name."""
        self.to(f"[name='{field}']")
        self.page.keyboard.press("Control+A")
        self.page.keyboard.type(text)

    def choose(self, field: str, label: str) -> None:
        """Go down a list until an option that begins so is chosen."""
        self.to(f"select[name='{field}']")
        chosen = "document.activeElement.selectedOptions[0].text"
        for _step in range(self.page.evaluate("document.activeElement.options.length")):
            if self.page.evaluate(chosen).strip().startswith(label):
                return
            self.page.keyboard.press("ArrowDown")
        pytest.fail(f"{field} offers no {label}")

    def press(self, wanted: str, key: str = "Enter") -> None:
        """Press a button or follow a link, and wait for the page it leads to."""
        self.to(wanted)
        with self.page.expect_navigation():
            self.page.keyboard.press(key)

    def open(self, wanted: str) -> None:
        """Open what stands folded, unless it is open already."""
        self.to(wanted)
        if not self.page.evaluate("document.activeElement.parentElement.open"):
            self.page.keyboard.press("Enter")

    def attach(self, field: str, *files: Any) -> None:
        """Choose files for a field, as Playwright describes them."""
        from playwright.sync_api import TimeoutError

        # What was pasted before may take the focus back while the editor is still at it.
        for timeout in (5_000, 5_000, 30_000):
            self.to(f"input[type=file][name='{field}']")
            try:
                with self.page.expect_file_chooser(timeout=timeout) as chooser:
                    self.page.keyboard.press("Space")
            except TimeoutError:
                continue
            chooser.value.set_files(list(files))
            return
        pytest.fail(f"{field} opens no window for choosing files")
