"""Rows like other rows: for tests that need more of them than actions make in a reasonable time."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from sqlalchemy import String, UniqueConstraint, inspect


def copy_of(pattern: Any) -> Any:
    """Return a new row with the values of another, the rows that belong to it copied as well.

    Made of rows instead of by actions: for tests that need very many.
    """
    mapper = inspect(type(pattern))
    unique = unique_texts(type(pattern))
    copy = mapper.class_manager.new_instance()
    for attribute in mapper.column_attrs:
        name = attribute.key
        if name in ("id", "version"):
            continue
        value = getattr(pattern, name)
        setattr(copy, name, distinct(unique[name], value) if name in unique else value)
    for relation in mapper.relationships:
        if "delete-orphan" in relation.cascade and relation.uselist:
            setattr(copy, relation.key, [copy_of(row) for row in getattr(pattern, relation.key)])
    return copy


def unique_texts(model: type[Any]) -> dict[str, int]:
    """Return the text columns that no two rows may share, with their lengths."""
    mapper = inspect(model)
    found: dict[str, int] = {}
    for table in mapper.tables:
        rules = [c.columns for c in table.constraints if isinstance(c, UniqueConstraint)]
        rules += [index.columns for index in table.indexes if index.unique]
        for column in (c for columns in rules for c in columns):
            if isinstance(column.type, String) and column in mapper.c.values():
                found[mapper.get_property_by_column(column).key] = column.type.length or 32
    return found


def distinct(length: int, value: Any) -> Any:
    """Return a value that no row has, in place of a text that is there."""
    return uuid4().hex[:length] if value else value
