from __future__ import annotations

import contextlib
import dataclasses
import re
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from sqlalchemy import select

from hoitu.core.care import Checker, NotAsked, is_sample, public_only
from hoitu.core.clock import FrozenClock
from hoitu.core.content import ActionContext, Item, actions
from hoitu.core.extensions import Platform
from hoitu.core.testing.fixtures import Site
from hoitu.core.units import Unit
from hoitu.sections.links import jobs
from hoitu.sections.links.models import FAILURES, LinkHealth

Open = Callable[..., Site]
Publish = Callable[..., int]
Desk = Callable[..., AbstractContextManager[ActionContext]]


class Pages(BaseHTTPRequestHandler):
    """Answers by path: a status, /to?address, /circle, /get-only, /cut, /slow; else it is there."""

    seen: list[tuple[str, str]]
    hosts: list[str]

    def do_HEAD(self) -> None:
        self._answer()

    def do_GET(self) -> None:
        self._answer()

    def _answer(self) -> None:
        self.seen.append((self.command, self.path))
        self.hosts.append(self.headers.get("Host", ""))
        path, _, query = self.path.partition("?")
        if path == "/cut" or (path == "/cut-head" and self.command == "HEAD"):
            self.connection.close()
            return
        if path == "/drip":
            with contextlib.suppress(OSError):
                for _byte in range(100):
                    self.wfile.write(b"x")
                    threading.Event().wait(0.1)
            return
        if path == "/slow":
            threading.Event().wait(1)
        status = (
            int(path[1:4])
            if path[1:4].isdigit()
            else 302
            if path in ("/to", "/to-utf8", "/circle")
            else 200
        )
        if path == "/get-only" and self.command == "HEAD":
            status = 501
        self.send_response(status)
        if path == "/to":
            self.send_header("Location", query)
        if path == "/to-utf8":
            self.send_header("Location", "/404/tin-tức".encode().decode("latin-1"))
        if path == "/circle":
            self.send_header("Location", path)
        self.end_headers()

    def log_message(self, *_arguments: Any) -> None:
        """Say nothing."""


@pytest.fixture
def server() -> Iterator[Callable[[str], str]]:
    """Run a web server; a function that returns the address of a path."""
    Pages.seen, Pages.hosts = [], []
    with ThreadingHTTPServer(("127.0.0.1", 0), Pages) as running:
        thread = threading.Thread(target=running.serve_forever, daemon=True)
        thread.start()
        yield lambda path: f"http://127.0.0.1:{running.server_port}{path}"
        running.shutdown()
        thread.join()


ANYTHING = Checker(lambda _host, _port, _address: True, timeout=0.4)


@pytest.mark.parametrize(
    ("path", "problem"),
    [
        ("/", ""),
        ("", ""),
        ("/trang?a=1&b=2", ""),
        ("/403", ""),
        ("/405", ""),
        ("/404", "missing"),
        ("/410", "missing"),
        ("/400", "error"),
        ("/500", "error"),
        ("/503", "error"),
        ("/get-only", ""),
        ("/cut", "connection"),
        ("/cut-head", ""),
        ("/slow", "timeout"),
        ("/to?/", ""),
        ("/to?/404", "missing"),
        ("/to?/to?/", ""),
        ("/to?ftp://mau.vn/", "redirect"),
        ("/to?file:///etc/passwd", "redirect"),
        ("/to?javascript:alert(1)", "redirect"),
        ("/to?http://[::1/", "redirect"),
        ("/to?//[mau.vn]:80/", "redirect"),
        ("/to?", ""),
    ],
)
def test_check(server: Callable[[str], str], path: str, problem: str) -> None:
    assert ANYTHING.check(server(path)) == problem


def test_a_page_that_answers_head_is_not_fetched(server: Callable[[str], str]) -> None:
    ANYTHING.check(server("/trang?a=1"))
    assert Pages.seen == [("HEAD", "/trang?a=1")]


@pytest.mark.parametrize(
    ("path", "sent"),
    [
        ("/tin-tức/Huế mới.html?từ=bộ&đến=x", "/tin-t%E1%BB%A9c/Hu%E1%BA%BF%20m%E1%BB%9Bi.html"
         "?t%E1%BB%AB=b%E1%BB%99&%C4%91%E1%BA%BFn=x"),
        ("/a%20b/tin-t%E1%BB%A9c?x=%2F&y=a+b", "/a%20b/tin-t%E1%BB%A9c?x=%2F&y=a+b"),
        ("/a(b);c=1,2/~d'!*|{e}?[f]", "/a(b);c=1,2/~d'!*|{e}?[f]"),
    ],
)  # fmt: skip
def test_letters_of_an_address_are_escaped_once(
    server: Callable[[str], str], path: str, sent: str
) -> None:
    assert ANYTHING.check(server(path)) == ""
    assert Pages.seen == [("HEAD", sent)]


