"""Whether everybody can read a text: what keeps it from being published, and good advice.

Five faults block: a picture without alternative text, a link without words, a link whose words say
nothing alone, a table without header cells, and headings that skip a level. All else is advice.

Texts carry no colours: styles are dropped when they are saved. Contrast is therefore a matter of
the themes, which are tested, and of the colours a unit chooses, which are checked where it does.

A picture with an empty alternative text counts as decoration. Whether the library agrees is not
told by the text; who puts the picture in writes the attribute either way.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from flask_babel import lazy_gettext as _

from hoitu.core import text
from hoitu.core.content.fields import Rows
from hoitu.core.content.kinds import Kind, RichText
from hoitu.core.content.markup import Element, tree
from hoitu.core.content.problems import Problem
from hoitu.core.package_data import package_data

if TYPE_CHECKING:
    from hoitu.core.content.item import Item
    from hoitu.core.content.types import ContentType

#: Words of a run in capitals that is advised against, and of paragraphs and sentences.
CAPITALS, LONG_PARAGRAPH, LONG_SENTENCE = 8, 150, 50
#: Characters of the text that is shown with a finding.
EXCERPT = 80
#: Longest bold paragraph that is taken for a heading in disguise, in words.
HEADING_WORDS = 20

#: Formats of files by extension; their links should say them.
FORMATS = (
    "pdf", "doc", "docx", "xls", "xlsx", "ppt", "pptx", "odt", "ods", "csv", "zip", "rar",
)  # fmt: skip
_PICTURE_NAME = re.compile(r"[\w().-]+\.(jpe?g|png|gif|webp|avif|bmp|tiff?|heic)", re.IGNORECASE)
_CAMERA_NAME = re.compile(r"(img|dsc|dscn|image|screenshot|anh|untitled)[\s_-]?\d*", re.IGNORECASE)
_SENTENCE_END = re.compile(r"[.!?…;:]\s+")
_LETTER = re.compile(r"[^\W\d_]")
_HEADINGS = ("h2", "h3", "h4")


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that keeps people from reading a text, and where it stands."""

    #: Key of the rule, the same in all languages.
    rule: str
    message: Any
    #: Whether the text cannot be published with it.
    blocks: bool
    #: The words it is about, '' where there are none.
    excerpt: str = ""


def findings(html: str) -> list[Finding]:
    """Return what should be mended in a text, what blocks first, else in the order of the text."""
    fragment = tree(html or "")
    found = [finding for rule in _RULES for finding in rule(fragment)]
    return sorted(found, key=lambda finding: not finding.blocks)


def barriers(kind: ContentType, item: Item) -> list[Problem]:
    """Return what of an item's texts blocks its publication, by field; in tables, too."""
    return [
        Problem(name, f"{finding.message} {_quoted(finding)}".strip())
        for name, declared in kind.fields.items()
        for html in texts_of(declared.kind, getattr(item, name))
        for finding in findings(html)
        if finding.blocks
    ]


def texts_of(kind: Kind, value: Any) -> Iterator[str]:
    """Yield the rich texts in a value of a kind: the value itself, or the cells of a table."""
    if isinstance(kind, RichText) and value:
        yield value
    elif isinstance(kind, Rows):
        for row in value or ():
            for column in kind.columns:
                yield from texts_of(column.kind, row.get(column.name))


def says_nothing(words: str) -> bool:
    """Say whether the words of a link do not tell where it leads when they are read alone."""
    return " ".join(text.words(words)) in _empty_words()


@cache
def _empty_words() -> frozenset[str]:
    listed = package_data("hoitu.core.content", "link_words")
    return frozenset(" ".join(text.words(words)) for part in listed.values() for words in part)


def _quoted(finding: Finding) -> str:
    return f"“{finding.excerpt}”" if finding.excerpt else ""


def _excerpt(words: str) -> str:
    return text.excerpt(words, EXCERPT) if words else ""


# -- what blocks ----------------------------------------------------------------------------------


def _pictures(fragment: Element) -> Iterator[Finding]:
    for picture in fragment.every("img"):
        name = unquote(urlsplit_path(picture.attributes.get("src", "")).rpartition("/")[2])
        alt = picture.attributes.get("alt")
        if alt is None:
            message = _("A picture has no description for those who do not see it.")
            yield Finding("picture_without_alt", message, True, _excerpt(name))
        elif _PICTURE_NAME.fullmatch(alt.strip()) or _CAMERA_NAME.fullmatch(alt.strip()):
            message = _("The description of a picture is the name of a file. Say what it shows.")
            yield Finding("alt_is_file_name", message, False, _excerpt(alt))


