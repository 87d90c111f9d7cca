"""Breaches of personal data at the desk: the clock, the draft of the notice, the steps."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from sqlalchemy import select

from hoitu.core import clock
from hoitu.core.access import requires
from hoitu.core.admin.blueprint import blueprint
from hoitu.core.admin.flashes import PROBLEM
from hoitu.core.admin.work import ID
from hoitu.core.content import Field, Moment, Number, Paragraphs, Refused
from hoitu.core.extensions import session
from hoitu.core.forms import EntryForm, form_of
from hoitu.core.privacy import breaches as incidents
from hoitu.core.privacy import laws
from hoitu.core.privacy.breaches import Breach
from hoitu.core.web import now
from hoitu.core.web.access import current_actor
from hoitu.core.web.site import language, today

#: How many breaches the list shows.
SHOWN: Final = 200
_LONG: Final = Paragraphs(incidents.LONGEST)
FIELDS: Final = (
    Field(Moment(), lazy_gettext("When it was found"), name="found_at"),
    Field(_LONG, lazy_gettext("What has happened"), name="what"),
    Field(_LONG, lazy_gettext("Kinds of data concerned"), name="kinds"),
    Field(
        Number(), lazy_gettext("How many people are concerned"), name="people",
        help=lazy_gettext("As far as you know; empty while nobody does."),
    ),
    Field(_LONG, lazy_gettext("What may follow from it"), name="effects"),
    Field(_LONG, lazy_gettext("What was done and will be done"), name="measures"),
    Field(
        _LONG, lazy_gettext("Whom to ask"), name="contact",
        help=lazy_gettext("Official data only: name, position, telephone, e-mail."),
    ),
)  # fmt: skip
BreachForm = form_of(FIELDS)
#: When it was found starts the clock: it is said once.
ChangeForm = form_of(FIELDS[1:])


@blueprint.get("/vi-pham-du-lieu")
@requires("core.plugins")
def breaches() -> str:
    """List the breaches, those not closed first."""
    found = session().scalars(
        select(Breach).order_by(Breach.closed_at.is_not(None), Breach.id.desc()).limit(SHOWN)
    )
    return render_template("desk/privacy/breaches.html", breaches=list(found), left=_left)


@blueprint.route("/vi-pham-du-lieu/moi", methods=["GET", "POST"])
@requires("core.plugins")
def new_breach() -> ResponseReturnValue:
    """Write down a breach: from then on the clock runs."""
    form = BreachForm(request.form if request.method == "POST" else None)
    if request.method == "POST" and form.validate() and form.demand(("found_at", "what")):
        values = _values(form)
        found_at = values.pop("found_at")
        try:
            breach = incidents.open_breach(session(), current_actor(), found_at, values, now())
            session().commit()
        except Refused as refused:
            session().rollback()
            form.refuse(refused.problems)
        else:
            return redirect(url_for("desk.breach", breach_id=breach.id), 303)
    body = render_template(
        "desk/privacy/new_breach.html", form=form, complaints=form.complaints(),
        hours=laws.hours(laws.BREACH, today()),
    )  # fmt: skip
    return body, 422 if request.method == "POST" else 200


@blueprint.get(f"/vi-pham-du-lieu/<{ID}:breach_id>")
@requires("core.plugins")
def breach(breach_id: int) -> ResponseReturnValue:
    """Show the clock, the steps and what is known of a breach."""
    return _page(_found(breach_id))


@blueprint.post(f"/vi-pham-du-lieu/<{ID}:breach_id>")
@requires("core.plugins")
def change_breach(breach_id: int) -> ResponseReturnValue:
    """Save what is known by now."""
    found, form = _found(breach_id), ChangeForm(request.form)
    if form.validate() and form.demand(("what",)):
        try:
            incidents.change(session(), current_actor(), found, _values(form), now())
            session().commit()
            flash(_("Saved."))
            return redirect(url_for("desk.breach", breach_id=found.id), 303)
        except Refused as refused:
            session().rollback()
            form.refuse(refused.problems)
    return _page(found, form)


@blueprint.post(f"/vi-pham-du-lieu/<{ID}:breach_id>/buoc/<key>")
@requires("core.plugins")
def breach_step(breach_id: int, key: str) -> ResponseReturnValue:
    """Tick off a step, or take that back."""
    found = _found(breach_id)
    try:
        done = request.form.get("xong") == "1"
        incidents.tick(session(), current_actor(), found, key, done, now())
        session().commit()
    except Refused as refused:
        session().rollback()
        flash(" ".join(map(str, refused.problems)), PROBLEM)
    return redirect(url_for("desk.breach", breach_id=breach_id) + "#cac-buoc", 303)


@blueprint.get(f"/vi-pham-du-lieu/<{ID}:breach_id>/thong-bao")
@requires("core.plugins")
def breach_notice(breach_id: int) -> str:
    """Show the draft of the notice, to be printed and signed."""
    found = _found(breach_id)
    day = clock.local(found.found_at).date()
    return render_template(
        "desk/privacy/notice.html",
        breach=found,
        introduction=incidents.introduction("vi"),
        parts=[(part.label("vi"), _told(found, part.field)) for part in incidents.parts()],
        law=laws.reference(laws.BREACH, day),
    )


def _page(found: Breach, form: EntryForm | None = None) -> ResponseReturnValue:
    shown = form or ChangeForm(None, {f.name: getattr(found, f.name) for f in FIELDS[1:]})
    done = {step.key: step for step in found.steps}
    day = clock.local(found.found_at).date()
    body = render_template(
        "desk/privacy/breach.html",
        breach=found,
        form=shown,
        complaints=shown.complaints(),
        left=_left(found),
        due=incidents.due_at(found),
        hours=incidents.limit(found),
        steps=[(step, done.get(step.key)) for step in incidents.plan()],
        tongue=language(),
        law=laws.reference(laws.BREACH, day),
        basis_of=lambda key: laws.reference(key, day) if key else "",
        missing=[
            part.label(language()) for part in incidents.parts() if not _is_known(found, part)
        ],
    )
    return body, 422 if form is not None else 200


def _is_known(found: Breach, part: incidents.Part) -> bool:
    return getattr(found, part.field) not in (None, "")


def _told(found: Breach, name: str) -> str:
    value = getattr(found, name)
    if isinstance(value, datetime):
        return clock.format_instant(value)
    return "" if value is None else str(value)


def _left(found: Breach) -> int:
    return incidents.hours_left(found, now())


def _found(breach_id: int) -> Breach:
    found = session().get(Breach, breach_id)
    if found is None:
        abort(404)
    return found


def _values(form: EntryForm) -> dict[str, Any]:
    return {entry.short_name: entry.declared.kind.clean(entry.data) for entry in form.entries()}
