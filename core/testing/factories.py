"""Complete items of any content type, without a line of code from its author.

Values follow from the kinds of the fields. Where a rule of the section refuses one, the value of
that field in the section's own ``demo.yaml`` takes its place; an optional one that is still refused
is left out.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import uuid4

from hoitu.core.content import (
    ActionContext,
    ContentType,
    Field,
    Item,
    Line,
    Paragraphs,
    Reference,
    Refused,
    RichText,
    Rows,
    actions,
    files,
)
from hoitu.core.content.files import FileStore
from hoitu.core.content.kinds import Files
from hoitu.core.testing.copies import distinct, unique_texts
from hoitu.core.testing.samples import DemoEntry, NoValue, Values, texts

#: Attempts to please the rules of a section: each puts right what the last one was refused for.
ATTEMPTS = 12
#: Entries of ``demo.yaml`` that are borrowed from, one after the other.
ENTRIES = 4


class NoSample(AssertionError):
    """No complete item of a type can be made; the message says what ``demo.yaml`` must have."""


def text_field(kind: ContentType) -> str:
    """Return the name of a field that takes any text and that visitors see; '' without one."""
    free = (Line, Paragraphs, RichText)
    return next((n for n, f in kind.shown_fields.items() if type(f.kind) in free), "")


@dataclass
class Made:
    """What a factory has made: ids and slugs of rows, and words by which their texts are known."""

    ids: set[int] = field(default_factory=set)
    slugs: set[str] = field(default_factory=set)
    words: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    by_type: dict[str, int] = field(default_factory=dict)
    files: set[int] = field(default_factory=set)


class Factory:
    """Makes items at the unit of an action context.

    ``wanted`` are values by type and field that need no guessing; ``demo`` are the entries of the
    section's ``demo.yaml``, of which the one numbered ``first`` is borrowed from first.
    """

    def __init__(
        self,
        work: ActionContext,
        store: FileStore,
        *,
        values: Values | None = None,
        demo: Iterable[DemoEntry] = (),
        wanted: Mapping[str, Mapping[str, Any]] | None = None,
        first: int = 0,
    ) -> None:
        self.work, self.store = work, store
        self.made = Made()
        self._values = values or Values()
        self._wanted = wanted or {}
        self._demo: dict[str, list[DemoEntry]] = defaultdict(list)
        # What its author would not publish is the last resort.
        for entry in sorted(demo, key=lambda e: e.state != "published"):
            self._demo[entry.type].append(entry)
        self._by_key = {e.key: e for entries in self._demo.values() for e in entries}
        self._from_demo: dict[str, int] = {}
        self._turns: dict[str, int] = defaultdict(lambda: first)

    def publish(
        self, kind: ContentType, requirement: str = "", given: Mapping[str, Any] | None = None
    ) -> Item:
        """Return a new public item, complete in the eyes of its section; ``given`` values stay.

        :raises NoSample: the section refuses every value there is.
        """
        return self._try(kind, requirement, given or {}, public=True)

    def create(self, kind: ContentType, requirement: str = "", *, dates: bool = False) -> Item:
        """Return a new item that is not public but could be; with ``dates``, all dates are set."""
        return self._try(kind, requirement, {}, public=False, dates=dates)

    def _try(
        self,
        kind: ContentType,
        requirement: str,
        given: Mapping[str, Any],
        *,
        public: bool,
        dates: bool = False,
    ) -> Item:
        given = {**self._wanted.get(kind.name, {}), **given}
        if requirement and "requirement" in kind.fields:
            given = {**given, "requirement": requirement}
        refusal: Refused | None = None
        for entry in self._entries(kind, requirement):
            draft = _Draft(self, kind, entry, given, dates)
            for _attempt in range(ATTEMPTS):
                try:
                    item = self._saved(kind, draft.values, entry, public)
                except Refused as error:
                    refusal = error
                    if not draft.correct({p.field for p in error.problems}):
                        break
                else:
                    return self._note(item, draft)
        raise NoSample(_advice(kind, requirement, refusal))

    def _entries(self, kind: ContentType, requirement: str) -> list[DemoEntry | None]:
        """Return the demo entries to borrow from, others each time, those that fit first."""
        demo, turn = self._demo[kind.name], self._turns[kind.name]
        self._turns[kind.name] += 1
        start = turn % len(demo) if demo else 0
        turned = [*demo[start:], *demo[:start]]
        turned.sort(key=lambda e: requirement not in ("", e.fields.get("requirement")))
        return [*turned[:ENTRIES]] or [None]

    def _saved(
        self, kind: ContentType, values: Mapping[str, Any], entry: DemoEntry | None, public: bool
    ) -> Item:
        with self.work.session.begin_nested():
            item = self._make(kind, values, entry)
            if public:
                return actions.publish(self.work, item)
            if problems := actions.gaps(self.work, item):
                raise Refused(problems)
        return item

    def _make(self, kind: ContentType, values: Mapping[str, Any], entry: DemoEntry | None) -> Item:
        if not kind.receivable:
            return actions.create(self.work, kind.name, values)
        stamped = _of_own(kind, entry.stamped) if entry else {}
        item, _is_new = actions.receive(
            self.work, kind.name, values, key=uuid4().hex, stamped=stamped
        )
        return item

    def _note(self, item: Item, draft: _Draft) -> Item:
        made = self.made
        made.ids.add(item.id)
        made.slugs.add(item.slug)
        made.by_type[item.type] = item.id
        made.words[item.type] |= {self._values.mark, item.uid, *draft.borrowed_texts()}
        return item

    # -- values ---------------------------------------------------------------------------------

    def value(self, declared: Field, *, dates: bool = False) -> Any:
        """Return a value for a field, from its kind; None where ``demo.yaml`` must help."""
        kind = declared.kind
        try:
            if isinstance(kind, Reference):
                return self._item_of(kind, declared.required)
            if isinstance(kind, Files):
                return [self.file()]
            if isinstance(kind, Rows):
                return [{c.name: self.value(c) for c in kind.columns}]
            return self._values.of(declared, dates=dates)
        except NoValue:
            return None

    def file(self, path: Path | None = None) -> int:
        """Store a file, or a small text, and return the id of its row."""
        mark = self._values.mark
        content = path.read_bytes() if path else mark.encode()
        name = path.name if path else f"{mark}.txt"
        row = files.upload(self.work, self.store, name, BytesIO(content))
        self.made.ids.add(row.id)
        self.made.files.add(row.id)
        return row.id

    def from_demo(self, key: str) -> int:
        """Return the id of the item made from an entry of ``demo.yaml``."""
        if key not in self._from_demo:
            entry = self._by_key[key]
            kind = self.work.types[entry.type]
            values = {
                n: self.with_ids(kind.fields[n], v)
                for n, v in entry.fields.items()
                if n in kind.fields
            }
            try:
                item = self._saved(kind, values, entry, entry.state == "published")
            except Refused as error:
                raise NoSample(_advice(kind, "", error)) from error
            self._from_demo[key] = item.id
            self.made.ids.add(item.id)
            self.made.slugs.add(item.slug)
        return self._from_demo[key]

    def with_ids(self, declared: Field, value: Any) -> Any:
        """Return a value of ``demo.yaml`` with ids instead of keys."""
        kind = declared.kind
        if isinstance(kind, Reference) and value:
            return self.from_demo(str(value)) if value in self._by_key else None
        if isinstance(kind, Rows):
            return [
                {c.name: self.with_ids(c, row.get(c.name)) for c in kind.columns}
                for row in value or ()
            ]
        return value

    def _item_of(self, kind: Reference, required: bool) -> int | None:
        known = self.made.by_type.get(kind.type)
        if known or not required:
            return known
        named = self.work.types.get(kind.type)
        # A reference to anything is to one of its own section's, which is there.
        return self.publish(named).id if named else next(iter(self.made.by_type.values()), None)


class _Draft:
    """The values of one item, corrected until its section accepts them."""

    def __init__(
        self,
        factory: Factory,
        kind: ContentType,
        entry: DemoEntry | None,
        given: Mapping[str, Any],
        dates: bool,
    ) -> None:
        self._factory, self._kind = factory, kind
        written = entry.fields if entry else {}
        self._borrowable = {n: v for n, v in written.items() if n in kind.fields}
        self._is_borrowed: set[str] = set()
        self._is_whole = False
        self._fixed = set(given)
        self.values: dict[str, Any] = {
            name: factory.value(declared, dates=dates) for name, declared in kind.fields.items()
        }
        if "requirement" in kind.fields:
            on = factory.work.switchboard.requirements_on(factory.work.unit, kind.section)
            first = next((r for r in kind.requirements if r in on), "")
            self.values["requirement"] = first or self.values["requirement"]
        for name, declared in kind.fields.items():
            # What a page makes of a file, it makes of the section's own.
            if isinstance(declared.kind, Files) and entry and entry.files:
                own = [factory.file(path) for path in entry.files if path.is_file()]
                self.values[name] = [*own, *self.values[name]]
        self.values |= given
        for name in [n for n, v in self.values.items() if v is None and n in self._borrowable]:
            if kind.fields[name].required:
                self._borrow(name)

    def correct(self, refused: set[str]) -> bool:
        """Change what was refused; False when there is nothing left to change."""
        named = {n for n in refused if n in self._kind.fields} - self._fixed
        if not named:
            return self._borrow_all()
        corrected = [self._correct_one(name) for name in sorted(named)]
        return any(corrected)

    def borrowed_texts(self) -> set[str]:
        """Return the texts that were taken from ``demo.yaml``."""
        fields = self._kind.fields
        return {t for n in self._is_borrowed for t in texts(fields[n], self.values.get(n))}

    def _correct_one(self, name: str) -> bool:
        if name not in self._is_borrowed and self._borrowable.get(name) is not None:
            return self._borrow(name)
        if not self._kind.fields[name].required and name in self.values:
            del self.values[name]
            return True
        return self._borrow_all()

    def _borrow(self, name: str) -> bool:
        self.values[name] = self._factory.with_ids(self._kind.fields[name], self._borrowable[name])
        self._is_borrowed.add(name)
        return True

    def _borrow_all(self) -> bool:
        if self._is_whole or not self._borrowable:
            return False
        self._is_whole = True
        for name in set(self._borrowable) - self._fixed:
            self._borrow(name)
        # What the author left empty belongs to it.
        for name in set(self.values) - set(self._borrowable) - self._fixed:
            if not self._kind.fields[name].required:
                del self.values[name]
        return True


def _advice(kind: ContentType, requirement: str, error: Refused | None) -> str:
    problems = error.problems if error else ()
    reasons = "; ".join(f"{p.field or 'as a whole'}: {p.message}" for p in problems)
    served = f" (requirement {requirement})" if requirement else ""
    return (
        f"{kind.name}{served} cannot be published with sample values ({reasons}). "
        f"Add such an entry of type {kind.name} to demo.yaml, one that can"
    )


def _of_own(kind: ContentType, stamped: Mapping[str, Any]) -> dict[str, Any]:
    """Return stamped columns, those that must differ from every other's made anew."""
    unique = unique_texts(kind.model)
    return {n: distinct(unique[n], v) if n in unique else v for n, v in stamped.items()}
