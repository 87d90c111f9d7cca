"""Settings registry: typed settings per plugin, per unit, unit type or platform; and switches."""

from __future__ import annotations

from hoitu.core.settings import switching
from hoitu.core.settings.registry import SettingError, SettingRow, SettingsRegistry, setting

__all__ = ["SettingError", "SettingRow", "SettingsRegistry", "setting", "switching"]
