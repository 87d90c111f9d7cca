"""Duplicate numbers: told where the other one is, never forbidden."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest
from sqlalchemy import select

from hoitu.core.access import Account
from hoitu.core.content import ActionContext, Item, actions
from hoitu.core.content.duplicates import same_number
from hoitu.core.units import Unit

Desk = Callable[..., AbstractContextManager[ActionContext]]


@pytest.fixture
def kept(desk: Desk, document: Any) -> int:
    with desk() as work:
        return actions.create(work, "legal_document", document("389/KH-UBND")).id


def found(work: ActionContext, given: Any) -> list[int]:
    return [item.id for item in same_number(work, work.types["legal_document"], given)]


@pytest.mark.parametrize("number", ["389/KH-UBND", "389-kh-ubnd", " 389 KH UBND "])
def test_however_it_is_written_the_same_number_is_found(
    desk: Desk, document: Any, kept: int, number: str
) -> None:
    with desk() as work:
        assert found(work, {"number": number}) == [kept]
        item = actions.create(work, "legal_document", document(number.strip()))
        assert found(work, item) == [kept]
        assert found(work, {"number": ""}) == []
        assert found(work, {"issued_on": "không phải ngày"}) == []


def test_itself_other_units_and_the_trash_are_left_out(
    desk: Desk, document: Any, kept: int, other_unit: Unit
) -> None:
    with desk() as work:
        item = work.session.get(Item, kept)
        assert item is not None
        assert found(work, item) == []
    with desk(other_unit) as work:
        assert found(work, {"number": "389/KH-UBND"}) == []
    with desk() as work:
        item = work.session.get(Item, kept)
        assert item is not None
        actions.trash(work, item)
        assert found(work, {"number": "389/KH-UBND"}) == []


def test_what_says_the_same_in_another_language_is_no_duplicate(desk: Desk, kept: int) -> None:
    with desk() as work:
        item = work.session.get_one(Item, kept)
        translation = actions.translate(work, item, "en")
        made = translation.id
    with desk() as work:
        translation = work.session.get_one(Item, made)
        item = work.session.get_one(Item, kept)
        assert found(work, actions.working_copy(work, translation)) == found(work, item) == []
        kind = work.types["legal_document"]
        assert same_number(work, kind, {"number": "389/KH-UBND"}, of=translation) == []
        assert found(work, {"number": "389/KH-UBND"}) == [kept, made]


def test_a_type_without_numbers_has_no_duplicates(desk: Desk, kept: int) -> None:
    with desk() as work:
        assert same_number(work, work.types["news_article"], {"title": "389/KH-UBND"}) == []


def test_the_page_tells_where_the_other_one_is_and_saving_goes_on(
    staff: Any, write: Any, kept: int
) -> None:
    editor = staff("editor")
    path = write(editor, number="389/KH-UBND")
    page = editor.open(path)
    assert "Số, ký hiệu này đã có" in page.text
    assert f'href="/quan-tri/legal_document/{kept}"' in page.text
    form = page.form(path)
    assert editor.send(form, summary="Trích yếu khác").status == 303
    form = editor.open(path).form(path)
    submitted = editor.send(form, body="<p>Toàn văn</p>", then__step="submit")
    assert submitted.status == 303, "and so does submitting"
    assert "Số, ký hiệu này đã có" in editor.open(path).text


def test_nothing_is_told_of_what_the_reader_does_not_work_with(
    desk: Desk, staff: Any, document: Any, kept: int, monkeypatch: pytest.MonkeyPatch, platform: Any
) -> None:
    with desk() as work:
        secret = actions.create(work, "news_article", {"title": "Tin chưa đăng"}).id
        other = actions.create(work, "legal_document", document("389/KH-UBND")).id

    def same(context: ActionContext, *_given: Any, **_of: Any) -> list[Item]:
        return [context.session.get_one(Item, i) for i in (kept, secret)]

    monkeypatch.setattr("hoitu.core.admin.duplicates.same_number", same)
    path = f"/quan-tri/legal_document/{other}"
    editor, clerk = staff("editor"), staff("editor")
    with platform.open_session(True) as session:
        account = session.scalars(select(Account).where(Account.email == clerk.email)).one()
        account.grants[0].section = "legal_documents"
        session.commit()
    assert "Tin chưa đăng" in editor.open(path).text
    page = clerk.open(path).text
    assert f'href="/quan-tri/legal_document/{kept}"' in page
    assert "Tin chưa đăng" not in page


def test_a_new_number_behind_a_published_document_is_looked_at(
    desk: Desk, staff: Any, document: Any, kept: int
) -> None:
    with desk() as work:
        item = actions.create(work, "legal_document", document("1/KH-UBND"))
        actions.publish(work, item)
        actions.edit(work, item, {"number": "389/KH-UBND"})
        path = f"/quan-tri/legal_document/{item.id}"
    assert f'href="/quan-tri/legal_document/{kept}"' in staff("editor").open(path).text
