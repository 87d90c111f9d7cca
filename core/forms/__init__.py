"""Forms made from declared fields: entries by kind, error summaries, and values as text."""

from __future__ import annotations

from hoitu.core.forms.base import PlainForm
from hoitu.core.forms.builder import ContentForm, EntryForm, form_class, form_of
from hoitu.core.forms.display import shown
from hoitu.core.forms.entries import ChoiceEntry, Entry, FilesEntry, referable
from hoitu.core.forms.rows import RowsEntry, most_parts

__all__ = [
    "ChoiceEntry",
    "ContentForm",
    "Entry",
    "EntryForm",
    "FilesEntry",
    "PlainForm",
    "RowsEntry",
    "form_class",
    "form_of",
    "most_parts",
    "referable",
    "shown",
]
