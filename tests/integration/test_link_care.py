"""Broken links: the nightly round over a real server, and what counts as broken."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from sqlalchemy import select, true

from hoitu.core.care import Checker, LinkCheck, link_index, link_rounds, links
from hoitu.core.care.models import UNKNOWN
from hoitu.core.clock import FrozenClock, local
from hoitu.core.content import ActionContext, Item, ItemLink, actions
from hoitu.core.content.linked import key_of
from hoitu.core.extensions import Platform
from hoitu.core.jobs.queue import JobRow, ScheduleRow
from hoitu.core.units import Unit

Desk = Callable[..., AbstractContextManager[ActionContext]]
Article = Callable[..., int]
ARTICLE: dict[str, Any] = {
    "requirement": "unit_activities", "genre": "news", "title": "Khởi công cầu mới",
    "summary": "", "body": "<p>Toàn văn</p>", "origin": "own",
}  # fmt: skip
#: Ten in the evening in Viet Nam, of the day the tests live in.
NIGHT = datetime(2026, 11, 23, 15, 30, tzinfo=UTC)
DAY = timedelta(days=1)
#: Names nobody can own are not asked; this one only resolves in the tests' own checker.
GONE, THERE = "https://mot.mau.vn/het", "https://hai.mau.vn/con"


class Pages(BaseHTTPRequestHandler):
    """Answers 404 below /het, else 200; counts who is asked at the same time."""

    seen: list[str]
    at_once = most = 0
    lock = threading.Lock()

    def do_HEAD(self) -> None:
        with Pages.lock:
            Pages.seen.append(self.path)
            Pages.at_once += 1
            Pages.most = max(Pages.most, Pages.at_once)
        threading.Event().wait(0.02)
        with Pages.lock:
            Pages.at_once -= 1
        self.send_response(404 if self.path.startswith("/het") else 200)
        self.end_headers()

    do_GET = do_HEAD

    def log_message(self, *_arguments: Any) -> None:
        """Say nothing."""


@pytest.fixture
def server() -> Iterator[Callable[[str], str]]:
    Pages.seen, Pages.at_once, Pages.most = [], 0, 0
    with ThreadingHTTPServer(("127.0.0.1", 0), Pages) as running:
        thread = threading.Thread(target=running.serve_forever, daemon=True)
        thread.start()
        yield lambda path: f"http://127.0.0.1:{running.server_port}{path}"
        running.shutdown()
        thread.join()


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """What is wrong with addresses, in place of asking them; others answer."""
    told: dict[str, str] = {}

    class Told(Checker):
        def check(self, address: str) -> str:
            return told.get(address, "")

    monkeypatch.setattr(link_rounds, "make_checker", lambda: Told(lambda *_: True))
    monkeypatch.setattr(link_rounds, "BREATH", 0)
    return told


@pytest.fixture
def article(desk: Desk) -> Article:
    def write(*addresses: str, at: Unit | None = None, public: bool = True, **values: Any) -> int:
        body = "".join(f'<p><a href="{a}">Kế hoạch {n}</a></p>' for n, a in enumerate(addresses))
        with desk(at) as work:
            item = actions.create(work, "news_article", {**ARTICLE, "body": body, **values})
            return (actions.publish(work, item) if public else item).id

    return write


@pytest.fixture
def night(drain: Callable[[], None], clock: FrozenClock) -> Callable[..., None]:
    """Return a function that collects by day and lets so many nights pass."""

    def pass_(nights: int = 1) -> None:
        for _ in range(nights):
            drain()
            local_evening = clock.now().replace(hour=15, minute=30)
            later = local_evening if local_evening > clock.now() else local_evening + DAY
            clock.move(later - clock.now())
            for _slice in range(9):
                drain()
                clock.move(timedelta(seconds=2))
            clock.move(clock.now().replace(hour=2, minute=0) + DAY - clock.now())

    return pass_


@pytest.fixture
def checks(platform: Platform) -> Callable[[], dict[str, tuple[str, bool]]]:
    def read() -> dict[str, tuple[str, bool]]:
        with platform.open_session(False) as session:
            rows = session.scalars(select(LinkCheck))
            return {r.url: (r.problem, r.broken_since is not None) for r in rows}

    return read


def found(desk: Desk, at: Unit | None = None, mine: int | None = None) -> list[links.BrokenLink]:
    with desk(at) as work:
        return links.broken(work.session, work.now(), true(), mine=mine)


# -- what is noted --------------------------------------------------------------------------------


def noted(*events: tuple[float, str]) -> LinkCheck:
    check = LinkCheck(key="k", url="https://mau.vn/", problem="")
    for hours, problem in events:
        check.note(problem, NIGHT + timedelta(hours=hours))
    return check


def test_one_failure_is_not_enough() -> None:
    assert noted((0, "missing")).broken_since is None
    assert noted((0, ""), (24, "missing")).broken_since is None


def test_two_failures_a_day_apart_are_since_the_first() -> None:
    check = noted((0, "timeout"), (24, "missing"))
    assert (check.problem, check.broken_since) == ("missing", NIGHT)
    assert noted((0, "timeout"), (24, "missing"), (48, "error")).broken_since == NIGHT


def test_asking_twice_within_hours_does_not_count() -> None:
    check = noted((0, "missing"), (1, "missing"), (2, "missing"))
    assert check.broken_since is None
    assert noted((0, "missing"), (1, "error"), (24, "error")).broken_since == NIGHT


def test_an_answer_ends_it() -> None:
    check = noted((0, "missing"), (24, "missing"), (48, ""))
    assert (check.problem, check.broken_since) == ("", None)
    assert noted((0, "missing"), (24, ""), (48, "missing")).broken_since is None


def test_what_is_not_known_changes_nothing() -> None:
    assert noted((0, UNKNOWN)).problem == UNKNOWN
    check = noted((0, "missing"), (24, "missing"), (48, UNKNOWN))
    assert (check.problem, check.broken_since) == ("missing", NIGHT)
    assert noted((0, UNKNOWN), (24, "missing")).broken_since is None


# -- the round ------------------------------------------------------------------------------------


def test_the_round_asks_a_real_server_by_night_only(
    server: Callable[[str], str], article: Article, drain: Callable[[], None],
    clock: FrozenClock, monkeypatch: pytest.MonkeyPatch,
    checks: Callable[[], dict[str, tuple[str, bool]]],
) -> None:  # fmt: skip
    article(server("/het"), server("/con"), server("/con#muc"))
    monkeypatch.setattr(link_rounds, "make_checker", lambda: Checker(lambda *_: True, timeout=2))
    monkeypatch.setattr(link_rounds, "BREATH", 0)
    drain()
    assert Pages.seen == []
    assert checks() == {server("/het"): ("", False), server("/con"): ("", False)}
    clock.move(NIGHT - clock.now())
    drain()
    assert sorted(set(Pages.seen)) == ["/con", "/het"]
    assert checks() == {server("/het"): ("missing", False), server("/con"): ("", False)}
    asked = len(Pages.seen)
    clock.move(timedelta(hours=2))
    drain()
    assert len(Pages.seen) == asked
    clock.move(NIGHT + DAY - clock.now())
    drain()
    assert checks()[server("/het")] == ("missing", True)


def test_addresses_of_one_site_are_asked_one_after_another(server: Callable[[str], str]) -> None:
    checker = Checker(lambda *_: True, timeout=2)
    before = link_rounds.BREATH
    link_rounds.BREATH = 0.01
    try:
        answers = link_rounds.ask([server(f"/con/{n}") for n in range(5)], checker)
    finally:
        link_rounds.BREATH = before
    assert set(answers.values()) == {""}
    assert Pages.most == 1


def test_private_addresses_are_never_asked(
    server: Callable[[str], str], platform: Platform, desk: Desk
) -> None:
    with desk():
        assert link_rounds.ask([server("/con")]) == {server("/con"): UNKNOWN}
    assert Pages.seen == []


def test_the_round_goes_on_where_it_stopped(
    article: Article, answers: dict[str, str], drain: Callable[[], None], clock: FrozenClock,
    monkeypatch: pytest.MonkeyPatch, checks: Callable[[], dict[str, tuple[str, bool]]],
    platform: Platform,
) -> None:  # fmt: skip
    monkeypatch.setattr(link_rounds, "SLICE", 2)
    article(*(f"https://m{n}.mau.vn/" for n in range(5)))
    drain()
    clock.move(NIGHT - clock.now())
    asked = []
    for _ in range(4):
        drain()
        clock.move(timedelta(seconds=2))
        with platform.open_session(False) as session:
            rows = session.scalars(select(LinkCheck).where(LinkCheck.checked_at.is_not(None)))
            asked.append(len(list(rows)))
    assert asked == [2, 4, 5, 5]


def test_no_site_takes_a_whole_slice(
    article: Article, answers: dict[str, str], drain: Callable[[], None], clock: FrozenClock,
    desk: Desk,
) -> None:  # fmt: skip
    article(*(f"https://mau.vn/{n}" for n in range(20)), "https://khac.vn/")
    drain()
    with desk():
        due = link_rounds._due(clock.now())
    assert len([url for url in due if "//mau.vn" in url]) == link_rounds.PER_SITE
    assert "https://khac.vn/" in due


def test_what_no_public_text_leads_to_any_more_is_forgotten(
    desk: Desk, article: Article, answers: dict[str, str], night: Callable[..., None],
    checks: Callable[[], dict[str, tuple[str, bool]]],
) -> None:  # fmt: skip
    item_id = article(GONE)
    article(THERE, public=False)
    night()
    assert set(checks()) == {GONE}
    with desk() as work:
        actions.unpublish(work, work.session.get_one(Item, item_id), "sai")
    night()
    assert checks() == {}


def test_without_a_network_nothing_is_held_against_anybody(
    article: Article, answers: dict[str, str], night: Callable[..., None],
    checks: Callable[[], dict[str, tuple[str, bool]]],
) -> None:  # fmt: skip
    article(GONE, THERE)
    answers |= {GONE: "name", THERE: "connection"}
    night(3)
    assert checks() == {GONE: (UNKNOWN, False), THERE: (UNKNOWN, False)}
    del answers[THERE]
    night(2)
    assert checks() == {GONE: ("name", True), THERE: ("", False)}


# -- what is listed -------------------------------------------------------------------------------


def test_broken_addresses_are_listed_for_each_unit_that_leads_there(
    desk: Desk, article: Article, answers: dict[str, str], night: Callable[..., None],
    other_unit: Unit,
) -> None:  # fmt: skip
    mine, theirs = article(GONE, THERE), article(GONE, at=other_unit)
    article(GONE, public=False, title="Nháp")
    answers[GONE] = "missing"
    night()
    assert found(desk) == []
    night()
    (one,) = found(desk)
    assert (one.item_id, one.label, one.address, one.problem) == (
        mine, "Kế hoạch 0", GONE, "missing",
    )  # fmt: skip
    assert one.since is not None and one.key == key_of(GONE)
    assert [link.item_id for link in found(desk, other_unit)] == [theirs]


def test_links_inside_the_site_break_when_their_target_goes(
    desk: Desk, article: Article, clock: FrozenClock, other_unit: Unit
) -> None:
    target, foreign = article(title="Đích"), article(at=other_unit, title="Nơi khác")
    source = article(f"/bai/{target}", f"/bai/{foreign}", "/bai/999999", "/tep/999999/a.pdf")
    assert sorted((x.problem, x.address) for x in found(desk)) == [
        ("no_file", "/tep/999999"),
        ("no_item", f"/bai/{foreign}"),
        ("no_item", "/bai/999999"),
    ]
    with desk() as work:
        actions.unpublish(work, work.session.get_one(Item, target), "sai")
    (one,) = [x for x in found(desk) if x.problem == "withdrawn"]
    assert (one.item_id, one.target_id, one.target_title) == (source, target, "Đích")
    assert one.label == "Kế hoạch 0"


def test_an_item_that_expired_or_is_yet_to_come_is_not_public(
    desk: Desk, article: Article, clock: FrozenClock
) -> None:
    target = article(title="Đích")
    article(f"/bai/{target}")
    assert found(desk) == []
    with desk() as work:
        work.session.get_one(Item, target).published_until = clock.now() + timedelta(hours=1)
    assert found(desk) == []
    clock.move(timedelta(hours=2))
    assert [x.problem for x in found(desk)] == ["withdrawn"]


def test_mine_come_first_and_are_counted(
    desk: Desk, article: Article, clock: FrozenClock, other_unit: Unit
) -> None:
    a, z = article("/bai/999999", title="A"), article("/bai/999998", "/tep/9/a.pdf", title="Z")
    with desk() as work:
        work.session.get_one(Item, z).responsible_id = 7
    assert [x.item_id for x in found(desk, mine=7)] == [z, z, a]
    assert [x.item_id for x in found(desk)] == [a, z, z]
    with desk() as work:
        assert links.broken_count(work.session, 7, clock.now()) == 2
        assert links.broken_count(work.session, 8, clock.now()) == 0
    with desk(other_unit) as work:
        assert links.broken_count(work.session, 7, clock.now()) == 0


def test_the_list_costs_the_same_however_long_it_is(
    desk: Desk, article: Article, statements: Callable[[], list[str]]
) -> None:
    costs = []
    for _ in range(2):
        article(*(f"/bai/99999{n}" for n in range(5)))
        with desk() as work:
            statements()
            links.broken(work.session, work.now(), true())
            costs.append(len(statements()))
    assert costs == [3, 3]


def test_the_index_is_rebuilt_by_a_command(
    hoitu: Callable[..., Any], article: Article, desk: Desk, other_unit: Unit, app: Any
) -> None:
    one = article(GONE)
    article(THERE, at=other_unit)
    with desk() as work:
        actions.edit(work, work.session.get_one(Item, one), {"body": "<p>Chờ</p>"})
        for row in work.session.scalars(select(ItemLink)):
            work.session.delete(row)
    told = hoitu("links", "reindex")
    assert told.exit_code == 0, told.output
    numbers = re.findall(r"\d+", told.output.splitlines()[-1])
    assert numbers == ["2", "1"]
    with desk() as work:
        (row,) = work.session.scalars(select(ItemLink))
        assert (row.url, row.key) == (GONE, key_of(GONE))
        row.key = None
    assert re.findall(r"\d+", hoitu("links", "reindex").output.splitlines()[-1]) == ["2", "1"]
    with desk() as work:
        assert work.session.scalars(select(ItemLink.key)).all() == [key_of(GONE)]
    assert re.findall(r"\d+", hoitu("links", "reindex").output.splitlines()[-1]) == ["2", "0"]


def _as_upgraded(desk: Desk, platform: Any) -> None:
    """Leave the texts as they are after the upgrade that began to note what they lead to."""
    with desk() as work:
        for row in work.session.scalars(select(ItemLink)):
            work.session.delete(row)
    with platform.open_session(True) as session:
        if (mark := session.get(ScheduleRow, link_index.NAME)) is not None:
            session.delete(mark)
        session.commit()


def _upgraded(hoitu: Callable[..., Any], platform: Any) -> str:
    """Upgrade as an operator does; the job is due by the clock of the tests. What was told."""
    told = hoitu("upgrade")
    assert told.exit_code == 0, told.output
    with platform.open_session(True) as session:
        for job in session.scalars(select(JobRow).where(JobRow.name == link_index.NAME)):
            job.run_at = platform.clock.now()
        session.commit()
    return str(told.output)


def test_an_upgrade_has_older_texts_read_by_the_worker_and_doctor_tells_until_then(
    hoitu: Callable[..., Any], article: Article, desk: Desk, platform: Any, drain: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(link_index, "SLICE", 2)
    written = [article(GONE) for _ in range(5)]
    drain()
    _as_upgraded(desk, platform)
    for _ in range(2):
        assert "hoitu links reindex" in _upgraded(hoitu, platform)
    told = hoitu("doctor")
    assert told.exit_code == 1
    assert "FAIL  links" in told.output and "hoitu links reindex" in told.output
    drain()
    with desk() as work:
        assert sorted(work.session.scalars(select(ItemLink.item_id))) == written
        jobs = select(JobRow.payload).where(JobRow.name == link_index.NAME).order_by(JobRow.id)
        assert [p["after"] for p in work.session.scalars(jobs)] == [0, written[1], written[3]]
    assert "ok    links" in hoitu("doctor").output
    assert hoitu("upgrade").output == ""


def test_reading_older_texts_goes_on_where_it_broke_off(
    hoitu: Callable[..., Any], article: Article, desk: Desk, platform: Any, drain: Any,
    clock: FrozenClock, monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(link_index, "SLICE", 2)
    written = [article(GONE) for _ in range(3)]
    drain()
    _as_upgraded(desk, platform)
    _upgraded(hoitu, platform)
    note, noted = link_index.note, list[int]()

    def breaks_off(parts: Any, session: Any, item: Item) -> bool:
        if item.id == written[2] and noted.count(item.id) == 0:
            noted.append(item.id)
            raise ConnectionError("the power went")
        noted.append(item.id)
        return note(parts, session, item)

    monkeypatch.setattr(link_index, "note", breaks_off)
    drain()
    assert "FAIL  links" in hoitu("doctor").output
    clock.move(timedelta(minutes=1))
    drain()
    assert noted == [written[0], written[1], written[2], written[2]]
    with desk() as work:
        assert sorted(work.session.scalars(select(ItemLink.item_id))) == written
    assert "ok    links" in hoitu("doctor").output


def test_the_command_settles_what_the_upgrade_left(
    hoitu: Callable[..., Any], article: Article, desk: Desk, platform: Any
) -> None:
    article(GONE)
    _as_upgraded(desk, platform)
    assert "FAIL  links" in hoitu("doctor").output
    assert hoitu("links", "reindex").exit_code == 0
    assert "ok    links" in hoitu("doctor").output


# -- the desk -------------------------------------------------------------------------------------

LIST = "/quan-tri/lien-ket-hong"


@pytest.fixture
def broken(article: Article, answers: dict[str, str], night: Callable[..., None]) -> int:
    """Return an article with a broken address and a link to an entry that does not exist."""
    item_id = article(GONE, "/bai/999999", title="Tin có lỗi")
    answers[GONE] = "certificate"
    night(2)
    return item_id


def test_the_list_tells_each_link_with_its_words_and_what_is_wrong(
    staff: Callable[..., Any], broken: int
) -> None:
    page = staff("editor").open(LIST)
    assert page.status == 200
    for part in (
        "Tin có lỗi", f"/quan-tri/news_article/{broken}", "“Kế hoạch 0”", GONE,
        "Chứng chỉ không hợp lệ", "từ 23/11/2026", "“Kế hoạch 1”",
        "Mục được dẫn tới không tồn tại", "Trong các văn bản khác của đơn vị",
    ):  # fmt: skip
        assert part in page.text, part


def test_own_texts_come_first(
    staff: Callable[..., Any], desk: Desk, broken: int, article: Article
) -> None:
    mine = article("/bai/999999", title="Bài của tôi")
    editor = staff("editor")
    with desk() as work:
        from hoitu.core.access import Account

        account = work.session.scalars(select(Account).where(Account.email == editor.email)).one()
        work.session.get_one(Item, mine).responsible_id = account.id
    assert "Liên kết hỏng trong bài của bạn" in editor.open("/quan-tri/").text
    text = editor.open(LIST).text
    assert text.index("do bạn phụ trách") < text.index("Bài của tôi") < text.index("Tin có lỗi")


def test_an_address_can_be_asked_again(
    staff: Callable[..., Any], broken: int, answers: dict[str, str], drain: Callable[[], None],
    clock: FrozenClock,
) -> None:  # fmt: skip
    editor = staff("editor")
    form = editor.open(LIST).form("/hoi-lai")
    answers[GONE] = "timeout"
    assert editor.send(form).status == 303
    page = editor.open(LIST).text
    assert "đang được hỏi" in page and "Chứng chỉ không hợp lệ" in page
    clock.move(timedelta(minutes=2))
    drain()
    page = editor.open(LIST).text
    assert "Quá lâu không trả lời" in page and "Chứng chỉ không hợp lệ" not in page
    assert f"hỏi lần cuối {local(clock.now()):%H:%M %d/%m/%Y}" in page
    del answers[GONE]
    assert editor.send(form).status == 303
    drain()
    page = editor.open(LIST).text
    assert "“Kế hoạch 0”" not in page and "“Kế hoạch 1”" in page


def test_the_request_asks_nobody_and_queues_an_address_once(
    staff: Callable[..., Any], broken: int, monkeypatch: pytest.MonkeyPatch,
    drain: Callable[[], None],
) -> None:  # fmt: skip
    asked: list[str] = []

    class Noting(Checker):
        def check(self, address: str) -> str:
            asked.append(address)
            return ""

    monkeypatch.setattr(link_rounds, "make_checker", lambda: Noting(lambda *_: True))
    editor = staff("editor")
    form = editor.open(LIST).form("/hoi-lai")
    assert [editor.send(form).status for _twice in range(2)] == [303, 303]
    assert asked == []
    drain()
    assert asked == [GONE]


def test_asking_does_not_keep_others_from_writing(
    staff: Callable[..., Any], broken: int, article: Article, monkeypatch: pytest.MonkeyPatch,
    drain: Callable[[], None],
) -> None:  # fmt: skip
    editor, written = staff("editor"), list[int]()

    class Busy(Checker):
        def check(self, address: str) -> str:
            saving = threading.Thread(target=lambda: written.append(article(title="Xen vào")))
            saving.start()
            saving.join(timeout=9)
            return ""

    monkeypatch.setattr(link_rounds, "make_checker", lambda: Busy(lambda *_: True))
    assert editor.send(editor.open(LIST).form("/hoi-lai")).status == 303
    drain()
    assert written


@pytest.mark.parametrize("key", ["", "x", key_of("https://khong-ai.vn/")])
def test_only_addresses_of_the_unit_can_be_asked(
    staff: Callable[..., Any], broken: int, other_unit: Unit, key: str
) -> None:
    assert staff("editor").post(f"{LIST}/hoi-lai", key=key).status == 404
    stranger = staff("editor", at=other_unit)
    stranger = staff("editor", at=other_unit, visits=other_unit)
    assert stranger.post(f"{LIST}/hoi-lai", key=key_of(GONE)).status == 404


def test_the_table_to_take_away_has_them_all(staff: Callable[..., Any], broken: int) -> None:
    answer = staff("editor").open(f"{LIST}.csv")
    assert answer.status == 200
    rows = answer.text.lstrip("\ufeff").splitlines()
    assert len(rows) == 3
    assert any(GONE in row and "Chứng chỉ không hợp lệ" in row for row in rows)


def test_other_units_and_people_without_a_role_see_nothing(
    staff: Callable[..., Any], broken: int, other_unit: Unit, unit: Unit
) -> None:
    theirs = staff("editor", at=other_unit, visits=other_unit).open(LIST)
    assert "Không có liên kết nào hỏng." in theirs.text
    assert staff("editor", at=other_unit, visits=unit).open(LIST).status == 403
    assert staff("nobody").open(LIST).status == 403


def test_the_page_of_an_entry_tells_what_would_break(
    staff: Callable[..., Any], article: Article
) -> None:
    target = article(title="Đích")
    editor = staff("editor")
    path = f"/quan-tri/news_article/{target}"
    assert "Những mục dẫn tới đây" not in editor.open(path).text
    article(f"/bai/{target}", title="Tin dẫn tới")
    article(f"/bai/{target}", title="Nháp dẫn tới", public=False)
    text = editor.open(path).text
    assert "1 mục công khai dẫn tới đây" in text
    assert text.index("Tin dẫn tới") < text.index("Nháp dẫn tới")
    assert "không công khai" in text
