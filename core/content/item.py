"""The base of everything published, and its table.

Listings, home pages, feeds, sitemaps and search rebuilds read only this table. A content type that
needs columns of its own adds a narrow table beside it (class-table inheritance); the base class
adds the key, the repeated ``unit_id`` and the composite foreign key: authors write none of it.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, ClassVar, Final

from flask_babel import lazy_gettext as _
from sqlalchemy import (
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, column_property, mapped_column, relationship

from hoitu.core.content.fields import Field, RowsAttribute, field
from hoitu.core.content.kinds import Choice, Files, Line, Paragraphs, RichText
from hoitu.core.db import Base, BigId, Json
from hoitu.core.units import UnitScoped

DRAFT, PUBLISHED, TRASHED = "draft", "published", "trashed"
#: SQL of where the work on an item stands: its waiting version's state, or its own. Only what is
#: written just so is found by its index.
WORK_STATE = "(case when draft_state = '' then state else draft_state end)"
#: Of tables whose ids stand in public addresses: SQLite would give the id of a row that is gone to
#: the next one, and its address would show something else.
LASTING_ID: Final[dict[str, Any]] = {"sqlite_autoincrement": True}


class Item(UnitScoped, Base):
    """Anything an editor publishes; the live row is what the public sees."""

    __tablename__ = "item"
    __table_args__: Any = (
        UniqueConstraint("id", "unit_id"),
        Index(
            "ix_item_public_type",
            "unit_id",
            "type",
            "sort_at",
            "id",
            sqlite_where=text("state = 'published'"),
            postgresql_where=text("state = 'published'"),
        ),
        Index(
            "ix_item_public",
            "unit_id",
            "sort_at",
            "id",
            sqlite_where=text("state = 'published'"),
            postgresql_where=text("state = 'published'"),
        ),
        Index("ix_item_desk", "unit_id", "type", "updated_at", "id"),
        # What waits for somebody is little, however much a unit has published: lists by state and
        # the piles of work are read from here.
        Index(
            "ix_item_work",
            "unit_id",
            text(WORK_STATE),
            "type",
            "updated_at",
            "id",
            "responsible_id",
        ),
        Index("ix_item_state", "unit_id", "state", "type", "updated_at", "id"),
        Index("ix_item_recent", "unit_id", "updated_at", "id"),
        Index("ix_item_responsible", "unit_id", "responsible_id", "type", "updated_at", "id"),
        # The other orders of the desk's lists.
        Index("ix_item_desk_title", "unit_id", "type", "slug", "id"),
        Index("ix_item_desk_sort", "unit_id", "type", "sort_at", "id"),
        Index("ix_item_review", "unit_id", "review_by"),
        Index(
            "ix_item_urgent",
            "unit_id",
            "urgent_at",
            sqlite_where=text("urgent_at is not null"),
            postgresql_where=text("urgent_at is not null"),
        ),
        Index(
            "ix_item_original",
            "unit_id",
            "original_id",
            sqlite_where=text("original_id is not null"),
            postgresql_where=text("original_id is not null"),
        ),
        Index(
            "ix_item_withdrawn_to",
            "unit_id",
            "withdrawn_to",
            sqlite_where=text("withdrawn_to is not null"),
            postgresql_where=text("withdrawn_to is not null"),
        ),
        LASTING_ID,
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    uid: Mapped[str] = mapped_column(String(32), unique=True)
    type: Mapped[str] = mapped_column(String(60))
    section: Mapped[str] = mapped_column(String(60))
    #: Catalogue key this item serves; '' when its section serves none. A content type with several
    #: puts it into its form, with its own requirements as the options.
    requirement: Mapped[str] = field(Choice(lambda: ()), label=_("Group"), filter="nhom")
    language: Mapped[str] = mapped_column(String(5), default="vi")
    #: The item whose translations are this one and others; its own id in the original, None while
    #: there is no translation.
    original_id: Mapped[int | None] = mapped_column(BigId)
    state: Mapped[str] = mapped_column(String(20), default=DRAFT)
    slug: Mapped[str] = mapped_column(String(80), default="")
    #: What listings sort by: each type names the field that feeds it.
    sort_at: Mapped[datetime]
    published_from: Mapped[datetime | None]
    published_until: Mapped[datetime | None]
    #: When the public text last changed; saving a draft behind it does not move it.
    revised_at: Mapped[datetime | None]
    #: The day by which the public text is looked at again, and when that was last done.
    review_by: Mapped[date | None]
    reviewed_on: Mapped[date | None]

    title: Mapped[str] = field(Line(300), label=_("Title"), required=True, search="text")
    summary: Mapped[str] = field(Paragraphs(2000), label=_("Summary"), search="text")
    body: Mapped[str] = field(RichText(), label=_("Content"), search="text", deferred=True)
    #: Unit-local labels and the like; never in a WHERE clause.
    extra: Mapped[dict[str, Any]] = mapped_column(Json, default=dict, deferred=True)

    #: The version waiting behind a published item, and where it stands in the workflow.
    draft_id: Mapped[int | None] = mapped_column(BigId)
    draft_state: Mapped[str] = mapped_column(String(20), default="")
    #: Accounts: who began it, whose it is, who handed it in, who is asked to look and by when.
    author_id: Mapped[int | None] = mapped_column()
    responsible_id: Mapped[int | None] = mapped_column()
    submitter_id: Mapped[int | None] = mapped_column()
    reviewer_id: Mapped[int | None] = mapped_column()
    approve_by: Mapped[date | None]
    #: Published without the approval that the unit asks for, when and by which account; it follows.
    urgent_at: Mapped[datetime | None]
    urgent_by_id: Mapped[int | None] = mapped_column()
    #: Why it left the public and which item of the unit visitors are led to instead.
    withdrawn_for: Mapped[str] = mapped_column(String(20), default="")
    withdrawn_to: Mapped[int | None] = mapped_column(BigId)
    #: Compare-and-swap on every write path: a stale writer fails instead of overwriting.
    version: Mapped[int] = mapped_column()
    created_at: Mapped[datetime]
    created_by: Mapped[str] = mapped_column(String(120), default="")
    updated_at: Mapped[datetime]
    updated_by: Mapped[str] = mapped_column(String(120), default="")
    trashed_at: Mapped[datetime | None]

    attachment_rows: Mapped[list[ItemFile]] = relationship(
        order_by="ItemFile.position",
        cascade="all, delete-orphan",
        primaryjoin="and_(Item.id == ItemFile.item_id, Item.unit_id == ItemFile.unit_id)",
        foreign_keys="[ItemFile.item_id, ItemFile.unit_id]",
    )

    __mapper_args__ = {  # noqa: RUF012 (SQLAlchemy declares it so)
        "polymorphic_on": "type",
        "polymorphic_identity": "item",
        "version_id_col": version,
    }
    #: Name of the content type; subclasses set it.
    type_name: ClassVar[str] = "item"

    def __init_subclass__(cls, **options: Any) -> None:
        if "__tablename__" in cls.__dict__:
            cls.id = mapped_column(BigId, primary_key=True)
            cls.unit_id = column_property(  # type: ignore[assignment]
                mapped_column("unit_id", Integer, nullable=False, index=True),
                Item.__table__.c.unit_id,
            )
            own_key = ForeignKeyConstraint(["id", "unit_id"], ["item.id", "item.unit_id"])
            cls.__table_args__ = (own_key, *cls.__dict__.get("__table_args__", ()))
        cls.__mapper_args__ = {
            "polymorphic_identity": cls.type_name,
            **cls.__dict__.get("__mapper_args__", {}),
        }
        super().__init_subclass__(**options)

    @classmethod
    def fields(cls) -> dict[str, Field]:
        """Return the declared fields of this class by name, inherited ones first."""
        if "_fields" not in cls.__dict__:
            found = {
                name: column.info["field"].named(name)
                for name, column in cls.__mapper__.columns.items()
                if "field" in column.info
            }
            for base in reversed(cls.__mro__):
                for name, attribute in vars(base).items():
                    if isinstance(attribute, RowsAttribute):
                        found[name] = attribute.field.named(name)
            found["attachments"] = Field(Files(), _("Attachments"), name="attachments")
            cls._fields = found
        return cls._fields

    @property
    def attachments(self) -> list[int]:
        """The ids of the attached files, in order."""
        return [row.file_id for row in self.attachment_rows]

    @attachments.setter
    def attachments(self, file_ids: list[int]) -> None:
        if file_ids == self.attachments:
            return
        kept = {row.file_id: row for row in self.attachment_rows}
        self.attachment_rows = [
            kept.get(file_id) or ItemFile(file_id=file_id, unit_id=self.unit_id)
            for file_id in file_ids
        ]
        for position, row in enumerate(self.attachment_rows):
            row.position = position

    @property
    def is_translation(self) -> bool:
        """Whether it says in another language what an item of the unit says."""
        return self.original_id is not None and self.original_id != self.id

    def is_public_at(self, now: datetime) -> bool:
        """Say whether visitors may see it, as :func:`hoitu.core.content.queries.is_public` does."""
        if self.state != PUBLISHED or self.published_from is None or self.published_from > now:
            return False
        return self.published_until is None or self.published_until > now

    _fields: ClassVar[dict[str, Field]]


class File(UnitScoped, Base):
    """A stored file of one unit; the bytes are in the file store under their SHA-256."""

    __tablename__ = "file"
    __table_args__ = (UniqueConstraint("id", "unit_id"), LASTING_ID)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    name: Mapped[str] = mapped_column(String(200))
    media_type: Mapped[str] = mapped_column(String(100))
    size: Mapped[int] = mapped_column(BigId)
    uploaded_at: Mapped[datetime]
    uploaded_by: Mapped[str] = mapped_column(String(120))
    #: What a picture shows, for those who do not see it; `decorative` = nothing worth telling.
    alt: Mapped[str] = mapped_column(String(300), default="")
    decorative: Mapped[bool] = mapped_column(default=False)
    #: Who made it, and on which terms it may be used.
    source: Mapped[str] = mapped_column(String(200), default="")
    rights: Mapped[str] = mapped_column(String(200), default="")
    #: Size of a picture in pixels.
    width: Mapped[int | None] = mapped_column()
    height: Mapped[int | None] = mapped_column()
    #: Offered by the province to all units; `origin_id`: taken over from such a file.
    shared: Mapped[bool] = mapped_column(default=False)
    origin_id: Mapped[int | None] = mapped_column(BigId)
    #: Name and description without marks, for the search of the library.
    folded: Mapped[str] = mapped_column(String(600), default="")


class FileVariant(UnitScoped, Base):
    """A picture in another size and format; the bytes are in the file store."""

    __tablename__ = "file_variant"
    __table_args__ = (ForeignKeyConstraint(["file_id", "unit_id"], ["file.id", "file.unit_id"]),)

    file_id: Mapped[int] = mapped_column(BigId, primary_key=True)
    width: Mapped[int] = mapped_column(primary_key=True)
    #: Extension of the format: `avif`, `webp`, `jpg`, `png`.
    format: Mapped[str] = mapped_column(String(4), primary_key=True)
    height: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
    size: Mapped[int] = mapped_column(BigId)


class ItemFile(UnitScoped, Base):
    """A file attached to an item of the same unit."""

    __tablename__ = "item_file"
    __table_args__ = (
        ForeignKeyConstraint(["item_id", "unit_id"], ["item.id", "item.unit_id"]),
        ForeignKeyConstraint(["file_id", "unit_id"], ["file.id", "file.unit_id"]),
        # Whether a file is public is asked each time it is fetched.
        Index("ix_item_file_file", "file_id"),
    )

    item_id: Mapped[int] = mapped_column(BigId, primary_key=True)
    file_id: Mapped[int] = mapped_column(BigId, primary_key=True)
    position: Mapped[int] = mapped_column(default=0)

    file: Mapped[File] = relationship(
        primaryjoin="ItemFile.file_id == File.id", foreign_keys=[file_id], lazy="joined"
    )


class ItemVersion(UnitScoped, Base):
    """A saved state of an item: who, when, why, and every value."""

    __tablename__ = "item_version"
    __table_args__ = (ForeignKeyConstraint(["item_id", "unit_id"], ["item.id", "item.unit_id"]),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    item_id: Mapped[int] = mapped_column(BigId, index=True)
    number: Mapped[int]
    values: Mapped[dict[str, Any]] = mapped_column(Json)
    note: Mapped[str] = mapped_column(String(500), default="")
    author: Mapped[str] = mapped_column(String(120))
    created_at: Mapped[datetime]


class ItemPlacement(UnitScoped, Base):
    """An item shown at another unit; ``unit_id`` is the unit that shows it."""

    __tablename__ = "item_placement"
    __table_args__ = (
        ForeignKeyConstraint(["item_id", "owner_id"], ["item.id", "item.unit_id"]),
        Index("ix_item_placement_list", "unit_id", "section", "sort_at"),
    )

    item_id: Mapped[int] = mapped_column(BigId, primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), primary_key=True)
    owner_id: Mapped[int] = mapped_column(BigId)
    section: Mapped[str] = mapped_column(String(60))
    type: Mapped[str] = mapped_column(String(60))
    requirement: Mapped[str] = mapped_column(String(60), default="")
    #: Why it is shown: issuer, drafter, field, topic.
    role: Mapped[str] = mapped_column(String(20), default="field")
    sort_at: Mapped[datetime]


class Redirect(UnitScoped, Base):
    """An old path of a unit's site and where it leads now; looked up only before a 404."""

    __tablename__ = "redirect"
    __table_args__ = (UniqueConstraint("unit_id", "path"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    path: Mapped[str] = mapped_column(String(500))
    #: A path of the same site or an absolute address; empty = gone for good (410).
    target: Mapped[str] = mapped_column(String(1000), default="")
