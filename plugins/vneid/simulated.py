"""The simulation for demonstrations: a real provider with invented people, run by Node."""

from __future__ import annotations

import secrets
import shutil
import socket
import subprocess
from importlib import resources
from pathlib import Path
from typing import Final

import click

from hoitu.core.demo import Companion

CLIENT: Final = "hoitu-demo"
FILES: Final = ("package.json", "package-lock.json", "provider.mjs", "serve.mjs")
#: Seconds that fetching its packages may take.
PATIENCE: Final = 120


def companions(folder: Path, port: int) -> list[Companion]:
    """Return the simulation; nothing where Node is missing or its packages cannot be fetched."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        click.echo("  Without Node and npm, the demonstration has no sign-in for citizens.")
        return []
    if not _prepare(folder, npm):
        return []
    own = _free_port(port + 1)
    issuer, secret = f"http://localhost:{own}", secrets.token_urlsafe(24)
    environment = {
        "PORT": str(own),
        "ORIGIN": f"http://localhost:{port}",
        "SECRET": secret,
        "KEYS": str(folder / "keys"),
    }
    provider = {
        "issuer": issuer,
        "client_id": CLIENT,
        "client_secret": secret,
        "discovery_url": f"{issuer}/.well-known/openid-configuration",
        "acr_values": "LoA2",
    }
    return [
        Companion(
            plugin="vneid",
            told=f"VNeID (simulation)  {issuer}/   sign in at the top of every site",
            command=(node, "serve.mjs"),
            folder=folder,
            environment=environment,
            settings={"provider": provider, "simulation": True},
        )
    ]


def _prepare(folder: Path, npm: str) -> bool:
    """Copy the simulation to a folder and fetch its packages; whether that worked."""
    source = resources.files(__package__) / "simulation"
    folder.mkdir(parents=True, exist_ok=True)
    for name in FILES:
        (folder / name).write_bytes((source / name).read_bytes())
    if (folder / "node_modules").exists():
        return True
    click.echo("  Fetching the simulation of VNeID (npm), once; up to two minutes ...")
    command = [npm, "ci", "--no-audit", "--no-fund", "--ignore-scripts", "--silent"]
    try:
        subprocess.run(  # noqa: S603 (npm of this machine, packages by their hashes)
            command, cwd=folder, check=True, timeout=PATIENCE, capture_output=True
        )
    except (OSError, subprocess.SubprocessError) as error:
        shutil.rmtree(folder / "node_modules", ignore_errors=True)
        click.echo(f"  The simulation of VNeID is left out: npm failed: {type(error).__name__}")
        return False
    return True


def _free_port(first: int) -> int:
    """Return the first port from ``first`` on that nobody listens on."""
    for port in range(first, first + 50):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)):
                return port
    raise RuntimeError(f"no port from {first} on is free")
