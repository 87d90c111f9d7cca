"""Visit counters: every page that somebody reads is counted once, and nobody is known by it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from threading import Thread
from typing import Any

import pytest
from sqlalchemy import func, select, update

from hoitu.core.content import Item, actions
from hoitu.core.jobs import Worker
from hoitu.core.units import Unit
from hoitu.plugins.visits.buffer import Buffer, buffer_of
from hoitu.plugins.visits.counting import Hit
from hoitu.plugins.visits.models import DayCount, DayKey, PageMonth, PageViews, Trace
from hoitu.plugins.visits.retention import DAYS, JOBS
from hoitu.plugins.visits.writing import BUCKETS, bucket_of, estimate, is_robot

AGENT = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/141.0 Safari/537.36"
ARTICLE = {
    "requirement": "unit_activities",
    "genre": "news",
    "origin": "own",
    "title": "Phường ra quân dọn vệ sinh",
    "summary": "Sáng nay.",
    "body": "<p>Sáng nay.</p>",
}


@pytest.fixture
def read(app: Any, unit: Unit) -> Callable[..., Any]:
    """Return a function that reads a page as a person with a browser does."""

    def get(
        path: str = "/", at: Unit | None = None, ip: str = "113.160.92.7", **headers: str
    ) -> Any:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return app.test_client().get(
            path,
            headers={"Host": (at or unit).hosts[-1].name, "User-Agent": AGENT, **named},
            environ_base={"REMOTE_ADDR": ip},
        )

    return get


@pytest.fixture
def counted(app: Any, platform: Any) -> Callable[[], dict[tuple[int, int, str], int]]:
    """Return a function that writes what was counted and tells it by unit, item and address."""

    def now() -> dict[tuple[int, int, str], int]:
        buffer_of(app).flush()
        with platform.open_session(False) as session:
            rows = session.scalars(select(PageViews)).all()
        return {(row.unit_id, row.item_id, row.path): row.views for row in rows}

    return now


@pytest.fixture
def rows(platform: Any) -> Callable[[type], list[Any]]:
    """Return a function that reads all rows of a table."""

    def of(model: type) -> list[Any]:
        with platform.open_session(False) as session:
            return list(session.scalars(select(model)))

    return of


@pytest.fixture
def run(app: Any, platform: Any) -> Callable[[str], None]:
    """Return a function that runs one of the plugin's jobs."""
    from hoitu.core.jobs import JobContext

    def do(name: str) -> None:
        job = next(job for job in JOBS if job.name == name)
        with app.app_context(), platform.open_session(True) as session:
            job.run(JobContext(session, {}, platform.clock))
            session.commit()

    return do


# -- what is counted ---------------------------------------------------------------------------


def test_pages_are_counted_by_item_or_address(
    read: Any, counted: Any, publish: Any, unit: Unit, other_unit: Unit, desk: Any
) -> None:
    item_id = publish("news_article", **ARTICLE)
    for path in ("/", "/?utm_source=x", "/en/", "/tin-tuc", "/so-do-cong?q=bí mật"):
        assert read(path).status_code == 200
    page = f"/tin-tuc/{item_id}-phuong-ra-quan-don-ve-sinh"
    assert read(page).status_code == 200
    read("/", at=other_unit)
    assert counted() == {
        (unit.id, 0, "/"): 3,
        (unit.id, 0, "/tin-tuc"): 1,
        (unit.id, 0, "/so-do-cong"): 1,
        (unit.id, item_id, ""): 1,
        (other_unit.id, 0, "/"): 1,
    }


def test_what_is_no_reading_is_not_counted(
    read: Any, counted: Any, publish: Any, app: Any, unit: Unit
) -> None:
    item_id = publish("news_article", **ARTICLE)
    page = f"/tin-tuc/{item_id}-phuong-ra-quan-don-ve-sinh"
    for path in (
        "/khong-co", f"/tin-tuc/{item_id}", f"{page}/in", f"{page}.json", "/feed.atom",
        "/robots.txt", "/healthz", "/quan-tri/dang-nhap", "/api/v1/news_article",
    ):  # fmt: skip
        read(path)
    read("/", Sec_Purpose="prefetch;prerender")
    read("/", Purpose="prefetch")
    for agent in ("", "curl/8.5", "Mozilla/5.0 (compatible; Googlebot/2.1)", "GPTBot/1.2"):
        read("/", User_Agent=agent)
    app.test_client().head("/", headers={"Host": unit.hosts[-1].name, "User-Agent": AGENT})
    assert counted() == {}


