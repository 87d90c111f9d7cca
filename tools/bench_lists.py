"""Measure the desk's lists in a unit with very many entries beside one with few.

Usage: python -P tools/bench_lists.py [--many N] [--few N] [--rounds N] [--database NAME]

A throw-away database gets two wards: one with N documents, one with a thousand, written as rows
like those the actions write. Somebody is signed in at each desk and opens the same pages by turns;
the medians, and how many times as long the large unit takes, are printed as a Markdown table.
"""

from __future__ import annotations

import argparse
import os
import platform as machine
import re
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib import resources
from pathlib import Path
from statistics import median
from typing import Any
from uuid import uuid4

from flask.testing import FlaskClient
from sqlalchemy import Table, insert, select, text

from hoitu.core import schema
from hoitu.core.access import SYSTEM, accounts
from hoitu.core.app import Portal, create_app
from hoitu.core.content import ActionContext, Item, SavedView, actions
from hoitu.core.extensions import KEY, Platform
from hoitu.core.testing import postgresql
from hoitu.core.units import Unit, importing, unit_scope

#: How many times as long a page may take where there are a hundred times as many entries.
TARGET = 1.5
TYPE = "legal_document"
LIST = f"/quan-tri/{TYPE}"
PASSWORD = "a long password of the benchmark"
#: People who share the entries of a unit; the one who looks is one of them.
PEOPLE = 10
WARM_UP = 3
#: Where the work on the newest entries stands, in a hundred: the state, and of a version that waits
#: behind it; and on older ones. What waits is recent, however large the archive behind it.
STANDING = [
    *[("published", "")] * 80, *[("published", "draft")] * 2, ("published", "submitted"),
    *[("draft", "")] * 5, *[("submitted", "")] * 3, ("returned", ""), *[("unpublished", "")] * 2,
    *[("archived", "")] * 3, *[("trashed", "")] * 3,
]  # fmt: skip
OLD_STANDING = [
    *[("published", "")] * 93, *[("unpublished", "")] * 2, *[("archived", "")] * 4, ("trashed", ""),
]  # fmt: skip
NEWEST = 1_000
#: Kinds of documents, the first by far the most frequent.
KINDS = ("KH", "KH", "KH", "QĐ", "CT", "BC", "TB", "CV")
#: Rows that are written at a time.
SLICE = 5_000


@dataclass(frozen=True, slots=True)
class Desk:
    """A unit's desk as somebody signed in opens it."""

    client: FlaskClient
    host: str

    def open(self, path: str) -> str:
        """Return a page; whatever is not a page ends the benchmark."""
        answer = self.client.get(path, headers={"Host": self.host})
        if answer.status_code != 200:
            raise SystemExit(f"{path}: {answer.status}")
        return answer.get_data(as_text=True)


def main() -> None:
    """Fill, measure and print, for each database."""
    options = _options()
    databases = ("sqlite", "postgresql") if options.database == "both" else (options.database,)
    print(f"\n{datetime.now(UTC):%Y-%m-%d}, Python {machine.python_version()};", end=" ")
    print(f"{options.few} and {options.many} documents, medians of {options.rounds} rounds.\n")
    print("| database | page | few: ms | many: ms | × few | target |")
    print("|---|---|---:|---:|---:|---:|")
    missed = 0
    for database in databases:
        with ExitStack() as stack:
            for name, few, many in measure(options, database, stack):
                ratio = many / few
                missed += ratio > TARGET
                print(f"| {database} | {name} | {few * 1000:.1f} | {many * 1000:.1f} |", end=" ")
                print(f"{ratio:.2f} | ≤ {TARGET} |", flush=True)
    if missed:
        raise SystemExit(f"{missed} pages take more than {TARGET} times as long")


def measure(
    options: argparse.Namespace, database: str, stack: ExitStack
) -> Iterator[tuple[str, float, float]]:
    """Yield the name of each page and its median seconds in the small and in the large unit."""
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="hoitu-lists-")))
    url = f"sqlite:///{folder / 'hoitu.sqlite'}"
    if database == "postgresql":
        url = stack.enter_context(postgresql.server())
    app = create_app(instance=folder, database_url=url, secure_cookies=False)
    parts: Platform = app.extensions[KEY]
    desks = _filled(app, parts, (options.few, options.many))
    if options.explain:
        _explain(parts, desks[1])
        return
    for name, paths in _pages(desks).items():
        taken: tuple[list[float], list[float]] = ([], [])
        for number in range(-WARM_UP, options.rounds):
            for desk, path, times in zip(desks, paths, taken, strict=True):
                begun = time.perf_counter()
                desk.open(path)
                if number >= 0:
                    times.append(time.perf_counter() - begun)
        yield name, median(taken[0]), median(taken[1])
    parts.search.close()
    parts.engine.dispose()


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Measure the desk's lists.")
    parser.add_argument("--many", type=int, default=100_000, help="entries of the large unit")
    parser.add_argument("--few", type=int, default=1_000, help="entries of the small unit")
    parser.add_argument("--rounds", type=int, default=21)
    parser.add_argument("--database", choices=("sqlite", "postgresql", "both"), default="sqlite")
    parser.add_argument("--explain", action="store_true", help="print the plans, measure nothing")
    return parser.parse_args()


