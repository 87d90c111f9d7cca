"""Search as visitors meet it: the page of results, suggestions while typing, help if nothing fits.

Own unit first, one click to the whole province.
"""

from __future__ import annotations

from hoitu.core.web.searching import results, suggestions
from hoitu.core.web.searching.blueprint import blueprint

#: The modules whose views make up search.
VIEWS = (results, suggestions)

__all__ = ["blueprint"]
