"""The job that tells search whose effect begins or ends with the day."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import or_

from hoitu.core.clock import local
from hoitu.core.content import Item, queries
from hoitu.core.extensions import platform
from hoitu.core.jobs import Job, JobContext, feed_later
from hoitu.core.units import unit_scope
from hoitu.sections.legal_documents.models import LegalDocument

#: How often, so that one run falls into the first hours of a day in Vietnam, and how far back: a
#: run that failed is made up for.
EVERY, BACK = timedelta(hours=6), timedelta(days=2)


def renew_effects(context: JobContext) -> None:
    """Feed the documents whose effect changed of late."""
    now = context.clock.now()
    today = local(now).date()
    changed = (
        day.between(today - BACK, today)
        for day in (LegalDocument.effective_on, LegalDocument.expires_on)
    )
    with unit_scope(*(unit.id for unit in platform.units.all())):
        chosen = queries.public(LegalDocument, now, translations=True).where(or_(*changed))
        chosen = chosen.with_only_columns(Item.id, maintain_column_froms=True)
        ids = set(context.session.scalars(chosen))
    feed_later(context.session, {LegalDocument.type_name: ids}, now)


JOBS = [Job("renew_effects", renew_effects, every=EVERY)]
