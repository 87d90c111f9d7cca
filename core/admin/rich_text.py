"""The editor of rich text on the desk's forms: a plugin's, found by a hook, or none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import url_for

from hoitu.core.admin.blueprint import blueprint
from hoitu.core.extensions import platform
from hoitu.core.forms import ContentForm
from hoitu.core.forms.entries import RichTextEntry
from hoitu.core.i18n import DEFAULT
from hoitu.core.web.contributions import RichTextEditor
from hoitu.core.web.site import language

#: What the scripts may ask the desk, by the name under which they are told the address.
ADDRESSES = {
    "upload": "desk.upload",
    "library": "desk.media_json",
    "links": "desk.link_targets",
}


@dataclass(frozen=True, slots=True)
class EditorOnPage:
    """The editor and what its scripts are told, as attributes of an element of the page's head."""

    editor: RichTextEditor
    told: dict[str, str]
    texts: dict[str, str]


@blueprint.context_processor
def values() -> dict[str, Any]:
    """Give the pages of the desk the editor of a form."""
    return {"rich_text_editor": rich_text_editor}


def rich_text_editor(form: ContentForm) -> EditorOnPage | None:
    """Return the editor for a form; None when it has no rich text, or no plugin an editor."""
    if not any(isinstance(part, RichTextEntry) for e in form.entries() for part in e.parts()):
        return None
    editor = platform.hooks.resolve_rich_text_editor()
    if editor is None:
        return None
    told = {"language": language(), "content-language": DEFAULT}
    told |= {name: url_for(endpoint) for name, endpoint in ADDRESSES.items()}
    return EditorOnPage(editor, told, {name: str(said) for name, said in editor.texts.items()})