def _pages(desks: tuple[Desk, Desk]) -> dict[str, tuple[str, str]]:
    """Return the addresses of each page, in the small unit and in the large one."""
    everywhere = {
        "list": LIST,
        "list by state: published": f"{LIST}?trang-thai=published",
        "list by state: waiting for approval": f"{LIST}?trang-thai=submitted",
        "list by state: drafts": f"{LIST}?trang-thai=draft",
        "list by state: archived": f"{LIST}?trang-thai=archived",
        "list by person: me": f"{LIST}?phu-trach=toi",
        "list by person and state": f"{LIST}?phu-trach=toi&trang-thai=draft",
        "list by title": f"{LIST}?thu-tu=ten",
        "list by date": f"{LIST}?thu-tu=ngay",
        "trash": f"{LIST}?trang-thai=trashed",
        "my work": "/quan-tri/",
    }
    pages = {name: (path, path) for name, path in everywhere.items()}
    pages["kept view"] = (_kept(desks[0]), _kept(desks[1]))
    pages["list, page 30"] = (_turned(desks[0], 29), _turned(desks[1], 29))
    pages["list, last changed long ago"] = (_turned(desks[0], 29), _turned(desks[1], 400))
    return pages


def _kept(desk: Desk) -> str:
    found = re.search(rf'href="({LIST}\?[^"]+)"[^>]*>Của tôi<', desk.open(LIST))
    assert found is not None
    return found[1].replace("&amp;", "&")


def _turned(desk: Desk, pages: int) -> str:
    path = LIST
    for _number in range(pages):
        found = re.search(r'rel="next" href="([^"]+)"', desk.open(path))
        assert found is not None
        path = found[1].replace("&amp;", "&")
    return path


# -- filling -----------------------------------------------------------------------------------


def _filled(app: Portal, parts: Platform, sizes: tuple[int, int]) -> tuple[Desk, Desk]:
    for lineage in schema.lineages(parts.plugins):
        schema.upgrade(parts.engine, lineage)
    source = resources.files("hoitu.core.testing") / "data" / "units.yaml"
    with app.app_context(), parts.open_session(True) as session:
        importing.apply(session, source.read_text("utf-8"))
        session.commit()
        parts.units.reload(session)
    parts.search.rebuild(())
    desks = []
    for slug, size in zip(("phuong-mot", "phuong-hai"), sizes, strict=True):
        unit = parts.units.by_slug(slug)
        assert unit is not None
        _report(f"{size} documents at {slug}")
        people = _people(app, parts, unit)
        _fill(app, parts, unit, size, people)
        desks.append(_signed_in(app, unit))
    # As the worker does once a day; PostgreSQL sees to it by itself, but not this soon.
    with parts.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        if connection.dialect.name == "sqlite":
            connection.execute(text("pragma analysis_limit = 1000"))
        connection.execute(text("analyze"))
    return desks[0], desks[1]


def _people(app: Portal, parts: Platform, unit: Unit) -> list[int]:
    with app.app_context(), parts.open_session(True) as session:
        found = []
        for number in range(PEOPLE):
            account = accounts.create(
                session,
                email=f"nguoi-{number}@{unit.slug}.example",
                name=f"Người {number}",
                password=PASSWORD,
            )
            accounts.grant(session, account, "approver", unit.id)
            found.append(account.id)
        with unit_scope(unit.id):
            query = "trang-thai=draft&loai=KH&phu-trach=toi"
            view = SavedView(account_id=found[0], type=TYPE, name="Của tôi", query=query)
            session.add(view)
            session.commit()
    return found


