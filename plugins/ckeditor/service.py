"""The plugin at a glance: it is the desk's editor of rich text, and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hoitu.core.hookspecs import hookimpl

if TYPE_CHECKING:
    from hoitu.core.web import RichTextEditor

#: Assets, in the order in which they are loaded: the bundle, what each button needs, the start.
SCRIPTS = (
    "vendor/ckeditor.js",
    "base.js",
    "markup.js",
    "pasting.js",
    "uploads.js",
    "links.js",
    "editor.js",
)
STYLES = ("vendor/ckeditor.css", "editor.css")


class Editor:
    """Plugin object."""

    @hookimpl
    def resolve_rich_text_editor(self) -> RichTextEditor:
        """Return CKEditor with the buttons of the desk."""
        from hoitu.core.web import RichTextEditor
        from hoitu.plugins.ckeditor.texts import MENDED, TEXTS

        return RichTextEditor(
            scripts=tuple(f"ckeditor/{path}" for path in SCRIPTS),
            styles=tuple(f"ckeditor/{path}" for path in STYLES),
            texts={**TEXTS, **{f"ck:{key}": said for key, said in MENDED.items()}},
        )


service = Editor()
