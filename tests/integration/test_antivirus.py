"""Virus scanning: with a real clamd where there is one, and a scanner that misbehaves."""

from __future__ import annotations

import shutil
import socket
import struct
import subprocess
import tempfile
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from hashlib import md5
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from hoitu.core.access import SYSTEM
from hoitu.core.content import File, Refused, files
from hoitu.core.extensions import Platform
from hoitu.core.settings.refresh import refresh
from hoitu.core.settings.registry import SettingError
from hoitu.plugins.antivirus.clamd import Scanner, ScannerError, TooLarge

#: The harmless text that every scanner agrees to find, in two parts so that this file is not found.
EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
LIMIT = 1 << 20


@pytest.fixture
def short_folder() -> Iterator[Path]:
    """Return a folder whose paths are short enough for a Unix socket."""
    folder = Path(tempfile.mkdtemp(prefix="av"))
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def clamd(short_folder: Path) -> Iterator[str]:
    """Run a real clamd that knows one virus; the path of its socket."""
    program = shutil.which("clamd")
    if program is None:
        pytest.skip("clamd is not installed; see tools/services.py")
    database, path = short_folder / "db", short_folder / "s"
    database.mkdir()
    (database / "test.hdb").write_text(f"{md5(EICAR).hexdigest()}:{len(EICAR)}:Eicar-Test\n")
    (short_folder / "clamd.conf").write_text(
        f"LocalSocket {path}\nDatabaseDirectory {database}\nForeground yes\n"
        f"StreamMaxLength {LIMIT}\nTemporaryDirectory {short_folder}\nUser {_own_name()}\n"
    )
    log = (short_folder / "log").open("wb")
    server = subprocess.Popen(
        [program, "-c", str(short_folder / "clamd.conf")], stdout=log, stderr=log
    )
    try:
        deadline = time.monotonic() + 60
        while not path.exists() and server.poll() is None and time.monotonic() < deadline:
            time.sleep(0.1)
        assert path.exists(), (short_folder / "log").read_text("utf-8", "replace")
        yield str(path)
    finally:
        server.terminate()
        server.wait(timeout=30)
        log.close()


def _own_name() -> str:
    import os
    import pwd

    return pwd.getpwuid(os.getuid()).pw_name


@pytest.fixture
def configure(platform: Platform) -> Callable[..., None]:
    """Return a function that sets where the scanner answers, for the whole platform."""

    def put(address: str, seconds: int = 30) -> None:
        with platform.open_session(True) as session:
            for key, value in (("socket", address), ("seconds", seconds)):
                platform.settings.store(
                    session, SYSTEM, "platform", "antivirus", key, value, platform.clock.now()
                )
            session.commit()
            refresh(platform, session)

    return put


@pytest.fixture
def upload(desk: Any, platform: Platform) -> Callable[..., str]:
    """Return a function that uploads a file: '' when it was kept, else what was said."""

    def send(name: str, content: bytes) -> str:
        with desk() as work:
            try:
                files.upload(work, platform.files, name, BytesIO(content))
            except Refused as refused:
                work.session.rollback()
                return str(refused)
            return ""

    return send


@pytest.fixture
def misbehaving(short_folder: Path) -> Iterator[Callable[..., str]]:
    """Return a function that starts a scanner with manners of its own: the path of its socket.

    ``answer`` gets the connection once; the scanner then hangs up.
    """
    listeners: list[socket.socket] = []
    threads: list[threading.Thread] = []

    def start(answer: Callable[[socket.socket], None]) -> str:
        path = short_folder / f"s{len(listeners)}"
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(str(path))
        listener.listen()
        listeners.append(listener)

        def serve() -> None:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection:
                answer(connection)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        threads.append(thread)
        return str(path)

    yield start
    for listener in listeners:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
    for thread in threads:
        thread.join(timeout=5)


def read_whole(connection: socket.socket) -> bytes:
    """Read a stream as clamd does and return its bytes."""
    reading = connection.makefile("rb")
    assert reading.read(10) == b"zINSTREAM\0"
    content = b""
    while size := struct.unpack(">I", reading.read(4))[0]:
        content += reading.read(size)
    reading.close()
    return content


def stored(desk: Any) -> int:
    with desk() as work:
        return int(work.session.scalar(select(func.count(File.id))) or 0)


# -- a real scanner ----------------------------------------------------------------------------


