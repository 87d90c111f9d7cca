"""What is kept of one person who signed in: told as a whole, and erased as a whole."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import func, select
from sqlalchemy.orm import Session, undefer

from hoitu.core import mail
from hoitu.core.access import SYSTEM, Actor, audit
from hoitu.core.care.unfound import UnfoundSearch
from hoitu.core.content import (
    ActionContext,
    ContentType,
    Email,
    Item,
    Refused,
    actions,
    redaction,
)
from hoitu.core.content.workflow import REVIEWED, SUBMITTED
from hoitu.core.extensions import platform
from hoitu.core.jobs.queue import JobRow
from hoitu.core.people import Contribution, Person
from hoitu.core.people.identities import NUMBER
from hoitu.core.plugin.manifest import PERSON, VISITOR
from hoitu.core.privacy import register, traces
from hoitu.core.sealing import SealBroken
from hoitu.core.units import all_units, unit_scope


@dataclass(frozen=True, slots=True)
class PersonRecord:
    """Something that is kept of a person, in words they understand."""

    #: Who keeps it: the label of a section or service.
    section: str
    #: What it is: a question, a subscription.
    what: str
    at: date | datetime | None
    #: What is kept, by what it is called.
    values: Mapping[str, str] = field(default_factory=dict)


class ErasureRefused(Exception):
    """A plugin could not forget a person, so nothing was; ``plugin`` is its name."""

    def __init__(self, plugin: str, reason: str) -> None:
        super().__init__(f"{plugin} cannot forget a person: {reason}")
        self.plugin = plugin


class ExportIncomplete(Exception):
    """Plugins could not say what they keep of a person; ``plugins`` are their names."""

    def __init__(self, plugins: Sequence[str]) -> None:
        super().__init__(f"these cannot tell what they keep of a person: {', '.join(plugins)}")
        self.plugins = tuple(plugins)


def data_of(session: Session, person: Person, language: str = "vi") -> list[PersonRecord]:
    """Return everything that is kept of a person: by core, then by each plugin.

    :raises ExportIncomplete: a plugin could not say; half an answer would pass for a whole one.
    """
    found = [*_of_account(session, person), *_of_items(session, person, language)]
    missing = _unasked()
    with all_units("what is kept of one person, at all units"):
        for plugin, records in platform.hooks.person_data(person):
            if records is None:
                missing.append(plugin)
            else:
                found += records
    if missing:
        raise ExportIncomplete(missing)
    return found


def erase(session: Session, person: Person, actor: Actor = SYSTEM) -> int:
    """Forget a person everywhere, in the caller's transaction; return how many items they had sent.

    What they sent stays as far as it is public, without them; everything else is emptied. The log
    keeps that somebody was forgotten, not who. The caller commits.

    :raises ErasureRefused: a plugin failed, or is not in use and keeps data of people. The caller
        rolls back.
    :raises Conflict: somebody is saving something of theirs at this moment. The caller rolls back.
    """
    for plugin in _unasked():
        raise ErasureRefused(plugin, "it is not in use now")
    now, words = platform.clock.now(), words_of(person)
    items = items_of(session, person)
    for item_id, unit_id in items:
        _forget_item(session, item_id, unit_id, words)
    with all_units("a person is forgotten at all units"):
        for plugin, error in platform.hooks.erase_person(person, session.begin_nested).items():
            raise ErasureRefused(plugin, str(error)) from error
        _forget_searches(session, words)
    _forget_mails(session, words)
    mail.withdraw(session, person.email)
    traces.clear_outbox(platform.instance, words)
    person_id = person.id
    session.delete(person)
    session.flush()
    audit.record(
        session, actor, "person.erase", object_type="person", object_id=person_id,
        unit_id=None, now=now, detail={"items": len(items)},
    )  # fmt: skip
    traces.clear_later(session, now)
    return len(items)


def may_withdraw(item: Item) -> bool:
    """Say whether an item still holds anything that its sender may have forgotten."""
    kind = platform.types.get(item.type)
    return kind is not None and actions.holds_sender(kind, item)


def withdraw_consent(session: Session, item: Item, now: datetime) -> None:
    """Forget the sender of one item, who no longer agrees that it is kept; the caller commits.

    :raises Conflict: somebody is saving it at this moment.
    """
    note = _("Whoever sent it withdrew their consent.")
    _forget(session, platform.types[item.type], item, "withdrawn", note)
    traces.clear_later(session, now)


def _forget(
    session: Session,
    kind: ContentType,
    item: Item,
    why: str,
    note: str,
    words: Sequence[str] = (),
) -> None:
    """Forget the sender of an item, and close it if it waits: nobody can be answered any more."""
    unit = platform.units.by_id(item.unit_id)
    assert unit is not None
    work = ActionContext.of(platform, session, SYSTEM, unit)
    actions.forget_sender(work, item, words, why=why)
    if item.state in (SUBMITTED, REVIEWED):
        if kind.withdrawn_with:
            actions.edit(work, item, dict(kind.withdrawn_with))
        with suppress(Refused):
            actions.advance(work, item, "archive", note)


def words_of(person: Person) -> list[str]:
    """Return what tells a person: name, address and number, as far as they are kept."""
    # An address that nobody confirmed may be anybody's.
    found = [person.name, person.email if person.email_confirmed_at else ""]
    if person.number_sealed:
        with suppress(SealBroken):
            found.append(platform.seal.open(person.number_sealed, NUMBER))
    return [word for word in found if len(word) >= redaction.SHORTEST]


def _unasked() -> list[str]:
    """Return the plugins that keep data of visitors or persons and are not in use."""
    return [
        plugin.name
        for plugin in platform.plugins.all()
        if not plugin.is_active
        and plugin.manifest is not None
        and any(data.of in (VISITOR, PERSON) for data in plugin.manifest.personal_data)
    ]


def items_of(session: Session, person: Person) -> list[tuple[int, int]]:
    """Return (id, unit) of what a person sent: signed in, or with their confirmed mail address."""
    sent = select(Contribution.item_id, Contribution.unit_id)
    found = {(r[0], r[1]) for r in session.execute(sent.where(Contribution.person_id == person.id))}
    if person.email and person.email_confirmed_at is not None:
        with all_units("what somebody sent under a confirmed mail address"):
            for kind in platform.types:
                for column in _mail_columns(kind):
                    own = select(Item.id, Item.unit_id).select_from(kind.model)
                    rows = session.execute(own.where(func.lower(column) == person.email.lower()))
                    found |= {(row[0], row[1]) for row in rows}
    return sorted(found)


def _mail_columns(kind: ContentType) -> Iterator[Any]:
    if kind.receivable:
        for name in actions.personal_fields(kind):
            if isinstance(kind.model.fields()[name].kind, Email):
                yield getattr(kind.model, name)


def _forget_item(session: Session, item_id: int, unit_id: int, words: Sequence[str]) -> None:
    with unit_scope(unit_id):
        item = session.get(Item, item_id)
        kind = platform.types.get(item.type) if item is not None else None
        if item is None:
            return
        if kind is None:
            raise ErasureRefused(item.section, "it is not in use now")
        note = _("Whoever sent it had their data erased.")
        _forget(session, kind, item, "erasure", note, words)


def _forget_mails(session: Session, words: Sequence[str]) -> None:
    """Delete mails to a person and about them, sent or not."""
    chosen = select(JobRow).where(JobRow.name == mail.JOB)
    for row in session.scalars(chosen.execution_options(yield_per=500)).all():
        told = f"{row.payload.get('address', '')}\n{row.error}"
        if redaction.blacked_value([row.payload, told], words)[1]:
            session.delete(row)
    session.flush()


def _forget_searches(session: Session, words: Sequence[str]) -> None:
    for row in session.scalars(select(UnfoundSearch)).all():
        if redaction.blacked(row.words, words)[1]:
            session.delete(row)
    session.flush()


def _of_account(session: Session, person: Person) -> Iterator[PersonRecord]:
    own = str(_("Your account here"))
    values = {str(_("Full name")): person.name, str(_("E-mail")): person.email}
    if person.number_sealed:
        with suppress(SealBroken):
            number = platform.seal.open(person.number_sealed, NUMBER)
            values[str(_("Number of identity"))] = number
    kept = {label: value for label, value in values.items() if value}
    yield PersonRecord(own, str(_("Account")), person.created_at, kept)
    for begun in person.sessions:
        told = {str(_("Level")): str(begun.level)}
        yield PersonRecord(own, str(_("Signed in")), begun.begun_at, told)
    for identity in person.identities:
        told = {str(_("Provider")): identity.issuer, str(_("Level")): str(identity.level)}
        yield PersonRecord(own, str(_("Signed in through")), identity.assured_at, told)


def _of_items(session: Session, person: Person, language: str) -> Iterator[PersonRecord]:
    for item_id, unit_id in items_of(session, person):
        with unit_scope(unit_id):
            item = session.get(Item, item_id, options=[undefer(Item.body)])
            if item is None or (kind := platform.types.get(item.type)) is None:
                continue
            names = [*kind.sent_words, *actions.personal_fields(kind), "title", "summary", "body"]
            declared, code = kind.model.fields(), getattr(item, "code", "") or ""
            told = {
                str(register.label_of(kind, name)): str(declared[name].kind.dump(value))
                for name in dict.fromkeys(names)
                if name in declared and (value := getattr(item, name)) and value != code
            }
            if code:
                told[str(_("Receipt code"))] = code
            plugin = platform.plugins.get(kind.section)
            manifest = plugin.manifest if plugin else None
            section = manifest.label(language) if manifest else kind.section
            yield PersonRecord(section, str(kind.label), item.created_at, told)
