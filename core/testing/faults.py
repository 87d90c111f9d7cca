"""What is wrong with a page for the people who read it, as a browser finds it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from axe_playwright_python.base import AXE_SCRIPT

if TYPE_CHECKING:
    from playwright.sync_api import Page

#: Target size (WCAG 2.2) is a rule that axe does not run by itself. What passed is not told: that
#: is most of the page.
OPTIONS: dict[str, Any] = {
    "rules": {"target-size": {"enabled": True}},
    "resultTypes": ["violations"],
}
RUN = "options => axe.run(document, options).then(found => found.violations)"
WIDER = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


def violations(page: Page) -> list[str]:
    """Return what axe finds on a page as it is shown now: the rule and the element of each."""
    page.wait_for_load_state()
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    return [
        f"{one['id']}: {node['html'][:200]}"
        for one in page.evaluate(RUN, OPTIONS)
        for node in one["nodes"]
    ]


def overflow(page: Page) -> int:
    """Return by how many pixels a page is wider than its window."""
    # A page that somebody was just led to has nothing to measure yet.
    page.wait_for_load_state()
    return int(page.evaluate(WIDER))


def faults(page: Page) -> list[str]:
    """Return the violations on a page, and that it is wider than its window."""
    wider = overflow(page)
    return violations(page) + ([f"{wider} px wider than the window"] if wider > 0 else [])
