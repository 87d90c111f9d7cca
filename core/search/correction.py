"""Did you mean: a query in words of the index, with their marks.

Words that the index does not know, or never beside their neighbours, are replaced by those that a
slip of the finger, of the ear or of the input method makes of them. The words chosen are those that
cost the fewest slips and stand together most often.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from heapq import nlargest
from itertools import islice, pairwise
from math import log
from time import monotonic
from typing import NamedTuple

from hoitu.core.search import language
from hoitu.core.search.keystrokes import decoded
from hoitu.core.search.shelf import Shelf
from hoitu.core.search.wording import Word, Wording, read_words

_ALPHABET = "abcdefghijklmnopqrstuvwxyz"
#: Candidates looked at for one word, and forms with marks for one candidate.
_CANDIDATES, _FORMS = 12, 6
#: Ways to read what was typed so far that are read on.
_WAYS = 6
#: What a slip costs, beside the logarithms of how often words stand (together).
_SLIP = 3.0
#: A word that exists is less likely a slip.
_KNOWN = 0.7
_DECODED, _SOUND, _SWAP, _SPACE, _LETTER, _TWO = 0.1, 0.6, 0.7, 0.7, 1.0, 1.8
#: Longer words are no syllables; only the spaces between them may be missing.
_LONGEST = 12
_LONGEST_JOINED = 24
#: Whole sentences are left alone: there is more to look up than a visitor waits for.
_MOST_WORDS = 16


class _Reading(NamedTuple):
    """What one or two typed words may say: folded words, with marks where those are certain."""

    words: tuple[Word | str, ...]
    cost: float
    taken: int = 1


class _OutOfTimeError(Exception):
    """The deadline has come before anything could be proposed."""


def correct(shelf: Shelf, wording: Wording, visible: int, deadline: float) -> str:
    """Return what was probably meant, empty when that is what was typed or time was too short.

    Only words that stand in ``visible`` documents are proposed, with marks that they have there.
    ``deadline`` is an instant of the monotonic clock.
    """
    if not wording.places or len(wording.words) > _MOST_WORDS:
        return ""
    try:
        return _proposal(_Lexicon(shelf, visible, deadline), wording)
    except _OutOfTimeError:
        return ""


def _proposal(lexicon: _Lexicon, wording: Wording) -> str:
    chosen = _best(lexicon, wording)
    forms = _with_marks(lexicon, [word for reading in chosen for word in reading.words])
    if not _changes(wording, chosen, forms) or not _credible(lexicon, wording, chosen, forms):
        return ""
    return _written(wording, chosen, forms)


def _has_digit(word: Word) -> bool:
    return any(letter.isdigit() for letter in word.folded)


def _differs(typed: Word, meant: Word) -> bool:
    """Say whether something else is meant; marks left out are no mistake."""
    return meant.folded != typed.folded or typed.exact not in {typed.folded, meant.exact}


def _changes(
    wording: Wording, chosen: Sequence[_Reading], forms: Sequence[Word]
) -> dict[int, bool]:
    """Return the places among the forms where something else is meant than was typed.

    The value says whether what was typed could be a word all the same.
    """
    places: dict[int, bool] = {}
    typed, form = 0, 0
    for reading in chosen:
        word, end = wording.words[typed], form + len(reading.words)
        alone = reading.taken == len(reading.words) == 1
        if not alone or _differs(word, forms[form]):
            doubtful = alone and word.folded in language.syllables() and reading.cost != _DECODED
            places |= dict.fromkeys(range(form, end), doubtful)
        typed, form = typed + reading.taken, end
    return places


def _credible(
    lexicon: _Lexicon, wording: Wording, chosen: Sequence[_Reading], forms: Sequence[Word]
) -> bool:
    """Say whether every change makes words that stand together somewhere.

    Most words are near some other. One that could be a word, though the index does not know it, is
    only taken for a slip if the other fits to both sides.
    """
    if len(forms) == 1:
        word, meant = wording.words[0], forms[0]
        return word.folded != meant.folded and (len(word.folded) > 3 or chosen[0].cost < _LETTER)
    marked = wording.marked or any(reading.cost == _DECODED for reading in chosen)

    def together(place: int) -> bool:
        first, second = forms[place : place + 2]
        if marked:
            return lexicon.together_marked(first.exact, second.exact) > 0
        return lexicon.together(first.folded, second.folded) > 0

    for place, doubtful in _changes(wording, chosen, forms).items():
        # Beside a number anything may stand.
        after = [n for n in (place - 1, place) if 0 <= n < len(forms) - 1]
        beside = [together(n) for n in after if not _has_digit(forms[2 * n + 1 - place])]
        if beside and not (all(beside) if doubtful else any(beside)):
            return False
    return True


def _written(wording: Wording, chosen: Sequence[_Reading], forms: Sequence[Word]) -> str:
    """Return the query as typed with the words replaced."""
    parts, end, word, form = [], 0, 0, 0
    for reading in chosen:
        start = wording.places[word][0]
        parts.append(wording.text[end:start])
        end = wording.places[word + reading.taken - 1][1]
        typed = wording.text[start:end]
        meant = forms[form : form + len(reading.words)]
        same = read_words(typed) == list(meant)
        parts.append(typed if same else " ".join(word.exact for word in meant))
        word, form = word + reading.taken, form + len(reading.words)
    return " ".join("".join([*parts, wording.text[end:]]).split())


class _Lexicon:
    """The words of the visible documents, to be looked up until the deadline."""

    def __init__(self, shelf: Shelf, visible: int, deadline: float) -> None:
        self._shelf = shelf
        self._visible = visible
        self._deadline = deadline
        self.forms = shelf.vocabulary
        self._seen: dict[str, int] = {}

    def frequency(self, word: str) -> int:
        """Return in how many visible documents a word stands: folded, or with marks behind =."""

        def look_up() -> int:
            having = self._shelf.trying("words", word)
            return (having & self._visible).bit_count()

        return self._once(word, look_up)

    def together(self, first: str, second: str) -> int:
        """Return in how many documents two words follow each other."""
        pair = f"{first} {second}"
        return self._once(
            pair, lambda: sum(self._shelf.frequency(field, pair) for field in ("pairs", "inner"))
        )

    def _once(self, key: str, look_up: Callable[[], int]) -> int:
        if key not in self._seen:
            if monotonic() > self._deadline:
                raise _OutOfTimeError
            self._seen[key] = look_up()
        return self._seen[key]

    def together_marked(self, first: str, second: str) -> int:
        """Return in how many documents two words with their marks do."""
        return self.together(f"={first}", second)

    def common(self, words: Iterable[str]) -> list[str]:
        """Return those of the words that are known, the most frequent first."""
        known = [word for word in dict.fromkeys(words) if word in self.forms]
        known = sorted(known, key=lambda word: -sum(self.forms[word].values()))
        return [word for word in known[:_CANDIDATES] if self.frequency(word)]


# -- which words --------------------------------------------------------------------------------


def _best(lexicon: _Lexicon, wording: Wording) -> list[_Reading]:
    """Return the best readings of the words, one after the other."""
    words = wording.words
    # For each place: last folded word -> (score, readings so far).
    ways: list[dict[str, tuple[float, list[_Reading]]]] = [{} for _word in (*words, None)]
    ways[0][""] = (0.0, [])
    for place in range(len(words)):
        best = nlargest(_WAYS, ways[place].items(), key=lambda way: way[1][0])
        for reading in _readings(lexicon, wording, place):
            folded = [_folded(word) for word in reading.words]
            inside = _likely(lexicon, folded) - _SLIP * reading.cost
            for last, (score, before) in best:
                total = score + inside + (_bond(lexicon, last, folded[0]) if last else 0.0)
                after = ways[place + reading.taken]
                if folded[-1] not in after or after[folded[-1]][0] < total:
                    after[folded[-1]] = (total, [*before, reading])
    return max(ways[-1].values(), key=lambda way: way[0])[1]


def _likely(lexicon: _Lexicon, folded: Sequence[str]) -> float:
    """Return what words are worth by their frequency and by standing together."""
    known = sum(0.3 * log(1 + lexicon.frequency(word)) for word in folded) / len(folded)
    bonds = [_bond(lexicon, *pair) for pair in pairwise(folded)]
    return known + (sum(bonds) / len(bonds) if bonds else 0.0)


def _bond(lexicon: _Lexicon, first: str, second: str) -> float:
    number = lexicon.together(first, second)
    return 1.5 + log(number) if number else 0.0


def _folded(word: Word | str) -> str:
    return word if isinstance(word, str) else word.folded


def _readings(lexicon: _Lexicon, wording: Wording, place: int) -> Iterator[_Reading]:
    """Yield what the word at a place may say; a word in its place says what it says."""
    word = wording.words[place]
    yield _Reading((word,), 0.0 if lexicon.frequency(word.folded) else 2.5)
    if _in_place(lexicon, wording, place):
        return
    start, end = wording.places[place]
    typed = wording.text[start:end].lower()
    for exact in decoded(typed):
        meant = read_words(exact)
        if len(meant) == 1 and lexicon.common([meant[0].folded]):
            yield _Reading((meant[0],), _DECODED)
    if _has_digit(word):
        return
    yield from _slips(lexicon, word.folded)
    yield from _spaced(lexicon, word.folded)
    if place + 1 < len(wording.words):
        joined = word.folded + wording.words[place + 1].folded
        for one in lexicon.common([joined]):
            yield _Reading((one,), _SPACE, taken=2)


def _in_place(lexicon: _Lexicon, wording: Wording, place: int) -> bool:
    """Say whether a word is known, and stands elsewhere beside one of its neighbours here."""
    words = wording.words
    if not lexicon.frequency(words[place].folded):
        return False
    beside = [
        (words[at].folded, words[at + 1].folded)
        for at in (place - 1, place)
        if at >= 0 and at + 1 < len(words)
    ]
    return not beside or any(lexicon.together(*pair) for pair in beside)


def _slips(lexicon: _Lexicon, word: str) -> Iterator[_Reading]:
    """Yield words that sound alike or are one slip of the finger away."""
    if len(word) > _LONGEST:
        return
    sounds = set(_sounds(word))
    near = dict.fromkeys(sounds, _SOUND)
    for other in _swapped(word):
        near.setdefault(other, _SWAP)
    for other in _one_letter(word):
        near.setdefault(other, _LETTER)
    for sound in sounds:
        for other in (*_sounds(sound), *_one_letter(sound)):
            near.setdefault(other, _TWO)
    near.pop(word, None)
    doubt = _KNOWN if lexicon.frequency(word) else 0.0
    for other in lexicon.common(near):
        yield _Reading((other,), near[other] + doubt)


def _sounds(word: str) -> Iterator[str]:
    for one, other in language.alike("onsets"):
        if word.startswith(one):
            yield other + word[len(one) :]
    for one, other in language.alike("codas"):
        if word.endswith(one):
            yield word[: len(word) - len(one)] + other


def _swapped(word: str) -> Iterator[str]:
    for place in range(len(word) - 1):
        yield word[:place] + word[place + 1] + word[place] + word[place + 2 :]


def _one_letter(word: str) -> Iterator[str]:
    for place in range(len(word) + 1):
        yield word[:place] + word[place + 1 :]
        for letter in _ALPHABET:
            yield word[:place] + letter + word[place:]
            yield word[:place] + letter + word[place + 1 :]


def _spaced(lexicon: _Lexicon, word: str) -> Iterator[_Reading]:
    """Yield the words in which a word without spaces may come apart: thutuc."""
    if not 4 <= len(word) <= _LONGEST_JOINED:
        return
    # The fewest words for each beginning; pairs that stand together before others.
    ways: list[tuple[float, tuple[str, ...]] | None] = [(0.0, ())] + [None] * len(word)
    for end in range(1, len(word) + 1):
        for start in range(max(0, end - 7), end):
            way, part = ways[start], word[start:end]
            if way is None or len(part) < 2 or part not in lexicon.forms:
                continue
            score = way[0] - 3.0 + 0.3 * log(1 + lexicon.frequency(part))
            if way[1]:
                score += _bond(lexicon, way[1][-1], part)
            best = ways[end]
            if best is None or best[0] < score:
                ways[end] = (score, (*way[1], part))
    last = ways[-1]
    if last and len(last[1]) > 1 and all(map(lexicon.frequency, last[1])):
        yield _Reading(last[1], _SPACE)


# -- with which marks ---------------------------------------------------------------------------


def _with_marks(lexicon: _Lexicon, words: Sequence[Word | str]) -> list[Word]:
    """Return the words with the marks with which they stand together most often."""
    ways: dict[str, tuple[float, list[Word]]] = {"": (0.0, [])}
    for word in words:
        after: dict[str, tuple[float, list[Word]]] = {}
        for form, number in _forms(lexicon, word):
            alone = 0.3 * log(1 + number)
            for last, (score, before) in ways.items():
                both = lexicon.together_marked(last, form.exact) if last else 0
                total = score + alone + (1.5 + log(both) if both else 0.0)
                if form.exact not in after or after[form.exact][0] < total:
                    after[form.exact] = (total, [*before, form])
        ways = after
    return max(ways.values(), key=lambda way: way[0])[1]


def _forms(lexicon: _Lexicon, word: Word | str) -> list[tuple[Word, int]]:
    """Return the forms that a word may have; one that was typed with its marks keeps them."""
    folded = _folded(word)
    known = lexicon.forms.get(folded, {})
    if isinstance(word, Word) and (not known or (word.exact != folded and word.exact in known)):
        return [(word, 1)]
    numbers = ((e, lexicon.frequency(f"={e}")) for e in sorted(known, key=lambda e: -known[e]))
    best = islice(((exact, number) for exact, number in numbers if number), _FORMS)
    return [(Word(folded, exact), number) for exact, number in best] or [(Word(folded, folded), 1)]