def test_a_virus_is_refused_and_nothing_of_it_is_kept(
    clamd: str, configure: Any, upload: Any, desk: Any, instance: Path, caplog: Any
) -> None:
    configure(clamd)
    said = upload("bao-cao.txt", EICAR)
    assert "bao-cao.txt" in said and "Eicar-Test" in said
    assert stored(desk) == 0
    assert not [path for path in (instance / "files").rglob("*") if path.is_file()]
    assert "Eicar-Test" in caplog.text
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("a.txt", EICAR)
    assert "Eicar-Test" in upload("nen.zip", packed.getvalue())
    assert upload("sach.txt", b"Trong " + EICAR[:20]) == ""
    assert stored(desk) == 1


def test_the_desk_tells_a_script_that_a_file_is_infected(
    clamd: str, configure: Any, staff: Any
) -> None:
    configure(clamd)
    editor = staff("editor")
    answer = editor.site.client.post(
        "/quan-tri/tep/tai-len",
        headers={"Host": editor.site.host, "X-CSRFToken": editor.token()},
        data={"file": (BytesIO(EICAR), "a.txt")},
    )
    assert answer.status_code == 422
    assert "Eicar-Test" in answer.get_json()["error"]


def test_what_is_too_large_for_the_scanner_is_refused_and_told(
    clamd: str, configure: Any, upload: Any, caplog: Any
) -> None:
    configure(clamd)
    assert "lớn hơn mức" in upload("a.txt", b"a" * (3 * LIMIT))
    assert "StreamMaxLength" in caplog.text
    with pytest.raises(TooLarge):
        Scanner(clamd, 30).scan(BytesIO(b"a" * (3 * LIMIT)))
    assert upload("b.txt", b"b" * (LIMIT // 2)) == ""


# -- a scanner that is not there, or not well --------------------------------------------------


def test_without_an_address_nothing_is_scanned(upload: Any, desk: Any) -> None:
    assert upload("a.txt", EICAR) == ""
    assert stored(desk) == 1


@pytest.mark.parametrize("address", ["{folder}/none", "127.0.0.1:1", "nonsense", "a:b", ":3310"])
def test_a_scanner_that_does_not_answer_lets_nothing_in(
    configure: Any, upload: Any, desk: Any, short_folder: Path, caplog: Any, address: str
) -> None:
    configure(address.format(folder=short_folder))
    said = upload("a.txt", b"sach")
    assert "a.txt" in said and "không trả lời" in said
    assert stored(desk) == 0
    assert "hoitu setting set antivirus.socket" in caplog.text


def test_uploads_stay_out_however_often_the_scanner_fails(
    configure: Any, upload: Any, desk: Any, short_folder: Path, platform: Platform
) -> None:
    """A plugin that keeps raising is left out in the end; this one must never be."""
    configure(str(short_folder / "none"))
    for n in range(30):
        assert "không trả lời" in upload(f"{n}.txt", f"{n}".encode())
    assert platform.plugins.is_active("antivirus")
    assert stored(desk) == 0


@pytest.mark.parametrize(
    "answer",
    [
        lambda c: None,
        lambda c: c.sendall(b"zzz"),
        lambda c: (read_whole(c), c.sendall(b"stream: OKAY\0")),
        lambda c: (read_whole(c), c.sendall(b"stream: OK FOUND ERROR\0")),
        lambda c: (read_whole(c), c.sendall(b"\0")),
        lambda c: (read_whole(c), c.sendall(b"x" * 10_000)),
        lambda c: c.recv(20),
    ],
    ids=["hangs-up", "no-verdict", "nearly", "error", "empty", "endless", "mid-way"],
)  # fmt: skip
def test_only_a_verdict_is_a_verdict(
    misbehaving: Any, configure: Any, upload: Any, desk: Any, answer: Any
) -> None:
    configure(misbehaving(answer))
    assert "không trả lời" in upload("a.txt", b"x" * 500_000)
    assert stored(desk) == 0


def test_a_scanner_that_takes_too_long_is_not_waited_for(misbehaving: Any) -> None:
    done = threading.Event()

    def dawdle(connection: socket.socket) -> None:
        read_whole(connection)
        while not done.wait(0.1):  # a little at a time, for ever
            connection.sendall(b"s")

    address = misbehaving(dawdle)
    begun = time.monotonic()
    try:
        with pytest.raises(ScannerError, match="within 1 seconds"):
            Scanner(address, 1).scan(BytesIO(b"a"))
        assert time.monotonic() - begun < 5
    finally:
        done.set()


def test_one_that_reads_nothing_is_not_waited_for(misbehaving: Any) -> None:
    done = threading.Event()
    address = misbehaving(lambda c: done.wait(20))
    try:
        with pytest.raises(ScannerError, match="within 1 seconds"):
            Scanner(address, 1).scan(BytesIO(b"a" * (8 << 20)))
    finally:
        done.set()


def test_the_very_bytes_are_shown_to_the_scanner(
    misbehaving: Any, configure: Any, upload: Any
) -> None:
    seen: list[bytes] = []
    content = bytes(range(1, 256)).replace(b"<", b"") * 1000

    def note(connection: socket.socket) -> None:
        seen.append(read_whole(connection))
        connection.sendall(b"stream: OK\0")

    configure(misbehaving(note))
    assert upload("a.txt", content) == ""
    assert seen == [content]


def test_it_also_answers_over_tcp() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            connection, _ = listener.accept()
            with connection:
                read_whole(connection)
                connection.sendall(b"stream: Some.Virus-1 FOUND\0")

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        port = listener.getsockname()[1]
        assert Scanner(f"127.0.0.1:{port}", 10).scan(BytesIO(b"a")) == "Some.Virus-1"
        thread.join(timeout=5)


# -- who decides -------------------------------------------------------------------------------


def test_no_unit_switches_the_scanner_off_for_itself(platform: Platform, unit: Any) -> None:
    with platform.open_session(True) as session:
        for scope in (f"unit:{unit.id}", f"type:{unit.type}"):
            with pytest.raises(SettingError, match="whole platform"):
                platform.settings.store(
                    session, SYSTEM, scope, "antivirus", "socket", "", platform.clock.now()
                )


def test_the_operator_sets_the_address_by_command(hoitu: Any) -> None:
    assert "antivirus.socket = '' (default)" in hoitu("setting", "list").output
    assert hoitu("setting", "set", "antivirus.socket", "/run/clamav/clamd.ctl").exit_code == 0
    assert hoitu("setting", "set", "antivirus.seconds", "10").exit_code == 0
    listed = hoitu("setting", "list").output
    assert "antivirus.socket = '/run/clamav/clamd.ctl' (set)" in listed
    assert "antivirus.seconds = 10 (set)" in listed
    wrong = hoitu("setting", "set", "antivirus.seconds", "ten")
    assert (wrong.exit_code, "whole number" in wrong.output) == (1, True)
    unknown = hoitu("setting", "set", "antivirus.sockett", "x")
    assert (unknown.exit_code, "hoitu setting list" in unknown.output) == (1, True)
    assert hoitu("setting", "reset", "antivirus.socket").exit_code == 0
    assert "antivirus.socket = '' (default)" in hoitu("setting", "list").output


def test_a_plugin_that_raises_while_it_looks_keeps_the_file_out(
    plant: Any, make_app: Any, document: Any
) -> None:
    from tests.integration.test_storage import work

    plant("looker", "@hookimpl\ndef check_upload(self, source):\n    raise OSError('gone')")
    app = make_app()
    with work(app) as context, pytest.raises(Refused, match="Thử"):
        files.upload(context, app.extensions["hoitu"].files, "a.txt", BytesIO(b"a"))


def test_every_plugin_sees_a_file_from_its_start(plant: Any, make_app: Any) -> None:
    from tests.integration.test_storage import work

    body = """
    from hoitu.core.content import Problem
    @hookimpl
    def check_upload(self, unit, name, media_type, source):
        return [self.problem(f"{name} {media_type} {source.read(3)}")]
    def problem(self, told):
        from hoitu.core.content import Problem
        return Problem("", told)
    """
    lines = body.strip("\n").splitlines()[1:]
    hooks = "\n".join(line[4:] for line in lines)
    plant("one", hooks)
    plant("two", hooks)
    app = make_app()
    with work(app) as context, pytest.raises(Refused) as caught:
        files.upload(context, app.extensions["hoitu"].files, "a.txt", BytesIO(b"abcdef"))
    assert [str(p) for p in caught.value.problems] == ["a.txt: a.txt text/plain b'abc'"] * 2
