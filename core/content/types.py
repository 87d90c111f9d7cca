"""Content types: what a section publishes, and the registry of all of them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import cached_property
from typing import Any

from flask import g, url_for

from hoitu.core import clock, text
from hoitu.core.content.fields import Field
from hoitu.core.content.item import Item
from hoitu.core.content.kinds import Choice
from hoitu.core.content.workflow import TWO_STEP, WORKFLOWS, Workflow
from hoitu.core.plugin import Manifest
from hoitu.core.search import SearchDocument

#: Text fields of every item; the search document has places of its own for them.
_OF_ITEM = ("title", "summary", "body")


class ContentTypeError(ValueError):
    """A content type cannot be registered; the message says why."""


@dataclass(frozen=True, slots=True)
class FieldGroup:
    """Fields shown together in the form."""

    label: Any
    fields: tuple[str, ...]
    collapsed: bool = False


@dataclass(frozen=True, slots=True)
class SearchFacet:
    """What search counts and filters by though no field holds it: it follows from the day.

    The section whose type declares one has to feed the items whose value changes with the clock:
    :func:`hoitu.core.jobs.feed_later`.
    """

    label: Any
    #: Parameter in addresses.
    filter: str
    #: Values with their words, as of a :class:`Choice`.
    options: Callable[[], Any]
    #: Value of an item on a day in Vietnam, empty if it has none.
    value: Callable[[Any, date], str]


def item_path(item: Item) -> str:
    """Return the public path of an item: ``/<section>/<id>-<slug>``; only the id counts."""
    return _path(f"{item.section}.index", item)


def path_below(endpoint: str) -> Callable[[Item], str]:
    """Return a function that gives items paths below a list of their own.

    >>> project = ContentType(name="project", path=path_below("plans.project_index"), ...)
    """
    return lambda item: _path(endpoint, item)


def _path(endpoint: str, item: Item) -> str:
    # The prefix once for a whole list: building an address takes as long as reading a row.
    prefixes = g.setdefault("hoitu_prefixes", {})
    if endpoint not in prefixes:
        prefixes[endpoint] = url_for(endpoint)
    return f"{prefixes[endpoint]}/{item.id}-{item.slug}"


@dataclass(frozen=True)
class ContentType:
    """Everything core needs to list, edit, publish, find and export one type of content."""

    name: str
    label: Any
    label_plural: Any
    model: type[Item]
    layout: tuple[FieldGroup, ...]
    #: Catalogue keys its items may serve, with labels; with several, the form has `requirement`.
    requirements: Mapping[str, Any] = field(default_factory=dict)
    #: Field that feeds `sort_at`; without it, the time of publication.
    sort_field: str = ""
    #: Fields that together name an item in search; a document is called by number and abstract.
    name_fields: tuple[str, ...] = ("title",)
    #: Fills derived values (a title from a number) after every save. Pure.
    derive: Callable[[Any], None] | None = None
    #: Columns of the desk's list.
    columns: tuple[str, ...] = ("title",)
    #: Names this type uses for inherited fields.
    labels: Mapping[str, Any] = field(default_factory=dict)
    #: Facets of search beside the filters, by name.
    search_facets: Mapping[str, SearchFacet] = field(default_factory=dict)
    #: Public path of an item.
    path: Callable[[Item], str] = item_path
    workflow: Workflow = TWO_STEP
    #: Column with the folded number (:func:`hoitu.core.text.number_key`) by which others cite it.
    cited_by: str = ""
    #: Whether one item is a page of its own (and so in feeds, sitemaps and search).
    is_page: bool = True
    #: Whether visitors may send one: :func:`hoitu.core.content.actions.receive`.
    receivable: bool = False
    #: Endpoint of the page on which whoever has the receipt code (``ma``) sees how far one is.
    receipt_endpoint: str = ""
    #: Fields with words of the sender, by which they know it again: they go with the sender,
    #: unless they are public.
    sent_words: tuple[str, ...] = ()
    #: What is filled in where one is closed unanswered because its sender is forgotten.
    withdrawn_with: Mapping[str, Any] = field(default_factory=dict)
    #: What an item is to machines, in the words of schema.org: its ``@type`` and what its page
    #: shows besides title, summary, files and days, which core tells of every item. No query;
    #: addresses may be paths of the site.
    describe: Callable[[Any], Mapping[str, Any]] = lambda item: {"@type": "WebPage"}
    #: What an item tells of its unit as a whole (address, telephone), in the same words.
    describe_unit: Callable[[Any], Mapping[str, Any]] | None = None
    #: The languages in which the item itself can be read; translations are items of their own.
    languages: Callable[[Any], Collection[str]] = lambda item: (item.language,)
    section: str = ""

    @cached_property
    def fields(self) -> dict[str, Field]:
        """The declared fields in the order of the form, under this type's labels."""
        declared = self.model.fields()
        names = [name for group in self.layout for name in group.fields]
        fields = {
            name: replace(declared[name], label=self.labels.get(name, declared[name].label))
            for name in names
        }
        if "requirement" in fields:
            options = Choice(lambda: tuple(self.requirements.items()))
            fields["requirement"] = replace(fields["requirement"], kind=options, required=True)
        return fields

    @cached_property
    def shown_fields(self) -> dict[str, Field]:
        """The fields that visitors may see."""
        return {name: f for name, f in self.fields.items() if not f.private}

    @cached_property
    def filters(self) -> dict[str, Field]:
        """The fields offered as filters."""
        return {name: f for name, f in self.shown_fields.items() if f.filter}

    def permission(self, verb: str) -> str:
        """Return the permission for a verb on this type."""
        return f"{self.section}.{verb}"

    def name_of(self, item: Any) -> str:
        """Return what an entry is called at the desk: its title, never words that a visitor wrote.

        ``item`` has an ``id`` and a ``title``. Batches, logs and mails outlive what was thrown
        away, and are read by more people than an entry is.
        """
        nameless = self.receivable or not item.title
        return f"{self.label} {item.id}" if nameless else str(item.title)

    def full_name_of(self, item: Any) -> str:
        """Return what an entry is called among those of other types: with its type."""
        nameless = self.receivable or not item.title
        return self.name_of(item) if nameless else f"{self.label}: {item.title}"

    def complete(self, item: Item, now: datetime) -> None:
        """Fill what follows from the values: title, slug, requirement and sort key."""
        if self.derive:
            self.derive(item)
        item.slug = text.slug(item.title or "")
        if "requirement" not in self.fields:
            item.requirement = next(iter(self.requirements), "")
        day = getattr(item, self.sort_field) if self.sort_field else None
        if day is not None and not isinstance(day, datetime):
            day = datetime(day.year, day.month, day.day, 12, tzinfo=clock.ZONE)
        item.sort_at = day or item.published_from or now

    def search_document(self, item: Item) -> SearchDocument:
        """Return what search keeps of an item."""
        fields = self.shown_fields
        exact = (n for n, f in fields.items() if f.search == "exact")
        words = (n for n, f in fields.items() if f.search == "text" and n not in _OF_ITEM)
        return SearchDocument(
            id=item.id,
            unit_id=item.unit_id,
            type=item.type,
            section=item.section,
            requirement=item.requirement,
            language=item.language,
            title=_wording(item, self.name_fields),
            summary=item.summary or "",
            body=f"{text.plain(item.body or '')} {_wording(item, words)}".strip(),
            number=_wording(item, exact),
            sort_at=item.sort_at,
            facets={
                n: str(getattr(item, n) or "")
                for n, f in self.filters.items()
                if isinstance(f.kind, Choice)
            },
        )

    def facets_on(self, item: Item, day: date) -> dict[str, str]:
        """Return the facets of search that follow from the day."""
        return {name: facet.value(item, day) for name, facet in self.search_facets.items()}


