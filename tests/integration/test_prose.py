"""Texts as visitors see them."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest
from flask import g
from flask_babel import force_locale

from hoitu.core.app import Portal
from hoitu.core.content import ActionContext, File, Item, ItemPlacement, actions
from hoitu.core.content.files import ALLOWED
from hoitu.core.testing.fixtures import Site
from hoitu.core.units import Unit, unit_scope
from hoitu.core.web import file_words, prose

Desk = Callable[..., AbstractContextManager[ActionContext]]
Document = Callable[..., dict[str, object]]
Open = Callable[..., Site]
ARTICLE: dict[str, Any] = {
    "requirement": "unit_activities", "genre": "news", "title": "Khởi công cầu mới",
    "summary": "", "body": "<p>Toàn văn</p>", "origin": "own",
}  # fmt: skip


@pytest.fixture
def article(desk: Desk) -> Callable[..., int]:
    def write(at: Unit | None = None, *, public: bool = True, **values: Any) -> int:
        with desk(at) as work:
            item = actions.create(work, "news_article", {**ARTICLE, **values})
            return (actions.publish(work, item) if public else item).id

    return write


@pytest.fixture
def draw(app: Portal, unit: Unit) -> Callable[[str], str]:
    """Return a function that draws a text in a request to the unit's site."""

    def drawn(html: str) -> str:
        address = f"http://{unit.hosts[-1].name}"
        with app.test_request_context(base_url=address), unit_scope(unit.id):
            g.unit = unit
            return str(prose.draw(html))

    return drawn


@pytest.fixture
def file(desk: Desk, unit: Unit) -> int:
    with desk() as work:
        row = File(
            unit_id=unit.id, sha256="0" * 64, name="ke-hoach.PDF", media_type="application/pdf",
            size=1_234_567, uploaded_at=work.now(), uploaded_by="",
        )  # fmt: skip
        work.session.add(row)
        work.session.flush()
        return int(row.id)


def body_of(shown: str) -> str:
    found = re.search(r'<div class="prose"[^>]*>\n(.*?)\n</div>', shown, re.DOTALL)
    assert found is not None
    return found[1]


def test_a_link_by_id_leads_to_the_present_path(
    desk: Desk, site: Open, article: Callable[..., int]
) -> None:
    target = article(title="Cầu mới")
    source = article(body=f'<p>Xem <a href="/bai/{target}#hai">tin cũ</a>.</p>')
    path = site().get(f"/bai/{source}").location
    assert f'<a href="/tin-tuc/{target}-cau-moi#hai">tin cũ</a>' in site().get(path).text
    with desk() as work:
        item = work.session.get_one(Item, target)
        actions.edit(work, item, {"title": "Cầu đã xong"})
        actions.publish(work, item)
    assert f'href="/tin-tuc/{target}-cau-da-xong#hai"' in site().get(path).text
    assert f'href="/en/tin-tuc/{target}-cau-da-xong#hai"' in site().get(f"/en{path}").text
    assert f'href="/tin-tuc/{target}-cau-da-xong#hai"' in site().get(f"{path}/in").text


def test_words_of_a_link_stay_when_its_target_is_not_public(
    desk: Desk, site: Open, article: Callable[..., int], other_unit: Unit
) -> None:
    gone, draft, foreign = article(), article(public=False), article(other_unit)
    links = "".join(
        f'<p>Xem <a href="/bai/{i}">tin <strong>{i}</strong></a>.</p>'
        for i in (gone, draft, foreign, 99999)
    )
    source = article(body=links)
    with desk() as work:
        actions.unpublish(work, work.session.get_one(Item, gone), "sai")
    shown = body_of(site().get(site().get(f"/bai/{source}").location).text)
    assert "<a " not in shown and "</a>" not in shown
    for item_id in (gone, draft, foreign, 99999):
        assert f"<p>Xem tin <strong>{item_id}</strong>.</p>" in shown


def test_a_text_placed_elsewhere_leads_to_its_owner(
    desk: Desk, site: Open, publish: Callable[..., int], document: Document,
    unit: Unit, other_unit: Unit,
) -> None:  # fmt: skip
    target = publish("legal_document", **document("1/KH-UBND"))
    body = f'<p><a href="/bai/{target}">Kế hoạch cũ</a></p>'
    source = publish("legal_document", **document("2/KH-UBND", body=body))
    with desk(other_unit) as work, unit_scope(unit.id, other_unit.id):
        item = work.session.get_one(Item, source)
        work.session.add(
            ItemPlacement(
                item_id=item.id, unit_id=other_unit.id, owner_id=unit.id, section=item.section,
                type=item.type, requirement=item.requirement, sort_at=item.sort_at,
            )
        )  # fmt: skip
        work.session.flush()
    there = site(other_unit)
    shown = there.get(there.get(f"/bai/{source}").location).text
    assert re.search(rf'<a href="https?://{unit.hosts[-1].name}[^"]*/van-ban/{target}-', shown)