def _links(fragment: Element) -> Iterator[Finding]:
    for link in fragment.every("a"):
        if "href" not in link.attributes:
            continue
        words = link.words
        if not words:
            message = _("A link has no words, so nobody can tell where it leads.")
            yield Finding("link_without_words", message, True, _excerpt(link.attributes["href"]))
        elif says_nothing(words):
            message = _(
                "The words of a link say nothing when they are read alone. Name what it leads to."
            )
            yield Finding("link_says_nothing", message, True, _excerpt(words))


def _tables(fragment: Element) -> Iterator[Finding]:
    for table in fragment.every("table"):
        told = _excerpt(table.text)
        if next(table.every("th"), None) is None:
            message = _("A table has no header cells. Mark its first row or column as headers.")
            yield Finding("table_without_header", message, True, told)
        if any(_spans(cell) for cell in table.every("td", "th")):
            message = _(
                "A table has merged cells, which are hard to follow without seeing it. "
                "Simple tables are read by everybody."
            )
            yield Finding("merged_cells", message, False, told)


def _spans(cell: Element) -> bool:
    return any(cell.attributes.get(name, "1") not in ("", "1") for name in ("colspan", "rowspan"))


def _headings(fragment: Element) -> Iterator[Finding]:
    above = 1
    for heading in fragment.every(*_HEADINGS):
        words, level = heading.words, int(heading.tag[1])
        if not words:
            message = _("A heading is empty. Write it, or take it away.")
            yield Finding("empty_heading", message, False)
            continue
        if level > above + 1:
            message = (
                _("The first heading of a text must be of the highest level.")
                if above == 1
                else _("A heading skips a level. After a heading comes one of the next level.")
            )
            yield Finding("heading_skips_level", message, True, _excerpt(words))
        above = level


# -- advice ---------------------------------------------------------------------------------------


def _bold_paragraphs(fragment: Element) -> Iterator[Finding]:
    for paragraph in fragment.every("p"):
        held = [c for c in paragraph.children if isinstance(c, Element) or c.strip()]
        bold = len(held) == 1 and isinstance(held[0], Element) and held[0].tag == "strong"
        words = paragraph.text
        if bold and words and len(words.split()) <= HEADING_WORDS:
            message = _("A whole paragraph is bold. If it is a heading, make it one.")
            yield Finding("bold_paragraph", message, False, _excerpt(words))


def _capitals(fragment: Element) -> Iterator[Finding]:
    for block in fragment.every("p", "li", *_HEADINGS):
        run: list[str] = []
        longest: list[str] = []
        for word in block.text.split():
            if _LETTER.search(word):
                run = [*run, word] if word == word.upper() and word != word.lower() else []
            longest = max(longest, run, key=len)
        if len(longest) >= CAPITALS:
            message = _("Many words in capitals are slow to read. Write them in small letters.")
            yield Finding("capitals", message, False, _excerpt(" ".join(longest)))


def _long_passages(fragment: Element) -> Iterator[Finding]:
    for paragraph in fragment.every("p", "li"):
        if paragraph.tag == "li" and next(paragraph.every("p", "li"), None) is not None:
            continue
        words = paragraph.text
        if (count := len(words.split())) > LONG_PARAGRAPH:
            message = _("A paragraph of %(n)d words is long. Divide it.", n=count)
            yield Finding("long_paragraph", message, False, _excerpt(words))
        for sentence in _SENTENCE_END.split(words):
            if (count := len(sentence.split())) > LONG_SENTENCE:
                message = _("A sentence of %(n)d words is long. Divide it.", n=count)
                yield Finding("long_sentence", message, False, _excerpt(sentence))


def _file_links(fragment: Element) -> Iterator[Finding]:
    for link in fragment.every("a"):
        path = urlsplit_path(link.attributes.get("href", ""))
        # Of the unit's own files the page says type and size by itself.
        format_ = path.rpartition(".")[2].lower()
        if format_ not in FORMATS or path.startswith("/tep/") or not link.words:
            continue
        if format_ not in text.words(link.words):
            message = _("A link leads to a file and does not say so. Add its type, such as (PDF).")
            yield Finding("file_without_type", message, False, _excerpt(link.words))


def _repeated_links(fragment: Element) -> Iterator[Finding]:
    links = [link for link in fragment.every("a") if link.attributes.get("href") and link.words]
    for one, other in pairwise(links):
        same = one.attributes["href"] == other.attributes["href"]
        if same and not one.attributes["href"].startswith("#"):
            message = _("Two links in a row lead to the same place. One is enough.")
            yield Finding("repeated_link", message, False, _excerpt(other.words))


def urlsplit_path(address: str) -> str:
    """Return the path of an address, '' for one that is none."""
    try:
        return urlsplit(address).path
    except ValueError:
        return ""


_RULES: tuple[Callable[[Element], Iterator[Finding]], ...] = (
    _headings,
    _pictures,
    _links,
    _tables,
    _bold_paragraphs,
    _capitals,
    _long_passages,
    _file_links,
    _repeated_links,
)
