"""From a content type to its form: a closed list of entries, in the groups of its layout."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, cast

from flask_babel import gettext as _
from wtforms.form import BaseForm

from hoitu.core.content import ContentType, Field, Kind, Problem, Rows
from hoitu.core.forms.base import TranslatedMeta
from hoitu.core.forms.entries import ENTRIES, Entry, unbound
from hoitu.core.forms.rows import RowsEntry

KNOWN: Mapping[type[Kind], type[Entry]] = {**ENTRIES, Rows: RowsEntry}


@dataclass(frozen=True, slots=True)
class Complaint:
    """One line of the error summary: the entry to go to, its label, and what is wrong."""

    entry_id: str
    label: str
    message: str


@dataclass(frozen=True, slots=True)
class EntryGroup:
    """Entries shown together; a folded group opens when something in it is wrong."""

    label: Any
    entries: Sequence[Entry]
    folded: bool
    open: bool


class EntryForm(BaseForm):
    """A form of declared fields.

    It reads the names of its fields and nothing else. The entries are items, never attributes: a
    field may be called `data` or `errors`.
    """

    fields: ClassVar[Mapping[str, Any]] = {}

    def __init__(self, formdata: Any = None, values: Mapping[str, Any] | None = None) -> None:
        super().__init__(dict(self.fields), meta=TranslatedMeta())
        self.process(formdata, data=dict(values or {}))

    def entries(self) -> Iterator[Entry]:
        """Yield the entries in the order of the form."""
        for entry in self:
            yield cast("Entry", entry)

    def entry(self, name: str) -> Entry:
        """Return the entry of a field."""
        return cast("Entry", self[name])

    def values(self) -> dict[str, Any]:
        """Return what was entered, by field name; the action that stores it cleans it."""
        return {name: entry.data for name, entry in self._fields.items()}

    def demand(self, names: Iterable[str]) -> bool:
        """Refuse entries that are empty and must not be; say whether all have something."""
        entries = [self.entry(name) for name in names]
        # What cannot be stored or seen (a NUL, a mark without width) is nothing.
        missing = [e for e in entries if not any(map(str.isalnum, str(e.data or "")))]
        for entry in missing:
            entry.refuse(_("%(field)s is missing.", field=entry.label.text))
        return not missing

    def refuse(self, problems: Iterable[Problem]) -> None:
        """Put problems to the entries they belong to, the others to the form as a whole."""
        for problem in problems:
            if problem.field in self:
                self.entry(problem.field).refuse(problem.message)
            else:
                self.form_errors.append(str(problem.message))

    def complaints(self) -> list[Complaint]:
        """Return everything that is wrong, in the order of the page."""
        found = [Complaint("", "", message) for message in self.form_errors]
        for entry in self.entries():
            for part in entry.parts():
                label = ": ".join(filter(None, (part.place, str(part.label.text))))
                found += [Complaint(part.id, label, message) for message in part.errors]
        return found


class ContentForm(EntryForm):
    """The form of one content type; :func:`form_class` makes them."""

    content_type: ClassVar[ContentType]

    def groups(self) -> list[EntryGroup]:
        """Return the entries in the groups of the layout."""
        found = []
        for group in self.content_type.layout:
            entries = [self.entry(name) for name in group.fields]
            wrong = any(part.errors for entry in entries for part in entry.parts())
            found.append(EntryGroup(group.label, entries, group.collapsed, wrong))
        return found


_made: dict[int, type[ContentForm]] = {}


def form_class(kind: ContentType) -> type[ContentForm]:
    """Return the form class of a content type, made once."""
    # By identity, since a type holds a mapping and so has no hash; the class keeps the type alive,
    # so that its number is never given to another.
    made = _made.get(id(kind))
    if made is None:
        body = {"content_type": kind, "fields": _unbound_fields(kind.fields)}
        made = _made[id(kind)] = type(f"{kind.name}_form", (ContentForm,), body)
    return made


def form_of(fields: Iterable[Field]) -> type[EntryForm]:
    """Return a form class of a few declared fields that are not those of a content type."""
    named = {declared.name: declared for declared in fields}
    return type("fields_form", (EntryForm,), {"fields": _unbound_fields(named)})


def _unbound_fields(declared: Mapping[str, Field]) -> Mapping[str, Any]:
    return {name: unbound(field, KNOWN) for name, field in declared.items()}
