"""What a plugin's blueprint may add to the application: pages of its own, and nothing else.

Flask lets a blueprint register functions for every request of the application. They would run for
sections that are off, for other sections and for other units; so a blueprint is tried out first.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flask import Blueprint, Flask

from hoitu.core.access import Permissions
from hoitu.core.web.access import OWNERS_KEY, check_declared

#: What an application keeps by blueprint, with None for all of it.
_BY_BLUEPRINT = (
    "before_request_funcs",
    "after_request_funcs",
    "teardown_request_funcs",
    "template_context_processors",
    "url_value_preprocessors",
    "url_default_functions",
    "error_handler_spec",
)


class Overreach(RuntimeError):
    """A blueprint would add something that is not its plugin's own; the plugin is blocked."""


class Probe(Flask):
    """An application that only takes note of views: no address of it is ever asked for."""

    def add_url_rule(
        self,
        rule: str,
        endpoint: str | None = None,
        view_func: Any = None,
        provide_automatic_options: bool | None = None,
        **options: Any,
    ) -> None:
        """Note the view; a rule that is never matched need not be compiled."""
        if endpoint is not None and view_func is not None:
            self.view_functions[endpoint] = view_func


def register(app: Flask, blueprint: Blueprint, plugin: str, permissions: Permissions) -> None:
    """Add a plugin's blueprint to the application; its section guards every page of it.

    :raises UndeclaredAccess: a view declares neither ``public`` nor a known permission.
    :raises Overreach: it is not named after the plugin, or would reach beyond its own pages.
    """
    if blueprint.name != plugin:
        raise Overreach(f"blueprint {blueprint.name} must be named {plugin}")
    if plugin in app.blueprints and plugin not in app.extensions[OWNERS_KEY]:
        raise Overreach(f"the platform has a blueprint {plugin} of its own")
    check_declared(_own_views(blueprint), permissions)
    # Before the pages are there: not one of them is ever without a guard.
    app.extensions[OWNERS_KEY][plugin] = plugin
    app.register_blueprint(blueprint)


def _own_views(blueprint: Blueprint) -> dict[str, Any]:
    """Return the views a blueprint will register, by endpoint.

    :raises Overreach: it will register anything for all of the application.
    """
    probe = Probe("probe", static_folder=None)
    before = set(_held_for_all(probe, blueprint.name))
    probe.register_blueprint(blueprint)
    reached = before ^ set(_held_for_all(probe, blueprint.name))
    if reached:
        places = ", ".join(sorted({f"{place} {name}".strip() for place, name, _ in reached}))
        raise Overreach(
            f"blueprint {blueprint.name} reaches beyond its own pages ({places}): it must not use "
            "before_app_request, app_errorhandler, app_template_filter and their like"
        )
    return dict(probe.view_functions)


def _held_for_all(app: Flask, blueprint: str) -> Iterator[tuple[str, str, int]]:
    """Yield (place, name, identity) of what an application holds beyond one blueprint's own."""
    for place in _BY_BLUEPRINT:
        for scope, held in getattr(app, place).items():
            if not _is_own(scope, blueprint):
                yield from ((place, "", id(entry)) for entry in _leaves(held))
    for endpoint in app.view_functions:
        if not _is_own(endpoint.rpartition(".")[0], blueprint):
            yield "view_functions", endpoint, 0
    for function in app.teardown_appcontext_funcs:
        yield "teardown_appcontext_funcs", "", id(function)
    named: dict[str, dict[str, Any]] = {
        "template filter": app.jinja_env.filters,
        "template test": app.jinja_env.tests,
        "template global": app.jinja_env.globals,
        "converter": app.url_map.converters,
    }
    for place, entries in named.items():
        for name, entry in entries.items():
            yield place, name, id(entry)


def _is_own(scope: str | None, blueprint: str) -> bool:
    """Say whether a scope is the blueprint itself or one nested in it."""
    return scope is not None and f"{scope}.".startswith(f"{blueprint}.")


def _leaves(held: Any) -> Iterator[Any]:
    """Yield the functions of lists and dictionaries inside each other."""
    if isinstance(held, dict | list):
        for entry in held.values() if isinstance(held, dict) else held:
            yield from _leaves(entry)
    else:
        yield held
