"""Routes of the application: what builds an address is compiled when the first one is built.

Werkzeug compiles two functions for each route while it is added: with several hundred routes most
of a start, of each command and of each test goes there, for addresses that are never built.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from werkzeug.routing import Rule

Build = Callable[..., tuple[str, str]]


class LateRule(Rule):
    """A route that compiles its address builders on first use.

    The method it replaces is Werkzeug's own; should a release rename it, routes are compiled early
    again and nothing else changes.
    """

    def _compile_builder(self, append_unknown: bool = True) -> Build:
        compiled: list[Build] = []

        def build(rule: Rule, **values: Any) -> tuple[str, str]:
            if not compiled:
                compiled.append(super(LateRule, self)._compile_builder(append_unknown))
            return compiled[0](rule, **values)

        return build
