"""The public pages of content types: list, detail, print view, feed, JSON and CSV.

A section creates one :class:`SectionPages`, adds the pages of its further types, and adds views of
its own to the blueprint where it differs. Templates are looked up as ``<section>/list.html`` and so
on, for a further type as ``<section>/<type>_list.html``, then as ``web/list.html``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import (
    Blueprint,
    Response,
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
from jinja2 import Template

from hoitu.core.access import public
from hoitu.core.content import ContentType, Item, queries
from hoitu.core.extensions import platform, session
from hoitu.core.web import api, feeds, translations, withdrawn
from hoitu.core.web.chrome import crumbs
from hoitu.core.web.facts import as_table, facts, tables
from hoitu.core.web.listing import Listing, listing
from hoitu.core.web.menus import Link
from hoitu.core.web.overview import parts_of
from hoitu.core.web.site import active_unit, language, now
from hoitu.core.web.visibility import is_shown

#: Content type -> its pages; filled while the application starts.
PAGES_KEY = "hoitu_pages"
#: Rows of a table to download; who wants more asks the API page by page.
TABLE_LIMIT = 5000
#: Adds values of a section to a template's.
Extend = Callable[[Any], dict[str, Any]]


class TypePages:
    """The pages of one content type below one path; ``prefix`` begins their endpoints' names."""

    def __init__(
        self,
        section: SectionPages,
        content_type: str,
        *,
        path: str = "",
        prefix: str = "",
        extend_list: Extend = lambda listing: {},
        extend_detail: Extend = lambda item: {},
    ) -> None:
        self.section = section.section
        self.content_type = content_type
        self._pages = section
        self._prefix = prefix
        self._extend_list = extend_list
        self._extend_detail = extend_detail
        rules: tuple[tuple[str, str, Callable[..., ResponseReturnValue]], ...] = (
            ("", "index", self.index),
            ("/feed.atom", "feed", self.feed),
            ("/data.json", "data", self.data),
            ("/data.csv", "table", self.table),
            ("/<int:item_id>-<slug>", "detail", self.detail),
            ("/<int:item_id>", "by_id", self.by_id),
            ("/<int:item_id>-<slug>/in", "print", self.print_view),
            ("/<int:item_id>-<slug>.json", "item_data", self.item_data),
        )
        for rule, name, view in rules:
            section.blueprint.add_url_rule(
                path + rule, prefix + name, _declare_public(view), strict_slashes=False
            )
        section.blueprint.record(self._announce)

    def _announce(self, state: BlueprintSetupState) -> None:
        state.app.extensions.setdefault(PAGES_KEY, {})[self.content_type] = self

    @property
    def kind(self) -> ContentType:
        """The content type of these pages."""
        return platform.types[self.content_type]

    def path_to(self, name: str, **values: Any) -> str:
        """Return the path of one of these pages: ``index``, ``feed``, ``detail``, ..."""
        return url_for(f"{self.section}.{self._prefix}{name}", **values)

    def index(self) -> ResponseReturnValue:
        """Show the list."""
        found = self._listing()
        values = {
            "listing": found,
            "kind": self.kind,
            "crumbs": self.crumbs(*self._group()),
            "feed": self.path_to("feed", **found.parameters),
            "table": self.path_to("table", **found.parameters),
            "data": self.path_to("data", **found.parameters),
        }
        # A section may narrow the list itself, and give another `listing`.
        return render_template(self._templates("list"), **values | self._extend_list(found))

    def detail(self, item_id: int, slug: str) -> ResponseReturnValue:
        """Show one item; an outdated slug leads to the present address."""
        item = self.find(item_id)
        if slug != item.slug:
            return redirect(self.kind.path(item), 301)
        if (version := translations.instead(item, self.kind)) is not None:
            return redirect(self.kind.path(version), 302)
        return self.show(item)

    def show(self, item: Item) -> str:
        """Return the page of an item."""
        return render_template(self._templates("detail"), **self._values(item))

    def preview(self, item: Item) -> str:
        """Return the page of an item that may not be public, without what leads to its address."""
        values = {**self._values(item), "print_path": "", "data_path": ""}
        return render_template(self._templates("detail"), **values)

    def print_view(self, item_id: int, slug: str) -> ResponseReturnValue:
        """Show one item without the frame, for paper."""
        return render_template(self._templates("print"), **self._values(self.find(item_id)))

    def by_id(self, item_id: int) -> ResponseReturnValue:
        """Lead from the bare id to the item's address."""
        return redirect(self.kind.path(self.find(item_id)), 301)

    def feed(self) -> ResponseReturnValue:
        """Return the Atom feed of the list, with the same filters."""
        return feeds.atom(self.title, request.url, list(self._listing().items))

    def data(self) -> ResponseReturnValue:
        """Return the list as JSON, with the same filters."""
        return jsonify(api.page_of(self.kind, self._listing()))

    def table(self) -> ResponseReturnValue:
        """Return the list as CSV, with the same filters: at most ``TABLE_LIMIT`` rows."""
        found = self._listing(size=TABLE_LIMIT)
        response = Response(as_table(self.kind, found.items), mimetype="text/csv")
        name = self.path_to("index").strip("/").replace("/", "-")
        response.headers["Content-Disposition"] = f"attachment; filename={name}.csv"
        return response

    def item_data(self, item_id: int, slug: str) -> ResponseReturnValue:
        """Return one item as JSON."""
        return jsonify(api.represent(self.kind, self.find(item_id), whole=True))

    def find(self, item_id: int) -> Item:
        """Return a public item of this unit whose requirement is on.

        Else answer 404, or what whoever withdrew it wanted visitors to see instead.
        """
        item = queries.find(session(), self.kind.model, item_id, now())
        if item is None:
            withdrawn.tell(item_id, self.content_type)
        if item is None or not is_shown(item):
            abort(404)
        return item

    @property
    def title(self) -> str:
        """The title of the list in the language of the request."""
        return str(self.kind.label_plural) if self._prefix else self._pages.title

    def crumbs(self, *links: tuple[Any, str]) -> list[Link]:
        """Return the breadcrumb of the list, and of what stands below it."""
        above = [(self.title, self.path_to("index"))] if self._prefix else []
        return self._pages.crumbs(*above, *links)

    def _listing(self, **options: Any) -> Listing:
        self._pages.demand(*self._asked())
        return listing(self.kind, **options)

    def _asked(self) -> list[str]:
        """Return the requirements the list is of: the one its address names, or all of the type."""
        declared, every = self.kind.filters.get("requirement"), list(self.kind.requirements)
        named = request.args.get(declared.filter) if declared else None
        return [named] if named in every else every

    def _group(self) -> list[tuple[Any, str]]:
        """Return the link of the one requirement the list is of, if its address names one."""
        asked = self._asked()
        if len(asked) != 1 or len(self.kind.requirements) == 1:
            return []
        name = self.kind.filters["requirement"].filter
        return [(self.kind.requirements[asked[0]], self.path_to("index", **{name: asked[0]}))]

    def _templates(self, name: str) -> list[str | Template]:
        return [f"{self.section}/{self._prefix}{name}.html", f"web/{name}.html"]

    def _values(self, item: Item) -> dict[str, Any]:
        return {
            "item": item,
            "kind": self.kind,
            "facts": lambda: facts(self.kind, item),
            "tables": lambda: tables(self.kind, item),
            "crumbs": self.crumbs((item.title, self.kind.path(item))),
            "print_path": self.path_to("print", item_id=item.id, slug=item.slug),
            "data_path": self.path_to("item_data", item_id=item.id, slug=item.slug),
            **self._extend_detail(item),
        }


