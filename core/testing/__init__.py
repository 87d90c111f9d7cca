"""Test support for the platform and for plugin authors; a pytest plugin of the wheel."""

from __future__ import annotations
