"""Measure what a page costs, beside a bare Flask page under the same server on the same machine.

Usage: python -P tools/bench.py [--items N] [--seconds N] [--rounds N] [--database NAME]

A throw-away instance gets the demonstration and, at the province, N news articles and N documents
more (seeded: every run has the same). ``hoitu serve`` answers on loopback, ``wrk`` asks; the rounds
of all pages are interleaved and the medians printed as a Markdown table. CPU time is that of the
server's process tree alone: the figure that does not depend on what else the machine does.
"""

from __future__ import annotations

import argparse
import json
import os
import platform as machine
import random
import resource
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple
from urllib.parse import quote, urlsplit

from flask import Flask

from hoitu.core.access import SYSTEM
from hoitu.core.app import create_app
from hoitu.core.cli.context import platform as open_platform
from hoitu.core.cli.servers import Server, server_options
from hoitu.core.clock import ZONE, FrozenClock
from hoitu.core.content import ActionContext, actions
from hoitu.core.extensions import Platform, session
from hoitu.core.jobs import Worker
from hoitu.core.testing import postgresql
from hoitu.core.units import unit_scope

WORKERS, THREADS = 2, 4
WARM_UP = 1
HERTZ = os.sysconf("SC_CLK_TCK")
#: Most milliseconds of CPU that a request may take, by page.
TARGETS = {"list": 5.0, "list, page 30": 5.0, "document": 5.0, "search": 10.0}

#: Asks for the paths of a file in turn, and prints one line of JSON.
SCRIPT = """
local paths, n = {}, 0
for path in io.lines("%s") do paths[#paths + 1] = path end
request = function()
  n = n + 1
  return wrk.format("GET", paths[(n - 1) %% #paths + 1])
end
done = function(summary, latency)
  local e = summary.errors
  local form = '{"requests": %%d, "microseconds": %%d, "p50": %%d, "p99": %%d, "errors": %%d}'
  io.write(form:format(summary.requests, summary.duration, latency:percentile(50),
    latency:percentile(99), e.connect + e.read + e.write + e.status + e.timeout))
end
"""
START = """
import time
begun = time.perf_counter()
from hoitu.core.app import create_app
create_app()
print(time.perf_counter() - begun)
"""

FIRST_DAY = date(2024, 1, 1)
#: Parts of generated sentences, and what is searched for.
ACTORS = """
Ủy ban nhân dân thành phố|Sở Khoa học và Công nghệ|Sở Nội vụ|Sở Tài chính|Sở Y tế|Ban Quản lý dự án
Trung tâm Phục vụ hành chính công|Văn phòng Ủy ban nhân dân|Thanh tra thành phố
"""
DEEDS = """
ban hành kế hoạch|công bố danh mục|hướng dẫn thực hiện|tổ chức tập huấn|kiểm tra việc thực hiện
phê duyệt đề án|sửa đổi quy định|lấy ý kiến góp ý|tổng kết một năm|tăng cường công tác
"""
SUBJECTS = """
chuyển đổi số|cải cách hành chính|phòng cháy, chữa cháy|bảo vệ môi trường|cấp nước sạch
thu gom rác thải|tiếp công dân|quản lý đất đai|bồi thường, hỗ trợ tái định cư|phát triển du lịch
bảo tồn di sản|giáo dục mầm non|khám bệnh, chữa bệnh|an toàn thực phẩm|giao thông đô thị
phòng, chống thiên tai|hỗ trợ doanh nghiệp|dịch vụ công trực tuyến|trợ giúp xã hội|nông thôn mới
"""
PLACES = """
trên địa bàn thành phố|tại các phường, xã|giai đoạn 2026 - 2030|năm 2026|trong quý IV
theo mô hình chính quyền hai cấp|tại khu vực nông thôn|cho người dân và doanh nghiệp
"""
QUERIES = """
chuyển đổi số|cai cach hanh chinh|quyết định phê duyệt đề án|12/2024/QĐ-UBND|bảo tồn di sản
nuoc sach|kế hoạch phòng, chống thiên tai|389/KH-UBND|dịch vụ công trực tuyến
"hỗ trợ doanh nghiệp"
"""


