"""How a unit approves what it publishes: settings of core, resolved per unit like all settings."""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import lazy_gettext as _

from hoitu.core.settings import setting

#: Owner of these settings in the registry.
NAME = "core.editorial"


@dataclass(frozen=True)
class Editorial:
    """The unit's rules of approval and care."""

    approval: str = setting(
        "two_step",
        label=_("Steps of approval"),
        help=_(
            "Two: the approver publishes what an editor submits. Three: a reviewer checks first."
        ),
        options={
            "two_step": _("Two: write, approve"),
            "three_step": _("Three: write, check, approve"),
        },
    )
    four_eyes: bool = setting(
        True,
        label=_("Nobody approves a text they submitted"),
        help=_(
            "Whoever must publish at once says why; somebody else approves it afterwards. Switch "
            "this off where one person does everything."
        ),
    )
    review_months: int = setting(
        12,
        label=_("Months until a published entry is looked at again"),
        help=_("0: entries are looked at again only where somebody sets a date."),
        largest=120,
    )
