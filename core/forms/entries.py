"""Entries: what an editor types for one declared field.

An entry reads what was typed and shows it again exactly so; whether it can be stored is decided by
the field's kind alone, here and again in the action that saves it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from typing import Any, ClassVar

from flask_babel import lazy_gettext as _
from sqlalchemy import select
from wtforms import Field as FormField
from wtforms.utils import unset_value
from wtforms.validators import ValidationError
from wtforms.widgets import CheckboxInput, TextArea, TextInput

from hoitu.core import clock, text
from hoitu.core.content import (
    Amount,
    Choice,
    Day,
    Email,
    Field,
    File,
    Flag,
    Invalid,
    Item,
    Kind,
    Moment,
    Number,
    Paragraphs,
    Point,
    Reference,
    RichText,
    Url,
)
from hoitu.core.content.item import PUBLISHED, TRASHED
from hoitu.core.content.kinds import Files
from hoitu.core.extensions import session
from hoitu.core.forms.writing_days import DAY_HINT, MOMENT_HINT

#: A choice of items stops here; a longer list needs a search, not a select element.
REFERENCE_LIMIT = 500


class Entry(FormField):
    """One line; the entry of every kind that has none of its own."""

    #: Name of the template below ``desk/entries/`` that draws it.
    drawn: ClassVar[str] = "line"
    widget: Any = TextInput()
    #: Attributes that make typing easier; never `type` or `maxlength`: a browser would cut or
    #: refuse, in a language of its own, what the kind refuses with a reason.
    attributes: ClassVar[dict[str, str]] = {"autocomplete": "off"}
    #: How to write the value, told beside the field's own help.
    hint: ClassVar[Any] = ""

    def __init__(self, declared: Field, **binding: Any) -> None:
        super().__init__(declared.label, description=declared.help, **binding)
        self.declared = declared
        #: Says which row of a table the entry stands in; empty elsewhere.
        self.place = ""

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Keep what was typed; an entry the form did not send keeps the stored value."""
        if valuelist:
            self.data = self.read(valuelist[0])

    def pre_validate(self, form: Any) -> None:
        """Ask the kind."""
        try:
            self.declared.kind.clean(self.data)
        except Invalid as error:
            raise ValidationError(str(error.message)) from error

    def read(self, typed: str) -> Any:
        """Return the value for what was typed, or the typed text itself."""
        return typed

    def show(self, value: Any) -> str:
        """Return a stored value as it is typed."""
        return str(value)

    def refuse(self, message: Any) -> None:
        """Add a problem to those already found."""
        self.errors = [*self.errors, str(message)]

    def parts(self) -> Sequence[Entry]:
        """Return the entry and those inside it, in the order of the page."""
        return [self]

    def _value(self) -> str:
        return "" if self.data is None else self.show(self.data)


class ParagraphsEntry(Entry):
    """Several lines of text."""

    drawn = "text"
    widget = TextArea()
    attributes: ClassVar[dict[str, str]] = {"rows": "5"}


class RichTextEntry(ParagraphsEntry):
    """Formatted text, as HTML; an editor of a plugin may stand in its place."""

    attributes: ClassVar[dict[str, str]] = {
        "rows": "16",
        "data-rich-text": "true",
        "spellcheck": "true",
    }
    hint = _(
        "Fonts, colours and other styles are removed when you save. Where no toolbar appears, an "
        "empty line begins a new paragraph; HTML may be written, too."
    )


class DayEntry(Entry):
    """A date. Not the browser's date field: that shows dates in the order of the computer."""

    attributes: ClassVar[dict[str, str]] = {"autocomplete": "off", "inputmode": "numeric"}
    hint = DAY_HINT
    _DIGITS: ClassVar[re.Pattern[str]] = re.compile(r"(\d\d)(\d\d)(\d{4})", re.ASCII)

    def read(self, typed: str) -> str:
        """Return the text, with the strokes that a phone's number pad does not have."""
        match = self._DIGITS.fullmatch(typed.strip())
        return "/".join(match.groups()) if match else typed

    def show(self, value: Any) -> str:
        """Return dd/mm/yyyy."""
        return clock.format_date(value) if isinstance(value, date) else str(value)


