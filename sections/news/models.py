"""The news article.

Origin, genre, source and field codes are kept from the first day on: without them nobody could tell
later whether a portal has turned into a newspaper (catalogue: press_likeness_rules BH-06 to BH-11).
"""

from __future__ import annotations

from datetime import datetime

from flask_babel import lazy_gettext as _
from sqlalchemy.orm import Mapped

from hoitu.core.content import Choice, Item, Line, Moment, Url, field
from hoitu.sections.news.vocabularies import GENRES, ORIGINS

OWN, EXTERNAL = "own", "external"


class NewsArticle(Item):
    """An article of one channel; the channel is the requirement it serves."""

    __tablename__ = "news_article"
    type_name = "news_article"

    genre: Mapped[str] = field(Choice(GENRES.options), label=_("Genre"), required=True)
    author_name: Mapped[str] = field(Line(120), label=_("Author"), personal=True)
    cover_alt: Mapped[str] = field(
        Line(250),
        label=_("What the picture shows"),
        help=_("The first picture among the attachments heads the article once it is described."),
    )
    origin: Mapped[str] = field(Choice(ORIGINS.options), label=_("Written by"), required=True)
    source_name: Mapped[str] = field(
        Line(200),
        label=_("Source"),
        search="text",
        help=_("Name of the author or agency it was taken from."),
    )
    source_url: Mapped[str] = field(Url(400), label=_("Address of the source"))
    source_published_at: Mapped[datetime | None] = field(Moment(), label=_("Published there at"))
    field_codes: Mapped[str] = field(
        Line(250),
        label=_("Fields of work"),
        help=_("Codes of the fields the article is about, separated by commas."),
    )
