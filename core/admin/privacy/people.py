"""A person who signed in, at the desk of the platform: what is kept of them, and its erasure.

They are asked for by their exact mail address or number, in a form that is sent, so that neither
stands in an address or a log.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from hoitu.core import clock, sheets, text
from hoitu.core.access import audit, requires
from hoitu.core.admin.blueprint import blueprint
from hoitu.core.admin.downloads import send_table
from hoitu.core.admin.flashes import PROBLEM
from hoitu.core.admin.privacy.views import shown_of_units
from hoitu.core.content import Conflict
from hoitu.core.extensions import platform, session
from hoitu.core.people import Person
from hoitu.core.people.identities import NUMBER
from hoitu.core.privacy import (
    ErasureRefused,
    ExportIncomplete,
    PersonRecord,
    data_of,
    erase,
    items_of,
)
from hoitu.core.web import now
from hoitu.core.web.access import current_actor
from hoitu.core.web.site import language

#: Names in the form: whom to look for, what to do, and the word that confirms an erasure.
WHOM, DO, CONFIRM = "ai", "viec", "xac-nhan"
#: What is typed to confirm.
WORD: Final = "XOA"


@blueprint.route("/du-lieu-ca-nhan/nguoi", methods=["GET", "POST"])
@requires("core.plugins")
def kept_of_person() -> ResponseReturnValue:
    """Find a person; show, give out or erase what is kept of them."""
    typed = text.nfc(request.form.get(WHOM, "")).strip()[:254]
    person = _found(typed) if typed else None
    if person is None:
        return _page(typed, None, 404 if typed else 200)
    wanted = request.form.get(DO, "")
    try:
        if wanted == "xoa":
            return _erase(person, typed)
        records = _records(person)
    except ExportIncomplete as missing:
        session().rollback()
        told = _("These could not say what they keep: %(list)s. Try again in a few minutes.",
                 list=", ".join(missing.plugins))  # fmt: skip
        flash(told, PROBLEM)
        return redirect(url_for("desk.kept_of_person"), 303)
    _record("person.export" if wanted in sheets.MEDIA_TYPES else "person.show", person)
    if wanted in sheets.MEDIA_TYPES:
        header = [_("Section"), _("What"), _("When"), _("Field"), _("Value")]
        return send_table(wanted, "du-lieu-ca-nhan", header, _rows(records))
    return _page(typed, person, 200, records)


def _erase(person: Person, typed: str) -> ResponseReturnValue:
    if text.fold(request.form.get(CONFIRM, "")).strip().upper() != WORD:
        problem = _("Type %(word)s to confirm. Nothing was erased.", word=WORD)
        return _page(typed, person, 422, _records(person), problem)
    try:
        items = erase(session(), person, current_actor())
        session().commit()
    except (Conflict, ErasureRefused, SQLAlchemyError) as refused:
        session().rollback()
        plugin = refused.plugin if isinstance(refused, ErasureRefused) else "core"
        told = _("Nothing was erased: %(plugin)s could not do its part. See: hoitu doctor",
                 plugin=plugin)  # fmt: skip
        flash(told, PROBLEM)
        return redirect(url_for("desk.kept_of_person"), 303)
    flash(_("The person is erased; of %(n)d messages the sender is forgotten.", n=items))
    return redirect(url_for("desk.personal_data"), 303)


def _records(person: Person) -> list[PersonRecord]:
    """Return what is kept of a person; units are told that their messages were looked at.

    :raises ExportIncomplete: a plugin could not say.
    """
    records = data_of(session(), person, language())
    shown_of_units(items_of(session(), person))
    return records


def _found(typed: str) -> Person | None:
    """Return the person with a mail address, or with a number, by its mark."""
    if "@" in typed:
        own = Person.email == typed.lower(), Person.email_confirmed_at.is_not(None)
        return session().scalar(select(Person).where(*own).order_by(Person.id).limit(1))
    number = "".join(sign for sign in typed if sign.isalnum() or sign == "-")
    marks = [platform.seal.mark(f"{whose}:{number}", NUMBER) for whose in ("citizen", "business")]
    chosen = select(Person).where(Person.number_mark.in_(marks)).order_by(Person.id).limit(1)
    return session().scalar(chosen)


def _page(
    typed: str,
    person: Person | None,
    code: int,
    records: list[PersonRecord] | None = None,
    problem: str = "",
) -> ResponseReturnValue:
    body = render_template(
        "desk/privacy/person.html",
        typed=typed, person=person, records=records or [], problem=problem, missing=code == 404,
        WHOM=WHOM, DO=DO, CONFIRM=CONFIRM, WORD=WORD,
    )  # fmt: skip
    return body, code


def _record(action: str, person: Person) -> None:
    audit.record(
        session(), current_actor(), action, object_type="person", object_id=person.id,
        unit_id=None, now=now(),
    )  # fmt: skip
    session().commit()


def _rows(records: list[PersonRecord]) -> Iterator[list[sheets.Cell]]:
    for record in records:
        at = str(record.at or "")
        if isinstance(record.at, datetime):
            at = clock.format_instant(record.at)
        for label, value in record.values.items():
            yield [record.section, record.what, at, label, value]
