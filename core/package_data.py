"""Data that a package ships beside its code, in its folder ``data``."""

from __future__ import annotations

import tomllib
from importlib import resources
from typing import Any


def package_data(package: str, name: str) -> dict[str, Any]:
    """Return what ``data/<name>.toml`` of a package holds."""
    file = resources.files(package) / "data" / f"{name}.toml"
    return tomllib.loads(file.read_text("utf-8"))
