"""Content: items, their fields and types, workflow, versions, actions and public queries."""

from __future__ import annotations

from hoitu.core.content import actions, attachments, leaks, queries
from hoitu.core.content import changes as changes  # listens
from hoitu.core.content.actions import ActionContext
from hoitu.core.content.fields import Field, Rows, RowsAttribute, field
from hoitu.core.content.item import File, Item, ItemFile, ItemPlacement, ItemVersion, Redirect
from hoitu.core.content.kinds import (
    Amount,
    Choice,
    Citation,
    Day,
    Email,
    Flag,
    Invalid,
    Kind,
    Line,
    Moment,
    Number,
    Paragraphs,
    Point,
    Reference,
    RichText,
    Url,
)
from hoitu.core.content.problems import Conflict, Problem, Refused
from hoitu.core.content.queries import Cursor, Page
from hoitu.core.content.types import ContentType, ContentTypes, FieldGroup, item_path, path_below
from hoitu.core.content.vocabulary import Term, Vocabulary, section_data
from hoitu.core.content.workflow import INTAKE, STATES, Transition, Workflow

__all__ = [
    "INTAKE",
    "STATES",
    "ActionContext",
    "Amount",
    "Choice",
    "Citation",
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
    "Point",
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
    "leaks",
    "path_below",
    "queries",
    "section_data",
]
