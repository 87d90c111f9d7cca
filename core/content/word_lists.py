"""Lists as Word writes them: paragraphs that carry a number or a bullet, made into lists.

A number that no list could count, such as "Điều 1." or "1.1.", stays as text: it is cited.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from hoitu.core.content.markup import Element

Node = Element | str

#: Stands for the number or bullet of a Word paragraph until its fate is decided.
MARKER = "word-marker"
_IGNORED = re.compile(r"mso-list:\s*ignore", re.IGNORECASE)
_LISTED = re.compile(r"mso-list:\s*(l\d+)\s+level(\d+)", re.IGNORECASE)
_COUNTED = re.compile(r"\(?(\d{1,6}|[a-z]|[A-Z]|[ivxlc]{1,8}|[IVXLC]{1,8})[.)]?")
#: Bullets are signs, or letters of the fonts Symbol and Wingdings.
_BULLET = re.compile(r"[^\w\s]{1,2}|[ov\u00a7\u00d8\u00fc\u00dcwqlun\u00b7]")
_ROMAN = {"i": 1, "v": 5, "x": 10, "l": 50, "c": 100}


@dataclass(frozen=True, slots=True)
class _Entry:
    """A paragraph of a list: where it stands, and its number; '' for a bullet."""

    list_id: str
    level: int
    number: str
    children: list[Node]


@dataclass(frozen=True, slots=True)
class _Opened:
    """A list that may go on."""

    level: int
    list_id: str
    element: Element


def marker_of(span: Element) -> Element | None:
    """Return what stands for a span that holds Word's number or bullet; None for other spans."""
    if not _IGNORED.search(span.attributes.get("style", "")):
        return None
    return Element(MARKER, {}, [span.text])


def with_lists(children: list[Node]) -> list[Node]:
    """Return the children of one element, paragraphs of Word's lists in lists."""
    made: list[Node] = []
    run: list[_Entry] = []
    for child in children:
        entry = _entry(child)
        if entry:
            run.append(entry)
        elif isinstance(child, str) and not child.strip() and run:
            continue
        else:
            made += _lists(run)
            run = []
            made.append(_marked(child))
    return made + _lists(run)


def _entry(child: Node) -> _Entry | None:
    """Return the entry of a list that a paragraph is; None for everything else."""
    if isinstance(child, str) or child.tag != "p":
        return None
    listed = _LISTED.search(child.attributes.get("style", ""))
    marker = next(child.every(MARKER), None)
    if listed is None or marker is None:
        return None
    number = marker.text
    counted = _COUNTED.fullmatch(number)
    bullet = not number or _BULLET.fullmatch(number)
    if not counted and not bullet:
        return None
    # A lone "o" is the hollow bullet of Word, not the fifteenth letter.
    sign = "" if bullet or counted is None else counted[1]
    return _Entry(listed[1], int(listed[2]), sign, _without(child).children)


def _lists(entries: Iterable[_Entry]) -> list[Node]:
    """Return entries that follow each other as lists, one in another by their levels."""
    made: list[Node] = []
    opened: list[_Opened] = []
    for entry in entries:
        tag = "ol" if entry.number else "ul"
        while opened and opened[-1].level > entry.level:
            opened.pop()
        last = opened[-1] if opened else None
        if last and last.level == entry.level:
            if (last.list_id, last.element.tag) == (entry.list_id, tag):
                last.element.children.append(Element("li", {}, entry.children))
                continue
            opened.pop()
        begun = Element(tag, _counting(entry.number), [Element("li", {}, entry.children)])
        _place_of(opened, made).append(begun)
        opened.append(_Opened(entry.level, entry.list_id, begun))
    return made


def _place_of(opened: list[_Opened], outermost: list[Node]) -> list[Node]:
    """Return the children to which a list of the next level belongs: those of the last entry."""
    if not opened:
        return outermost
    last = opened[-1].element.children[-1]
    assert isinstance(last, Element)
    return last.children


def _counting(number: str) -> dict[str, str]:
    """Return the attributes of a list that begins with a number."""
    if not number:
        return {}
    if number.isdigit():
        kind, value = "", int(number)
    elif len(number) > 1 or number in "iI":
        kind, value = "iI"[number.isupper()], _roman(number.lower())
    else:
        kind, value = "aA"[number.isupper()], ord(number.lower()) - ord("a") + 1
    counting = {"start": str(value)} if value > 1 else {}
    return counting | ({"type": kind} if kind else {})


def _roman(number: str) -> int:
    values = [_ROMAN[sign] for sign in number]
    pairs = zip(values, [*values[1:], 0], strict=True)
    return sum(-value if value < after else value for value, after in pairs)


def _without(paragraph: Element) -> Element:
    kept: list[Node] = []
    for child in paragraph.children:
        if isinstance(child, str):
            kept.append(child)
        elif child.tag != MARKER:
            kept.append(_without(child) if next(child.every(MARKER), None) else child)
    return Element(paragraph.tag, paragraph.attributes, kept)


def _marked(child: Node) -> Node:
    """Return a node outside lists; a number in it becomes text again."""
    if isinstance(child, str):
        return child
    if child.tag == MARKER:
        return f"{child.text} "
    kept: list[Node] = []
    for inner in map(_marked, child.children):
        after_number = kept and isinstance(kept[-1], str) and kept[-1].endswith(" ")
        kept.append(inner.lstrip() if after_number and isinstance(inner, str) else inner)
    child.children = kept
    return child
