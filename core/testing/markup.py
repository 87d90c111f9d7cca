"""Pages as assistive technology reads them: headings, labels, links, pictures, forms."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser

#: Elements without an end tag.
VOID = frozenset(
    {"area", "base", "br", "col", "embed", "hr", "img", "input"}
    | {"link", "meta", "source", "track", "wbr"}
)
#: Inputs that need no label of their own: their value says it, or nobody sees them.
UNLABELLED = frozenset({"hidden", "submit", "button", "reset", "image"})
CONTROLS = frozenset({"input", "select", "textarea"})
HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})


@dataclass(eq=False)
class Element:
    """One element of a page; ``children`` are elements and texts in their order."""

    tag: str
    attributes: Mapping[str, str]
    line: int = 0
    parent: Element | None = field(default=None, repr=False)
    children: list[Element | str] = field(default_factory=list, repr=False)

    def get(self, name: str) -> str:
        """Return an attribute; '' where there is none."""
        return self.attributes.get(name, "")

    def walk(self) -> Iterator[Element]:
        """Yield the element and all below it, in the order of the page."""
        yield self
        for child in self.children:
            if isinstance(child, Element):
                yield from child.walk()

    def ancestors(self) -> Iterator[Element]:
        """Yield the elements around it, the nearest first."""
        around = self.parent
        while around is not None:
            yield around
            around = around.parent

    @property
    def raw(self) -> str:
        """All text inside, as it is written."""
        return "".join(c if isinstance(c, str) else c.raw for c in self.children)

    @property
    def text(self) -> str:
        """The text that is read out: what pictures show is part of it."""
        parts = [c if isinstance(c, str) else c.get("alt") or c.text for c in self.children]
        return " ".join(" ".join(parts).split())

    @property
    def spoken(self) -> str:
        """The name under which it is announced, without labels elsewhere on the page."""
        return (self.get("aria-label") or self.text or self.get("title")).strip()

    def __str__(self) -> str:
        shown = "".join(f' {n}="{v}"' for n, v in self.attributes.items() if n in _TOLD)
        return f"line {self.line} <{self.tag}{shown}>"


_TOLD = ("id", "name", "href", "src", "class")


class Page(HTMLParser):
    """A parsed page."""

    def __init__(self, markup: str) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Element("", {})
        self._open = self.root
        self.feed(markup)
        self.close()
        self.elements = list(self.root.walk())[1:]

    # -- reading --------------------------------------------------------------------------------

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Open an element."""
        values = {name: value or "" for name, value in attrs}
        element = Element(tag, values, self.getpos()[0], self._open)
        self._open.children.append(element)
        if tag not in VOID:
            self._open = element

    def handle_endtag(self, tag: str) -> None:
        """Close the nearest open element of the name; a stray end tag closes nothing."""
        for element in (self._open, *self._open.ancestors()):
            if element.tag == tag and element.parent is not None:
                self._open = element.parent
                return

    def handle_data(self, data: str) -> None:
        """Add a text."""
        self._open.children.append(data)

    # -- questions ------------------------------------------------------------------------------

    def all(self, *tags: str) -> list[Element]:
        """Return the elements of some names, in the order of the page."""
        return [e for e in self.elements if e.tag in tags]

    def links(self) -> list[str]:
        """Return where the page leads."""
        return [e.get("href") for e in self.all("a", "area", "link") if e.get("href")]

    def language(self) -> str:
        """Return the language the page says it is in."""
        return next((e.get("lang") for e in self.all("html")), "")

    def form_data(self, form: Element) -> list[tuple[str, str]]:
        """Return what a browser would send of a form to which nobody did anything."""
        sent: list[tuple[str, str]] = []
        for element in form.walk():
            name = element.get("name")
            if not name or "disabled" in element.attributes:
                continue
            if element.tag == "textarea":
                # The newline after the start tag is not part of the text.
                sent.append((name, element.raw.removeprefix("\n").replace("\n", "\r\n")))
            elif element.tag == "select":
                sent += [(name, value) for value in _selected(element)]
            elif element.tag == "input" and (value := _entered(element)) is not None:
                sent.append((name, value))
        return sent

    # -- faults ---------------------------------------------------------------------------------

    def heading_faults(self) -> list[str]:
        """Return what is wrong with the outline: not one h1, or a level left out."""
        found = [e for e in self.elements if e.tag in HEADINGS]
        tops = [e for e in found if e.tag == "h1"]
        faults = [] if len(tops) == 1 else [f"{len(tops)} <h1>; a page has one"]
        last = 0
        for heading in found:
            level = int(heading.tag[1])
            if last and level > last + 1:
                faults.append(f"{heading} follows <h{last}>; levels are not left out")
            if not heading.spoken:
                faults.append(f"{heading} is empty")
            last = level
        return faults

    def label_faults(self) -> list[str]:
        """Return the controls nobody can tell the purpose of, and ids used twice."""
        ids = Counter(e.get("id") for e in self.elements if e.get("id"))
        labelled = {e.get("for") for e in self.all("label") if e.text}
        faults = [f"id {name!r} stands on {n} elements" for name, n in ids.items() if n > 1]
        for control in (e for e in self.elements if e.tag in CONTROLS):
            if control.tag == "input" and control.get("type").lower() in UNLABELLED:
                continue
            named = control.get("aria-label") or control.get("title")
            inside = any(e.tag == "label" and e.text for e in control.ancestors())
            points = set(control.get("aria-labelledby").split()) & ids.keys()
            if not (named or inside or points or control.get("id") in labelled):
                faults.append(f"{control} has no label")
        return faults

    def inline_faults(self) -> list[str]:
        """Return what the content security policy would stop: inline, or from elsewhere."""
        faults = []
        for element in self.elements:
            source = element.get("src") or (element.get("href") if _loads(element) else "")
            is_data = element.get("type") == "application/ld+json"
            if element.tag == "script" and not source and not is_data:
                faults.append(f"{element} is an inline script")
            if element.tag == "style" or "style" in element.attributes:
                faults.append(f"{element} is an inline style")
            if any(name.startswith("on") for name in element.attributes):
                faults.append(f"{element} is an event handler")
            if element.get("href").strip().lower().startswith("javascript:"):
                faults.append(f"{element} is an inline script")
            if source.startswith(("http:", "https:", "//")):
                faults.append(f"{element} is loaded from elsewhere")
        return faults

    def name_faults(self) -> list[str]:
        """Return links and buttons without text, and pictures without ``alt``."""
        faults = [
            f"{e} has no text"
            for e in self.elements
            if (e.tag == "button" or (e.tag == "a" and "href" in e.attributes))
            and not (e.spoken or e.get("aria-labelledby"))
        ]
        return faults + [f"{e} has no alt" for e in self.all("img") if "alt" not in e.attributes]


def _loads(element: Element) -> bool:
    """Say whether a browser loads what a ``link`` names."""
    return element.tag == "link" and bool(
        {"stylesheet", "icon", "preload", "modulepreload", "manifest"}
        & set(element.get("rel").lower().split())
    )


def _entered(element: Element) -> str | None:
    kind = element.get("type").lower()
    if kind in ("submit", "button", "reset", "image", "file"):
        return None
    if kind in ("checkbox", "radio"):
        return element.attributes.get("value", "on") if "checked" in element.attributes else None
    return element.get("value")


def _selected(element: Element) -> list[str]:
    options = [e for e in element.walk() if e.tag == "option"]
    chosen = [o for o in options if "selected" in o.attributes]
    if not chosen and "multiple" not in element.attributes:
        chosen = options[:1]
    return [o.attributes.get("value", o.text) for o in chosen]