class MomentEntry(Entry):
    """A date and time of day, in Vietnamese time."""

    hint = MOMENT_HINT
    _FORM: ClassVar[re.Pattern[str]] = re.compile(
        r"(\S+)\s+(\d{1,2})[:hg](\d{2})(?::(\d{2}))?", re.ASCII
    )

    def read(self, typed: str) -> Any:
        """Return the instant, or the text when it is none."""
        match = self._FORM.fullmatch(typed.strip())
        if match is None:
            return typed
        day, *parts = match.groups()
        hour, minute, second = (int(part or 0) for part in parts)
        try:
            found = time(hour, minute, second, tzinfo=clock.ZONE)
            return datetime.combine(clock.parse_date(day), found)
        except ValueError:
            return typed

    def show(self, value: Any) -> str:
        """Return dd/mm/yyyy hh:mm."""
        if not isinstance(value, datetime):
            return str(value)
        here = clock.local(value)
        return f"{clock.format_date(here.date())} {here:%H:%M:%S}".removesuffix(":00")


class NumberEntry(Entry):
    """A whole number."""

    attributes: ClassVar[dict[str, str]] = {"autocomplete": "off", "inputmode": "numeric"}


class AmountEntry(NumberEntry):
    """A sum of money."""

    hint = _("In VND, for example 1.250.000.000.")

    def show(self, value: Any) -> str:
        """Return the sum with points between the thousands."""
        return f"{value:,}".replace(",", ".") if isinstance(value, int) else str(value)


class PointEntry(Entry):
    """A place on the map."""

    hint = _("Latitude, longitude, for example 16.4637, 107.5909.")


class UrlEntry(Entry):
    """A web address."""

    attributes: ClassVar[dict[str, str]] = {"autocomplete": "off", "inputmode": "url"}


class EmailEntry(Entry):
    """An e-mail address."""

    attributes: ClassVar[dict[str, str]] = {"autocomplete": "off", "inputmode": "email"}


class FlagEntry(Entry):
    """A box to tick. Browsers send nothing for an empty one, so a marker says it was shown."""

    drawn = "flag"
    widget = CheckboxInput()
    attributes: ClassVar[dict[str, str]] = {}

    def process(self, formdata: Any, data: Any = unset_value, extra_filters: Any = None) -> None:
        """Read the box only where the form had one."""
        shown = formdata is not None and f"{self.name}-shown" in formdata
        super().process(formdata if shown else None, data, extra_filters)
        if shown:
            self.data = self.name in formdata

    def _value(self) -> str:
        return "1"


class ChoiceEntry(Entry):
    """One of a vocabulary."""

    drawn = "choice"
    attributes: ClassVar[dict[str, str]] = {}
    #: Values of the vocabulary that may not be chosen here and now.
    withheld: frozenset[str] = frozenset()

    def pre_validate(self, form: Any) -> None:
        """Ask the kind, and refuse what is withheld."""
        super().pre_validate(form)
        if self._value() in self.withheld:
            raise ValidationError(str(_("Choose one of the options of the list.")))

    @property
    def options(self) -> list[tuple[str, Any]]:
        """(value, label) pairs to choose from; a stored value that is no longer offered stays."""
        found = [(str(v), label) for v, label in self.offered() if str(v) not in self.withheld]
        chosen = self._value()
        if chosen and chosen not in dict(found):
            found.insert(0, (chosen, chosen))
        return found

    @property
    def chosen(self) -> str:
        """The value of the chosen option."""
        return self._value()

    def offered(self) -> Sequence[tuple[Any, Any]]:
        """Return the options of the vocabulary."""
        kind = self.declared.kind
        assert isinstance(kind, Choice)
        return kind.options()


