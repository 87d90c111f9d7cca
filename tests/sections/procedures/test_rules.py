from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from hoitu.sections.procedures.models import OnlineService, Procedure
from hoitu.sections.procedures.rules import problems

PATTERN = r"^\d\.\d{6}(\.\d{3}\.\d{2}\.\d{2}\.H\d{2})?$"
WAY = {"method": "DIRECT", "time": 1, "time_unit": "day", "fee": None, "note": ""}
GOOD: dict[str, Any] = {"code": "1.001234", "ways": [WAY], "dossier": [], "results": []}


@pytest.fixture(autouse=True)
def _context(app: Any) -> Iterator[None]:
    with app.app_context():
        yield


@pytest.mark.parametrize(
    ("item", "fields"),
    [
        (Procedure(**GOOD), []),
        (Procedure(**{**GOOD, "code": "1.001234.000.00.00.H57"}), []),
        (Procedure(**{**GOOD, "code": "1001234"}), ["code"]),
        (Procedure(**{**GOOD, "ways": []}), ["ways"]),
        (Procedure(**{**GOOD, "ways": [{**WAY, "method": ""}]}), ["ways"]),
        (Procedure(**{**GOOD, "ways": [{**WAY, "time_unit": ""}]}), ["ways"]),
        (Procedure(**{**GOOD, "dossier": [{"name": ""}]}), ["dossier"]),
        (Procedure(**{**GOOD, "results": [{"name": ""}]}), ["results"]),
        (OnlineService(code="1.001234"), []),
        (OnlineService(code="abc"), ["code"]),
    ],
)
def test_problems(item: Procedure | OnlineService, fields: list[str]) -> None:
    assert [p.field for p in problems(item, PATTERN, lambda _: False)] == fields


def test_a_code_belongs_to_one_entry() -> None:
    assert [p.field for p in problems(Procedure(**GOOD), PATTERN, lambda _: True)] == ["code"]