@dataclass(frozen=True, slots=True)
class Page:
    """A kind of page, the server that answers it, and addresses to ask in turn."""

    name: str
    port: int
    paths: tuple[str, ...]


class Sample(NamedTuple):
    """One round: requests per second, latencies and CPU per request in milliseconds.

    ``others`` is the share of the machine that went to other programs meanwhile.
    """

    rate: float
    p50: float
    p99: float
    cpu: float
    others: float


def main() -> None:
    """Load, serve, measure and print."""
    options = _options()
    if options.hello:
        serve_hello(options.hello)
        return
    if shutil.which("wrk") is None:
        raise SystemExit("wrk is not installed. Run: apt-get install -y wrk")
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="hoitu-bench-")))
        os.environ.update(_environment(folder, options.database, stack))
        _report(f"loading the demonstration and {options.items} + {options.items} items")
        load(options.items)
        cold = median(_start_seconds() for _ in range(5))
        serve = [_command("hoitu"), "serve", "--workers", str(WORKERS), "--threads", str(THREADS)]
        portal = _free_port()
        portal_pid = stack.enter_context(serving([*serve, "--port", str(portal)], portal))
        bare = _free_port()
        hello = [sys.executable, "-P", str(Path(__file__).resolve()), "--hello", str(bare)]
        bare_pid = stack.enter_context(serving(hello, bare))
        memory = [_resident(pid) for pid in _children(portal_pid)]
        pids = {portal: portal_pid, bare: bare_pid}
        pages = [Page("hello (bare Flask)", bare, ("/",)), *_pages(portal)]
        samples: dict[str, list[Sample]] = {page.name: [] for page in pages}
        for number in range(options.rounds):
            for page in pages:
                _report(f"round {number + 1} of {options.rounds}: {page.name}")
                drive(page, WARM_UP, pids[page.port], folder)
                samples[page.name].append(drive(page, options.seconds, pids[page.port], folder))
        _print_table(options, samples)
        print(f"\nImport and `create_app`: {cold:.2f} s.", end=" ")
        loaded = [_resident(pid) for pid in _children(portal_pid)]
        print(f"Resident memory of a worker: {_mean(memory):.0f} MB idle after start,", end=" ")
        print(f"{_mean(loaded):.0f} MB after the run.")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Measure what a page costs.")
    parser.add_argument("--items", type=int, default=1000, help="articles, and documents, to add")
    parser.add_argument("--seconds", type=int, default=5, help="length of one measurement")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--hello", type=int, metavar="PORT", help="only serve the bare page")
    return parser.parse_args()


def _environment(folder: Path, database: str, stack: ExitStack) -> dict[str, str]:
    found = {
        "HOITU_INSTANCE": str(folder / "instance"),
        "HOITU_DEMO_HOSTS": "true",
        "HOITU_SECURE_COOKIES": "false",
    }
    if database == "postgresql":
        found["HOITU_DATABASE_URL"] = stack.enter_context(postgresql.server())
    return found


# -- content -----------------------------------------------------------------------------------


def load(items: int) -> None:
    """Load the demonstration and the generated content, and index both."""
    subprocess.run([_command("hoitu"), "demo", "--no-serve"], check=True, stdout=subprocess.DEVNULL)
    with open_platform() as parts:
        context = _context(parts)
        chance = random.Random(389)
        issued: list[str] = []
        with unit_scope(context.unit.id):
            for number in range(1, items + 1):
                day = FIRST_DAY + timedelta(days=number)
                document = _document(chance, number, day, issued)
                issued.append(document["number"])
                _publish(context, "legal_document", document, day)
                _publish(context, "news_article", _article(chance), day)
                if number % 100 == 0:
                    context.session.commit()
            context.session.commit()
    Worker(create_app()).drain()


def _context(parts: Platform) -> ActionContext:
    province = parts.units.province()
    assert province is not None
    return ActionContext(
        session=session(),
        actor=SYSTEM,
        unit=province,
        types=parts.types,
        hooks=parts.hooks,
        switchboard=parts.switchboard,
        clock=parts.clock,
    )


