"""Settings of the unit: each with what holds, where it comes from, and what the unit may choose.

What a unit does not set for itself is set for its type, for the platform, or by default. One page
for all settings that have none of their own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, TypeAlias, cast

from flask import abort, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext, ngettext

from hoitu.core import text
from hoitu.core.access import requires
from hoitu.core.admin import work
from hoitu.core.admin.blueprint import blueprint
from hoitu.core.admin.flashes import PROBLEM
from hoitu.core.admin.steps import LOOK_AGAIN
from hoitu.core.content import Item, ScheduledStep, actions, editorial
from hoitu.core.extensions import platform, session
from hoitu.core.privacy import retention
from hoitu.core.settings import SettingError
from hoitu.core.settings.registry import PLATFORM, Origin
from hoitu.core.web import home_order, language, look, menus, now, site_facts, statement
from hoitu.core.web.access import current_actor

#: Settings of core by owner, with their titles, in the order of the page.
TITLES = {
    editorial.NAME: lazy_gettext("Approval and care of content"),
    statement.NAME: statement.TITLE,
    retention.NAME: lazy_gettext("Keeping of personal data"),
}
#: These have pages of their own.
ELSEWHERE = frozenset({look.NAME, menus.NAME, home_order.NAME, site_facts.NAME})
#: Largest number that can be set.
LARGEST = 9999
LONGEST = 1000
#: The hidden field with what the form's author saw: its name is this and the owner.
SEEN = "seen-"
#: The tick by which it is confirmed that planned publications need approval anew.
CONFIRMED = "approve-anew"
#: Planned publications that are named where that is asked.
SHOWN = 50
Plan: TypeAlias = tuple[ScheduledStep, Item]
CHANGED = lazy_gettext(
    "Somebody else changed these settings since you opened the page. Nothing was changed."
)


@dataclass(frozen=True, slots=True)
class SettingLine:
    """One setting as the page shows it."""

    owner: str
    key: str
    label: Any
    help: Any
    default: Any
    #: (value, label) pairs to choose from; none where something is typed.
    options: tuple[tuple[str, Any], ...]
    origin: Origin
    inherited: Origin
    largest: int = LARGEST

    @property
    def name(self) -> str:
        """What names it in the form."""
        return f"{self.owner}-{self.key}"

    @property
    def is_own(self) -> bool:
        """Whether the unit set it for itself."""
        return self.origin.scope.startswith("unit:")

    @property
    def chosen(self) -> str:
        """The unit's own value as the form sends it; '' when it has none."""
        return _sent(self.origin.value) if self.is_own else ""

    @property
    def source(self) -> str:
        """Where the value comes from that holds without the unit's own."""
        if self.inherited.scope == PLATFORM:
            return str(_("set for the whole platform"))
        if self.inherited.scope == "default":
            return str(_("the default"))
        return str(_("set for units of this type"))

    @property
    def inherited_label(self) -> str:
        """What holds without the unit's own value, in words."""
        return str(dict(self.options).get(_sent(self.inherited.value), self.inherited.value))

    def read(self, sent: str) -> Any:
        """Return the value for what the form sent; None removes the unit's own.

        :raises ValueError: it cannot be set; the message says why.
        """
        sent = text.nfc(sent).strip()
        if not sent:
            return None
        if self.options:
            if sent not in dict(self.options):
                raise ValueError(_("Choose one of the options of the list."))
            return sent == "yes" if isinstance(self.default, bool) else sent
        if not isinstance(self.default, int):
            if len(sent) > LONGEST:
                told = _("Too long: %(n)d characters, at most %(m)d.", n=len(sent), m=LONGEST)
                raise ValueError(told)
            return sent
        is_number = sent.isascii() and sent.isdigit() and len(sent) < 10
        if not (is_number and int(sent) <= self.largest):
            raise ValueError(_("Write a whole number between 0 and %(n)d.", n=self.largest))
        return int(sent)


@dataclass(frozen=True, slots=True)
class SettingGroup:
    """The settings of one owner."""

    owner: str
    title: str
    lines: list[SettingLine]

    @property
    def seen(self) -> str:
        """What the form sends along, so that nothing is changed that somebody else set since."""
        return seen(self.owner)


@blueprint.get("/thiet-lap")
@requires("core.modules")
def unit_settings() -> ResponseReturnValue:
    """Show all settings of the unit."""
    return _page({}, {})


