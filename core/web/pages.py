"""The public pages of a content type: list, detail, print view, feed and JSON.

A section creates one :class:`SectionPages` and adds views of its own to its blueprint where it
differs. Templates are looked up as ``<section>/list.html`` and so on, then ``web/list.html``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import (
    Blueprint,
    abort,
    current_app,
    jsonify,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.sansio.blueprints import BlueprintSetupState
from flask.typing import ResponseReturnValue

from hoitu.core.access import public
from hoitu.core.content import ContentType, Item, queries
from hoitu.core.extensions import platform, session
from hoitu.core.web import api, feeds
from hoitu.core.web.chrome import crumbs
from hoitu.core.web.listing import Listing, listing
from hoitu.core.web.site import now
from hoitu.core.web.visibility import is_shown

#: Content type -> its pages; filled while the application starts.
PAGES_KEY = "hoitu_pages"
#: Adds values of a section to a template's.
Extend = Callable[[Any], dict[str, Any]]


class SectionPages:
    """Blueprint of a section with the five pages of its main content type."""

    def __init__(
        self,
        section: str,
        import_name: str,
        *,
        path: str,
        content_type: str,
        extend_list: Extend = lambda listing: {},
        extend_detail: Extend = lambda item: {},
    ) -> None:
        self.section = section
        self.content_type = content_type
        self._extend_list = extend_list
        self._extend_detail = extend_detail
        self.blueprint = Blueprint(
            section, import_name, url_prefix=path, template_folder="templates"
        )
        rules: tuple[tuple[str, str, Callable[..., ResponseReturnValue]], ...] = (
            ("", "index", self.index),
            ("/feed.atom", "feed", self.feed),
            ("/data.json", "data", self.data),
            ("/<int:item_id>-<slug>", "detail", self.detail),
            ("/<int:item_id>", "by_id", self.by_id),
            ("/<int:item_id>-<slug>/in", "print", self.print_view),
            ("/<int:item_id>-<slug>.json", "item_data", self.item_data),
        )
        for rule, name, view in rules:
            self.blueprint.add_url_rule(rule, name, _declare_public(view), strict_slashes=False)
        self.blueprint.record(self._announce)

    def _announce(self, state: BlueprintSetupState) -> None:
        state.app.extensions.setdefault(PAGES_KEY, {})[self.content_type] = self

    @property
    def kind(self) -> ContentType:
        """The content type of these pages."""
        return platform.types[self.content_type]

    def index(self) -> ResponseReturnValue:
        """Show the list."""
        found: Listing = listing(self.kind)
        return render_template(
            [f"{self.section}/list.html", "web/list.html"],
            listing=found,
            kind=self.kind,
            crumbs=crumbs((self.title, url_for(f"{self.section}.index"))),
            feed=url_for(f"{self.section}.feed"),
            **self._extend_list(found),
        )

    def detail(self, item_id: int, slug: str) -> ResponseReturnValue:
        """Show one item; an outdated slug leads to the present address."""
        item = self.find(item_id)
        if slug != item.slug:
            return redirect(self.kind.path(item), 301)
        return self.show(item)

    def show(self, item: Item) -> str:
        """Return the page of an item, be it public or, for the desk's preview, not yet."""
        return render_template(
            [f"{self.section}/detail.html", "web/detail.html"], **self._values(item)
        )

    def print_view(self, item_id: int, slug: str) -> ResponseReturnValue:
        """Show one item without the frame, for paper."""
        item = self.find(item_id)
        return render_template(
            [f"{self.section}/print.html", "web/print.html"], **self._values(item)
        )

    def by_id(self, item_id: int) -> ResponseReturnValue:
        """Lead from the bare id to the item's address."""
        return redirect(self.kind.path(self.find(item_id)), 301)

    def feed(self) -> ResponseReturnValue:
        """Return the Atom feed of the list, with the same filters."""
        found = listing(self.kind)
        return feeds.atom(self.title, request.url, list(found.items))

    def data(self) -> ResponseReturnValue:
        """Return the list as JSON, with the same filters."""
        return jsonify(api.page_of(self.kind, listing(self.kind)))

    def item_data(self, item_id: int, slug: str) -> ResponseReturnValue:
        """Return one item as JSON."""
        return jsonify(api.represent(self.kind, self.find(item_id), whole=True))

    def find(self, item_id: int) -> Item:
        """Return a public item of this unit whose requirement is on, or answer 404."""
        item = queries.find(session(), self.kind.model, item_id, now())
        if item is None or not is_shown(item):
            abort(404)
        return item

    @property
    def title(self) -> str:
        """The title of the section in the language of the request."""
        from hoitu.core.web.site import language

        plugin = platform.plugins.get(self.section)
        assert plugin is not None and plugin.manifest is not None
        return plugin.manifest.label(language())

    def _values(self, item: Item) -> dict[str, Any]:
        return {
            "item": item,
            "kind": self.kind,
            "crumbs": crumbs(
                (self.title, url_for(f"{self.section}.index")), (item.title, self.kind.path(item))
            ),
            "print_path": url_for(f"{self.section}.print", item_id=item.id, slug=item.slug),
            **self._extend_detail(item),
        }


def pages_of(content_type: str) -> SectionPages | None:
    """Return the public pages of a content type; None when it has none of its own."""
    found: dict[str, SectionPages] = current_app.extensions.get(PAGES_KEY, {})
    return found.get(content_type)


def _declare_public(view: Callable[..., ResponseReturnValue]) -> Callable[..., ResponseReturnValue]:
    def called(**arguments: Any) -> ResponseReturnValue:
        return view(**arguments)

    return public(called)