def test_staff_are_not_counted_once_they_signed_in(
    staff: Any, counted: Any, unit: Unit, app: Any
) -> None:
    person = staff("editor")
    host = {"Host": person.site.host, "User-Agent": AGENT}
    # A session holds for the browser it began in.
    person.site.client.environ_base["HTTP_USER_AGENT"] = AGENT
    person.sign_in()
    assert person.site.client.get("/", headers=host).status_code == 200
    assert counted() == {}
    app.test_client().get("/", headers=host)
    assert counted() == {(unit.id, 0, "/"): 1}


def test_a_code_in_an_address_is_never_kept(app: Any) -> None:
    from flask import request

    from hoitu.plugins.visits.counting import page_path

    with app.test_request_context("/tep/12/bi-mat.pdf"):
        assert request.view_args and page_path() == "/tep/"


def test_counting_sets_no_cookie_and_asks_no_database(
    read: Any, statements: Callable[[], list[str]]
) -> None:
    answer = read("/tin-tuc")
    assert "Set-Cookie" not in answer.headers
    assert not [s for s in statements() if "visits_" in s and not s.startswith("SELECT")]
    read("/tin-tuc")
    statements()
    answer = read("/tin-tuc")
    assert not [s for s in statements() if "visits_" in s]


def test_a_page_stands_though_counting_fails(
    read: Any, monkeypatch: pytest.MonkeyPatch, caplog: Any
) -> None:
    def fail(*_: Any) -> None:
        raise RuntimeError("broken")

    monkeypatch.setattr(Buffer, "add", fail)
    assert read("/").status_code == 200
    assert "was not counted" in caplog.text


# -- two processes -----------------------------------------------------------------------------


