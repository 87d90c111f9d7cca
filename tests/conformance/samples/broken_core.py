"""A pytest plugin that breaks what core promises to sections, to see that the kit would tell.

Loaded with ``-p broken_core``: the guard of sections, permissions, tokens, waiting versions and the
removal from the search index are out of order.
"""

from __future__ import annotations

from typing import Any
from unittest import mock

import pytest


@pytest.fixture(scope="session", autouse=True)
def broken() -> Any:
    """Put core out of order for the whole run."""
    from hoitu.core.access import Actor
    from hoitu.core.admin.sign_in import csrf
    from hoitu.core.content import actions
    from hoitu.core.search import WhooshBackend
    from hoitu.core.units import Decision, Source, Switchboard

    def edit(work: Any, item: Any, values: Any, **_options: Any) -> Any:
        for name, value in values.items():
            setattr(item, name, work.type_of(item).fields[name].kind.clean(value))
        return item

    on = Decision(True, Source.DEFAULT)
    with (
        mock.patch.object(Switchboard, "explain", lambda *_arguments, **_options: on),
        mock.patch.object(Actor, "can", lambda *_arguments, **_options: True),
        mock.patch.object(csrf, "protect", lambda **_options: None),
        mock.patch.object(actions, "edit", edit),
        mock.patch.object(WhooshBackend, "remove", lambda _backend, ids: len(list(ids))),
    ):
        yield
