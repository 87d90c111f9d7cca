"""``/pho-bien-huong-dan``: overview, guidance, and policies that say whether they apply."""

from __future__ import annotations

from typing import Any

from hoitu.core.access import public
from hoitu.core.web import SectionPages, today

pages = SectionPages("guidance", __name__, path="/pho-bien-huong-dan")


def of_today(_subject: Any) -> dict[str, Any]:
    """Return the day by which a policy applies or not."""
    return {"day": today()}


pages.add("guidance_article", path="/huong-dan")
pages.add("policy", path="/chinh-sach", extend_list=of_today, extend_detail=of_today)


@pages.blueprint.get("", strict_slashes=False)
@public
def index() -> str:
    """Show what the section holds."""
    return pages.overview()
