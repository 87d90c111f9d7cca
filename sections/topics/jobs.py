"""The job that tells search of topics that begin."""

from __future__ import annotations

from datetime import timedelta

from hoitu.core.content import Item, queries
from hoitu.core.events import ItemPublished, append
from hoitu.core.jobs import Job, JobContext
from hoitu.sections.topics.models import Topic

#: How often topics are looked at, and how far back: a run that failed is made up for.
EVERY, BACK = timedelta(hours=12), timedelta(days=2)


def announce(context: JobContext) -> None:
    """Say of every topic that began of late that it is public: nobody published it just now."""
    now = context.clock.now()
    begun = queries.public(Topic, now, translations=True).where(
        Item.published_from > now - BACK, Item.published_from > Item.revised_at
    )
    chosen = begun.with_only_columns(Item.id, Item.unit_id, maintain_column_froms=True)
    for item_id, unit_id in context.session.execute(chosen).all():
        append(context.session, ItemPublished(unit_id, item_id, Topic.type_name), now)


JOBS = [Job("announce", announce, every=EVERY, per_unit=True)]
