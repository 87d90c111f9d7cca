"""A proof of work: a number that a browser finds while somebody writes, and that is soon checked.

It is asked of machines: whoever sends thousands of messages has to run our script, or to write one
like it, and to reckon for each message anew.
"""

from __future__ import annotations

import hashlib
import re
from typing import Final

#: Leading zero bits that the SHA-256 must have: 131,072 hashes on average. A desktop computer tries
#: a million a second with our script, a cheap telephone a tenth of that: one second, seldom five,
#: while its owner writes for minutes. More bits would keep people waiting who write one line.
BITS: Final = 17
#: A word of 43 characters, a stop and the number fit in one block of SHA-256.
_NUMBER = re.compile(r"[0-9]{1,11}", re.ASCII)


def proves(word: str, number: str) -> bool:
    """Say whether ``number``, decimal, is an answer to a form's random ``word``: one hash."""
    if not _NUMBER.fullmatch(number):
        return False
    found = hashlib.sha256(f"{word}.{number}".encode()).digest()
    return int.from_bytes(found[:4], "big") >> (32 - BITS) == 0
