"""Personal data at the desk: the register, who looked, blacking out, and breaches."""

from __future__ import annotations

from hoitu.core.admin.privacy import breaches, people, redacting, register, views

__all__ = ["breaches", "people", "redacting", "register", "views"]
