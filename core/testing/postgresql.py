"""A PostgreSQL server for a test run: started on a free port, thrown away at the end.

The server refuses to run as root, so as root it runs under the account ``postgres`` of Debian's
package.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

INSTALL = "apt-get install -y postgresql"


class ServerMissing(RuntimeError):
    """PostgreSQL is not installed; the message names the command that installs it."""


def binaries() -> Path | None:
    """Return the folder of the newest installed server, or None."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda p: int(p.parts[-3]))
    if found:
        return found[-1].parent
    on_path = shutil.which("initdb")
    return Path(on_path).parent if on_path else None


@contextmanager
def server() -> Iterator[str]:
    """Run a server; yield the URL of its ``postgres`` database.

    :raises ServerMissing: the programs are not installed.
    """
    programs = binaries()
    if programs is None:
        raise ServerMissing(f"PostgreSQL is not installed. Run: {INSTALL}")
    folder = Path(tempfile.mkdtemp(prefix="hoitu-postgresql-", dir=_memory()))
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres", "postgres")
    port = _free_port()
    data = folder / "data"
    _run(programs / "initdb", "-D", data, "-U", "hoitu", "-A", "trust", "-E", "UTF8", "--no-sync")
    options = (
        f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 -c fsync=off "
        "-c full_page_writes=off -c synchronous_commit=off -c max_connections=200"
    )
    control = programs / "pg_ctl"
    _run(control, "-D", data, "-o", options, "-l", folder / "log", "-w", "start")
    try:
        yield f"postgresql://hoitu@127.0.0.1:{port}/postgres"
    finally:
        _run(control, "-D", data, "-m", "immediate", "stop")
        shutil.rmtree(folder, ignore_errors=True)


def create_database(server: str, pattern: str | None = None) -> str:
    """Add a database, empty or as a copy of the one named ``pattern``; its URL."""
    import psycopg

    name = f"t{uuid.uuid4().hex[:12]}"
    source = f' template "{pattern}"' if pattern else ""
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'create database "{name}"{source}'.encode())
    return server.rpartition("/")[0] + "/" + name


def drop_database(url: str) -> None:
    """Remove a database at once: a thousand of them would fill a small disk."""
    import psycopg

    server, _, name = url.rpartition("/")
    with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
        connection.execute(f'drop database "{name}" with (force)'.encode())


def _run(program: Path, *arguments: str | Path) -> None:
    command = [str(program), *map(str, arguments)]
    if os.geteuid() == 0:
        command = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", *command]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd="/")  # noqa: S603 (our own arguments)
    if done.returncode:
        raise RuntimeError(f"{program.name} failed: {done.stdout}{done.stderr}")


def _memory() -> str | None:
    """Return a folder in memory, where a database is made and dropped in no time, if there is one.

    Each test has a database of its own, some 8 MB; there are never many at once.
    """
    folder = "/dev/shm"  # noqa: S108 (a folder of our own is made inside)
    roomy = Path(folder).is_dir() and shutil.disk_usage(folder).free > 2 << 30
    return folder if roomy else None


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