class SectionPages:
    """The blueprint of a section and the pages of its content types.

    With ``content_type`` the section's own path is the list of that type. Without it, it is the
    overview of the types added with :meth:`add`, or the section's own view ``index``.
    """

    def __init__(
        self,
        section: str,
        import_name: str,
        *,
        path: str,
        content_type: str = "",
        extend_list: Extend = lambda listing: {},
        extend_detail: Extend = lambda item: {},
    ) -> None:
        self.section = section
        self.blueprint = Blueprint(
            section, import_name, url_prefix=path, template_folder="templates"
        )
        self._added: list[TypePages] = []
        if content_type:
            self.main = TypePages(
                self, content_type, extend_list=extend_list, extend_detail=extend_detail
            )

    def add(
        self,
        content_type: str,
        *,
        path: str,
        extend_list: Extend = lambda listing: {},
        extend_detail: Extend = lambda item: {},
    ) -> TypePages:
        """Add the pages of a further type at ``path`` below the section's.

        Their endpoints begin with the type's name: ``project_index``, ``project_detail``, ...; the
        type itself says ``path=path_below("<section>.<type>_index")``.
        """
        added = TypePages(
            self,
            content_type,
            path=path,
            prefix=f"{content_type}_",
            extend_list=extend_list,
            extend_detail=extend_detail,
        )
        self._added.append(added)
        return added

    def overview(self, **values: Any) -> str:
        """Return the page of the section's parts that are on: what each holds, and since when."""
        return render_template(
            [f"{self.section}/overview.html", "web/overview.html"],
            parts=parts_of(self.section, {p.content_type: p.path_to for p in self._added}),
            crumbs=self.crumbs(),
            title=self.title,
            **values,
        )

    @property
    def title(self) -> str:
        """The title of the section in the language of the request."""
        plugin = platform.plugins.get(self.section)
        assert plugin is not None and plugin.manifest is not None
        return plugin.manifest.label(language())

    def crumbs(self, *links: tuple[Any, str]) -> list[Link]:
        """Return a breadcrumb that starts at the section."""
        return crumbs((self.title, url_for(f"{self.section}.index")), *links)

    def is_on(self, requirement: str) -> bool:
        """Say whether a requirement of this section is on for the unit."""
        return platform.switchboard.section_on(active_unit(), self.section, requirement)

    def demand(self, *requirements: str) -> None:
        """Answer 404 unless one of the requirements, if any, is on for the unit."""
        if requirements and not any(map(self.is_on, requirements)):
            abort(404)


def pages_of(content_type: str) -> TypePages | None:
    """Return the public pages of a content type; None when it has none of its own."""
    found: dict[str, TypePages] = current_app.extensions.get(PAGES_KEY, {})
    return found.get(content_type)


def requirement_path(section: str, requirement: str) -> str:
    """Return the path of the page on which the unit fulfils a requirement.

    The menu says so; else it is the list of the type that serves the requirement, or its place on
    the page of the section.
    """
    entries = [*platform.hooks.menu_entries(active_unit())]
    while entries:
        entry = entries.pop()
        if entry.requirement == requirement:
            return url_for(entry.endpoint, **entry.arguments)
        entries += entry.children
    for kind in platform.types.of_section(section):
        pages = pages_of(kind.name)
        if pages is not None and kind.is_page and requirement in kind.requirements:
            several = "requirement" in kind.fields
            return pages.path_to("index", **({"nhom": requirement} if several else {}))
    return url_for(f"{section}.index", _anchor=requirement)


def _declare_public(view: Callable[..., ResponseReturnValue]) -> Callable[..., ResponseReturnValue]:
    def called(**arguments: Any) -> ResponseReturnValue:
        return view(**arguments)

    return public(called)