def _publish(context: ActionContext, kind: str, values: Mapping[str, Any], day: date) -> None:
    morning = datetime(day.year, day.month, day.day, 8, tzinfo=ZONE)
    then = replace(context, clock=FrozenClock(morning))
    actions.publish(then, actions.create(then, kind, values))


def _document(chance: random.Random, number: int, day: date, issued: list[str]) -> dict[str, Any]:
    normative = number % 4 == 0
    kind = "QĐ" if normative else chance.choice(("QĐ", "KH", "CT"))
    year = f"{day.year}/" if normative else ""
    bases = chance.sample(issued, min(3, len(issued)))
    return {
        "requirement": "normative_documents" if normative else "administrative_documents",
        "kind": kind,
        "number": f"{number}/{year}{kind}-UBND",
        "summary": f"Về việc {_sentence(chance).lower()}",
        "issuer": "Ủy ban nhân dân thành phố Huế",
        "signer_title": "Phó Chủ tịch",
        "issued_on": day,
        "effective_on": day,
        "body": _body(chance, paragraphs=10),
        "relations": [{"relation": "basis", "target_number": base} for base in bases],
    }


def _article(chance: random.Random) -> dict[str, Any]:
    channels = ("unit_activities", "leader_activities", "digital_transformation")
    return {
        "requirement": chance.choice(channels),
        "genre": "news",
        "origin": "own",
        "title": _sentence(chance),
        "summary": f"{_sentence(chance)}. {_sentence(chance)}.",
        "body": _body(chance, paragraphs=6),
    }


def _body(chance: random.Random, paragraphs: int) -> str:
    texts = (". ".join(_sentence(chance) for _ in range(5)) for _ in range(paragraphs))
    return "".join(f"<p>{text}.</p>" for text in texts)


def _sentence(chance: random.Random) -> str:
    return " ".join(chance.choice(_split(part)) for part in (ACTORS, DEEDS, SUBJECTS, PLACES))


def _split(table: str) -> list[str]:
    return table.strip().replace("\n", "|").split("|")


# -- servers -----------------------------------------------------------------------------------


def serve_hello(port: int) -> None:
    """Serve one line of text from bare Flask, as ``hoitu serve`` would."""

    class Hello(Server):
        def load(self) -> Flask:
            app = Flask("hello")
            app.add_url_rule("/", view_func=lambda: "Xin chào")
            return app

    Hello(server_options("127.0.0.1", port, WORKERS, THREADS), {}).run()


@contextmanager
def serving(command: list[str], port: int) -> Iterator[int]:
    """Run a server until the end of the block; yield its process id once it answers and rests."""
    server = subprocess.Popen(command)
    try:
        _wait(server, port)
        yield server.pid
    finally:
        server.terminate()
        server.wait(30)


def _wait(server: subprocess.Popen[bytes], port: int) -> None:
    deadline = time.monotonic() + 60
    while not _answers(port):
        if server.poll() is not None or time.monotonic() > deadline:
            raise SystemExit(f"the server does not start: {server.args!r}")
        time.sleep(0.2)
    # Every worker builds the application; idle begins when none is busy with that any more.
    before = -1.0
    while _cpu(server.pid) - before > 0.05 and time.monotonic() < deadline:
        before = _cpu(server.pid)
        time.sleep(1)


def _answers(port: int) -> bool:
    try:
        urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=10).close()
    except OSError:
        return False
    return True


# -- measuring ---------------------------------------------------------------------------------


def _pages(port: int) -> list[Page]:
    documents = [entry["url"] for entry in _json(port, "/van-ban/data.json")["items"]]
    place = "/van-ban/data.json"
    for _ in range(29):
        place = _json(port, place)["older"] or place
    searches = [quote(query, safe="") for query in _split(QUERIES)]
    return [
        Page("home", port, ("/",)),
        Page("list", port, ("/van-ban",)),
        Page("list, page 30", port, (place.replace("/data.json", ""),)),
        Page("document", port, tuple(urlsplit(a).path for a in documents)),
        Page("search", port, tuple(f"/tim-kiem?q={query}" for query in searches)),
        Page("feed", port, ("/feed.atom",)),
    ]


