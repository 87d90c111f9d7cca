"""What is planned for an item, and what becomes of it when a step is taken."""

from __future__ import annotations

from flask_babel import gettext as _

from hoitu.core.content import scheduling
from hoitu.core.content.actions import versions
from hoitu.core.content.actions.context import ActionContext
from hoitu.core.content.actions.lapsing import lapse
from hoitu.core.content.item import PUBLISHED, TRASHED, Item
from hoitu.core.content.scheduling import CANCELLED, ENDS, START, WAITING, ScheduledStep
from hoitu.core.content.workflow import ARCHIVED, UNPUBLISHED, Transition

#: Key in `Item.extra`: what the public text was called when it left the site.
LAST_TITLE = "last_public_title"


def follow(context: ActionContext, item: Item, transition: Transition) -> None:
    """Bring what is planned into line with a step that was just taken.

    What the step did itself is no longer planned. A text that went another way is not published on
    the day it was planned for: whoever planned that is told at once.
    """
    waiting = []
    for step in scheduling.unsettled(context.session, item.id):
        if _is_pointless(step, transition):
            step.state = CANCELLED
        elif step.step == START and step.state == WAITING:
            lapse(context, item, step, _other_way(transition))
        elif step.state == WAITING:
            waiting.append(step)
    if transition.target == PUBLISHED:
        set_end(context, item, waiting)


def forget_publication(context: ActionContext, item: Item) -> None:
    """Drop the planned publication of a version that is discarded."""
    for step in scheduling.unsettled(context.session, item.id):
        if step.step == START:
            step.state = CANCELLED


def set_end(context: ActionContext, item: Item, waiting: list[ScheduledStep]) -> None:
    """Let a public item be gone to the second when it is planned so, be a worker there or not.

    Its translations are gone with it.
    """
    item.published_until = None
    # Some types have an end of their own.
    context.type_of(item).complete(item, context.now())
    ends = [step.run_at for step in waiting if step.is_end]
    ends += filter(None, (item.published_until, versions.end_of_original(context, item)))
    item.published_until = min(ends, default=None)
    for translation in versions.translations(context, item):
        if translation.state == PUBLISHED:
            unsettled = scheduling.unsettled(context.session, translation.id)
            set_end(context, translation, [step for step in unsettled if step.state == WAITING])


def remember_public(context: ActionContext, item: Item) -> None:
    """Note of a public item that leaves the site what it was called there, and until when."""
    now = context.now()
    item.published_until = min(item.published_until or now, now)
    item.extra = {**(item.extra or {}), LAST_TITLE: item.title}


def _is_pointless(step: ScheduledStep, transition: Transition) -> bool:
    """Say whether a step just taken did what is planned, or left nothing to do it with."""
    if transition.target in (ARCHIVED, TRASHED):
        return True
    if step.step in ENDS:
        return transition.target == UNPUBLISHED
    return transition.target == PUBLISHED


def _other_way(transition: Transition) -> str:
    told: str = _(
        "After it was planned, somebody took the step “%(step)s”. Look at the text, then plan it "
        "again.",
        step=transition.label,
    )
    return told
