"""Content: items, their fields and types, workflow, versions, actions and public queries."""

from __future__ import annotations

from hoitu.core.content import actions, attachments, queries
from hoitu.core.content import changes as changes  # listens
from hoitu.core.content.actions import ActionContext
from hoitu.core.content.fields import (
    Choice,
    Day,
    Email,
    Field,
    Flag,
    Invalid,
    Kind,
    Line,
    Moment,
    Number,
    Paragraphs,
    Reference,
    RichText,
    Rows,
    RowsAttribute,
    Url,
    field,
)
from hoitu.core.content.item import File, Item, ItemFile, ItemPlacement, ItemVersion, Redirect
from hoitu.core.content.problems import Conflict, Problem, Refused
from hoitu.core.content.queries import Cursor, Page
from hoitu.core.content.types import ContentType, ContentTypes, FieldGroup, item_path
from hoitu.core.content.vocabulary import Term, Vocabulary, section_data
from hoitu.core.content.workflow import STATES, Transition, Workflow

__all__ = [
    "STATES",
    "ActionContext",
    "Choice",
    "Conflict",
    "ContentType",
    "ContentTypes",
    "Cursor",
    "Day",
    "Email",
    "Field",
    "FieldGroup",
    "File",
    "Flag",
    "Invalid",
    "Item",
    "ItemFile",
    "ItemPlacement",
    "ItemVersion",
    "Kind",
    "Line",
    "Moment",
    "Number",
    "Page",
    "Paragraphs",
    "Problem",
    "Redirect",
    "Reference",
    "Refused",
    "RichText",
    "Rows",
    "RowsAttribute",
    "Term",
    "Transition",
    "Url",
    "Vocabulary",
    "Workflow",
    "actions",
    "attachments",
    "field",
    "item_path",
    "queries",
    "section_data",
]
