"""Unit scope: what code that runs for one unit can read and write of another."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from sqlalchemy import (
    Engine,
    Select,
    delete,
    exists,
    func,
    insert,
    literal,
    or_,
    select,
    text,
    union_all,
    update,
)
from sqlalchemy.orm import Session, aliased, joinedload, selectinload, subqueryload
from sqlalchemy.orm import with_polymorphic as as_polymorphic

from hoitu.core.content import File, Item, ItemFile, ItemVersion
from hoitu.core.db import make_engine
from hoitu.core.units import ScopedSession, UnitScopeError, all_units, unit_scope
from hoitu.core.units.models import UnitRow
from hoitu.core.units.scope import scope
from hoitu.sections.legal_documents.models import DocumentRelation, LegalDocument

pytestmark = pytest.mark.both_databases

NOW = datetime(2026, 11, 23, tzinfo=UTC)


class Ids:
    """The units and rows of these tests: one of each kind in A and in B."""

    def __init__(self, a: int, b: int) -> None:
        self.a, self.b = a, b
        #: Everything that must never be read in A.
        self.foreign: set[Any] = {b}


def _item(model: type[Item], unit: int, title: str, **values: Any) -> Item:
    return model(
        uid=title, unit_id=unit, section="x", state="published", title=title,
        sort_at=NOW, created_at=NOW, updated_at=NOW, **values,
    )  # fmt: skip


@pytest.fixture(scope="module")
def engine(
    copy_template: Callable[[Path], str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Engine]:
    """One database for all tests of this file: none of them commits what it writes."""
    opened = make_engine(copy_template(tmp_path_factory.mktemp("scope") / "instance"))
    yield opened
    opened.dispose()


@pytest.fixture(scope="module")
def ids(engine: Engine) -> Ids:
    """Fill both units with a page, a document with a relation, and a file that is attached."""
    with ScopedSession(engine) as session, all_units("filling"):
        slugs = ("phuong-mot", "phuong-hai")
        a, b = (session.scalar(select(UnitRow.id).where(UnitRow.slug == slug)) for slug in slugs)
        assert a and b
        found = Ids(a, b)
        for owner, name in ((a, "a"), (b, "b")):
            page = _item(Item, owner, f"page {name}")
            document = _item(LegalDocument, owner, f"document {name}", number=f"1/{name}")
            session.add_all([page, document])
            session.flush()
            file = File(
                unit_id=owner, sha256=name * 64, name=f"file {name}", media_type="text/plain",
                size=1, uploaded_at=NOW, uploaded_by="x",
            )  # fmt: skip
            session.add(file)
            session.flush()
            session.add_all(
                [
                    ItemFile(item_id=page.id, file_id=file.id, unit_id=owner),
                    DocumentRelation(
                        item_id=document.id, unit_id=owner, relation="amends",
                        target_number=f"2/{name}",
                    ),
                    ItemVersion(
                        item_id=page.id, unit_id=owner, number=1, values={"title": name},
                        author="x", created_at=NOW,
                    ),
                ]
            )  # fmt: skip
            session.flush()
            setattr(found, f"page_{name}", page.id)
            setattr(found, f"document_{name}", document.id)
            setattr(found, f"file_{name}", file.id)
            if name == "b":
                found.foreign |= {page.id, document.id, "1/b", "2/b", "page b", "document b"}
                found.foreign |= {"file b", "b" * 64}
        session.commit()
    return found


@pytest.fixture
def session(engine: Engine, ids: Ids) -> Iterator[Session]:
    with ScopedSession(engine, expire_on_commit=False) as opened:
        yield opened


def _ids_of(model: Any) -> Select[Any]:
    return select(model.id)


READS: dict[str, Callable[[Ids], Any]] = {
    "entity": lambda ids: select(Item),
    "subclass": lambda ids: select(LegalDocument),
    "two entities": lambda ids: select(Item, LegalDocument),
    "column": lambda ids: select(Item.title),
    "subclass column": lambda ids: select(LegalDocument.number),
    "inherited column of the subclass": lambda ids: select(LegalDocument.title),
    "another class": lambda ids: select(File),
    "child rows": lambda ids: select(DocumentRelation.target_number),
    "by foreign id": lambda ids: select(Item).where(Item.id == ids.page_b),  # type: ignore[attr-defined]
    "asked for the other unit": lambda ids: select(Item).where(Item.unit_id == ids.b),
    "or everything": lambda ids: select(Item).where(or_(Item.unit_id == ids.a, literal(True))),
    "aggregate": lambda ids: select(func.max(LegalDocument.number)),
    "grouped": lambda ids: select(Item.unit_id, func.count()).group_by(Item.unit_id),
    "alias": lambda ids: select(aliased(Item)),
    "alias joined to itself": lambda ids: _self_join(),
    "polymorphic": lambda ids: select(as_polymorphic(Item, [LegalDocument])),
    "exists": lambda ids: select(exists().where(Item.id == ids.page_b)),  # type: ignore[attr-defined]
    "exists an entity": lambda ids: select(
        select(Item.id).where(Item.id == ids.page_b).exists()  # type: ignore[attr-defined]
    ),
    "constant if exists": lambda ids: select(literal("page b")).where(
        exists().where(Item.unit_id == ids.b)
    ),
    "constant if exists an entity": lambda ids: select(literal("page b")).where(
        select(Item.id).where(Item.unit_id == ids.b).exists()
    ),
    "subquery": lambda ids: select(select(Item).subquery().c.title),
    "common table expression": lambda ids: select(select(LegalDocument.number).cte().c.number),
    "union": lambda ids: union_all(select(Item.title), select(LegalDocument.number)),
    "union inside": lambda ids: select(
        union_all(select(Item.title), select(LegalDocument.number)).subquery()
    ),
    "scalar subquery in a column": lambda ids: select(
        Item.title, select(func.max(File.name)).scalar_subquery()
    ),
    "in a subquery of the condition": lambda ids: select(UnitRow.id).where(
        UnitRow.id.in_(select(Item.unit_id))
    ),
    "joined to an unscoped class": lambda ids: select(UnitRow.id, Item.title).join(
        Item, Item.unit_id == UnitRow.id
    ),
    "joined tables of the unit": lambda ids: (
        select(Item.title, File.name)
        .join(ItemFile, ItemFile.item_id == Item.id)
        .join(File, File.id == ItemFile.file_id)
    ),
    "outer join": lambda ids: select(Item.title, File.name).outerjoin(File, literal(True)),
    "whole table": lambda ids: select(Item.__table__),
    "column of a subclass table": lambda ids: select(LegalDocument.__table__.c.number),
    "joined to its children": lambda ids: select(Item).options(joinedload(Item.attachment_rows)),
}


def _self_join() -> Select[Any]:
    other = aliased(Item)
    return select(Item.title, other.title).join(other, literal(True))


@pytest.mark.parametrize("name", READS)
def test_a_read_without_a_unit_is_refused(session: Session, ids: Ids, name: str) -> None:
    assert scope() is None
    with pytest.raises(UnitScopeError, match="no unit is active"):
        session.execute(READS[name](ids)).unique().all()


@pytest.mark.parametrize("name", READS)
def test_a_read_in_a_shows_nothing_of_b(session: Session, ids: Ids, name: str) -> None:
    refused = {"whole table", "column of a subclass table", "exists", "constant if exists"}
    empty = {"by foreign id", "asked for the other unit", "constant if exists an entity"}
    with unit_scope(ids.a):
        if name in refused:
            with pytest.raises(UnitScopeError, match="Core statement"):
                session.execute(READS[name](ids)).all()
            return
        rows = session.execute(READS[name](ids)).unique().all()
        values = {value for row in rows for entry in row for value in _values(entry)}
    assert not values & ids.foreign, values
    if name == "exists an entity":
        assert values == {False}
    else:
        assert bool(rows) is (name not in empty)


def _values(entry: Any) -> list[Any]:
    if isinstance(entry, Item | File | DocumentRelation):
        return [entry.id, entry.unit_id, getattr(entry, "title", None)]
    return [entry]


def test_both_units_are_seen_in_a_scope_of_both_and_in_none_of_nothing(
    session: Session, ids: Ids
) -> None:
    with unit_scope(ids.a, ids.b):
        assert set(session.scalars(select(Item.unit_id))) == {ids.a, ids.b}
    with unit_scope():
        assert session.scalars(select(Item)).all() == []
    with all_units("a test"):
        assert set(session.scalars(select(Item.unit_id))) == {ids.a, ids.b}


def test_compiled_statements_do_not_remember_the_first_unit(session: Session, ids: Ids) -> None:
    for _ in range(2):
        for one in (ids.a, ids.b):
            with unit_scope(one):
                assert set(session.scalars(select(Item.unit_id))) == {one}


def test_scopes_nest_and_end(ids: Ids) -> None:
    with unit_scope(ids.a):
        with pytest.raises(ValueError, match="inner"), unit_scope(ids.b):
            raise ValueError("inner")
        assert scope() == {ids.a}
        with all_units("a test"):
            assert scope() != {ids.a}
    assert scope() is None


def test_a_new_thread_starts_without_a_unit(ids: Ids) -> None:
    seen: list[Any] = ["not asked"]

    def look() -> None:
        seen[0] = scope()

    with unit_scope(ids.a):
        thread = Thread(target=look)
        thread.start()
        thread.join()
    assert seen == [None]


# -- the identity map --------------------------------------------------------------------------


def test_get_finds_no_foreign_row_in_the_database(session: Session, ids: Any) -> None:
    with unit_scope(ids.a):
        assert session.get(Item, ids.page_b) is None
        assert session.get(File, ids.file_b) is None
        assert session.get(Item, ids.page_a).title == "page a"  # type: ignore[union-attr]


def test_get_finds_no_foreign_row_in_the_identity_map(session: Session, ids: Any) -> None:
    with all_units("loading"):
        loaded = session.get(Item, ids.page_b)
        assert loaded is not None
    with unit_scope(ids.a):
        assert session.get(Item, ids.page_b) is None
    with pytest.raises(UnitScopeError):
        session.get(Item, ids.page_b)


@pytest.mark.parametrize("load", [None, joinedload, selectinload, subqueryload])
def test_relations_are_filtered_however_they_are_loaded(
    session: Session, ids: Any, load: Callable[..., Any] | None
) -> None:
    """A row of B that refers to an item of A, as broken foreign keys would allow it."""
    with all_units("smuggling"):
        if session.get_bind().dialect.name == "sqlite":
            session.connection().exec_driver_sql("pragma defer_foreign_keys=on")
        else:
            session.connection().exec_driver_sql("set session_replication_role = replica")
        session.add(ItemFile(item_id=ids.page_a, file_id=ids.file_b, unit_id=ids.b))
        session.flush()
        session.expunge_all()
    with unit_scope(ids.a):
        wanted = select(Item).where(Item.id == ids.page_a)
        if load is not None:
            wanted = wanted.options(load(Item.attachment_rows))
        found = session.execute(wanted).unique().scalar_one()
        assert [row.file_id for row in found.attachment_rows] == [ids.file_a]


# -- writing -----------------------------------------------------------------------------------


def test_a_new_row_is_stamped(session: Session, ids: Ids) -> None:
    with unit_scope(ids.a):
        session.add(row := _item(Item, None, "new"))  # type: ignore[arg-type]
        session.flush()
        assert row.unit_id == ids.a


def test_a_new_row_is_not_stamped_when_several_units_are_in_scope(
    session: Session, ids: Ids
) -> None:
    with unit_scope(ids.a, ids.b):
        session.add(_item(Item, None, "whose?"))  # type: ignore[arg-type]
        with pytest.raises(UnitScopeError):
            session.flush()


def _smuggle(session: Session, ids: Any) -> None:
    session.add(_item(Item, ids.b, "smuggled"))


def _change_foreign(session: Session, ids: Any) -> None:
    with unit_scope(ids.b):
        found = session.get_one(Item, ids.page_b)
    found.title = "changed"


def _delete_foreign(session: Session, ids: Any) -> None:
    with unit_scope(ids.b):
        found = session.get_one(ItemVersion, session.scalar(_ids_of(ItemVersion)))
    session.delete(found)


def _give_away(session: Session, ids: Any) -> None:
    session.get_one(Item, ids.page_a).unit_id = ids.b


def _take_over(session: Session, ids: Any) -> None:
    with unit_scope(ids.b):
        found = session.get_one(Item, ids.page_b)
    found.unit_id = ids.a


@pytest.mark.parametrize(
    "write",
    [_smuggle, _change_foreign, _delete_foreign, _give_away, _take_over],
    ids=lambda function: function.__name__,
)
def test_a_write_to_another_unit_is_refused(
    session: Session, ids: Ids, write: Callable[..., None]
) -> None:
    with unit_scope(ids.a):
        write(session, ids)
        with pytest.raises(UnitScopeError, match="write to unit"):
            session.flush()


def test_a_write_without_a_unit_is_refused(session: Session, ids: Ids) -> None:
    session.add(_item(Item, ids.a, "nowhere"))
    with pytest.raises(UnitScopeError, match="no unit is active"):
        session.flush()


BULK: dict[str, Callable[[Session, Any], Any]] = {
    "insert": lambda s, ids: s.execute(insert(Item), [{"title": "x", "unit_id": ids.b}]),
    "insert from select": lambda s, ids: s.execute(
        insert(ItemVersion).from_select(["item_id"], select(Item.id))
    ),
    "bulk_save_objects": lambda s, ids: s.bulk_save_objects([_item(Item, ids.b, "x")]),
    "bulk_insert_mappings": lambda s, ids: s.bulk_insert_mappings(File, [{"name": "x"}]),
    "bulk_update_mappings": lambda s, ids: s.bulk_update_mappings(File, [{"id": ids.file_b}]),
    "update by key": lambda s, ids: s.execute(update(File), [{"id": ids.file_b, "name": "x"}]),
    "update that moves": lambda s, ids: s.execute(update(File).values(unit_id=ids.b)),
    "update that moves, by parameter": lambda s, ids: s.execute(update(File), {"unit_id": ids.b}),
    "query that moves": lambda s, ids: s.query(File).update({File.unit_id: ids.b}),
    "update of a table": lambda s, ids: s.execute(update(Item.__table__).values(title="x")),  # type: ignore[arg-type]
    "delete from a table": lambda s, ids: s.execute(delete(Item.__table__)),  # type: ignore[arg-type]
}


@pytest.mark.parametrize("name", BULK)
def test_a_bulk_write_past_the_stamp_is_refused(session: Session, ids: Ids, name: str) -> None:
    with unit_scope(ids.a), pytest.raises(UnitScopeError):
        BULK[name](session, ids)


def test_update_and_delete_touch_only_the_unit(session: Session, ids: Any) -> None:
    with unit_scope(ids.a):
        session.execute(update(Item).values(title="x"))
        session.execute(delete(DocumentRelation))
        session.query(ItemVersion).delete()
    session.expunge_all()
    with all_units("looking"):
        titles = dict(map(tuple, session.execute(select(Item.id, Item.title))))
        assert titles[ids.page_a] == "x"
        assert titles[ids.page_b] == "page b"
        assert session.scalars(select(DocumentRelation.target_number)).all() == ["2/b"]
        assert session.scalars(select(ItemVersion.unit_id)).all() == [ids.b]


def test_the_database_itself_refuses_references_across_units(session: Session, ids: Any) -> None:
    from sqlalchemy.exc import IntegrityError

    with all_units("linking"):
        session.add(ItemFile(item_id=ids.page_a, file_id=ids.file_b, unit_id=ids.a))
        with pytest.raises(IntegrityError):
            session.flush()


# -- known holes: each must be closed elsewhere, and this file must say when one is -------------


@pytest.mark.xfail(strict=True, reason="raw SQL is not filtered; the rules forbid it in sections")
def test_hole_raw_sql(session: Session, ids: Ids) -> None:
    with unit_scope(ids.a):
        assert ids.b not in session.execute(text("select unit_id from item")).scalars().all()


@pytest.mark.xfail(strict=True, reason="the bare connection is not the session; as raw SQL")
def test_hole_connection(session: Session, ids: Ids) -> None:
    with unit_scope(ids.a):
        found = session.connection().execute(select(Item.unit_id)).scalars().all()
        assert ids.b not in found


@pytest.mark.xfail(strict=True, reason="a collection loaded in a wider scope stays as it is")
def test_hole_collection_loaded_in_a_wider_scope(session: Session, ids: Any) -> None:
    with all_units("loading"):
        if session.get_bind().dialect.name == "sqlite":
            session.connection().exec_driver_sql("pragma defer_foreign_keys=on")
        else:
            session.connection().exec_driver_sql("set session_replication_role = replica")
        session.add(ItemFile(item_id=ids.page_a, file_id=ids.file_b, unit_id=ids.b))
        session.flush()
        session.expunge_all()
        page = session.get_one(Item, ids.page_a)
        assert len(page.attachment_rows) == 2
    with unit_scope(ids.a):
        found = session.get_one(Item, ids.page_a)
        assert [row.file_id for row in found.attachment_rows] == [ids.file_a]


@pytest.mark.xfail(strict=True, reason="an entity beside a bare table; the rules forbid the latter")
def test_hole_entity_beside_a_bare_table(session: Session, ids: Ids) -> None:
    with unit_scope(ids.a):
        beside = select(Item.id, LegalDocument.__table__.c.number)
        assert "1/b" not in {row[1] for row in session.execute(beside)}
