"""The page of one item on the desk: its form, or its values where it rests, and its next steps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from flask import render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select
from werkzeug.routing import BuildError

from hoitu.core import clock
from hoitu.core.access import Account
from hoitu.core.access.audit import AuditEntry
from hoitu.core.admin import work
from hoitu.core.admin.checks import reasons, text_findings
from hoitu.core.admin.colleagues import called
from hoitu.core.admin.comparison import Comparison
from hoitu.core.content import ContentType, Item, ItemVersion, Transition, actions, open_forms
from hoitu.core.content.item import DRAFT, PUBLISHED
from hoitu.core.content.workflow import RESTING, RETURNED
from hoitu.core.extensions import session
from hoitu.core.forms import ChoiceEntry, ContentForm, form_class, shown
from hoitu.core.web import address_of, now, pages_of
from hoitu.core.web.access import current_actor
from hoitu.core.web.site import today

#: Names of the parts of the form that are not fields; no field name holds a hyphen.
VERSION, THEN, CHECK, NOTE = "expected-version", "then-step", "check-gaps", "revision-note"
KEY, ITEM = "form-key", "form-item"
#: Before the name of a field in which two people differ: whose text is to be saved.
CHOOSE, MINE, THEIRS = "choose-", "mine", "theirs"
#: Seconds after which a page keeps what was typed, and after which it says that it is open.
AUTOSAVE_SECONDS, PRESENCE_SECONDS = 15, 30


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
    #: Under which what is typed is kept until it is saved.
    key: str = field(default_factory=open_forms.new_key)
    #: When the text in the form was typed, if it is one that was kept unsaved.
    typed_at: datetime | None = None
    #: Fields that hold one text saved by somebody else and another one entered, after a conflict.
    differences: list[Comparison] = field(default_factory=list)
    #: Somebody else was faster.
    conflict: bool = False
    #: The form holds what somebody typed and could not be saved.
    unsaved: bool = False
    #: The text is saved, only the step after it was not taken.
    saved: bool = False
    #: What is missing was asked for; the complaints of the form are the answer.
    checked: bool = False
    #: Notes typed for steps that were not taken, by step.
    notes: dict[str, str] = field(default_factory=dict)
    #: The note to the version, as typed, and what is wrong with it.
    note: str = ""
    note_error: str = ""

    @property
    def path(self) -> str:
        """The address the form is sent to."""
        if self.item is None:
            return url_for("desk.new", type_name=self.kind.name)
        return url_for("desk.edit", type_name=self.kind.name, item_id=self.item.id)

    @property
    def read_only(self) -> bool:
        """Whether there is no form: without the right to edit, and where an item rests."""
        item = self.item
        return item is not None and (
            not work.may(self.kind, "edit") or (item.state in RESTING and not self.unsaved)
        )

    def answer(self, code: int = 200) -> ResponseReturnValue:
        """Return the page."""
        item, steps, read_only = self.item, self.steps(), self.read_only
        duties = work.duties(self.kind)
        body = render_template(
            "desk/read.html" if read_only else "desk/edit.html",
            page=self,
            kind=self.kind,
            item=item,
            form=self.form,
            read_only=read_only,
            complaints=self.form.complaints(),
            finishing=[] if read_only else self.finishing(steps),
            steps=[step for step in steps if read_only or not _ends_writing(step)],
            return_note=return_note(item) if item is not None else None,
            people=_people(item) if item is not None else [],
            others=others_told(item) if item is not None else [],
            duties=duties,
            reasons=reasons(self.kind, duties),
            findings=[] if read_only else text_findings(self.form),
            previewable=pages_of(self.kind.name) is not None,
            public_address=_public_address(item),
            lines=[(e.label.text, shown(e.declared, e.data)) for e in self.form.entries()],
            blank_key=open_forms.new_key(),
            **_NAMES,
        )
        return body, code

    def steps(self) -> list[Transition]:
        """Return the steps the account may take now."""
        if self.item is not None:
            return actions.steps(work.context(), self.item)
        return self._steps_of_draft()

    def finishing(self, steps: Sequence[Transition]) -> list[Transition]:
        """Return the steps taken along with saving; behind a public text, those of a new version.

        ``steps`` are those that can be taken now.
        """
        item = self.item
        if item is not None and item.state == PUBLISHED and not item.draft_state:
            return self._steps_of_draft()
        return [step for step in steps if _ends_writing(step)]

    def _steps_of_draft(self) -> list[Transition]:
        """Return the steps that a draft will be able to take once it is saved."""
        context = work.context()
        blank = self.kind.model(
            type=self.kind.name, unit_id=context.unit.id, state=DRAFT, draft_state=""
        )
        return [step for step in actions.steps(context, blank) if _ends_writing(step)]


#: What the templates call the parts of the form that are not fields.
_NAMES: dict[str, Any] = {
    "VERSION": VERSION,
    "THEN": THEN,
    "KEY": KEY,
    "ITEM": ITEM,
    "NOTE": NOTE,
    "CHECK": CHECK,
    "CHOOSE": CHOOSE,
    "MINE": MINE,
    "THEIRS": THEIRS,
    "AUTOSAVE_SECONDS": AUTOSAVE_SECONDS,
    "PRESENCE_SECONDS": PRESENCE_SECONDS,
}


def _ends_writing(step: Transition) -> bool:
    """Say whether a step is taken along with saving, by one button."""
    return step.completes and not step.needs_note


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
    return loaded(kind, actions.waiting_values(work.context(), item))


def loaded(kind: ContentType, stored: dict[str, Any]) -> dict[str, Any]:
    """Return the values of a version as the form and the comparison want them."""
    return {name: f.kind.load(stored[name]) for name, f in kind.fields.items() if name in stored}


def others_told(item: Item) -> list[str]:
    """Tell who else has an item open, one sentence for each."""
    account_id = current_actor().account_id or 0
    told = []
    for one in open_forms.others(session(), item.id, account_id, now()):
        if one.typed_at is None:
            told.append(_("%(name)s also has this entry open.", name=one.name))
        else:
            at = time_of(one.typed_at)
            told.append(
                _("%(name)s also has this entry open, last typed %(at)s.", name=one.name, at=at)
            )
    return told


def time_of(instant: datetime) -> str:
    """Return the time of day of an instant, with its date unless it was today."""
    here = clock.local(instant)
    return f"{here:%H:%M}" if here.date() == today() else clock.format_instant(instant)


def _people(item: Item) -> list[tuple[str, str]]:
    """Return whose an item is, as (label, name) pairs."""
    asked = {item.responsible_id, item.reviewer_id} - {None}
    rows = select(Account.id, Account.name).where(Account.id.in_(asked))
    names = {row.id: row.name for row in session().execute(rows)} if asked else {}
    lines = [
        (_("Responsible"), names.get(item.responsible_id, "")),
        (_("Asked to look at it"), names.get(item.reviewer_id, "")),
        (_("Needed by"), clock.format_date(item.approve_by) if item.approve_by else ""),
        (_("Begun by"), called(item.created_by)),
        (_("Text last edited"), _last_edit(item)),
    ]
    return [(label, value) for label, value in lines if value]


def _last_edit(item: Item) -> str:
    """Tell who saved the text last, and when; steps taken with it are no edits."""
    saved = select(ItemVersion.created_at, ItemVersion.author).where(ItemVersion.item_id == item.id)
    newest = session().execute(saved.order_by(ItemVersion.id.desc()).limit(1)).first()
    if newest is None:
        return ""
    at, who = clock.format_instant(newest.created_at), called(newest.author)
    return str(_("%(at)s by %(who)s", at=at, who=who))


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
