"""What people are told of a table that cannot be read is Vietnamese and says what to do."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import openpyxl
import pytest

from hoitu.core import sheets


@pytest.mark.parametrize(
    ("path", "said"),
    [("/", "Ô C5 là công thức chưa có giá trị"), ("/en/", "Cell C5 is a formula without")],
)
def test_a_refusal_in_the_language_of_the_page(app: Any, path: str, said: str) -> None:
    book = openpyxl.Workbook()
    for row in (["A", "B", "C"], [1, 2, 3], [], [], [1, 2, "=A5+B5"]):
        book.active.append(row)
    source = BytesIO()
    book.save(source)
    language = path.strip("/") or "vi"
    with (
        app.test_request_context("/", environ_overrides={"hoitu.language": language}),
        pytest.raises(sheets.SheetError, match=said),
    ):
        sheets.read("bang.xlsx", source)
