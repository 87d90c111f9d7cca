"""Fixtures that fill a site: a few items by the actions, very many as rows like theirs."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from hoitu.core.kept import Kept
from hoitu.core.testing import copies

if TYPE_CHECKING:
    from hoitu.core.content import ActionContext, Item
    from hoitu.core.extensions import Platform
    from hoitu.core.testing.fixtures import Site
    from hoitu.core.units import Unit

Desk = Callable[..., AbstractContextManager["ActionContext"]]

FEW, MANY = 10, 1000
DOCUMENT: dict[str, Any] = {
    "requirement": "administrative_documents",
    "number": "389/KH-UBND",
    "kind": "KH",
    "summary": "Xây dựng nền tảng hội tụ",
    "issuer": "Ủy ban nhân dân tỉnh",
    "issued_on": "27/11/2023",
    "body": "<p>Toàn văn</p>",
    "relations": [{"relation": "basis", "target_number": "12/NQ-CP", "note": ""}],
}
ARTICLE: dict[str, Any] = {
    "requirement": "unit_activities",
    "genre": "news",
    "title": "Khởi công cầu mới",
    "summary": "Công trình nối hai bờ sông.",
    "body": "<p>Toàn văn</p>",
    "origin": "own",
    "cover_alt": "Cây cầu",
}


@dataclass(frozen=True)
class Filled:
    """A site that holds documents and articles with pictures, and the address of one document."""

    document: str
    grow: Callable[[], None]


@pytest.fixture
def filled(desk: Desk, site: Callable[..., Site], unit: Unit) -> Filled:
    """Publish FEW items of two types; ``grow`` makes them MANY, each with the rows below it."""
    from hoitu.core.content import File, Item, actions

    with desk() as work:
        now = work.now()
        picture = File(
            unit_id=unit.id, sha256="0" * 64, name="cau.png", media_type="image/png", size=1,
            uploaded_at=now, uploaded_by="",
        )  # fmt: skip
        work.session.add(picture)
        work.session.flush()
        last: dict[str, Item] = {}
        for number in range(FEW):
            document = {**DOCUMENT, "number": f"{389 + number}/KH-UBND"}
            for name, values in (
                ("legal_document", document),
                ("news_article", {**ARTICLE, "attachments": [picture.id]}),
            ):
                last[name] = actions.publish(work, actions.create(work, name, values))
        address = work.type_of(last["legal_document"]).path(last["legal_document"])
        patterns = [item.id for item in last.values()]

    def grow() -> None:
        with desk() as work:
            for item_id in patterns:
                pattern = work.session.get_one(Item, item_id)
                for number in range(FEW, MANY):
                    work.session.add(copy_of(pattern, number))
            work.session.flush()

    return Filled(address, grow)


def copy_of(pattern: Item, number: int) -> Item:
    """Return a new public item like ``pattern``, ``number`` minutes older, with its own rows."""
    item: Item = copies.copy_of(pattern)
    item.sort_at = pattern.sort_at - timedelta(minutes=number)
    return item


@pytest.fixture
def count(
    statements: Callable[[], list[str]], site: Callable[..., Site], platform: Platform
) -> Callable[[str], int]:
    """Return a function that counts the statements of a page when nothing of it is kept."""

    def of(path: str) -> int:
        visitor = site()
        assert visitor.get(path).status_code == 200
        platform.kept = Kept()
        statements()
        assert visitor.get(path).status_code == 200
        return len(statements())

    return of
