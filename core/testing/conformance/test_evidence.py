"""Evidence: what gold shows besides working: dates, a way out, types, and a size to be read."""

from __future__ import annotations

import re
from pathlib import Path

from hoitu.core.testing.conformance.findings import demand
from hoitu.core.testing.conformance.installed import PortalPlugin
from hoitu.core.testing.conformance.levels import gold
from hoitu.core.testing.conformance.trial import Trial

#: Lines of Python that one person reads in one sitting.
LIMIT = 1000
REMOVAL = re.compile(r"\b(remov\w+|uninstall\w*|gỡ)\b", re.IGNORECASE)


@gold
def test_freshness_is_told(trial: Trial) -> None:
    """For each requirement that is on, a day is known once something is published."""
    found = []
    for key in sorted(trial.on()):
        duty = trial.platform.switchboard.requirement(key)
        if duty is None:
            continue
        with trial.site() as unit:
            if trial.platform.hooks.freshness(unit, duty) is None:
                found.append(f"{key}: no day, though samples are published")
    demand(found, "Serve it by a content type, or implement the hook `freshness` for it.")


@gold
def test_the_readme_says_how_to_remove_it(portal_plugin: PortalPlugin) -> None:
    """``README.md`` in the package says what it is for and how it is removed."""
    path = portal_plugin.folder / "README.md"
    text = path.read_text("utf-8") if path.is_file() else ""
    found = [] if text else ["README.md is missing in the package"]
    if text and not REMOVAL.search(text):
        found.append("README.md does not say how to remove the plugin")
    demand(found, "Write one page: purpose, legal basis, decisions, how to remove (`hoitu ...`).")


@gold
def test_the_package_is_typed(portal_plugin: PortalPlugin) -> None:
    """``py.typed`` stands in the package or in one it lies in."""
    depth = portal_plugin.package.count(".")
    around: list[Path] = [portal_plugin.folder, *portal_plugin.folder.parents][: depth + 1]
    is_typed = any((folder / "py.typed").is_file() for folder in around)
    demand([] if is_typed else ["py.typed is missing"], "Annotate the package and add py.typed.")


@gold
def test_it_can_be_read_in_one_sitting(portal_plugin: PortalPlugin) -> None:
    """The package has no more lines of Python than one person reads at once."""
    lines = {
        path.relative_to(portal_plugin.folder): sum(
            bool(line.strip()) for line in path.read_text("utf-8").splitlines()
        )
        for path in portal_plugin.modules
    }
    total = sum(lines.values())
    found = [f"{path}: {count}" for path, count in lines.items()] if total > LIMIT else []
    demand(
        found,
        f"{total} lines, at most {LIMIT}: leave generic pages, filters and tables to core, or "
        "make two sections of it.",
    )
