from __future__ import annotations

import inspect
from collections.abc import Callable
from types import FunctionType
from typing import Any

import pytest

from hoitu.core import hookspecs

HOOKS: dict[str, FunctionType] = {
    name: found
    for name, found in vars(hookspecs).items()
    if inspect.isfunction(found) and hasattr(found, f"{hookspecs.PROJECT}_spec")
}
FAMILIES = ("register", "check", "resolve", "handle")


def family(name: str) -> str:
    prefix = name.partition("_")[0]
    return prefix if prefix in FAMILIES else "contribution"


def signature(hook: FunctionType) -> str:
    # Annotations are strings there, so that the interface imports nothing.
    return f"def {hook.__name__}{inspect.signature(hook)}".replace("'", "")


def test_every_hook_is_documented_and_no_other(reference: Callable[[str], dict[str, Any]]) -> None:
    assert set(reference("hooks.md")) == set(HOOKS)


@pytest.mark.parametrize("name", HOOKS)
def test_a_hook_is_documented_as_it_is(
    name: str, reference: Callable[[str], dict[str, Any]]
) -> None:
    entry = reference("hooks.md")[name]
    assert entry.code == signature(HOOKS[name])
    assert entry.group == family(name)
    assert entry.says((inspect.getdoc(HOOKS[name]) or "nothing").splitlines()[0])


@pytest.mark.parametrize("name", HOOKS)
def test_only_a_resolving_hook_stops_at_the_first_answer(name: str) -> None:
    options = getattr(HOOKS[name], f"{hookspecs.PROJECT}_spec")
    assert options["firstresult"] is (family(name) == "resolve")
