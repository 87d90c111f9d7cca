"""Themes: one Jinja environment each, so that no unit is ever served another's templates."""

from __future__ import annotations

from hoitu.core.theming.registry import TemplateEnvironment, Theme, Themes

__all__ = ["TemplateEnvironment", "Theme", "Themes"]
