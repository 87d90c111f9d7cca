from __future__ import annotations

from typing import Any


def test_home_page(site: Any) -> None:
    assert site().get("/").status_code == 200
