"""Forms of visitors as a browser fills them in: what it sends along unseen, the proof found."""

from __future__ import annotations

import hashlib
import html
import re
from itertools import count

from hoitu.core.web.defence import proves
from hoitu.core.web.defence.proof import BITS

_HIDDEN = re.compile(r'<input type="hidden" name="([\w-]+)" value="([^"]*)"([^>]*)>')
_WORD = re.compile(r'data-word="([^"]+)"')
#: How every proof begins: soon seen, so that few numbers are looked at closely.
_ZEROS = bytes(BITS // 8)


def unseen(page: str, *, scripts: bool = True) -> dict[str, str]:
    """Return the hidden fields of the forms on a page; without ``scripts``, with no proof."""
    found = {}
    for name, value, more in _HIDDEN.findall(page):
        word = _WORD.search(more)
        found[name] = proof(word[1]) if word and scripts else html.unescape(value)
    return found


def proof(word: str) -> str:
    """Return the number that proves that somebody reckoned for the word of a form."""
    begun = hashlib.sha256(f"{word}.".encode())

    def may_prove(number: int) -> bool:
        hashed = begun.copy()
        hashed.update(b"%d" % number)
        return hashed.digest().startswith(_ZEROS)

    return next(str(n) for n in count() if may_prove(n) and proves(word, str(n)))
