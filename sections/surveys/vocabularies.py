"""What the section reads from its data: kinds of answers, the plan's survey in English."""

from __future__ import annotations

from functools import cache
from typing import Any

from hoitu.core.content import Term, Vocabulary, package_data

PACKAGE = "hoitu.sections.surveys"
KINDS = Vocabulary(PACKAGE, "kinds", Term)
#: Key of the kind of answer that is written, not chosen.
FREE = "free"


@cache
def english() -> dict[str, Any]:
    """Return the English wording by catalogue key; the catalogue itself is Vietnamese."""
    return package_data(PACKAGE, "english")