def _json(port: int, path: str) -> Any:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=30) as answer:
        return json.load(answer)


def drive(page: Page, seconds: int, pid: int, folder: Path) -> Sample:
    """Ask for a page for some seconds; stop everything when one answer is an error."""
    paths, script = folder / "paths.txt", folder / "wrk.lua"
    paths.write_text("\n".join(page.paths) + "\n")
    script.write_text(SCRIPT % paths)
    command = ["wrk", "-t1", "-c8", "--timeout", "10s", f"-d{seconds}s", "-s", str(script)]
    before, busy, begun = _cpu(pid), _busy(), time.monotonic()
    driver = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(
        [*command, f"http://127.0.0.1:{page.port}"],
        check=True, capture_output=True, text=True, timeout=seconds + 60,
    )  # fmt: skip
    spent = _cpu(pid) - before
    elapsed = (time.monotonic() - begun) * (os.cpu_count() or 1)
    driven = resource.getrusage(resource.RUSAGE_CHILDREN)
    wrk = driven.ru_utime + driven.ru_stime - driver.ru_utime - driver.ru_stime
    found = json.loads(done.stdout.splitlines()[-1])
    if found["errors"] or not found["requests"]:
        raise SystemExit(f"{page.name}: {found['errors']} errors\n{done.stdout}")
    return Sample(
        rate=found["requests"] / found["microseconds"] * 1e6,
        p50=found["p50"] / 1000,
        p99=found["p99"] / 1000,
        cpu=spent / found["requests"] * 1000,
        others=max(0.0, _busy() - busy - spent - wrk) / elapsed,
    )


def _cpu(pid: int) -> float:
    """Return the CPU seconds that a process and its children have used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    own = (int(fields[11]) + int(fields[12])) / HERTZ
    return own + sum(_cpu(child) for child in _children(pid))


def _busy() -> float:
    """Return the CPU seconds that the whole machine has used."""
    user, nice, system, _idle, _waiting, *rest = Path("/proc/stat").read_text().split()[1:9]
    return sum(int(value) for value in (user, nice, system, *rest)) / HERTZ


def _children(pid: int) -> list[int]:
    return [int(c) for c in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def _resident(pid: int) -> float:
    """Return the resident memory of a process in megabytes."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def _start_seconds() -> float:
    done = subprocess.run(
        [sys.executable, "-P", "-c", START], check=True, capture_output=True, text=True
    )
    return float(done.stdout)


def _print_table(options: argparse.Namespace, samples: Mapping[str, list[Sample]]) -> None:
    print(f"\n{datetime.now(UTC):%Y-%m-%d}, {_processor()}, {os.cpu_count()} cores;", end=" ")
    print(f"Python {machine.python_version()}, gunicorn {version('gunicorn')},", end=" ")
    print(f"{WORKERS} workers of {THREADS} threads, {options.database};", end=" ")
    print(f"wrk -t1 -c8, {options.rounds} rounds of {options.seconds} s;", end=" ")
    print(f"{options.items} articles and {options.items} documents.\n")
    print("| page | requests/s | p50 ms | p99 ms | CPU ms per request | × hello | target |")
    print("|---|---:|---:|---:|---:|---:|---:|")
    medians = {
        name: Sample(*map(median, zip(*rows, strict=True))) for name, rows in samples.items()
    }
    floor = next(iter(medians.values())).cpu
    for name, found in medians.items():
        target = f"≤ {TARGETS[name]:.0f}" if name in TARGETS else ""
        print(f"| {name} | {found.rate:.0f} | {found.p50:.1f} | {found.p99:.1f} |", end=" ")
        print(f"{found.cpu:.2f} | {found.cpu / floor:.1f} | {target} |")
    others = [sample.others for rounds in samples.values() for sample in rounds]
    print(f"\nOther programs used {median(others):.0%} of the machine meanwhile,", end=" ")
    print(f"{max(others):.0%} in the worst round.")


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(": ")[2]
    return machine.machine()


def _mean(values: list[float]) -> float:
    return sum(values) / len(values)


def _command(name: str) -> str:
    return str(Path(sys.executable).parent / name)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _report(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