class ReferenceEntry(ChoiceEntry):
    """Another item of this unit, chosen by its title."""

    def offered(self) -> Sequence[tuple[Any, Any]]:
        """Return the newest items of the type, in Vietnamese order of their titles."""
        kind = self.declared.kind
        assert isinstance(kind, Reference)
        return referable(kind, self.object_data)


def referable(kind: Reference, stored: Any = None) -> list[tuple[int, str]]:
    """Return (id, title) of the items a reference may name, ``stored`` in any case among them."""
    fits = Item.type == kind.type if kind.type else Item.state == PUBLISHED
    newest = (
        select(Item.id, Item.title)
        .where(fits, Item.state != TRASHED)
        .order_by(Item.updated_at.desc(), Item.id.desc())
        .limit(REFERENCE_LIMIT)
    )
    found = {row.id: row.title for row in session().execute(newest)}
    if isinstance(stored, int) and stored not in found:
        found[stored] = session().scalar(select(Item.title).where(Item.id == stored)) or ""
    return sorted(found.items(), key=lambda option: text.sort_key(option[1]))


class FilesEntry(Entry):
    """Attachments in their order, each with a box to remove it, and ways to add new ones."""

    drawn = "files"
    attributes: ClassVar[dict[str, str]] = {}

    def process(self, formdata: Any, data: Any = unset_value, extra_filters: Any = None) -> None:
        """Take away the ticked files, add those uploaded with a form that was not saved."""
        self.process_errors = []
        self.stored: list[int] = list(() if data is unset_value else data or ())
        self.present = list(self.stored)
        self.removed: frozenset[int] = frozenset()
        if formdata is not None:
            self.removed = frozenset(_ids(formdata.getlist(f"{self.name}-remove")))
            self.add(_ids(formdata.getlist(f"{self.name}-keep")))
            self._put_in_order(formdata)
        self.data = [i for i in self.present if i not in self.removed]

    def _put_in_order(self, formdata: Any) -> None:
        """Put the files in the order of the form, after the move its button asks for."""
        places = {i: n for n, i in enumerate(_ids(formdata.getlist(f"{self.name}-order")))}
        self.present.sort(key=lambda i: places.get(i, len(places)))
        for button, step in (("up", -1), ("down", 1)):
            for moved in _ids(formdata.getlist(f"{self.name}-{button}")):
                if moved in self.present:
                    place = self.present.index(moved)
                    self.present.insert(max(0, place + step), self.present.pop(place))

    def add(self, file_ids: Sequence[int]) -> None:
        """Attach uploaded files, after those there are."""
        self.present = list(dict.fromkeys([*self.present, *file_ids]))
        self.data = [i for i in self.present if i not in self.removed]

    @property
    def files(self) -> list[File]:
        """The rows of the files there are, in order."""
        if not self.present:
            return []
        rows = session().scalars(select(File).where(File.id.in_(self.present)))
        found = {row.id: row for row in rows}
        return [found[i] for i in self.present if i in found]


def _ids(values: Sequence[str]) -> list[int]:
    return [int(v) for v in values if v.isascii() and v.isdigit() and len(v) < 19]


#: The entry of each kind; a kind a plugin derived has that of the nearest one named here.
ENTRIES: Mapping[type[Kind], type[Entry]] = {
    Kind: Entry,
    Paragraphs: ParagraphsEntry,
    RichText: RichTextEntry,
    Day: DayEntry,
    Moment: MomentEntry,
    Number: NumberEntry,
    Amount: AmountEntry,
    Point: PointEntry,
    Flag: FlagEntry,
    Choice: ChoiceEntry,
    Url: UrlEntry,
    Email: EmailEntry,
    Reference: ReferenceEntry,
    Files: FilesEntry,
}


def unbound(declared: Field, known: Mapping[type[Kind], type[Entry]] = ENTRIES) -> Any:
    """Return the entry of a declared field, to be bound to a form."""
    ancestors = type(declared.kind).__mro__
    return next(known[ancestor] for ancestor in ancestors if ancestor in known)(declared)
