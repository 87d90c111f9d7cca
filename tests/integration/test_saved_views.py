"""Kept views: a list with its filters under a name, for one account."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest
from sqlalchemy import func, select

from hoitu.core.admin.batches import saved_views
from hoitu.core.content import ActionContext, SavedView, actions
from hoitu.core.units import Unit

Staff = Callable[..., Any]
Desk = Callable[..., AbstractContextManager[ActionContext]]
Values = Callable[..., dict[str, object]]

LIST = "/quan-tri/legal_document"


def keep(person: Any, name: str, query: str) -> Any:
    form = person.open(f"{LIST}?{query}").form("/loc-da-luu")
    sent = person.send(form, ten=name)
    assert sent.status == 303
    return person.open(sent.response.location)


def test_a_view_keeps_filters_and_order_under_a_name(
    staff: Staff, desk: Desk, document: Values
) -> None:
    with desk() as work:
        for kind in ("KH", "QĐ"):
            actions.create(work, "legal_document", document(f"1/{kind}-UBND", kind=kind))
    editor = staff("editor")
    page = keep(editor, "Quyết định  của tôi", "loai=QĐ&thu-tu=ten&tu=xyz&la=1")
    assert ">Quyết định của tôi</a>" in page.text
    path = f"{LIST}?loai=Q%C4%90&amp;thu-tu=ten"
    assert f'href="{path}" aria-current="page"' in page.text
    shown = editor.open(path.replace("&amp;", "&"))
    assert "1/QĐ-UBND" in shown.text
    assert "1/KH-UBND" not in shown.text


def test_the_same_name_is_kept_anew(staff: Staff, desk: Desk) -> None:
    editor = staff("editor")
    keep(editor, "Nháp", "trang-thai=draft")
    keep(editor, "Nháp", "trang-thai=submitted")
    with desk() as work:
        (view,) = work.session.scalars(select(SavedView)).all()
        assert view.query == "trang-thai=submitted"


def test_a_view_is_its_owners_alone(staff: Staff, other_unit: Unit, desk: Desk) -> None:
    editor, colleague = staff("editor"), staff("editor")
    keep(editor, "Riêng", "trang-thai=draft")
    assert "Riêng" not in colleague.open(LIST).text
    with desk() as work:
        (view,) = work.session.scalars(select(SavedView)).all()
    path = f"{LIST}/loc-da-luu/{view.id}/xoa"
    assert colleague.post(path).status == 404
    assert staff("editor", other_unit).post(path).status == 404
    assert editor.post(path).status == 303
    assert "Riêng" not in editor.open(LIST).text


@pytest.mark.parametrize(
    ("name", "query"), [("", "trang-thai=draft"), ("   ", "loai=KH"), ("x", "")]
)
def test_a_view_without_a_name_or_filter_is_not_kept(
    staff: Staff, desk: Desk, name: str, query: str
) -> None:
    editor = staff("editor")
    editor.post(f"{LIST}/loc-da-luu", ten=name, bo__loc=query)
    assert 'role="alert"' in editor.open(LIST).text
    with desk() as work:
        assert work.session.scalar(select(func.count(SavedView.id))) == 0


def test_views_are_kept_up_to_a_number(
    staff: Staff, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(saved_views, "LIMIT", 2)
    editor = staff("editor")
    for name in ("Một", "Hai", "Ba", "Hai"):
        editor.post(f"{LIST}/loc-da-luu", ten=name, bo__loc="trang-thai=draft")
    with desk() as work:
        assert set(work.session.scalars(select(SavedView.name))) == {"Một", "Hai"}


@pytest.mark.parametrize("query", ["%00", "a=1&" * 100, "x" * 9000, "loai=%FF", "trang-thai=<b>"])
def test_any_query_is_answered(staff: Staff, query: str) -> None:
    editor = staff("editor")
    assert editor.post(f"{LIST}/loc-da-luu", ten="x", bo__loc=query).status == 303
    assert editor.open(LIST).status == 200


def test_a_name_is_text(staff: Staff) -> None:
    page = keep(staff("editor"), "<script>x</script>", "trang-thai=draft")
    assert "<script>x" not in page.text
