"""The page of one item on the desk: its form, or its values where it rests, and its next steps."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from flask import render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from werkzeug.routing import BuildError

from hoitu.core.access.audit import AuditEntry
from hoitu.core.admin import work
from hoitu.core.content import ContentType, Item, Transition, actions
from hoitu.core.content.item import DRAFT, PUBLISHED
from hoitu.core.content.workflow import RESTING, RETURNED
from hoitu.core.extensions import session
from hoitu.core.forms import ChoiceEntry, ContentForm, form_class, shown
from hoitu.core.web import address_of, pages_of

#: Names of the parts of the form that are not fields; no field name holds a hyphen.
VERSION, THEN = "expected-version", "then-step"


@dataclass(frozen=True, slots=True)
class Difference:
    """A field two people entered differently."""

    label: str
    saved: str
    entered: str


@dataclass(frozen=True, slots=True)
class ReturnNote:
    """Why an approver gave an item back."""

    actor: str
    at: datetime
    note: str


@dataclass(slots=True)
class ItemPage:
    """What the page shows; ``item`` is None until the first save."""

    kind: ContentType
    item: Item | None
    form: ContentForm
    #: What the form's author saw; another version is somebody else's.
    seen_version: int | None = None
    #: Somebody else's values beside those entered, after a conflict.
    differences: list[Difference] = field(default_factory=list)
    #: Somebody else was faster.
    conflict: bool = False
    #: The form holds what somebody typed and could not be saved.
    unsaved: bool = False
    #: The text is saved, only the step after it was not taken.
    saved: bool = False
    #: Notes typed for steps that were not taken, by step.
    notes: dict[str, str] = field(default_factory=dict)

    @property
    def path(self) -> str:
        """The address the form is sent to."""
        if self.item is None:
            return url_for("desk.new", type_name=self.kind.name)
        return url_for("desk.edit", type_name=self.kind.name, item_id=self.item.id)

    def answer(self, code: int = 200) -> ResponseReturnValue:
        """Return the page."""
        item, steps = self.item, self.steps()
        read_only = item is not None and (
            not work.may(self.kind, "edit") or (item.state in RESTING and not self.unsaved)
        )
        body = render_template(
            "desk/read.html" if read_only else "desk/edit.html",
            page=self,
            kind=self.kind,
            item=item,
            form=self.form,
            complaints=self.form.complaints(),
            finishing=[] if read_only else [step for step in steps if step.completes],
            steps=[step for step in steps if read_only or not step.completes],
            return_note=return_note(item) if item is not None else None,
            duties=work.duties(self.kind),
            previewable=pages_of(self.kind.name) is not None,
            public_address=_public_address(item),
            lines=[(e.label.text, shown(e.declared, e.data)) for e in self.form.entries()],
            VERSION=VERSION,
            THEN=THEN,
        )
        return body, code

    def steps(self) -> list[Transition]:
        """Return the steps the account may take now."""
        if self.item is not None:
            return actions.steps(work.context(), self.item)
        found = self.kind.workflow.available(DRAFT)
        return [step for step in found if step.completes and work.may(self.kind, step.verb)]


def open_page(kind: ContentType, item: Item, sent: Any = None) -> ItemPage:
    """Return the page of an item with the values that are worked on, and with those sent."""
    return ItemPage(kind, item, form_for(kind, values_at_work(kind, item), sent), item.version)


def form_for(kind: ContentType, values: dict[str, Any], sent: Any = None) -> ContentForm:
    """Return the form of a type; it offers no requirement that is off for the unit."""
    form = form_class(kind)(sent, values)
    if "requirement" in form:
        entry = form.entry("requirement")
        assert isinstance(entry, ChoiceEntry)
        entry.withheld = work.hidden_requirements(kind)
    return form


def values_at_work(kind: ContentType, item: Item) -> dict[str, Any]:
    """Return the values an editor works on: the waiting version's, or the item's own."""
    stored = actions.waiting_values(work.context(), item)
    return {name: f.kind.load(stored[name]) for name, f in kind.fields.items() if name in stored}


def _public_address(item: Item | None) -> str:
    """Return where an item is read on the site; '' when it is not public or has no place there."""
    if item is None or item.state != PUBLISHED:
        return ""
    try:
        return address_of(item)
    except BuildError:
        return ""


def return_note(item: Item) -> ReturnNote | None:
    """Return why an item was given back, while it waits for its author."""
    if actions.work_state(item) != RETURNED:
        return None
    entry = session().scalar(
        select(AuditEntry)
        .where(
            AuditEntry.unit_id == item.unit_id,
            AuditEntry.action == "item.return",
            AuditEntry.object_type == item.type,
            AuditEntry.object_id == str(item.id),
        )
        .order_by(AuditEntry.id.desc())
        .limit(1)
    )
    return ReturnNote(entry.actor, entry.at, entry.detail.get("note", "")) if entry else None
