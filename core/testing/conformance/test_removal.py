"""Removal: the platform goes on without the plugin, and keeps its content."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import func, select

from hoitu.core.content import Item
from hoitu.core.testing.conformance.findings import demand
from hoitu.core.testing.conformance.installed import run
from hoitu.core.testing.conformance.levels import silver
from hoitu.core.testing.conformance.trial import Trial
from hoitu.core.units import all_units

WITHOUT = """
import sys
from hoitu.core.plugin import manager
installed = manager.entry_points
manager.entry_points = lambda group: [e for e in installed(group=group) if e.name in {kept!r}]
"""
UPGRADE = """
from hoitu.core.cli import main
sys.argv = ["hoitu", "upgrade"]
main()
"""
VISIT = """
from hoitu.core.app import create_app
client = create_app().test_client()
for path in ("/", "/en/", "/sitemap.xml", "/feed.atom", "/tim-kiem?q=a"):
    answer = client.get(path, headers={{"Host": {host!r}}})
    if answer.status_code != 200:
        print(path, "answers", answer.status_code)
"""


@silver
def test_the_core_runs_without_it(fresh_trial: Trial, tmp_path: Path) -> None:
    """With the package gone the application starts and upgrades; its items are still there."""
    trial = fresh_trial
    before = _count(trial)
    trial.close()
    without = WITHOUT.format(kept=sorted(trial.plugin.needs()))
    instance = {
        "HOITU_INSTANCE": str(trial.platform.instance),
        "HOITU_DATABASE_URL": trial.platform.config.database_url,
        "HOITU_SECURE_COOKIES": "false",
    }
    found = []
    upgraded = run(without + UPGRADE, tmp_path, **instance)
    if upgraded.returncode:
        found.append(f"hoitu upgrade fails: {upgraded.stderr.strip()[-500:]}")
    visited = run(without + VISIT.format(host=trial.host()), tmp_path, **instance)
    found += visited.stdout.splitlines()
    if visited.returncode:
        found.append(f"it does not start: {visited.stderr.strip()[-500:]}")
    if (after := _count(trial)) != before:
        found.append(f"{before} items were there, {after} are left")
    demand(found, "Keep to your own tables and hooks; nothing of core may need the plugin.")


def _count(trial: Trial) -> int:
    with trial.platform.open_session(False) as opened, all_units("a check of the kit"):
        mine = select(func.count(Item.id)).where(Item.section == trial.name)
        return opened.scalar(mine) or 0
