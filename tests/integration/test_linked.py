"""What items lead to: kept true by every action, and by id wherever the target is the unit's."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest
from sqlalchemy import select

from hoitu.core.clock import FrozenClock
from hoitu.core.content import ActionContext, Item, ItemVersion, Refused, actions, linked
from hoitu.core.content.linked import ItemLink
from hoitu.core.units import Unit

pytestmark = pytest.mark.both_databases

Desk = Callable[..., AbstractContextManager[ActionContext]]

ARTICLE: dict[str, Any] = {
    "requirement": "unit_activities",
    "genre": "news",
    "title": "Khởi công cầu mới",
    "summary": "",
    "body": "<p>Toàn văn</p>",
    "origin": "own",
}
Row = tuple[str, int | None, str, bool, str]


@pytest.fixture
def article(desk: Desk) -> Callable[..., int]:
    """Return a function that writes an article: its id."""

    def write(at: Unit | None = None, *, public: bool = False, **values: Any) -> int:
        with desk(at) as work:
            item = actions.create(work, "news_article", {**ARTICLE, **values})
            return (actions.publish(work, item) if public else item).id

    return write


def index(work: ActionContext, item_id: int) -> set[Row]:
    rows = work.session.scalars(select(ItemLink).where(ItemLink.item_id == item_id))
    return {(r.kind, r.target, r.url, r.waiting, r.label) for r in rows}


def link(address: str, words: str = "Kế hoạch") -> str:
    return f'<p><a href="{address}">{words}</a></p>'


def test_a_saved_text_is_indexed(desk: Desk, article: Callable[..., int]) -> None:
    target = article()
    item = article(
        body=link(f"/bai/{target}")
        + link("https://MAU.vn:443#muc")
        + '<p><img src="/tep/7/cau.jpg" alt="Cầu"></p>'
        + link("/tep/8/k.pdf", "Tệp")
        + link("mailto:a@mau.vn")
        + link("/thu-tuc")
    )
    with desk() as work:
        assert index(work, item) == {
            ("item", target, "", False, "Kế hoạch"),
            ("url", None, "https://mau.vn/", False, "Kế hoạch"),
            ("file", 7, "", False, "Cầu"),
            ("file", 8, "", False, "Tệp"),
        }


def test_each_action_keeps_the_index_true(desk: Desk, article: Callable[..., int]) -> None:
    one, two = article(), article()
    source = article(public=True, body=link(f"/bai/{one}"))
    live, waiting = ("item", one, "", False, "Kế hoạch"), ("item", two, "", True, "Kế hoạch")
    with desk() as work:
        item = work.session.get_one(Item, source)
        assert index(work, source) == {live}
        actions.edit(work, item, {"body": link(f"/bai/{two}")})
        assert index(work, source) == {live, waiting}
        actions.discard_draft(work, item)
        assert index(work, source) == {live}
        actions.edit(work, item, {"body": link(f"/bai/{two}")})
        actions.publish(work, item)
        assert index(work, source) == {("item", two, "", False, "Kế hoạch")}
        first = work.session.scalars(
            select(ItemVersion).where(ItemVersion.item_id == source).order_by(ItemVersion.number)
        ).first()
        assert first is not None
        actions.restore_version(work, item, first)
        assert index(work, source) == {
            ("item", two, "", False, "Kế hoạch"),
            ("item", one, "", True, "Kế hoạch"),
        }
        # Taken off the site, the waiting version becomes the text.
        actions.unpublish(work, item, "sai")
        assert index(work, source) == {live}
        actions.edit(work, item, {"body": ""})
        assert index(work, source) == set()


def test_a_refused_step_leaves_the_index_as_it_was(desk: Desk, article: Callable[..., int]) -> None:
    one, two = article(), article()
    source = article(public=True, body=link(f"/bai/{one}"))
    with desk() as work:
        actions.edit(
            work, work.session.get_one(Item, source), {"body": f"<h4>Mục</h4>{link(f'/bai/{two}')}"}
        )
    with desk(role="approver") as work:
        before = index(work, source)
        item = work.session.get_one(Item, source)
        with pytest.raises(Refused):
            actions.advance(work, item, "publish_urgently", "gấp")
        assert index(work, source) == before


def test_only_what_changed_is_written(
    desk: Desk, article: Callable[..., int], statements: Callable[[], list[str]]
) -> None:
    item = article(body=link("https://mau.vn/") + link("https://mau.vn/hai"))
    with desk() as work:
        found = work.session.get_one(Item, item)
        actions.edit(work, found, {"title": "Khởi công cầu"})
        statements()
        actions.edit(work, found, {"body": found.body + link("https://mau.vn/ba", "Ba")})
        written = [s for s in statements() if "item_link" in s and not s.startswith("SELECT")]
        assert len(written) == 1 and written[0].startswith("INSERT")
        actions.edit(work, found, {"title": "Khởi công cầu mới"})
        assert [s for s in statements() if "item_link" in s and not s.startswith("SELECT")] == []


@pytest.mark.parametrize("role", [None, "editor"])
def test_addresses_of_the_own_site_become_links_by_id(
    role: str | None, desk: Desk, article: Callable[..., int], publish: Callable[..., int],
    document: Callable[..., dict[str, object]], unit: Unit, other_unit: Unit,
) -> None:  # fmt: skip
    target, law = article(public=True), publish("legal_document", **document())
    foreign = article(other_unit)
    here, there = unit.hosts[-1].name, other_unit.hosts[-1].name
    cases = {
        f"https://{here}/tin-tuc/{target}-khoi-cong-cau-moi": f"/bai/{target}",
        f"http://{here.upper()}/en/tin-tuc/{target}-khoi-cong": f"/bai/{target}",
        f"/tin-tuc/{target}#phan-hai": f"/bai/{target}#phan-hai",
        f"/van-ban/{law}-ke-hoach": f"/bai/{law}",
        f"https://{here}/bai/{target}": f"/bai/{target}",
        f"https://{here}/tep/5/a.pdf": "/tep/5/a.pdf",
        # What is no page of an item of the unit stays as it was typed.
        f"/van-ban/{target}-ke-hoach": f"/van-ban/{target}-ke-hoach",
        f"https://{there}/tin-tuc/{foreign}-a": f"https://{there}/tin-tuc/{foreign}-a",
        f"/tin-tuc/{foreign}-a": f"/tin-tuc/{foreign}-a",
        f"https://{here}/tin-tuc?q=a": f"https://{here}/tin-tuc?q=a",
        f"//{here}/tin-tuc/{target}-a": f"//{here}/tin-tuc/{target}-a",
        "https://mau.vn/tin-tuc/1-a": "https://mau.vn/tin-tuc/1-a",
        "/tin-tuc/999999999-a": "/tin-tuc/999999999-a",
        "/khong-co/5": "/khong-co/5",
    }
    with desk(role=role) as work:
        body = "".join(link(address) for address in cases)
        item = actions.create(work, "news_article", {**ARTICLE, "body": body})
        for typed, stored in cases.items():
            assert f'href="{stored}"' in item.body, typed


def test_tables_and_references_are_indexed_too(
    desk: Desk, publish: Callable[..., int], document: Callable[..., dict[str, object]]
) -> None:
    with desk() as work:
        kinds = [
            (kind, name)
            for kind in work.types
            for name, declared in kind.fields.items()
            if type(declared.kind).__name__ == "Reference"
        ]
        assert kinds
        kind, name = kinds[0]
        found = linked.links_of(kind, {name: 12})
        assert [(one.kind, one.target, one.field) for one in found] == [("item", 12, name)]
        portal = work.types["portal_link"]
        (one,) = linked.links_of(portal, {"url": "HTTPS://Mau.vn"})
        assert (one.kind, one.url, one.field) == ("url", "https://mau.vn/", "url")


@pytest.mark.parametrize(
    ("address", "normal"),
    [
        ("https://mau.vn", "https://mau.vn/"),
        ("HTTP://Mau.VN:80/A?b=C#d", "http://mau.vn/A?b=C"),
        ("https://mau.vn:8443/", "https://mau.vn:8443/"),
        ("https://mau.vn./", "https://mau.vn/"),
        ("ftp://mau.vn/", ""),
        ("/van-ban", ""),
        ("https://", ""),
        ("http://[::1", ""),
        ("http://mau.vn:x/", ""),
        ("https://mau.vn/" + "a" * 1000, ""),
    ],
)
def test_external_addresses_have_one_form(address: str, normal: str) -> None:
    assert linked.normal(address) == normal


def test_what_leads_to_an_item_is_told_visitors_first(
    desk: Desk, article: Callable[..., int], other_unit: Unit,
    statements: Callable[[], list[str]],
) -> None:  # fmt: skip
    target = article()
    article(title="B nháp", body=link(f"/bai/{target}"))
    article(title="C công khai", public=True, body=link(f"/bai/{target}") * 2)
    behind = article(title="A chờ", public=True)
    thrown = article(title="Bỏ", body=link(f"/bai/{target}"))
    # An id of another unit, typed by hand, is no link of this unit's item.
    article(other_unit, title="Nơi khác", body=link(f"/bai/{target}"))
    with desk() as work:
        actions.edit(work, work.session.get_one(Item, target), {"body": link(f"/bai/{target}")})
        actions.edit(work, work.session.get_one(Item, behind), {"body": link(f"/bai/{target}")})
        actions.trash(work, work.session.get_one(Item, thrown))
        item = work.session.get_one(Item, target)
        statements()
        found = linked.incoming(work.session, item)
        assert len(statements()) == 1
    assert [(p.title, p.is_public, p.live, p.waiting) for p in found] == [
        ("C công khai", True, True, False),
        ("A chờ", False, False, True),
        ("B nháp", False, True, False),
    ]


def test_what_is_purged_takes_its_links_along(
    desk: Desk, article: Callable[..., int], clock: FrozenClock
) -> None:
    from hoitu.core.content.actions.purging import KEPT, purge

    one, two = article(body=link("https://mau.vn/")), article(body=link("https://mau.vn/"))
    with desk() as work:
        actions.trash(work, work.session.get_one(Item, one))
    clock.move(KEPT)
    with desk() as work:
        purge(work, work.session.get_one(Item, one))
        assert (len(index(work, one)), len(index(work, two))) == (0, 1)


def test_the_index_never_mixes_units(
    desk: Desk, article: Callable[..., int], other_unit: Unit
) -> None:
    target = article()
    foreign = article(other_unit, body=link(f"/bai/{target}"))
    with desk() as work:
        assert index(work, foreign) == set()
        assert linked.incoming(work.session, work.session.get_one(Item, target)) == []
    with desk(other_unit) as work:
        assert len(index(work, foreign)) == 1
