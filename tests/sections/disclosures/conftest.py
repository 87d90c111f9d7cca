"""Fixtures of the section: files of an editor, disclosures of finance, somebody at the desk."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

import openpyxl
import pytest

from hoitu.core.testing.fixtures import PASSWORD, Site

if TYPE_CHECKING:
    from werkzeug.test import TestResponse

    from hoitu.core.content import ActionContext
    from hoitu.core.extensions import Platform
    from hoitu.core.units import Unit

Desk = Callable[..., AbstractContextManager["ActionContext"]]
TABLE = (("Chỉ tiêu", "Năm 2025", "Năm 2026"), ("Thu", 10, 12.5), ("Chi", 9, 1234))


def workbook(rows: Iterable[Iterable[object]] = TABLE) -> bytes:
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet()
    for row in rows:
        sheet.append(list(row))
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


@pytest.fixture(scope="session")
def xlsx() -> Callable[..., bytes]:
    """Return a function that makes a workbook of rows."""
    return workbook


@pytest.fixture
def upload(desk: Desk, platform: Platform) -> Callable[..., int]:
    """Return a function that stores a file for a unit: its id."""
    from hoitu.core.content.files import upload as store

    def put(name: str, content: bytes, at: Unit | None = None) -> int:
        with desk(at) as work:
            return store(work, platform.files, name, io.BytesIO(content)).id

    return put


@pytest.fixture
def disclose(publish: Callable[..., int]) -> Callable[..., int]:
    """Return a function that publishes a disclosure of finance."""

    def make(kind: str, year: int, at: Unit | None = None, **values: Any) -> int:
        filled = {
            "regime": "unit_budget",
            "report_kind": kind,
            "fiscal_year": year,
            "explanation": "Thuyết minh số liệu",
            **values,
        }
        return publish("budget_disclosure", at, **filled)

    return make


class Editor:
    """An approver at the desk, who fills in forms as a browser does."""

    def __init__(self, site: Site) -> None:
        self.site = site

    def save(self, type_name: str, *files: tuple[str, bytes], **typed: str) -> TestResponse:
        """Save a new item; ``then="publish"`` publishes it in the same step."""
        path = f"/quan-tri/{type_name}/moi"
        page = self.site.get(path).text
        hidden = dict(re.findall(r'<input type="hidden" name="([\w-]+)" value="([^"]*)"', page))
        step = {"then-step": typed.pop("then")} if "then" in typed else {}
        sent = [(io.BytesIO(content), name) for name, content in files]
        answer = self.site.post(path, data={**hidden, **typed, **step, "attachments": sent})
        # A large body was put into a temporary file, which the test client leaves open.
        answer.request.environ["wsgi.input"].close()
        return answer


@pytest.fixture
def editor(site: Callable[..., Site], platform: Platform, unit: Unit) -> Editor:
    """Return an approver of the unit who has signed in."""
    from hoitu.core.access import accounts

    email = "duyet@thu.example"
    with platform.open_session(True) as session:
        account = accounts.create(session, email=email, name="Người duyệt", password=PASSWORD)
        accounts.grant(session, account, "approver", unit.id)
        session.commit()
    visitor, path = site(), "/quan-tri/dang-nhap"
    token = re.search(r'name="csrf_token" value="([^"]+)"', visitor.get(path).text)
    assert token
    data = {"csrf_token": token[1], "email": email, "password": PASSWORD}
    assert visitor.post(path, data=data).status_code == 303
    return Editor(visitor)
