"""Install what the tests start by themselves, such as PostgreSQL and Chromium, and what they load.

As root on Debian the missing packages are installed; otherwise the command to run is printed and
the exit status is 1. Uses the standard library only: it runs before the environment exists.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from ctypes.util import find_library
from pathlib import Path

#: Program that shows the package is there, and the package.
NEEDED = {
    "chromium": "chromium",
    "clamd": "clamav-daemon",
    "redis-server": "redis-server",
    "wrk": "wrk",
}
#: Library that the writer of PDF loads, and its package.
LIBRARIES = {
    "pango-1.0": "libpango-1.0-0",
    "pangoft2-1.0": "libpangoft2-1.0-0",
    "harfbuzz-subset": "libharfbuzz-subset0",
}

#: Letters with Vietnamese marks, for the browser.
FONT = Path("/usr/share/fonts/truetype/noto/NotoSans-Regular.ttf")


def missing() -> list[str]:
    """Return the Debian packages that are not installed."""
    found = [package for program, package in NEEDED.items() if shutil.which(program) is None]
    found += [package for name, package in LIBRARIES.items() if find_library(name) is None]
    found += [] if FONT.exists() else ["fonts-noto-core"]
    servers = list(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    return found if servers or shutil.which("initdb") else [*found, "postgresql"]


def main() -> int:
    """Install or tell."""
    packages = missing()
    if not packages:
        return 0
    command = ["apt-get", "install", "-y", "--no-install-recommends", *packages]
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        print("Programs that the tests start are missing. Run as root:")
        print(f"  apt-get update && {' '.join(command)}")
        return 1
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    print(f"Installing {', '.join(packages)} ...", flush=True)
    for step in (["apt-get", "update", "-qq"], [*command, "-qq"]):
        done = subprocess.run(step, env=quiet, check=False, stdout=subprocess.DEVNULL)
        if done.returncode:
            print(f"This failed: {' '.join(step)}")
            return done.returncode
    return 0


if __name__ == "__main__":
    sys.exit(main())
