"""The file store of an installation: the local one, a plugin's, or none rather than a wrong one."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from hoitu.core.access import SYSTEM
from hoitu.core.content import ActionContext, actions, files
from hoitu.core.content.storage import StorageMissing
from hoitu.core.extensions import KEY, Platform, session
from hoitu.core.settings.refresh import refresh
from hoitu.core.units import unit_scope

PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n%%EOF\n"
BUCKET = """
@hookimpl
def resolve_storage(self, name, instance):
    from hoitu.core.content.files import LocalFiles
    return LocalFiles(instance / "bucket") if name == "bucket" else None
"""
Make = Callable[..., Any]


def work(app: Any) -> AbstractContextManager[ActionContext]:
    """Open an action context of a ward in this application; it commits at the end."""
    from contextlib import contextmanager

    @contextmanager
    def opened() -> Any:
        parts: Platform = app.extensions[KEY]
        with app.test_request_context(base_url="http://mot.test"):
            refresh(parts, session())
            unit = parts.units.by_slug("phuong-mot")
            assert unit is not None
            with unit_scope(unit.id):
                yield ActionContext(
                    session(), SYSTEM, unit, parts.types, parts.hooks, parts.switchboard,
                    parts.clock,
                )  # fmt: skip
                session().commit()

    return opened()


def attach(app: Any, values: dict[str, object]) -> str:
    """Publish a document with a file; return the address of the file."""
    with work(app) as context:
        store = app.extensions[KEY].files
        file = files.upload(context, store, "a.pdf", BytesIO(PDF))
        item = actions.create(context, "legal_document", {**values, "attachments": [file.id]})
        actions.publish(context, item)
        return f"/tep/{file.id}/a.pdf"


def get(app: Any, path: str) -> Any:
    return app.test_client().get(path, headers={"Host": "mot.test"})


@pytest.mark.parametrize(("storage", "folder"), [("local", "files"), ("bucket", "bucket")])
def test_uploads_are_kept_in_the_chosen_store(
    plant: Callable[..., str], make_app: Make, instance: Path, document: Any, hoitu: Any,
    monkeypatch: pytest.MonkeyPatch, storage: str, folder: str,
) -> None:  # fmt: skip
    plant("cloud", BUCKET)
    app = make_app(storage=storage)
    path = attach(app, document())
    with get(app, path) as answer:
        assert (answer.status_code, answer.data) == (200, PDF)
    kept = {p.relative_to(instance).parts[0] for p in instance.rglob("*") if len(p.name) == 64}
    assert kept == {folder}
    monkeypatch.setenv("HOITU_STORAGE", storage)
    assert f"ok    storage: {storage}" in hoitu("doctor").output


def test_without_the_chosen_store_nothing_is_kept_elsewhere(
    make_app: Make, instance: Path, document: Any, hoitu: Any, caplog: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    path = attach(make_app(), document())
    before = sorted((instance / "files").rglob("*"))
    app = make_app(storage="bucket")
    assert "no active plugin provides the file store bucket" in caplog.text
    with work(app) as context, pytest.raises(StorageMissing, match="bucket"):
        files.upload(context, app.extensions[KEY].files, "b.pdf", BytesIO(PDF + b"b"))
    assert sorted((instance / "files").rglob("*")) == before
    answer = get(app, path)
    assert answer.status_code == 503
    assert "<code>hoitu doctor</code>" in answer.text
    assert get(app, "/van-ban").status_code == 200
    monkeypatch.setenv("HOITU_STORAGE", "bucket")
    examined = hoitu("doctor")
    assert examined.exit_code == 1
    assert "FAIL  storage: no active plugin provides the file store bucket" in examined.output


def test_doctor_names_a_search_engine_that_is_not_there(
    hoitu: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOITU_SEARCH_BACKEND", "fast")
    examined = hoitu("doctor")
    assert examined.exit_code == 1
    assert "FAIL  search: no active plugin provides the search engine fast" in examined.output
    monkeypatch.setenv("HOITU_SEARCH_BACKEND", "none")
    assert "ok    search" in hoitu("doctor").output
