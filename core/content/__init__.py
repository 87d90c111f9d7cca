"""Content: items, their fields and types, workflow, versions, actions and public queries."""

from __future__ import annotations

from hoitu.core.content import (
    accessibility,
    actions,
    attachments,
    file_texts,
    leaks,
    linked,
    open_forms,
    queries,
)
from hoitu.core.content import changes as changes  # listens
from hoitu.core.content.actions import ActionContext
from hoitu.core.content.editorial import Editorial
from hoitu.core.content.fields import Field, Rows, RowsAttribute, field
from hoitu.core.content.item import (
    File,
    FileVariant,
    Item,
    ItemFile,
    ItemPlacement,
    ItemVersion,
    Redirect,
)
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
from hoitu.core.content.linked import ItemLink
from hoitu.core.content.open_forms import OpenForm
from hoitu.core.content.preview_links import PreviewLink
from hoitu.core.content.problems import Conflict, Problem, Refused
from hoitu.core.content.queries import Cursor, Page
from hoitu.core.content.saved_views import SavedView
from hoitu.core.content.scheduling import ScheduledStep
from hoitu.core.content.types import (
    ContentType,
    ContentTypes,
    FieldGroup,
    SearchFacet,
    item_path,
    path_below,
)
from hoitu.core.content.vocabulary import Term, Vocabulary
from hoitu.core.content.workflow import INTAKE, STATES, Transition, Workflow
from hoitu.core.package_data import package_data

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
    "Editorial",
    "Email",
    "Field",
    "FieldGroup",
    "File",
    "FileVariant",
    "Flag",
    "Invalid",
    "Item",
    "ItemFile",
    "ItemLink",
    "ItemPlacement",
    "ItemVersion",
    "Kind",
    "Line",
    "Moment",
    "Number",
    "OpenForm",
    "Page",
    "Paragraphs",
    "Point",
    "PreviewLink",
    "Problem",
    "Redirect",
    "Reference",
    "Refused",
    "RichText",
    "Rows",
    "RowsAttribute",
    "SavedView",
    "ScheduledStep",
    "SearchFacet",
    "Term",
    "Transition",
    "Url",
    "Vocabulary",
    "Workflow",
    "accessibility",
    "actions",
    "attachments",
    "field",
    "file_texts",
    "item_path",
    "leaks",
    "linked",
    "open_forms",
    "package_data",
    "path_below",
    "queries",
]
