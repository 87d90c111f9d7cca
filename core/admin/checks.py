"""Help beside the form: what keeps people from reading its texts, and why a field is asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _

from hoitu.core.content import ContentType, Invalid, RichText, accessibility, file_texts
from hoitu.core.extensions import session
from hoitu.core.forms import ContentForm, FilesEntry
from hoitu.core.requirements import Requirement

#: What is said of a document by how its reading ended (:mod:`hoitu.core.content.file_texts`).
UNREAD = {
    file_texts.SCAN: _(
        "The document is a scan without a layer of text: nobody can have it read aloud, and search "
        "does not find what it says. Attach the original, or make the text readable (OCR)."
    ),
    file_texts.OLD_FONT: _(
        "The document is set in an old font (TCVN3), whose letters programs take for others. Make "
        "it anew in Unicode."
    ),
    file_texts.LOCKED: _("The document wants a password. Attach one that everybody can open."),
    file_texts.TOO_LARGE: _("The document is too large for search to read it. Divide it."),
    file_texts.FAILED: _("The document cannot be read; it may be damaged. Save it again."),
}


@dataclass(frozen=True, slots=True)
class TextFinding:
    """A finding in one text of a form, and where to go to mend it."""

    entry_id: str
    label: str
    message: Any
    excerpt: str
    blocks: bool


def text_findings(form: ContentForm) -> list[TextFinding]:
    """Return what the accessibility checks find in the texts as they are entered, in tables, too.

    Of attached documents they tell those whose text no program can read.

    They look at a text as it would be stored; of one that cannot be, saving tells.
    """
    found = []
    for entry in form.entries():
        for part in entry.parts():
            kind = part.declared.kind
            if not isinstance(kind, RichText):
                continue
            try:
                html = kind.clean(part.data)
            except Invalid:
                continue
            label = ": ".join(filter(None, (part.place, str(part.label.text))))
            found += [
                TextFinding(part.id, label, one.message, one.excerpt, one.blocks)
                for one in accessibility.findings(html)
            ]
        if isinstance(entry, FilesEntry):
            found += _unread(entry)
    return sorted(found, key=lambda one: not one.blocks)


def _unread(entry: FilesEntry) -> list[TextFinding]:
    """Return the attachments that cannot be read aloud and are not found by what they say."""
    label = str(entry.label.text)
    return [
        TextFinding(entry.id, label, UNREAD[state], name, False)
        for name, state in file_texts.unread(session(), entry.data)
    ]


def reasons(kind: ContentType, duties: Sequence[Requirement]) -> dict[str, str]:
    """Return, by field, the duty for which the catalogue asks for it.

    Only fields without which nothing is published, and only where the catalogue names them.
    """
    return {
        name: duty.id
        for duty in reversed(duties)
        for name in _asked_for(duty)
        if name in kind.fields and kind.fields[name].required
    }


def _asked_for(duty: Requirement) -> list[str]:
    """Return the names of the data that the catalogue lists for a duty, without their remarks."""
    listed = duty.data.get("fields") or ()
    return [str(name).partition("(")[0].partition("[")[0].strip() for name in listed]
