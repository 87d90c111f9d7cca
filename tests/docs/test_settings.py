from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

import pytest
from pydantic.fields import FieldInfo

from hoitu.core.config import PREFIX, Config, load

PLAIN: dict[Any, str] = {str: "text", bool: "true or false", int: "whole number"}
#: What stands in tables of its own.
TABLES = (dict[str, Any], dict[str, dict[str, Any]])


def kind(declared: FieldInfo) -> str:
    """Return how the page names the values a setting takes."""
    if get_origin(declared.annotation) is Literal:
        *first, last = get_args(declared.annotation)
        return f"{', '.join(first)} or {last}"
    if declared.annotation in TABLES:
        return "tables"
    ends = [getattr(m, end) for m in declared.metadata for end in ("ge", "le") if hasattr(m, end)]
    bounds = f", {ends[0]} to {ends[1]}" if ends else ""
    return PLAIN[declared.annotation] + bounds


def default(declared: FieldInfo) -> str:
    value = declared.default
    return str(value).lower() if isinstance(value, bool) else str(value or "empty")


def test_every_setting_is_documented_as_it_is(
    table: Callable[[str], list[tuple[str, ...]]],
) -> None:
    expected = [
        (
            PREFIX + name.upper(),
            name,
            kind(declared),
            default(declared),
            (declared.description or "nothing").replace("`", ""),
        )
        for name, declared in Config.model_fields.items()
    ]
    assert table("settings.md") == expected


def test_the_example_is_accepted(docs: Path, tmp_path: Path) -> None:
    page = (docs / "reference" / "settings.md").read_text("utf-8")
    example = page.partition("```toml\n")[2].partition("```")[0]
    (tmp_path / "settings.toml").write_text(example)
    assert load(tmp_path).model_fields_set == {"database_url", "upload_limit_mb"}


@pytest.mark.parametrize("variable", ["HOITU_INSTANCE"])
def test_other_variables_are_documented(docs: Path, variable: str) -> None:
    assert f"`{variable}`" in (docs / "reference" / "settings.md").read_text("utf-8")