def test_links_elsewhere_hand_no_window_on_and_own_ones_are_plain(
    draw: Callable[[str], str], unit: Unit
) -> None:
    own = unit.hosts[-1].name
    drawn = draw(
        '<p><a href="https://mau.vn/" rel="noopener noreferrer">Mẫu</a>'
        f'<a href="https://{own}/thu-tuc" rel="noopener noreferrer">Của ta</a>'
        '<a href="#muc" rel="noopener noreferrer">Mục</a>'
        '<a href="mailto:a@mau.vn" rel="noopener noreferrer">Thư</a></p>'
    )
    assert drawn == (
        '<p><a href="https://mau.vn/" rel="noopener">Mẫu</a>'
        f'<a href="https://{own}/thu-tuc">Của ta</a>'
        '<a href="#muc">Mục</a><a href="mailto:a@mau.vn">Thư</a></p>'
    )


def test_a_link_to_a_file_says_type_and_size(draw: Callable[[str], str], file: int) -> None:
    address = f"/tep/{file}/ke-hoach.PDF"
    assert draw(f'<a href="{address}" rel="noopener">Kế <em>hoạch</em></a>') == (
        f'<a href="{address}">Kế <em>hoạch</em> (PDF, 1,2 MB)</a>'
    )
    said = f'<a href="{address}">Kế hoạch (pdf)</a>'
    assert draw(said) == said
    unknown = '<a href="/tep/99999/a.pdf">Kế hoạch</a>'
    assert draw(unknown) == unknown


@pytest.mark.parametrize(
    ("size", "said", "in_english"),
    [
        (0, "0 B", "0 B"),
        (999, "999 B", "999 B"),
        (1000, "1 kB", "1 kB"),
        (17_300, "17,3 kB", "17.3 kB"),
        (845_400, "845 kB", "845 kB"),
        (999_999, "1 MB", "1 MB"),
        (1_234_567, "1,2 MB", "1.2 MB"),
        (123_456_789, "123 MB", "123 MB"),
        (4_200_000_000_000, "4.200 GB", "4,200 GB"),
    ],
)
def test_sizes_are_told_as_people_write_them(
    app: Any, size: int, said: str, in_english: str
) -> None:
    with app.test_request_context():
        assert file_words.size_of(size) == said
        with force_locale("en"):
            assert file_words.size_of(size) == in_english


def test_every_kind_of_file_that_may_be_uploaded_has_a_name(app: Any) -> None:
    with app.test_request_context():
        assert {file_words.kind_of(kind) for kind in ALLOWED.values()} == {
            str(name) for name in file_words.KINDS.values()
        }
        assert file_words.kind_of("image/png") == "Ảnh PNG"
        assert file_words.kind_of("application/x-odd") == "Tệp"


def test_what_is_no_link_stays_as_it_was_written(draw: Callable[[str], str]) -> None:
    html = (
        '<p>R&amp;D &lt;a href="x"&gt;&nbsp;1 &gt; 0</p><table><tbody><tr><td>1</td></tr></table>'
    )
    assert draw(html) == html
    assert draw(f'{html}<p><a title="a &amp; b">chữ</a></p>').startswith(html)
    assert draw("") == ""


def test_statements_do_not_grow_with_the_links(
    draw: Callable[[str], str],
    article: Callable[..., int],
    file: int,
    statements: Callable[[], list[str]],
) -> None:
    ids = [article() for _ in range(3)]

    def cost(html: str) -> int:
        statements()
        draw(html)
        return len(statements())

    link, paper = '<a href="/bai/{}">Tin</a>', f'<a href="/tep/{file}/a.pdf">Tệp</a>'
    assert cost("<p>Không dẫn đi đâu</p>") == 0
    assert cost('<p><a href="https://mau.vn/">Mẫu</a></p>') == 0
    assert cost(link.format(ids[0])) == 1
    assert cost("".join(link.format(i) for i in ids)) == 1
    assert cost(link.format(ids[0]) + paper * 5) == 2


def test_the_api_tells_full_addresses(site: Open, article: Callable[..., int], unit: Unit) -> None:
    target, draft = article(title="Cầu mới"), article(public=False)
    source = article(
        body=f'<p><a href="/bai/{target}">Cầu</a> <a href="/bai/{draft}">Nháp</a> '
        '<a href="/tep/5/a.pdf">Tệp</a><img src="/tep/6/a.png" alt="Cầu"></p>'
    )
    root = f"https://{unit.hosts[-1].name}"
    told = site().get(f"/api/v1/news_article/{source}").get_json()["fields"]["body"]
    assert told == (
        f'<p><a href="{root}/tin-tuc/{target}-cau-moi">Cầu</a> Nháp '
        f'<a href="{root}/tep/5/a.pdf">Tệp</a><img src="{root}/tep/6/a.png" alt="Cầu"></p>'
    )


def test_search_finds_the_words_of_links(
    site: Open, article: Callable[..., int], drain: Callable[[], None]
) -> None:
    article(title="Tin", body=f'<p><a href="/bai/{article()}">thủy triều dâng</a></p>')
    drain()
    assert "Tin" in site().get("/tim-kiem?q=thuy+trieu+dang").text
