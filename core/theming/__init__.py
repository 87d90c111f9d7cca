"""Themes: one Jinja environment each, so that no unit is ever served another's templates."""

from __future__ import annotations

from hoitu.core.theming.registry import COMPILED, TemplateEnvironment, Theme, Themes

__all__ = ["COMPILED", "TemplateEnvironment", "Theme", "Themes"]
