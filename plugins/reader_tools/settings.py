"""What the operator decides about passing pages on."""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import lazy_gettext as _

from hoitu.core.settings import setting


@dataclass(frozen=True, slots=True)
class ReaderToolSettings:
    """To which networks the pages of items offer to be passed on."""

    networks: str = setting(
        "facebook zalo",
        label=_("Networks for sharing"),
        help=_("Names with spaces between them: facebook, zalo, x, linkedin. Empty: none."),
        whole_platform=True,
    )
