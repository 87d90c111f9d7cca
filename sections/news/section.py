"""The section at a glance: what it registers and contributes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hoitu.core.hookspecs import hookimpl

if TYPE_CHECKING:
    from flask import Blueprint

    from hoitu.core.content import ContentType, Item, Problem
    from hoitu.core.units import Unit
    from hoitu.core.web import MenuEntry, Panel


class News:
    """Plugin object of the section."""

    @hookimpl
    def register_content_types(self) -> list[ContentType]:
        """Return the news article."""
        from hoitu.sections.news.types import news_article

        return [news_article]

    @hookimpl
    def register_blueprints(self) -> list[Blueprint]:
        """Return ``/tin-tuc``."""
        from hoitu.sections.news.views import pages

        return [pages.blueprint]

    @hookimpl
    def menu_entries(self, unit: Unit) -> list[MenuEntry]:
        """Return one heading with the channels below it."""
        from hoitu.sections.news.panels import menu

        return menu()

    @hookimpl
    def home_panels(self, unit: Unit) -> list[Panel]:
        """Return the newest articles, then the leaders' and digital transformation's."""
        from hoitu.sections.news.panels import home

        return home(unit)

    @hookimpl
    def check_item(self, item: Item) -> list[Problem]:
        """Return what is missing of the sources."""
        from hoitu.core.web import now
        from hoitu.sections.news.models import NewsArticle
        from hoitu.sections.news.rules import problems

        return problems(item, now()) if isinstance(item, NewsArticle) else []


section = News()
