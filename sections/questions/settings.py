"""What a unit may decide about its questions."""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import lazy_gettext as _

from hoitu.core.settings import setting


@dataclass(frozen=True)
class QuestionSettings:
    """Settings of the section."""

    acknowledge_days: int = setting(
        0,
        label=_("Working days until a question is taken up"),
        help=_("0: as in the catalogue. A unit may promise less, never more."),
    )
    answer_days: int = setting(
        0,
        label=_("Working days until a question is answered"),
        help=_("0: as in the catalogue. A unit may promise less, never more."),
    )
    soon_days: int = setting(
        2,
        label=_("Working days before the end at which an answer is due soon"),
        help=_("The desk lists such questions apart."),
    )