@pytest.mark.both_databases
def test_processes_that_write_at_once_lose_nothing(
    make_app: Any, platform: Any, unit: Unit, other_unit: Unit, clock: Any, rows: Any
) -> None:
    buffers = [Buffer(make_app()) for _ in range(3)]
    today, rounds, each = clock.today(), 5, 40

    def work(buffer: Buffer, number: int) -> None:
        for turn in range(rounds):
            for place in range(each):
                at = (unit, other_unit)[place % 2]
                path = f"/trang-{(place * (number + 1)) % 8}"
                visitor = f"113.160.92.{(turn * each + place) % 50}"
                buffer.add(Hit(at.id, today, clock.now(), 0, path, AGENT, visitor))
            buffer.flush()

    threads = [Thread(target=work, args=(one, n)) for n, one in enumerate(buffers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=120)
    total = len(buffers) * rounds * each
    assert sum(row.views for row in rows(PageViews)) == total
    assert sum(row.views for row in rows(DayCount)) == total
    assert len(rows(DayKey)) == 1
    # Each visitor has one place at each of the two sites, whichever process saw them.
    assert 45 <= len(rows(Trace)) <= 50


def test_what_cannot_be_written_is_kept_for_later(
    read: Any, app: Any, counted: Any, unit: Unit, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sqlalchemy.exc import OperationalError

    def busy(*_: Any) -> None:
        raise OperationalError("insert", {}, Exception("locked"))

    read("/")
    with monkeypatch.context() as broken:
        broken.setattr("hoitu.plugins.visits.buffer.write", busy)
        buffer_of(app).flush()
    assert counted() == {(unit.id, 0, "/"): 1}


# -- visitors ----------------------------------------------------------------------------------


def test_visitors_are_told_apart_for_a_day_and_forgotten(
    read: Any, counted: Any, rows: Any, run: Any, clock: Any, unit: Unit
) -> None:
    for ip in ("113.160.92.1", "113.160.92.1", "113.160.92.2"):
        read("/", ip=ip)
    read("/", ip="113.160.92.9", Sec_GPC="1")
    read("/", ip="113.160.92.8", DNT="1")
    counted()
    assert (len(rows(Trace)), len(rows(DayKey))) == (2, 1)
    run("end_days")
    assert len(rows(Trace)) == 2
    key = rows(DayKey)[0].key
    clock.move(timedelta(days=1))
    run("end_days")
    run("end_days")
    assert rows(Trace) == [] and rows(DayKey) == []
    (day,) = rows(DayCount)
    assert (day.views, day.visitors) == (5, 2)
    read("/")
    counted()
    assert rows(DayKey)[0].key != key


def test_nothing_kept_tells_who_somebody_was(
    read: Any, counted: Any, rows: Any, platform: Any
) -> None:
    read("/", ip="113.160.92.77")
    counted()
    stored = ""
    for model in (PageViews, DayCount, Trace, DayKey):
        for row in rows(model):
            stored += " ".join(str(getattr(row, c.key)) for c in model.__mapper__.columns) + "\n"
    assert "113.160.92.77" not in stored and "Mozilla" not in stored and "Chrome" not in stored
    assert all(0 <= row.bucket < BUCKETS for row in rows(Trace))


def test_behind_a_proxy_the_browser_is_meant(read: Any, counted: Any, rows: Any) -> None:
    for browser in ("198.51.100.1", "198.51.100.2"):
        read("/", ip="127.0.0.1", X_Forwarded_For=browser)
    # Nobody but a proxy of ours is believed.
    for claimed in ("198.51.100.3", "198.51.100.4"):
        read("/", ip="113.160.92.1", X_Forwarded_For=claimed)
    counted()
    assert len(rows(Trace)) == 3


def test_the_estimate_is_close_and_never_more_than_the_places_allow() -> None:
    key = "ab" * 32
    for visitors in (1, 10, 1000, 50_000):
        hits = [Hit(1, None, None, 0, "/", AGENT, str(n)) for n in range(visitors)]  # type: ignore[arg-type]
        taken = len({bucket_of(key, hit) for hit in hits})
        assert abs(estimate(taken) - visitors) <= max(1, visitors * 0.02)
    assert estimate(BUCKETS) < 1_000_000
    assert is_robot("") and not is_robot(AGENT)


# -- retention ---------------------------------------------------------------------------------


@pytest.mark.both_databases
def test_old_days_become_months(platform: Any, clock: Any, unit: Unit, rows: Any, run: Any) -> None:
    today = clock.today()
    with platform.open_session(True) as session:
        for age, views in ((DAYS + 40, 3), (DAYS + 41, 4), (DAYS, 5), (1, 6)):
            day = today - timedelta(days=age)
            session.add(PageViews(unit_id=unit.id, day=day, item_id=0, path="/", views=views))
        session.commit()
    run("sum_up")
    run("sum_up")
    assert sorted(row.views for row in rows(PageViews)) == [5, 6]
    assert sum(row.views for row in rows(PageMonth)) == 7
    assert {row.month.day for row in rows(PageMonth)} == {1}


def test_the_worker_runs_both_by_itself(
    app: Any, rows: Any, read: Any, counted: Any, clock: Any
) -> None:
    read("/")
    counted()
    Worker(app).drain()
    clock.move(timedelta(days=1))
    Worker(app).drain()
    assert rows(Trace) == []


# -- what is shown -----------------------------------------------------------------------------


def figures_of(page: str) -> list[str]:
    """Return the numbers in the footer of a page."""
    import re

    return re.findall(r"<dd>([\d.]+)</dd>", page.partition('class="visits"')[2])


def test_the_footer_tells_visits(
    read: Any, counted: Any, clock: Any, unit: Unit, platform: Any, run: Any
) -> None:
    from hoitu.core.access import SYSTEM

    for ip in ("113.160.92.1", "113.160.92.2", "113.160.92.3"):
        read("/", ip=ip)
    counted()
    clock.move(timedelta(minutes=2))
    assert figures_of(read("/").text) == ["3", "3", "3", "3"]
    clock.move(timedelta(minutes=6))
    assert figures_of(read("/").text)[:2] != ["3", "3"]
    with platform.open_session(True) as session:
        scope = f"unit:{unit.id}"
        platform.settings.store(
            session, SYSTEM, scope, "visits", "initial_total", 1_250_000, clock.now()
        )
        session.commit()
    assert figures_of(read("/").text)[3] == "1.250.003"
    with platform.open_session(True) as session:
        platform.settings.store(session, SYSTEM, scope, "visits", "counters", False, clock.now())
        session.commit()
    assert 'class="visits"' not in read("/").text


def test_what_is_read_most_is_public_and_in_order(
    read: Any, counted: Any, publish: Any, desk: Any, clock: Any, unit: Unit
) -> None:
    made = {}
    for number in range(4):
        title = f"Bài số {number}"
        made[number] = publish("news_article", **{**ARTICLE, "title": title})
    for number, item_id in made.items():
        for _ in range(number + 1):
            assert read(f"/tin-tuc/{item_id}-bai-so-{number}").status_code == 200
    counted()
    clock.move(timedelta(minutes=2))
    block = read("/").text.partition('class="most-read"')[2].partition("</ol>")[0]
    places = [block.find(f"Bài số {number}") for number in (3, 2, 1, 0)]
    assert -1 not in places and places == sorted(places)
    with desk() as work:
        actions.unpublish(work, work.session.get(Item, made[3]), "Nhầm")
    block = read("/").text.partition('class="most-read"')[2].partition("</ol>")[0]
    assert "Bài số 3" not in block and "Bài số 2" in block


def test_what_a_plugin_left_behind_breaks_neither_block_nor_desk(
    read: Any, counted: Any, publish: Any, desk: Any, clock: Any, staff: Any
) -> None:
    titles = [f"Bài số {number}" for number in range(4)]
    ids = [publish("news_article", **{**ARTICLE, "title": title}) for title in titles]
    for number, item_id in enumerate(ids):
        read(f"/tin-tuc/{item_id}-bai-so-{number}")
    counted()
    clock.move(timedelta(minutes=2))
    with desk() as work:
        gone = update(Item).where(Item.id == ids[0]).values(type="of_a_plugin_that_is_gone")
        work.session.execute(gone.execution_options(synchronize_session=False))
    block = read("/").text.partition('class="most-read"')[2].partition("</ol>")[0]
    assert [title in block for title in titles] == [False, True, True, True]
    page = staff("unit_admin").open("/quan-tri/truy-cap")
    assert page.status == 200
    assert f"Mục của đơn vị khác hoặc không còn nữa, số {ids[0]}" in page.text
    for path in (f"/xac-minh/{ids[0]}", f"/luu-pdf/{ids[0]}.pdf", f"/bai/{ids[0]}"):
        assert read(path).status_code == 404


def test_the_desk_shows_and_gives_away_the_counts(
    staff: Any, read: Any, counted: Any, publish: Any, clock: Any
) -> None:
    item_id = publish("news_article", **ARTICLE)
    read("/")
    read(f"/tin-tuc/{item_id}-phuong-ra-quan-don-ve-sinh")
    counted()
    clock.move(timedelta(days=1))
    admin = staff("unit_admin")
    page = admin.open("/quan-tri/truy-cap")
    assert page.status == 200 and "dọn vệ sinh" in page.text and "<svg" in page.text
    assert 'href="/quan-tri/truy-cap" aria-current="page"' in page.text
    for name in ("ngay", "trang"):
        for form in ("csv", "xlsx"):
            answer = admin.open(f"/quan-tri/truy-cap/{name}.{form}")
            assert answer.status == 200 and answer.response.data
    assert "dọn vệ sinh" in admin.open("/quan-tri/truy-cap/trang.csv").text
    assert admin.open("/quan-tri/truy-cap/ngay.exe").status == 404
    assert staff("approver").open("/quan-tri/truy-cap").status == 403


def test_a_unit_sees_its_own_counts_only(
    staff: Any, read: Any, counted: Any, other_unit: Unit
) -> None:
    for _ in range(7):
        read("/gioi-thieu", at=other_unit)
        read("/tin-tuc", at=other_unit)
    counted()
    page = staff("unit_admin").open("/quan-tri/truy-cap").text
    assert "/tin-tuc</a>" not in page and 'class="visits"' not in read("/").text


def test_the_tables_hold_no_more_than_they_must(platform: Any, read: Any, counted: Any) -> None:
    for number in range(30):
        read("/", ip=f"113.160.92.{number}")
    counted()
    with platform.open_session(False) as session:
        assert session.scalar(select(func.count()).select_from(PageViews)) == 1
