"""Vietnamese text: one normal form, the search key without marks, slugs and alphabetical order."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from unicodedata import category, combining, normalize

SortKey = tuple[str, str, str]
"""Letters, marks, case: each level decides only when all levels before it are equal."""

_LINE_BREAK = re.compile("\r\n?|[\v\f]")
_UNSTORABLE = re.compile("[\x00-\x08\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_WORD = re.compile(r"[^\W_]+")
_ASCII_WORD = re.compile("[a-z0-9]+")
#: Marks on one letter that are kept, as in the Stream-Safe Text Format of Unicode (UAX #15):
#: putting more of them in order takes time that grows with the square.
_MOST_MARKS = 30
#: More than that of what is neither Latin nor Greek in a row: only there marks are counted, one by
#: one. No mark is among the letters left out, so Vietnamese text is passed over quickly.
_ENDLESS = re.compile(f"[^\0-\u02ff\u1e00-\u1fff]{{{_MOST_MARKS + 1}}}")
#: Letters that come apart into marks alone.
_MARKS_TOGETHER = "\u0f73\u0f75\u0f81"


def nfc(value: str) -> str:
    r"""Return `value` in Unicode normal form C, the only form that is stored.

    NUL, the other C0 controls, lone surrogates and U+FFFE and U+FFFF, which databases, UTF-8 or
    XML refuse, are removed; tabs stay. Every line break (CR LF, CR, and the vertical tab and form
    feed that office programs and PDF write) becomes ``\n``. Of the marks on one letter the first
    thirty are kept; no language has so many.
    """
    value = _UNSTORABLE.sub("", _LINE_BREAK.sub("\n", value))
    return normalize("NFC", _few_marks(value) if _ENDLESS.search(value) else value)


def one_line(value: str) -> str:
    """Return ``value`` in NFC on one line, single spaces between its words."""
    return " ".join(nfc(value).split())


def _few_marks(value: str) -> str:
    kept, marks = [], 0
    for letter in value:
        marks = marks + 1 if combining(letter) or letter in _MARKS_TOGETHER else 0
        if marks <= _MOST_MARKS:
            kept.append(letter)
    return "".join(kept)


# Latin letters that Unicode does not decompose into a plain letter and a mark.
_UNDECOMPOSED = {"ł": "l", "ø": "o", "ı": "i", "æ": "ae", "œ": "oe", "ß": "ss", "þ": "th"}
# Letters of other alphabets whose capital looks exactly like Đ and is often typed for it.
_D_WITH_STROKE = "đðɖ"


class _FoldTable(dict[int, str]):
    """Lower-case code point -> folded text, computed once per character that occurs."""

    def __missing__(self, code: int) -> str:
        pieces = normalize("NFD", chr(code))
        kept = "".join(piece for piece in pieces if category(piece) not in {"Mn", "Me", "Cf"})
        # Hangul comes apart like marked letters do and has to be put together again.
        self[code] = normalize("NFC", _UNDECOMPOSED.get(kept, kept))
        return self[code]


_FOLD = _FoldTable(str.maketrans(dict.fromkeys(_D_WITH_STROKE, "d")))


def fold(value: str) -> str:
    """Return the search key of `value`: lower case, đ as d, no marks, no invisible characters.

    Equal for NFC and NFD input and for both places of a tone mark (hoà, hòa). Vietnamese text
    in NFC keeps its length, so positions in the key are positions in the text.
    """
    value = nfc(value).lower()
    return value if value.isascii() else value.translate(_FOLD)


def words(value: str) -> list[str]:
    """Return the folded words of `value`, runs of letters and digits, in their order."""
    return _WORD.findall(fold(value))


_TONES = frozenset(
    "\N{COMBINING GRAVE ACCENT}\N{COMBINING HOOK ABOVE}\N{COMBINING TILDE}"
    "\N{COMBINING ACUTE ACCENT}\N{COMBINING DOT BELOW}"
)
#: Vowels of their own right: the last of them carries the tone.
_MARKED_VOWELS = frozenset("ăâêôơư")
# Onset, vowels and coda of a folded syllable; the u of qu and the i of gi belong to the onset.
_SYLLABLE = re.compile("(qu(?=[aeiouy])|gi(?=[aeiouy])|[^aeiouy]*)([aeiouy]{1,3})([^aeiouy]*)")


def tone_placed(syllable: str) -> str:
    """Return a syllable in NFC with its tone mark where it belongs: hoà and hòa both give hòa.

    The mark goes to the last of ă â ê ô ơ ư; without any, to the middle of three vowels, to the
    second of two before a consonant and to the first of two at the end (hòa, thủy, khỏe). What is
    no Vietnamese syllable with one tone stays as it is.
    """
    syllable = nfc(syllable)
    if syllable.isascii():
        return syllable
    folded, letters, found = fold(syllable), [], []
    parts = _SYLLABLE.fullmatch(folded)
    if parts is None or len(folded) != len(syllable):
        return syllable
    for letter in syllable:
        pieces = normalize("NFD", letter)
        found += [piece for piece in pieces if piece in _TONES]
        letters.append(normalize("NFC", "".join(p for p in pieces if p not in _TONES)))
    if len(found) != 1:
        return syllable
    (start, end), coda = parts.span(2), parts.group(3)
    marked = [place for place in range(start, end) if letters[place].lower() in _MARKED_VOWELS]
    later = end - start == 3 or (end - start == 2 and coda)
    place = marked[-1] if marked else start + bool(later)
    letters[place] = normalize("NFC", letters[place] + found[0])
    return "".join(letters)


def number_key(value: str) -> str:
    """Return the key under which all spellings of a document number are equal.

    `389/KH-UBND`, `389-kh-ubnd` and `389 KH UBND` all give `389khubnd`.
    """
    return "".join(words(value))


def slug(value: str, limit: int = 80) -> str:
    """Return a URL part of a-z, 0-9 and hyphens, of at most `limit` characters.

    The cut falls between words unless the first word alone is too long. Text without any Latin
    letter or digit gives `muc`.
    """
    text = "-".join(_ASCII_WORD.findall(fold(normalize("NFKC", value))))
    if len(text) > limit:
        text = text[: limit + 1].rpartition("-")[0] or text[:limit]
    return text or "muc"


# Alphabetical order as in ICU's Vietnamese collation (CLDR `vi`): the letters with breve,
# circumflex, horn and stroke are letters of their own, the tones only break ties.
_SIGNS = " _-‐‒–—―,;:!¡?¿.·'‘’‚‹›\"“”„«»()[]{}§¶@*/\\&#%‰†‡•′`´^¯¨¸°©®+±÷×<=>¬|¦~"
_OTHER_SIGN = "\N{REPLACEMENT CHARACTER}"
_CURRENCIES = "¤¢$£¥₫€"
_LETTERS = "aăâbcdđeêfghijklmnoôơpqrstuưvwxyz"
_MARKS = (
    "\N{COMBINING GRAVE ACCENT}\N{COMBINING HOOK ABOVE}\N{COMBINING TILDE}"
    "\N{COMBINING ACUTE ACCENT}\N{COMBINING DOT BELOW}\N{COMBINING BREVE}"
    "\N{COMBINING CIRCUMFLEX ACCENT}\N{COMBINING CARON}\N{COMBINING RING ABOVE}"
    "\N{COMBINING DIAERESIS}\N{COMBINING DOUBLE ACUTE ACCENT}\N{COMBINING DOT ABOVE}"
    "\N{COMBINING CEDILLA}\N{COMBINING OGONEK}\N{COMBINING MACRON}"
)
# Weights start at 2: a stored key can then be joined with \1, and no database refuses it.
_PLAIN, _CAPITAL = "\x02", "\x03"
_PRIMARY = {
    sign: chr(weight)
    for weight, sign in enumerate(
        (*_SIGNS, _OTHER_SIGN, *_CURRENCIES, *"0123456789", *_LETTERS), start=2
    )
}
_SECONDARY = {mark: chr(weight) for weight, mark in enumerate(_MARKS, start=3)}


def _letter_and_marks(char: str) -> tuple[str, str]:
    """Split a lower-case character into alphabet letters or signs, and the marks left over."""
    if char in _D_WITH_STROKE:
        return "đ", ""
    if char.isspace():
        return " ", ""
    if char in _PRIMARY:
        return char, ""
    pieces = normalize("NFKD", _UNDECOMPOSED.get(char, char))
    letters = "".join(piece for piece in pieces if category(piece) not in {"Mn", "Cc", "Cf"})
    marks = "".join(piece for piece in pieces if category(piece) == "Mn")
    for mark in marks:
        letter = normalize("NFC", letters + mark)
        if letter in _PRIMARY:
            return letter, marks.replace(mark, "", 1)
    return letters, marks


def _primary(letter: str) -> str:
    """Return the weight of a letter or sign; other scripts follow Latin by code point."""
    if letter in _PRIMARY:
        return _PRIMARY[letter]
    if category(letter)[0] in "LMN":
        return letter
    return _PRIMARY[_OTHER_SIGN] + letter


class _WeightTable(dict[str, SortKey]):
    """Character -> its weights on the three levels, computed once per character that occurs."""

    def __missing__(self, char: str) -> SortKey:
        lower = char.lower()
        letters, marks = _letter_and_marks(lower)
        self[char] = (
            "".join(map(_primary, letters)),
            _PLAIN * len(letters) + "".join(_SECONDARY.get(mark, mark) for mark in marks),
            (_PLAIN if char == lower else _CAPITAL) * len(letters) + _PLAIN * len(marks),
        )
        return self[char]


_WEIGHTS = _WeightTable()


def sort_key(value: str) -> SortKey:
    r"""Return the key that puts text in Vietnamese alphabetical order.

    Signs come before digits (compared one by one, 10 before 9), digits before letters
    a ă â b c d đ e ê ... y; then the tones level, grave, hook, tilde, acute, dot; then small
    before capital. The same order as the PostgreSQL collation "vi-x-icu", except that Ð (eth)
    counts as Đ, letters such as æ and ø count as ae and o, and rare signs and other scripts
    follow their code points. The strings compare by code point and hold no ``\1``:
    ``"\1".join(key)`` is a key to store.
    """
    weights = [_WEIGHTS[char] for char in nfc(value)]
    letters, marks, cases = zip(*weights, strict=True) if weights else ((), (), ())
    return "".join(letters), "".join(marks), "".join(cases)


def person_sort_key(full_name: str) -> tuple[SortKey, SortKey]:
    """Return the key that lists persons by given name (the last word), then by the rest."""
    *rest, given = full_name.split() or [""]
    return sort_key(given), sort_key(" ".join(rest))


def excerpt(value: str, limit: int) -> str:
    """Return plain text on one line in at most `limit` characters, an ellipsis marking a cut.

    The cut falls between words unless the first word alone is too long.
    Raises ValueError when `limit` has no room even for the ellipsis.
    """
    if limit < 1:
        raise ValueError("an excerpt needs room for at least one character")
    text = one_line(value)
    if len(text) <= limit:
        return text
    head = text[:limit].rpartition(" ")[0] or text[: limit - 1]
    return head.rstrip(" ,;:(–—-") + "…"


_BLOCKS = frozenset(
    words(
        "address article aside blockquote br caption dd details dialog div dl dt fieldset "
        "figcaption figure footer form h1 h2 h3 h4 h5 h6 header hr legend li main menu nav ol "
        "optgroup option p pre section summary table tbody td tfoot th thead title tr ul"
    )
)
_UNSEEN = frozenset({"script", "style", "template"})
# A tag or comment that never ends shows nothing in a browser. The standard parser would look
# for its end again from each following "<", in quadratic time.
_UNFINISHED_TAG = re.compile("<[a-zA-Z/!?]")


class _VisibleText(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._unseen_depth = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._unseen_depth += tag in _UNSEEN
        self._separate(tag)

    # As in browsers, the slash of <script/> or <div/> closes nothing.
    handle_startendtag = handle_starttag

    def handle_endtag(self, tag: str) -> None:
        self._unseen_depth -= tag in _UNSEEN and self._unseen_depth > 0
        self._separate(tag)

    def handle_data(self, data: str) -> None:
        if not self._unseen_depth:
            self.parts.append(data)

    def parse_marked_section(self, i: int, report: int = 1) -> int:
        # The standard parser raises AssertionError on <![x y]>, which word processors write.
        return self.parse_bogus_comment(i)

    def _separate(self, tag: str) -> None:
        if tag in _BLOCKS and not self._unseen_depth:
            self.parts.append(" ")


def plain(html: str) -> str:
    """Return the visible text of an HTML fragment on one line, in NFC.

    Block elements separate words, inline elements do not; scripts, styles and templates are
    left out. The result is text, not HTML: it must be escaped again wherever it is shown.
    """
    parser = _VisibleText()
    parser.feed(html)
    if not _UNFINISHED_TAG.match(parser.rawdata):
        parser.close()
    return one_line("".join(parser.parts))
