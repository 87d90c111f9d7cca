"""Outcomes: what is told after a step was taken: what happened, and who has the text now."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext, ngettext
from flask_babel import lazy_gettext as _

from hoitu.core import clock
from hoitu.core.admin import work
from hoitu.core.admin.colleagues import Colleagues, names_of
from hoitu.core.content import ContentType, Item, Transition, actions

#: What happened, by step.
DONE: Mapping[str, Any] = {
    "submit": _("Submitted for approval."),
    "return": _("Returned to its author."),
    "forward": _("Handed on for approval."),
    "take_back": _("Taken back. It is a draft again."),
    "publish": _("Published."),
    "publish_urgently": _("Published. Somebody else will be asked to approve it afterwards."),
    "unpublish": _("Taken off the site."),
    "archive": _("Archived."),
    "trash": _("Moved to the trash."),
    "restore": _("Restored as a draft."),
}
#: What comes next where nobody else has it now.
NEXT: Mapping[str, Any] = {
    "take_back": _("Submit it again when it is ready."),
    "publish": _("Visitors can read it now."),
    "publish_urgently": _("Visitors can read it now."),
    "unpublish": _("Visitors do not see it any more; it can be changed and submitted again."),
    "archive": _("It can be restored as a draft."),
    "trash": _("It can be restored from there for 30 days."),
    "restore": _("Submit it again when it is ready."),
}
#: So many people are named who may take the next step.
NAMED = 5


#: Who has the text now, by the right that takes it further: somebody asked, or whoever may.
_HAS = {
    "review": _("%(who)s has it now, to check it."),
    "publish": _("%(who)s has it now, to approve it."),
    "edit": _("%(who)s has it now, to answer it."),
}
_WAITS = {
    "review": _("It waits for somebody who may check it: %(who)s."),
    "publish": _("It waits for somebody who may approve it: %(who)s."),
    "edit": _("It waits for somebody who may answer it: %(who)s."),
}
_NOBODY = _(
    "Nobody else in your unit may take the step after this one yet. The platform's administrators "
    "see the text in their list."
)


def outcome(kind: ContentType, item: Item, step: Transition, colleagues: Colleagues) -> str:
    """Return what happened to an item by a step just taken, and what comes next."""
    verb = actions.onward_verb(work.context(), kind, actions.work_state(item))
    checked = step.name == "submit" and verb == "review"
    done = _("Submitted for checking.") if checked else DONE.get(step.name, _("Done."))
    told = [done, _whose(kind, item, step, verb, colleagues)]
    if item.approve_by is not None:
        day = clock.format_date(item.approve_by)
        told.append(gettext("It is needed by %(day)s.", day=day))
    return " ".join(str(part) for part in told if part)


def _whose(
    kind: ContentType, item: Item, step: Transition, verb: str, colleagues: Colleagues
) -> Any:
    if step.name == "return":
        return _back_with(item)
    if not (step.completes and verb):
        return NEXT.get(step.name, "")
    asked = names_of([item.reviewer_id]).get(item.reviewer_id or 0, "")
    if asked:
        return _HAS[verb] % {"who": asked}
    able = [person.name for person in colleagues.after(kind, item, step)]
    return _WAITS[verb] % {"who": _listed(able)} if able else _NOBODY


def _back_with(item: Item) -> str:
    """Tell who has a text that was given back."""
    name = names_of([item.submitter_id or item.responsible_id])
    who = next(iter(name.values()), "")
    return gettext("%(who)s has it now, to correct it.", who=who) if who else ""


def _listed(names: list[str]) -> str:
    more = len(names) - NAMED
    told = ", ".join(names[:NAMED])
    if more <= 0:
        return told
    return f"{told} {ngettext('and %(num)d other', 'and %(num)d others', more)}"
