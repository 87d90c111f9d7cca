"""Plugins: manifest, discovery, states, and the dispatcher that calls their hooks."""

from __future__ import annotations

from hoitu.core.plugin.breaker import Breaker
from hoitu.core.plugin.dispatch import Dispatcher
from hoitu.core.plugin.manager import Plugin, Plugins
from hoitu.core.plugin.manifest import Manifest, ManifestError
from hoitu.core.plugin.quarantine import Quarantine
from hoitu.core.plugin.state import PluginRow, PluginState

__all__ = [
    "Breaker",
    "Dispatcher",
    "Manifest",
    "ManifestError",
    "Plugin",
    "PluginRow",
    "PluginState",
    "Plugins",
    "Quarantine",
]
