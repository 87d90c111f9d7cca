"""Rich text as it is stored: an allow-list, and one way to write each thing, whatever was pasted.

What an editor sends, what Word puts on the clipboard and what somebody typed as HTML end alike:
real headings, lists and tables, no look of their own. Cleaning what is clean changes nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from html import escape

import nh3

from hoitu.core.content.markup import END, START, VOID, Element, pieces, tree
from hoitu.core.content.word_lists import Node, marker_of, with_lists

#: What may be stored.
_TAGS = """
p br h2 h3 h4 strong em u s sub sup ul ol li blockquote a img figure figcaption table caption thead
tbody tfoot tr th td hr abbr
"""
TAGS = frozenset(_TAGS.split())
ATTRIBUTES: dict[str, set[str]] = {
    "a": {"href", "title"},
    "img": {"src", "alt", "width", "height"},
    "th": {"scope", "colspan", "rowspan"},
    "td": {"colspan", "rowspan"},
    "ol": {"start", "type"},
    "abbr": {"title"},
}
SCHEMES = {"http", "https", "mailto", "tel"}

# -- what may come in, to be turned into the above --

_BOX_TAGS = """
div section article header footer main aside nav center address pre dl dt dd form fieldset
"""
_BOXES = frozenset(_BOX_TAGS.split())
_RENAMED = {"b": "strong", "i": "em", "strike": "s", "del": "s", "h1": "h2", "h5": "h4", "h6": "h4"}
_LOWERED = {"h1": "h2", "h2": "h3", "h3": "h4"}
_READ = TAGS | _BOXES | _RENAMED.keys() | {"span"}
_STYLED = frozenset({"p", "span", "b", "i", "div", *(f"h{n}" for n in range(1, 7))})
_READ_ATTRIBUTES = ATTRIBUTES | {tag: {"style"} for tag in _STYLED}
_UNREAD = {"script", "style", "title", "xml"}

_CELLS = frozenset({"th", "td"})
_ROWS = frozenset({"thead", "tbody", "tfoot"})
_BLOCK_TAGS = "p h1 h2 h3 h4 h5 h6 ul ol li blockquote figure figcaption table caption tr hr"
_BLOCKS = _BOXES | _CELLS | _ROWS | frozenset(_BLOCK_TAGS.split())
#: Hold blocks or rows, never words of their own.
_FRAMES = _ROWS | {"ul", "ol", "table", "tr", "figure"}
#: Hold words, or blocks; where there are blocks, words among them get a paragraph.
_WRAPPING = _CELLS | {"", "blockquote"}
#: Hold words and begin a line.
_LINES = frozenset({"p", "h2", "h3", "h4", "li", "figcaption", "caption", "th", "td"})
_FORMATS = frozenset({"strong", "em", "u", "s", "sub", "sup"})
#: Hold paragraphs, and so those that Word means as a list.
_LISTING = _BOXES | _CELLS | {"", "li", "blockquote"}
_EMPTY_KEPT = VOID | _CELLS | _ROWS | {"", "tr"}

_SPACES = re.compile("[\\s\u00a0]{2,}|[\t\n\r\f]")
_BLANK = " \t\n\r\f\u00a0"
_TAG = re.compile("<[a-zA-Z/!?]")
_PARAGRAPHS = re.compile("\n[ \t]*(?:\n[ \t]*)+")
_STYLES: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"(?:^|;)\s*font-weight:\s*(?:bold|[6-9]00)\b", re.IGNORECASE), "strong"),
    (re.compile(r"(?:^|;)\s*font-style:\s*italic\b", re.IGNORECASE), "em"),
    (re.compile(r"(?:^|;)\s*text-decoration[^:;]*:[^;]*\bunderline\b", re.IGNORECASE), "u"),
    (re.compile(r"(?:^|;)\s*text-decoration[^:;]*:[^;]*\bline-through\b", re.IGNORECASE), "s"),
)
_PLAIN = re.compile(r"(?:^|;)\s*font-(?:weight|style):\s*normal\b", re.IGNORECASE)
#: Elements deeper than this say nothing any more; each reader of a text goes as deep.
_DEPTH = 60


@lru_cache(maxsize=8)  # A form asks for each of its texts several times while it is saved.
def clean(html: str) -> str:
    """Return the fragment to store: only what the site shows, each thing written in one way."""
    if not _TAG.search(html):
        html = _paragraphs(html)
    root = tree(_shallow(_well_formed(html)))
    renamed = _RENAMED | (_LOWERED if next(root.every("h1"), None) else {})
    return _allowed(_written(_rebuilt(root, renamed)))


def _paragraphs(plain: str) -> str:
    """Return text without any markup, its paragraphs marked; one line stays as it is."""
    if "\n" not in plain.strip():
        return plain
    found = (part.strip().replace("\n", "<br>") for part in _PARAGRAPHS.split(plain))
    return "".join(f"<p>{part}</p>" for part in found if part)


def _well_formed(html: str) -> str:
    return nh3.clean(
        html,
        tags=set(_READ),
        clean_content_tags=_UNREAD,
        attributes=_READ_ATTRIBUTES,
        url_schemes=SCHEMES,
        link_rel=None,
    )


def _allowed(html: str) -> str:
    """Return the fragment without anything that is not on the list; the last word on safety."""
    return nh3.clean(html, tags=set(TAGS), attributes=ATTRIBUTES, url_schemes=SCHEMES)


def _shallow(html: str) -> str:
    """Return a well-formed fragment without the tags that lie too deep; their words stay."""
    if html.count("</") <= _DEPTH:
        return html
    kept: list[str] = []
    depth = 0
    for piece in pieces(html):
        nests = piece.kind in (START, END) and piece.tag not in VOID
        depth -= nests and piece.kind == END
        if not nests or depth < _DEPTH:
            kept.append(piece.source)
        depth += nests and piece.kind == START
    return "".join(kept)


# -- the tree, from the leaves up --


def _rebuilt(element: Element, renamed: dict[str, str]) -> Element:
    """Return the element with its children put in order, those that mean nothing taken out."""
    children = [
        made
        for child in element.children
        for made in ([child] if isinstance(child, str) else _put(_rebuilt(child, renamed)))
    ]
    tag = renamed.get(element.tag, element.tag)
    if tag in _LISTING:
        children = with_lists(children)
        for item in Element("", {}, children).every("li"):
            _trim(item)
    found = Element(tag, element.attributes, children)
    found.children = list(_spaced(found))
    if rule := _RULES.get(tag):
        rule(found)
    return found


def _put(element: Element) -> list[Node]:
    """Return what stands in the place of an element in its parent."""
    tag, children = element.tag, element.children
    if tag in _EMPTY_KEPT:
        return [] if tag == "img" and not element.attributes.get("src") else [element]
    if tag == "span":
        return _of_span(element)
    if tag in _BOXES:
        tag = element.tag = "p" if _words_only(children) else ""
        if tag:
            _trim(element)
    elif not _is_meant(element):
        tag = ""
    if tag and _is_empty(element):
        return [" "] if tag in _FORMATS and children else []
    return [element] if tag else children


def _of_span(element: Element) -> list[Node]:
    style = element.attributes.get("style", "")
    if marker := marker_of(element):
        return [marker]
    children = element.children
    for pattern, tag in _STYLES:
        if pattern.search(style) and children and _words_only(children):
            children = [Element(tag, {}, children)]
    return children


def _is_meant(element: Element) -> bool:
    """Say whether a format or a link is one.

    Clipboards wrap text in ``<b>`` that is styled not to be bold. A link without an address is
    none, nor is one to a place in the text: what is stored has no such places.
    """
    attributes, tag = element.attributes, element.tag
    if tag == "a":
        return not attributes.get("href", "#").startswith("#")
    if tag in _FORMATS:
        return _words_only(element.children) and not _PLAIN.search(attributes.get("style", ""))
    return True


def _words_only(children: Iterable[Node]) -> bool:
    return not any(isinstance(child, Element) and child.tag in _BLOCKS for child in children)


def _is_empty(element: Element) -> bool:
    """Say whether an element has neither words nor anything else to see."""
    if next(element.every("img", "hr", "td", "th"), None):
        return False
    return not element.text.strip(_BLANK)


def _spaced(element: Element) -> Iterator[Node]:
    """Yield the children, spaces as the text needs them and neighbours of one format joined."""
    children = element.children
    frame = element.tag in _FRAMES or not _words_only(children)
    last: Node = ""
    wrapping = element.tag in _WRAPPING and not _words_only(children)
    for given in _wrapped(children) if wrapping else children:
        child = _SPACES.sub(" ", given) if isinstance(given, str) else given
        if isinstance(child, str):
            if frame and not child.strip(_BLANK):
                continue
        elif isinstance(last, Element) and last.tag == child.tag in _FORMATS:
            last.children += child.children
            continue
        yield child
        last = child


def _wrapped(children: Iterable[Node]) -> Iterator[Node]:
    """Yield children that stand among blocks; words of their own get a paragraph."""
    words: list[Node] = []
    for child in [*children, None]:
        if child is not None and (isinstance(child, str) or child.tag not in _BLOCKS):
            words.append(child)
            continue
        paragraph = Element("p", {}, words)
        if not _is_empty(paragraph):
            paragraph.children = list(_spaced(paragraph))
            _trim(paragraph)
            yield paragraph
        words = []
        if child is not None:
            yield child


# -- rules of single elements --


def _trim(element: Element) -> None:
    """Take spaces and line breaks from the ends of a line."""
    for end in (0, -1):
        while element.children:
            child = element.children[end]
            if isinstance(child, str):
                child = child.lstrip(_BLANK) if end == 0 else child.rstrip(_BLANK)
                element.children[end] = child
                if child:
                    break
            elif child.tag in _FORMATS:
                _trim(child)
                break
            elif child.tag != "br":
                break
            del element.children[end]


def _heading(element: Element) -> None:
    """Take the bold from a heading: it is bold by itself."""
    _trim(element)
    match element.children:
        case [Element(tag="strong") as only]:
            element.children = only.children


def _link(element: Element) -> None:
    """Take the underline from a link: it is underlined by itself."""
    match element.children:
        case [Element(tag="u") as only]:
            element.children = only.children
            _link(element)


def _cell(element: Element) -> None:
    """Take the paragraph from a cell that holds just one."""
    _trim(element)
    match element.children:
        case [Element(tag="p") as only]:
            element.children = only.children


def _figure(element: Element) -> None:
    """Take the frame from a table; what the frame says of it is its caption."""
    tables = [c for c in element.children if isinstance(c, Element) and c.tag == "table"]
    if not tables:
        return
    for words in [c for c in element.children if isinstance(c, Element) and c.tag == "figcaption"]:
        element.children.remove(words)
        if not any(isinstance(c, Element) and c.tag == "caption" for c in tables[0].children):
            tables[0].children.insert(0, Element("caption", {}, words.children))
    element.tag = "div"


def _table(element: Element) -> None:
    """Tell what each header cell heads; a table without cells is none."""
    for head in element.every("thead"):
        _scope(head.every("th"), "col")
    for number, row in enumerate(_rows(element)):
        cells = list(row.every("th", "td"))
        top = number == 0 and all(cell.tag == "th" for cell in cells)
        _scope((cell for cell in cells if cell.tag == "th"), "col" if top else "row")


def _rows(table: Element) -> Iterator[Element]:
    """Yield the rows of a table itself, not of tables in its cells."""
    for child in table.children:
        if isinstance(child, Element):
            if child.tag == "tr":
                yield child
            elif child.tag in _ROWS:
                yield from _rows(child)


def _scope(cells: Iterable[Element], scope: str) -> None:
    for cell in cells:
        if cell.attributes.get("scope") not in ("col", "row", "colgroup", "rowgroup"):
            cell.attributes = {**cell.attributes, "scope": scope}


_RULES: dict[str, Callable[[Element], None]] = {
    **dict.fromkeys(_LINES, _trim),
    **dict.fromkeys(("h2", "h3", "h4"), _heading),
    **dict.fromkeys(_CELLS, _cell),
    "a": _link,
    "figure": _figure,
    "table": _table,
}


def _written(node: Node) -> str:
    if isinstance(node, str):
        return escape(node, quote=False)
    within = "".join(_written(child) for child in node.children)
    if not node.tag:
        return within
    attributes = "".join(f' {name}="{escape(value)}"' for name, value in node.attributes.items())
    opened = f"<{node.tag}{attributes}>"
    return opened if node.tag in VOID else f"{opened}{within}</{node.tag}>"