def _fill(app: Portal, parts: Platform, unit: Unit, size: int, people: list[int]) -> None:
    """Write rows like those of one document that the actions wrote."""
    request = app.test_request_context(base_url=f"http://{unit.hosts[-1].name}")
    with request, unit_scope(unit.id), parts.open_session(True) as session:
        context = ActionContext.of(parts, session, SYSTEM, unit)
        item_id = actions.create(context, TYPE, _document()).id
        session.commit()
    model: Any = parts.types[TYPE].model
    tables: tuple[Table, Table] = (Item.__table__, model.__table__)  # type: ignore[assignment]
    with parts.engine.begin() as connection:
        rows = [
            dict(connection.execute(select(t).where(t.c.id == item_id)).one()._mapping)
            for t in tables
        ]
    first = unit.id * 10_000_000
    for start in range(1, size, SLICE):
        numbers = range(start, min(size, start + SLICE))
        written = [_numbered(rows, first, number, people) for number in numbers]
        with parts.engine.begin() as connection:
            for table, values in zip(tables, zip(*written, strict=True), strict=True):
                connection.execute(insert(table), list(values))


def _numbered(
    rows: list[dict[str, Any]], first: int, number: int, people: list[int]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the rows of one more document; its numbers say everything about it."""
    item, document = rows
    standing = STANDING if number < NEWEST else OLD_STANDING
    state, waiting = standing[number * 37 % len(standing)]
    changed = datetime(2026, 11, 1, tzinfo=UTC) - timedelta(minutes=7 * number)
    kind = KINDS[number * 5 % len(KINDS)]
    own = {
        "id": first + number,
        "uid": uuid4().hex,
        "state": state,
        "draft_state": waiting,
        "title": f"Văn bản {number}/{kind}-UBND",
        "slug": f"van-ban-{number * 7919 % 1_000_003}-{kind.lower()}-ubnd",
        "updated_at": changed,
        "sort_at": changed - timedelta(days=number % 400),
        "published_from": changed if state == "published" else None,
        "responsible_id": people[number // 3 % len(people)],
        "trashed_at": changed if state == "trashed" else None,
        "review_by": (changed + timedelta(days=365)).date() if state == "published" else None,
    }
    number_of = {"id": first + number, "number": f"{number}/{kind}-UBND", "kind": kind}
    return {**item, **own}, {**document, **number_of, "number_key": f"{number}{kind}ubnd".lower()}


def _document() -> dict[str, Any]:
    return {
        "requirement": "administrative_documents",
        "number": "389/KH-UBND",
        "kind": "KH",
        "summary": "Xây dựng nền tảng hội tụ",
        "issuer": "Ủy ban nhân dân phường",
        "issued_on": "27/11/2023",
        "body": "<p>Toàn văn</p>",
    }


def _signed_in(app: Portal, unit: Unit) -> Desk:
    desk = Desk(app.test_client(), unit.hosts[-1].name)
    path = "/quan-tri/dang-nhap"
    token = re.search(r'name="csrf_token" value="([^"]+)"', desk.open(path))
    assert token is not None
    data = {"csrf_token": token[1], "email": f"nguoi-0@{unit.slug}.example", "password": PASSWORD}
    answer = desk.client.post(path, data=data, headers={"Host": desk.host})
    if answer.status_code != 303:
        raise SystemExit(f"signing in: {answer.status}")
    return desk


# -- plans -------------------------------------------------------------------------------------


def _explain(parts: Platform, desk: Desk) -> None:
    """Print, for each page of the large unit, its slower statements with their plans."""
    from sqlalchemy import event

    seen: list[tuple[str, Any, float]] = []
    begun: list[float] = []

    def before(*_arguments: Any) -> None:
        begun.append(time.perf_counter())

    def after(_connection: Any, _cursor: Any, statement: str, values: Any, *_rest: Any) -> None:
        seen.append((statement, values, time.perf_counter() - begun.pop()))

    event.listen(parts.engine, "before_cursor_execute", before)
    event.listen(parts.engine, "after_cursor_execute", after)
    word = "explain query plan " if parts.engine.dialect.name == "sqlite" else "explain analyze "
    for name, (_, path) in _pages((desk, desk)).items():
        desk.open(path)
        seen.clear()
        desk.open(path)
        found = [one for one in seen if one[2] > 0.003]
        print(f"\n== {name}: {len(seen)} statements, {sum(s[2] for s in seen) * 1000:.0f} ms")
        for statement, values, seconds in found:
            print(f"-- {seconds * 1000:.1f} ms: {statement}\n   {values}")
            with parts.engine.connect() as connection:
                for line in connection.exec_driver_sql(word + statement, values):
                    print("    ", *line)


def _report(message: str) -> None:
    print(message, file=sys.stderr, flush=True)


if __name__ == "__main__":
    os.environ.pop("HOITU_INSTANCE", None)
    main()
