"""``hoitu serve`` and ``hoitu worker``."""

from __future__ import annotations

import os
import signal
import socket
from typing import Any

import click
from flask import Flask
from gunicorn.app.base import BaseApplication

from hoitu.core.app import create_app
from hoitu.core.cli.context import application, platform
from hoitu.core.extensions import KEY, session
from hoitu.core.jobs import Worker
from hoitu.core.jobs.queue import revive


def register(cli: click.Group) -> None:
    """Add the commands."""
    cli.add_command(serve)
    cli.add_command(worker)


class Server(BaseApplication):  # type: ignore[misc]
    """gunicorn with threads; the application is built in each worker process."""

    def __init__(self, options: dict[str, Any], overrides: dict[str, Any]) -> None:
        self._options = options
        self._overrides = overrides
        super().__init__()

    def load_config(self) -> None:
        """Hand our options to gunicorn."""
        for name, value in self._options.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        """Build the application in this process and start its worker thread."""
        app = create_app(**self._overrides)
        if app.extensions[KEY].config.embedded_worker:
            Worker(app).start_thread()
        return app


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8000, show_default=True, help="Port to listen on.")
@click.option("--workers", default=1, show_default=True, help="Server processes.")
@click.option("--threads", default=4, show_default=True, help="Threads of each process.")
def serve(host: str, port: int, workers: int, threads: int) -> None:
    """Serve the portals."""
    run_server(host, port, workers, threads)


def run_server(
    host: str, port: int, workers: int, threads: int, overrides: dict[str, Any] | None = None
) -> None:
    """Serve until stopped.

    :raises ConfigError: a deployment setting is wrong.
    :raises ClickException: the address is taken.
    """
    # Before the server forks, as settings and keys are read: its workers would tell what is wrong
    # as a failure of their own.
    with application(**(overrides or {})):
        pass
    _check_free(host, port)
    Server(server_options(host, port, workers, threads), overrides or {}).run()


def _check_free(host: str, port: int) -> None:
    try:
        with socket.create_server((host, port), reuse_port=False):
            pass
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else error
        raise click.ClickException(
            f"Cannot listen on {host}:{port}: {reason}. Name another port: --port {port + 1}"
        ) from error


def server_options(host: str, port: int, workers: int, threads: int) -> dict[str, Any]:
    """Return the gunicorn settings of ``hoitu serve``."""
    return {
        "bind": f"{host}:{port}",
        "workers": workers,
        "worker_class": "gthread",
        "threads": threads,
        "keepalive": 30,
        "accesslog": None,
        "loglevel": "warning",
        "control_socket_disable": True,
        "proc_name": "hoitu",
    }


@click.command()
@click.option("--once", is_flag=True, help="Do what is waiting, then end.")
@click.option("--retry-dead", is_flag=True, help="Give dead jobs another chance first.")
def worker(once: bool, retry_dead: bool) -> None:
    """Deliver events and run jobs; any number of workers may run."""
    with platform() as parts:
        if retry_dead:
            revive(session(), parts.clock.now())
            session().commit()
    with application() as app:
        found = Worker(app)
        if once:
            found.drain()
            return
        for stopping in (signal.SIGTERM, signal.SIGINT):
            signal.signal(stopping, lambda *_: found.stop())
        # Not in the main thread: a signal could find it holding the very lock that `stop` takes.
        running = found.start_thread()
        click.echo(f"Worker {os.getpid()} runs. Stop with Ctrl-C.")
        running.join()