@blueprint.post("/thiet-lap/<owner>")
@requires("core.modules")
def save_settings(owner: str) -> ResponseReturnValue:
    """Store what the unit sets for itself, and remove what it leaves to others."""
    group = next((found for found in _groups() if found.owner == owner), None) or abort(404)
    values: dict[SettingLine, Any] = {}
    problems: dict[str, str] = {}
    # A setting the form did not send stays as it is.
    for line in (one for one in group.lines if one.name in request.form):
        try:
            values[line] = line.read(request.form[line.name])
        except ValueError as error:
            problems[line.name] = str(error)
    if problems:
        return _page(problems, request.form.to_dict(), 422)
    plans = _plans_touched(owner, values)
    if not _are_confirmed(plans):
        return _page({}, request.form.to_dict(), 422, plans)
    if store(owner, {line.key: value for line, value in values.items()}):
        flash(_("Saved."))
        if plans:
            flash(
                ngettext(
                    "%(num)d planned publication needs approval anew; its time is kept.",
                    "%(num)d planned publications need approval anew; their times are kept.",
                    len(plans),
                )
            )
    return redirect(url_for("desk.unit_settings"), 303)


def seen(owner: str) -> str:
    """Return what the form of an owner sends along: it stands for what is set now."""
    return platform.settings.mark(_scope(), owner)


def store(owner: str, values: dict[str, Any]) -> bool:
    """Store values of the unit by key (None removes one) and commit; say whether they are stored.

    Publications that new rules of approval do not allow wait for another approval from then on.
    Where somebody else changed what the form showed, or a value cannot be, nothing is changed, and
    the account is told so.
    """
    scope, settings = _scope(), platform.settings
    if not settings.is_unchanged(session(), scope, owner, request.form.get(SEEN + owner, "")):
        session().rollback()
        flash(f"{CHANGED} {LOOK_AGAIN}", PROBLEM)
        return False
    try:
        for key, value in values.items():
            if value != settings.stored(scope, owner, key):
                settings.store(session(), current_actor(), scope, owner, key, value, now())
        if owner == editorial.NAME:
            actions.let_lapse(replace(work.context(), editorial=_rules_with(values)))
    except SettingError:
        session().rollback()
        flash(_("This value cannot be kept."), PROBLEM)
        return False
    session().commit()
    return True


def _plans_touched(owner: str, values: dict[SettingLine, Any]) -> list[Plan]:
    """Return the planned publications whose approval would hold no longer with these values."""
    if owner != editorial.NAME:
        return []
    chosen = {line.key: value for line, value in values.items()}
    return actions.overruled(work.context(), _rules_with(chosen))


def _rules_with(values: dict[str, Any]) -> editorial.Editorial:
    """Return the unit's rules of approval once it set values of its own, None removing one."""
    chosen = {
        key: platform.settings.origin(editorial.NAME, key, g.unit, inherited=True).value
        if value is None
        else value
        for key, value in values.items()
    }
    return replace(work.context().editorial, **chosen)


def _are_confirmed(plans: Sequence[Plan]) -> bool:
    """Say whether the account ticked that these plans, and no others, need approval anew."""
    confirmed = request.form.get(CONFIRMED, "").split(",")
    return {str(step.id) for step, _item in plans} <= set(confirmed)


def _scope() -> str:
    return f"unit:{g.unit.id}"


def _page(
    problems: dict[str, str],
    typed: dict[str, str],
    code: int = 200,
    plans: Sequence[Plan] = (),
) -> ResponseReturnValue:
    """Return the page; ``plans``: what is to be confirmed, for their approval would lapse."""
    body = render_template(
        "desk/unit_settings.html",
        groups=_groups(),
        problems=problems,
        typed=typed,
        plans=plans,
        SHOWN=SHOWN,
        SEEN=SEEN,
        CONFIRMED=CONFIRMED,
        confirms=editorial.NAME,
    )
    return body, code


def _groups() -> list[SettingGroup]:
    """Return the settings that concern the unit: those of core, then those of its sections."""
    sections = {m.name: m.label(language()) for m in platform.switchboard.sections_on(g.unit)}
    titles = {**{name: str(title) for name, title in TITLES.items()}, **sections}
    schemas = platform.settings.schemas()
    return [
        SettingGroup(
            owner, title, [_line(owner, one) for one in fields(cast("Any", schemas[owner]))]
        )
        for owner, title in titles.items()
        if owner in schemas and owner not in ELSEWHERE
    ]


def _line(owner: str, declared: Any) -> SettingLine:
    told, key = declared.metadata, declared.name
    options: tuple[tuple[str, Any], ...] = tuple(told["options"].items())
    if isinstance(declared.default, bool):
        options = (("yes", _("Yes")), ("no", _("No")))
    return SettingLine(
        owner=owner,
        key=key,
        label=told["label"],
        help=told["help"],
        default=declared.default,
        options=options,
        origin=platform.settings.origin(owner, key, g.unit),
        inherited=platform.settings.origin(owner, key, g.unit, inherited=True),
        largest=LARGEST if told.get("largest") is None else told["largest"],
    )


def _sent(value: Any) -> str:
    """Return a value as the form sends it."""
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)
