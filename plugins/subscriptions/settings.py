"""What a unit decides about mails to its readers."""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import lazy_gettext as _

from hoitu.core.settings import setting


@dataclass(frozen=True, slots=True)
class SubscriptionSettings:
    """Whether the unit writes to readers, and when the mails of a day and of a week go out."""

    on: bool = setting(
        True,
        label=_("Readers may follow this site by mail"),
        help=_("Switched off, nobody new is taken in and nothing is sent; nobody is forgotten."),
    )
    hour: int = setting(
        7, label=_("Hour of the daily and the weekly mail"), help=_("From 0 to 23."), largest=23
    )
