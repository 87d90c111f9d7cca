"""A small table inside a form, such as the relations of a document."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, ClassVar

from flask_babel import gettext as _
from wtforms.form import BaseForm
from wtforms.utils import unset_value

from hoitu.core.content import Field, Invalid, Rows
from hoitu.core.forms.base import TranslatedMeta
from hoitu.core.forms.entries import Entry, unbound

#: Blank rows offered below the filled ones, and by each "more rows".
BLANK = 3
#: Longest table that grows in a form; a stored one may be longer.
LIMIT = 300
#: Parts of a form beside the cells of its tables: choices, ticks, files, what the page itself adds.
_OTHER_PARTS = 2000


def most_parts(forms: Iterable[Iterable[Field]]) -> int:
    """Return how many parts the largest of some forms sends, every table of it full."""
    cells = (
        sum(len(one.kind.columns) for one in declared if isinstance(one.kind, Rows))
        for declared in forms
    )
    return _OTHER_PARTS + LIMIT * max(cells, default=0)


class RowsEntry(Entry):
    """A :class:`~hoitu.core.content.Rows` field: one row of entries each, some of them blank.

    The number of rows travels with the form, so that a request cannot ask for a million.
    """

    drawn = "rows"
    attributes: ClassVar[dict[str, str]] = {}

    def process(self, formdata: Any, data: Any = unset_value, extra_filters: Any = None) -> None:
        """Read the rows the form has, or show the stored ones and some blank."""
        self.process_errors = []
        stored = list(() if data is unset_value else data or ())
        sent = formdata.get(f"{self.name}-rows", "") if formdata is not None else ""
        self.rows: list[BaseForm] = []
        self.limit = max(LIMIT, len(stored))
        if sent:
            for _position in range(self._count(sent)):
                self._append(formdata, {})
            if self.more in formdata:
                self.add_blank()
            return
        for row in stored:
            self._append(None, row)
        self.add_blank()

    def add_blank(self) -> None:
        """Offer more rows."""
        for _position in range(min(BLANK, self.limit - len(self.rows))):
            self._append(None, {})

    def validate(self, form: Any, extra_validators: Any = ()) -> bool:
        """Ask the kind of every cell, then the kind of the table."""
        self.errors = list(self.process_errors)
        refused = [row for row in self.rows if not row.validate()]
        if not refused:
            try:
                self.declared.kind.clean(self.data)
            except Invalid as error:
                self.refuse(error.message)
        return not refused and not self.errors

    @property
    def data(self) -> list[dict[str, Any]]:
        """The rows as typed, blank ones included."""
        return [{name: cell.data for name, cell in row._fields.items()} for row in self.rows]

    @data.setter
    def data(self, value: Any) -> None:
        """Ignore the base class, which sets what only the rows know."""

    @property
    def columns(self) -> Sequence[Field]:
        """The declared columns."""
        kind = self.declared.kind
        assert isinstance(kind, Rows)
        return kind.columns

    @property
    def more(self) -> str:
        """Name of the button that asks for more rows."""
        return f"{self.name}-more"

    def parts(self) -> Sequence[Entry]:
        """Return the table and its cells."""
        return [self, *self._cells()]

    def _cells(self) -> Iterator[Any]:
        for row in self.rows:
            yield from row

    def _append(self, formdata: Any, row: dict[str, Any]) -> None:
        position = len(self.rows)
        cells = {column.name: unbound(column) for column in self.columns}
        added = BaseForm(cells, prefix=f"{self.name}-{position}-", meta=TranslatedMeta())
        added.process(formdata, data=row)
        for cell in added:
            assert isinstance(cell, Entry)
            cell.place = _("%(table)s, row %(n)d", table=self.label.text, n=position + 1)
        self.rows.append(added)

    def _count(self, sent: str) -> int:
        count = int(sent) if sent.isascii() and sent.isdigit() and len(sent) < 6 else self.limit + 1
        if count > self.limit:
            self.process_errors = [_("At most %(n)d rows.", n=self.limit)]
        return min(count, self.limit)
