"""A served demonstration, once per session."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from hoitu.core.testing.live import LiveSite, served_demo


@pytest.fixture(scope="session")
def live_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveSite]:
    with served_demo(tmp_path_factory.mktemp("live") / "instance") as site:
        yield site
