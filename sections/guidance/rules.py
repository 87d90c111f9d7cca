"""Rules of guidance and policies: pure functions, tested as tables of cases."""

from __future__ import annotations

from flask_babel import gettext as _

from hoitu.core.content import Item, Problem
from hoitu.sections.guidance.models import GuidanceArticle, Policy


def problems(item: Item) -> list[Problem]:
    """Return everything that is wrong with an entry."""
    found: list[Problem] = []
    if isinstance(item, GuidanceArticle | Policy):
        found += _documents(item)
    if isinstance(item, GuidanceArticle) and not (item.body or item.attachments):
        found.append(Problem("body", _("Write the text, or attach the file that holds it.")))
    if isinstance(item, Policy) and _ends_too_early(item):
        found.append(Problem("valid_until", _("The last day lies before the first.")))
    return found


def _ends_too_early(policy: Policy) -> bool:
    first, last = policy.valid_from, policy.valid_until
    return first is not None and last is not None and last < first


def _documents(item: GuidanceArticle | Policy) -> list[Problem]:
    if all(row["number"] for row in item.documents):
        return []
    return [Problem("documents", _("Give each document its number and symbol."))]
