"""Rules of an article: pure functions, tested as tables of cases.

How soon after its source a quoted article may appear, genres and shares are matters of policy with
a severity per unit; they are not checked here.
"""

from __future__ import annotations

from datetime import datetime

from flask_babel import gettext as _

from hoitu.core.content import Problem
from hoitu.sections.news.models import EXTERNAL, NewsArticle


def problems(article: NewsArticle, now: datetime) -> list[Problem]:
    """Return everything that is wrong with an article at the instant ``now``."""
    return [*_source(article), *_time(article, now)]


def _source(article: NewsArticle) -> list[Problem]:
    """Return what quoted text lacks (catalogue: press_likeness_rules BH-06)."""
    if article.origin != EXTERNAL:
        return []
    wanted = {
        "source_name": _("Name the source of what you quote."),
        "source_url": _("Give the address at which the source can be read."),
        "source_published_at": _("Say when the source published it."),
    }
    return [Problem(name, text) for name, text in wanted.items() if not getattr(article, name)]


def _time(article: NewsArticle, now: datetime) -> list[Problem]:
    published_at = article.source_published_at
    if published_at and published_at > now:
        return [Problem("source_published_at", _("The source cannot appear in the future."))]
    return []
