"""Blueprints of plugins: pages of their own, guarded from the first moment, and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from hoitu.core.extensions import KEY
from hoitu.core.plugin import PluginState

Plant = Callable[..., str]

PAGES = """
@hookimpl
def register_blueprints(self):
    from flask import Blueprint, request
    from hoitu.core.access import public
    pages = Blueprint("{name}", __name__, url_prefix="/thu")
    inner = Blueprint("inner", __name__, url_prefix="/trong")
    for part, path in ((pages, "/"), (inner, "/")):
        part.add_url_rule(path, "index", public(lambda: request.endpoint + " shows"))
{more}
    pages.register_blueprint(inner)
    return [pages]
"""


def pages(name: str, *more: str) -> str:
    return PAGES.format(name=name, more="\n".join(f"    {line}" for line in more))


#: What reaches beyond the pages, and the place that the reason names.
BEYOND = {
    "pages.before_app_request(lambda: 'taken over')": "before_request_funcs",
    "inner.before_app_request(lambda: 'taken over')": "before_request_funcs",
    "pages.after_app_request(lambda response: response)": "after_request_funcs",
    "pages.teardown_app_request(lambda error: None)": "teardown_request_funcs",
    "pages.app_context_processor(lambda: {'unit': None})": "template_context_processors",
    "pages.app_errorhandler(404)(lambda error: 'taken over')": "error_handler_spec",
    "pages.app_errorhandler(Exception)(lambda error: 'taken over')": "error_handler_spec",
    "pages.app_url_value_preprocessor(lambda *a: None)": "url_value_preprocessors",
    "pages.app_url_defaults(lambda *a: None)": "url_default_functions",
    "pages.app_template_filter('upper')(lambda text: 'taken over')": "template filter upper",
    "pages.app_template_test('odd')(lambda number: True)": "template test odd",
    "pages.app_template_global('slot')(lambda *a: 'taken over')": "template global slot",
    "pages.record(lambda s: s.app.add_url_rule('/van-ban', 'mine', public(lambda: 'mine')))":
        "view_functions mine",
    "pages.record(lambda s: s.app.before_request_funcs.setdefault('home', []).append(print))":
        "before_request_funcs",
    "pages.record(lambda s: s.app.teardown_appcontext(lambda error: None))":
        "teardown_appcontext_funcs",
    "pages.record(lambda s: s.app.url_map.converters.update(int=None))": "converter int",
}  # fmt: skip


def get(app: Any, path: str) -> Any:
    return app.test_client().get(path, headers={"Host": "mot.test"})


@pytest.mark.parametrize("line", BEYOND)
def test_a_blueprint_that_reaches_beyond_its_pages_is_blocked(
    plant: Plant, make_app: Callable[..., Any], line: str
) -> None:
    plant("greedy", pages("greedy", line))
    app = make_app()
    found = app.extensions[KEY].plugins.get("greedy")
    assert found.state is PluginState.BLOCKED
    assert f"reaches beyond its own pages ({BEYOND[line]})" in found.reason
    assert get(app, "/thu/").status_code == 404
    home = get(app, "/")
    assert home.status_code == 200
    assert "taken over" not in home.text


def test_for_its_own_pages_it_may_register_what_it_likes(
    plant: Plant, make_app: Callable[..., Any]
) -> None:
    plant(
        "modest",
        pages(
            "modest",
            "seen = []",
            "pages.before_request(lambda: seen.append('before'))",
            "pages.context_processor(lambda: {'own': 1})",
            "pages.errorhandler(LookupError)(lambda error: 'own error')",
            "pages.after_request(lambda r: (r.headers.add('X-Seen', str(seen)), r)[1])",
            "inner.before_request(lambda: seen.append('inner'))",
            "pages.add_url_rule('/loi', 'fails', public(lambda: {}['no']))",
        ),
    )
    app = make_app()
    assert get(app, "/thu/").text == "modest.index shows"
    assert get(app, "/thu/loi").text == "own error"
    inner = get(app, "/thu/trong/")
    assert inner.text == "modest.inner.index shows"
    assert inner.headers["X-Seen"] == "['before', 'before', 'before', 'inner']"
    assert "X-Seen" not in get(app, "/").headers


def test_what_fails_half_way_leaves_no_page_without_a_guard(
    plant: Plant, make_app: Callable[..., Any]
) -> None:
    # Only the real application has the platform's extensions: the trial goes well.
    plant("half", pages("half", "pages.record(lambda s: 1 / ('hoitu' not in s.app.extensions))"))
    app = make_app()
    assert "half.index" in app.view_functions
    assert app.extensions[KEY].plugins.get("half").reason == "ZeroDivisionError: division by zero"
    assert get(app, "/thu/").status_code == 404
    assert get(app, "/").status_code == 200


@pytest.mark.parametrize("name", ["home", "desk", "api"])
def test_nobody_takes_the_name_of_a_blueprint_of_the_platform(
    plant: Plant, make_app: Callable[..., Any], name: str
) -> None:
    plant(name, pages(name))
    app = make_app()
    found = app.extensions[KEY].plugins.get(name)
    assert found.state is PluginState.BLOCKED
    assert f"the platform has a blueprint {name} of its own" in found.reason
    # The platform's own pages are not taken for those of the blocked plugin.
    for path in ("/", "/quan-tri/dang-nhap", "/api/v1/legal_document"):
        assert get(app, path).status_code == 200, path