def test_a_redirect_may_have_letters(server: Callable[[str], str]) -> None:
    """The server sends the bytes of UTF-8, as sites do that were set up with such names."""
    assert ANYTHING.check(server("/to-utf8")) == "missing"
    assert Pages.seen[-1] == ("GET", "/404/tin-t%E1%BB%A9c")


def test_a_host_may_have_letters(
    server: Callable[[str], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Everybody is asked by the name in ASCII, and the rule of the platform is too."""
    names: list[str] = []

    def here(host: str, port: int, *_kind: Any, **_more: Any) -> list[Any]:
        names.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 0, "", ("127.0.0.1", port))]

    def permits(host: str, _port: int, _address: str) -> bool:
        names.append(host)
        return True

    port = server("/").split(":")[2].strip("/")
    monkeypatch.setattr(socket, "getaddrinfo", here)
    assert Checker(permits, timeout=0.4).check(f"http://Huế.mau.vn:{port}/") == ""
    assert names[:2] == ["xn--hu-07s.mau.vn"] * 2
    assert Pages.hosts == [f"xn--hu-07s.mau.vn:{port}"]


def test_letters_that_cannot_be_sent_are_not_held_against_a_site(
    server: Callable[[str], str],
) -> None:
    for address in (f"http://{'ế' * 70}.mau.vn/", f"{server('/')}\ud800"):
        with pytest.raises(NotAsked):
            ANYTHING.check(address)


def test_a_circle_of_redirects_ends(server: Callable[[str], str]) -> None:
    assert ANYTHING.check(server("/circle")) == "redirect"
    assert len(Pages.seen) < 20


def test_no_server_and_no_certificate(server: Callable[[str], str]) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    assert ANYTHING.check(f"http://127.0.0.1:{port}/") == "connection"
    assert ANYTHING.check(server("/").replace("http:", "https:")) in ("certificate", "timeout")


@pytest.mark.parametrize(
    "address", ["http://khong-co.invalid/", "http://a..b/", "http://a:99999/", "http://[::1/"]
)
def test_no_such_name(address: str) -> None:
    assert ANYTHING.check(address) in ("name", "redirect")


def test_what_may_not_be_asked_is_not_asked(server: Callable[[str], str]) -> None:
    guarded = Checker(public_only({"tinh.test"}))
    with pytest.raises(NotAsked):
        guarded.check(server("/"))
    assert Pages.seen == []


def test_a_redirect_passes_the_same_gate(server: Callable[[str], str]) -> None:
    asked: list[int] = []

    def once(_host: str, port: int, _address: str) -> bool:
        asked.append(port)
        return len(asked) == 1

    with pytest.raises(NotAsked):
        Checker(once, timeout=0.4).check(server("/to?/noi-bo"))
    assert Pages.seen == [("HEAD", "/to?/noi-bo")]


@pytest.mark.parametrize(
    ("host", "port", "address", "permitted"),
    [
        ("hue.gov.vn", 443, "113.160.1.1", True),
        ("hue.gov.vn", 8443, "113.160.1.1", True),
        ("hue.gov.vn", 443, "2001:ee0::1", True),
        ("lua.vn", 80, "127.0.0.1", False),
        ("lua.vn", 80, "10.0.0.7", False),
        ("lua.vn", 80, "172.16.3.4", False),
        ("lua.vn", 80, "192.168.1.1", False),
        ("lua.vn", 80, "169.254.169.254", False),
        ("lua.vn", 80, "100.64.0.1", False),
        ("lua.vn", 80, "0.0.0.0", False),
        ("lua.vn", 80, "224.0.0.1", False),
        ("lua.vn", 80, "::1", False),
        ("lua.vn", 80, "fe80::1", False),
        ("lua.vn", 80, "fd00::1", False),
        ("lua.vn", 80, "::ffff:127.0.0.1", False),
        ("tinh.test", 80, "10.0.0.7", True),
        ("tinh.test", 443, "127.0.0.1", True),
        ("tinh.test", 5432, "127.0.0.1", False),
    ],
)
def test_public_only(host: str, port: int, address: str, permitted: bool) -> None:
    assert public_only({"tinh.test"})(host, port, address) is permitted


@pytest.mark.parametrize(
    ("address", "sample"),
    [("https://a.hue.example/x", True), ("http://b.test", True), ("https://hue.gov.vn", False)],
)
def test_is_sample(address: str, sample: bool) -> None:
    assert is_sample(address) is sample


# -- the job -------------------------------------------------------------------------------------


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Return the problems by address that the job finds; NotAsked for those it must leave alone."""
    found: dict[str, str] = {}

    class Played(Checker):
        def check(self, address: str) -> str:
            if address not in found:
                raise NotAsked(address)
            return found[address]

    monkeypatch.setattr(jobs, "make_checker", lambda: Played(lambda *_: True))
    return found


@pytest.fixture
def run(drain: Callable[[], None], clock: FrozenClock) -> Callable[..., None]:
    """Return a function that lets the worker run, some hours later."""

    def work(hours: int = 6, times: int = 1) -> None:
        for _time in range(times):
            clock.move(timedelta(hours=hours))
            drain()

    return work


@pytest.fixture
def noted(desk: Desk, units: Callable[[str], Unit]) -> Callable[..., list[tuple[str, str, int]]]:
    """Return a function that lists (address, problem, failures) of the links that were asked."""

    def listed(slug: str = "tinh") -> list[tuple[str, str, int]]:
        with desk(units(slug)) as work:
            rows = work.session.scalars(select(LinkHealth).order_by(LinkHealth.link_id))
            return [(row.address, row.problem, row.failures) for row in rows if row.address]

    return listed


A, B = "https://a.mau.vn/", "https://b.mau.vn/"


@pytest.fixture
def link(publish: Publish, units: Callable[[str], Unit]) -> Callable[..., int]:
    """Return a function that publishes a link of the province."""

    def make(url: str, at: str = "tinh", **values: Any) -> int:
        filled = {"requirement": "link_open_data", "title": f"Cổng {url[8]}", "url": url, **values}
        return publish("portal_link", units(at), **filled)

    return make


def told(site: Site, path: str = "/lien-ket") -> list[str]:
    """Return the names of links that visitors are warned of."""
    text = site.get(path).text
    return re.findall(r">([^<>]+)</a>\s*<span class=\"badge badge-warn\">đang không truy cập", text)


def test_visitors_are_told_after_repeated_failures(
    site: Open, link: Callable[..., int], answers: dict[str, str], run: Callable[..., None],
    noted: Callable[..., Any],
) -> None:  # fmt: skip
    link(A), link(B)
    answers |= {A: "missing", B: ""}
    for failures in range(1, FAILURES + 2):
        run()
        assert noted() == [(A, "missing", failures), (B, "", 0)]
        expected = ["Cổng a"] if failures >= FAILURES else []
        assert told(site()) == told(site(), "/") == expected
    answers[A] = ""
    run()
    assert noted()[0] == (A, "", 0)
    assert told(site()) == []


def test_no_link_is_asked_too_often(
    link: Callable[..., int], answers: dict[str, str], run: Callable[..., None],
    noted: Callable[..., Any],
) -> None:  # fmt: skip
    link(A)
    answers[A] = "missing"
    run(hours=1, times=12)
    assert noted() == [(A, "missing", 2)]


def test_a_changed_address_starts_anew(
    site: Open, link: Callable[..., int], answers: dict[str, str], run: Callable[..., None],
    desk: Desk, units: Callable[[str], Unit], noted: Callable[..., Any],
) -> None:  # fmt: skip
    item_id = link(A)
    answers |= {A: "missing", B: "error"}
    run(times=FAILURES)
    assert told(site()) == ["Cổng a"]
    with desk(units("tinh")) as work:
        item: Any = work.session.get(Item, item_id)
        actions.edit(work, item, {"url": B})
        actions.publish(work, item)
    assert told(site()) == []
    run()
    assert noted() == [(B, "error", 1)]
    assert told(site()) == []


def test_when_nothing_answers_nothing_is_noted(
    link: Callable[..., int], answers: dict[str, str], run: Callable[..., None],
    noted: Callable[..., Any],
) -> None:  # fmt: skip
    link(A), link(B)
    answers |= {A: "name", B: "timeout"}
    run()
    assert noted() == []
    answers[B] = ""
    run(hours=7)
    assert noted() == [(A, "name", 1), (B, "", 0)]


def test_links_that_may_not_be_asked_keep_no_other_from_being_asked(
    link: Callable[..., int], answers: dict[str, str], run: Callable[..., None],
    noted: Callable[..., Any],
) -> None:  # fmt: skip
    for number in range(jobs.BATCH + 1):
        link(f"http://127.0.0.1/{number}")
    link(A)
    answers[A] = ""
    run()
    run()
    assert noted() == [(A, "", 0)]


def test_samples_and_refused_addresses_are_left_alone(
    link: Callable[..., int], answers: dict[str, str], run: Callable[..., None],
    noted: Callable[..., Any],
) -> None:  # fmt: skip
    link("https://c.mau.example/"), link("http://127.0.0.1/"), link(A)
    answers |= {A: "missing", "https://c.mau.example/": "name"}
    run()
    assert noted() == [(A, "missing", 1)]


def test_only_public_links_of_units_that_have_the_section_are_asked(
    link: Callable[..., int], answers: dict[str, str], run: Callable[..., None], clock: FrozenClock,
    noted: Callable[..., Any], unpublish: Callable[..., None], units: Callable[[str], Unit],
    waive: Callable[..., None],
) -> None:  # fmt: skip
    today = clock.today()
    link(A, valid_from=today + timedelta(days=9))
    link(A, valid_until=today - timedelta(days=1))
    gone, ward = link(A), units("phuong-mot")
    unpublish(gone, units("tinh"))
    link(B, at="phuong-mot", requirement="link_digital_transformation")
    waive("links", *section_of(ward), at=ward)
    answers |= {A: "missing", B: "missing"}
    run()
    assert noted() == noted("phuong-mot") == []


def section_of(_ward: Unit) -> tuple[str, ...]:
    return (
        "link_party_committee", "link_people_council", "link_people_committee",
        "link_fatherland_front", "link_provincial_agencies", "link_commune_committees",
        "link_open_data", "link_digital_transformation",
    )  # fmt: skip


def test_a_check_is_no_version_of_the_link(
    link: Callable[..., int], answers: dict[str, str], run: Callable[..., None], desk: Desk,
    units: Callable[[str], Unit],
) -> None:  # fmt: skip
    item_id = link(A)
    answers[A] = "missing"
    with desk(units("tinh")) as work:
        before = work.session.get_one(Item, item_id).version
    run(times=2)
    with desk(units("tinh")) as work:
        assert work.session.get_one(Item, item_id).version == before


def test_slow_sites_do_not_keep_others_from_writing(
    link: Callable[..., int], monkeypatch: pytest.MonkeyPatch, run: Callable[..., None],
    publish: Publish, noted: Callable[..., Any],
) -> None:  # fmt: skip
    link(A)
    written: list[int] = []

    class Busy(Checker):
        def check(self, address: str) -> str:
            return "missing"

    def save() -> None:
        written.append(publish("portal_link", requirement="link_open_data", title="B", url=B))

    def make() -> Checker:
        # Between reading and noting an editor saves, in a request of its own.
        editor = threading.Thread(target=save)
        editor.start()
        editor.join(timeout=9)
        return Busy(lambda *_: True)

    monkeypatch.setattr(jobs, "make_checker", make)
    run()
    assert written
    assert noted() == [(A, "missing", 1)]


def test_the_job_asks_a_real_server(
    server: Callable[[str], str], link: Callable[..., int], run: Callable[..., None],
    monkeypatch: pytest.MonkeyPatch, noted: Callable[..., Any], platform: Platform,
) -> None:  # fmt: skip
    there, gone = server("/"), server("/404")
    link(there), link(gone)
    run()
    assert noted() == []
    assert Pages.seen == []
    monkeypatch.setattr(jobs, "make_checker", lambda: ANYTHING)
    run(hours=7)
    assert noted() == [(there, "", 0), (gone, "missing", 1)]


def test_a_server_that_answers_byte_by_byte_is_given_up(server: Callable[[str], str]) -> None:
    found = dataclasses.replace(ANYTHING, timeout=0.3).check(server("/drip"))
    assert found in ("connection", "timeout", "error")


@pytest.mark.parametrize(
    "address",
    ["64:ff9b::a9fe:a9fe", "2002:7f00:1::", "::127.0.0.1", "::ffff:10.0.0.1", "fe80::1", "::1"],
)
def test_an_address_that_holds_an_inward_one_is_refused(address: str) -> None:
    assert not public_only(())("khac.vn", 443, address)


def test_own_sites_may_be_asked(app: Any, platform: Platform) -> None:
    with app.app_context():
        permits = jobs.make_checker().permits
    assert permits("tinh.test", 443, "10.0.0.1")
    assert not permits("khac.test", 443, "10.0.0.1")


def test_editors_see_what_does_not_answer(
    link: Callable[..., int], answers: dict[str, str], run: Callable[..., None], desk: Desk,
    units: Callable[[str], Unit],
) -> None:  # fmt: skip
    from flask import g

    from hoitu.core.access import Actor, Grant
    from hoitu.core.web.chrome import draw

    link(A), link(B)
    answers |= {A: "certificate", B: ""}
    run()
    province = units("tinh")
    with desk(province) as work:
        g.unit = province
        stranger = Actor(2, "Người khác", frozenset({Grant("editor", units("phuong-hai").id)}))
        assert not named(work.hooks.dashboard_panels(province, stranger))
        (panel,) = named(work.hooks.dashboard_panels(province, work.actor))
        text = str(draw(panel))
    assert "Cổng a" in text
    assert "Chứng chỉ không hợp lệ" in text
    assert "Cổng b" not in text
    with desk() as work:
        assert not named(work.hooks.dashboard_panels(work.unit, work.actor))


def named(panels: list[Any]) -> list[Any]:
    return [panel for panel in panels if panel.name == "broken-links"]