def _wording(item: Item, names: Iterable[str]) -> str:
    """Return the values of attributes as one text; a number or a date as it is written."""
    values = (getattr(item, name) for name in names)
    return " ".join(filter(None, ("" if value is None else str(value) for value in values)))


class ContentTypes:
    """Every registered content type, by name."""

    def __init__(self) -> None:
        self._types: dict[str, ContentType] = {}

    def register(self, plugin: Manifest, types: Iterable[ContentType]) -> None:
        """Add the types of a plugin.

        :raises ContentTypeError: a name is taken, a table lacks the plugin's prefix, a requirement
            is not in its manifest, or a layout names an unknown field.
        """
        for declared in types:
            if declared.name in self._types:
                raise ContentTypeError(f"content type {declared.name} exists already")
            if declared.model.type_name != declared.name:
                raise ContentTypeError(
                    f"{declared.model.__name__}.type_name must be {declared.name}"
                )
            table = str(declared.model.__table__.name)  # type: ignore[attr-defined]
            if table != "item" and not table.startswith(plugin.table_prefix or "-"):
                raise ContentTypeError(f"table {table} lacks the prefix {plugin.table_prefix!r}")
            if strangers := set(declared.requirements) - set(plugin.requirements):
                raise ContentTypeError(f"requirements {sorted(strangers)} are not in the manifest")
            named = {n for group in declared.layout for n in group.fields} | set(declared.columns)
            if strangers := named - set(declared.model.fields()):
                raise ContentTypeError(f"{declared.name} names unknown fields {sorted(strangers)}")
            if declared.workflow.name not in WORKFLOWS:
                raise ContentTypeError(f"unknown workflow {declared.workflow.name}")
            self._types[declared.name] = replace(declared, section=plugin.name)

    def __getitem__(self, name: str) -> ContentType:
        return self._types[name]

    def get(self, name: str) -> ContentType | None:
        """Return a type by name."""
        return self._types.get(name)

    def __iter__(self) -> Iterator[ContentType]:
        return iter(self._types.values())

    def of_section(self, section: str) -> Sequence[ContentType]:
        """Return the types of a section, in the order of registration."""
        return [t for t in self._types.values() if t.section == section]

    def drop(self, section: str) -> None:
        """Forget the types of a plugin that was withdrawn while starting."""
        self._types = {n: t for n, t in self._types.items() if t.section != section}
