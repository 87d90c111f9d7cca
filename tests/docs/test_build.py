from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow


def build(source: Path, target: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-P", "-m", "sphinx", "-W", "--keep-going", "-q", "-b", "html"]
    return subprocess.run(
        [*command, "-d", target / "doctrees", source, target / "html"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_the_documentation_builds_without_a_warning(docs: Path, tmp_path: Path) -> None:
    """A page in no table of contents, a dead link and a wrong reference are warnings."""
    done = build(docs, tmp_path)
    assert done.returncode == 0, done.stderr
    pages = {p.relative_to(docs).with_suffix("") for p in docs.rglob("*.md")}
    assert pages == {
        p.relative_to(tmp_path / "html").with_suffix("")
        for p in (tmp_path / "html").rglob("*.html")
        if str(p.relative_to(tmp_path / "html")) not in ("genindex.html", "search.html")
    }


def test_a_page_in_no_table_of_contents_is_found(docs: Path, tmp_path: Path) -> None:
    source = tmp_path / "docs"
    source.mkdir()
    settings = (docs / "conf.py").read_text("utf-8")
    (source / "conf.py").write_text(settings + "\nhtml_static_path = []\n")
    (source / "index.md").write_text("# Start\n")
    assert build(source, tmp_path / "good").returncode == 0
    (source / "lost.md").write_text("# Lost\n")
    done = build(source, tmp_path / "bad")
    assert done.returncode != 0
    assert "isn't included in any toctree" in done.stderr
