"""When something is missing, locked or broken: the page says so, and names the way out."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from hoitu.core.extensions import KEY, Platform

HOST = {"Host": "mot.test"}
Make = Callable[..., Any]


def get(app: Any, path: str = "/", host: str = "mot.test") -> Any:
    return app.test_client().get(path, headers={"Host": host})


def test_alive_and_ready_on_any_host(app: Any) -> None:
    alive = get(app, "/healthz", "10.0.0.7")
    assert (alive.status_code, alive.text) == (200, "ok\n")
    ready = get(app, "/readyz", "10.0.0.7")
    assert ready.status_code == 200
    found = ready.get_json()
    assert found["database"] == {"ok": True}
    assert found["search"]["ok"]
    assert found["plugins"]["legal_documents"] == "active"


@pytest.mark.parametrize(
    "host", ["hue.example", "127.0.0.1", "localhost", "mot.test.evil", "x" * 300]
)
def test_an_unknown_host_gets_the_platform_and_nobodys_site(app: Any, host: str) -> None:
    answer = get(app, "/", host)
    assert answer.status_code == 404
    assert "Hội Tụ" in answer.text
    assert host[:253] in answer.text
    assert "phường Một" not in answer.text and "tỉnh Thử" not in answer.text


@pytest.mark.parametrize("host", ["mot.test:8000", "MOT.test", "mot.test."])
def test_a_host_is_known_with_port_case_and_final_dot(app: Any, host: str) -> None:
    assert "phường Một" in get(app, "/", host).text


def test_a_host_name_is_never_html(app: Any) -> None:
    assert "<script>" not in get(app, "/", "<script>alert(1)</script>").text


# -- the database ------------------------------------------------------------------------------


def unavailable(answer: Any, remedy: str) -> bool:
    assert "Traceback" not in answer.text and "SELECT" not in answer.text
    return (
        answer.status_code == 503
        and answer.headers["Retry-After"] == "10"
        and f"<code>{remedy}</code>" in answer.text
    )


def test_a_database_that_was_never_set_up(make_app: Make, tmp_path: Path) -> None:
    app = make_app(database_url=f"sqlite:///{tmp_path / 'new.sqlite'}")
    assert unavailable(get(app), "hoitu upgrade")
    assert get(app, "/healthz").status_code == 200
    ready = get(app, "/readyz")
    assert ready.status_code == 503
    assert ready.get_json()["database"] == {"ok": False, "remedy": "hoitu doctor"}


def test_a_server_that_does_not_answer(make_app: Make, database_url: str) -> None:
    app = make_app(database_url="postgresql://hoitu@127.0.0.1:1/hoitu")
    assert unavailable(get(app), "hoitu doctor")
    assert get(app, "/readyz").status_code == 503
    assert get(app, "/healthz").status_code == 200


@pytest.fixture
def impatient(app: Any, platform: Platform) -> Any:
    """The application with a SQLite that waits for a lock for a moment only."""
    if platform.engine.dialect.name != "sqlite":
        pytest.skip("only SQLite has one lock for all")

    def hurry(_dialect: Any, _record: Any, _arguments: Any, options: dict[str, Any]) -> None:
        options["timeout"] = 0.05

    event.listen(platform.engine, "do_connect", hurry)
    event.listen(
        platform.engine, "connect", lambda driver, _: driver.execute("pragma busy_timeout=50")
    )
    platform.engine.dispose()
    return app


def lock(instance: Path, *statements: str) -> sqlite3.Connection:
    holder = sqlite3.connect(instance / "hoitu.sqlite", isolation_level=None)
    for statement in statements:
        holder.execute(statement)
    return holder


def test_a_database_that_another_program_locks(impatient: Any, instance: Path) -> None:
    holder = lock(instance, "pragma locking_mode=exclusive", "begin exclusive")
    assert unavailable(get(impatient), "hoitu doctor")
    assert get(impatient, "/readyz").status_code == 503
    holder.close()
    assert get(impatient).status_code == 200
    assert get(impatient, "/readyz").status_code == 200


def test_while_another_program_writes_everyone_can_read(impatient: Any, instance: Path) -> None:
    impatient.config["WTF_CSRF_ENABLED"] = False
    holder = lock(instance, "begin immediate")
    assert get(impatient).status_code == 200
    sent = {"email": "a@a.vn", "password": "x"}
    answer = impatient.test_client().post("/quan-tri/dang-nhap", data=sent, headers=HOST)
    assert unavailable(answer, "hoitu doctor")
    holder.rollback()
    holder.close()
    answer = impatient.test_client().post("/quan-tri/dang-nhap", data=sent, headers=HOST)
    assert answer.status_code == 400


# -- the index ---------------------------------------------------------------------------------


def lose(folder: Path) -> None:
    shutil.rmtree(folder)


def corrupt(folder: Path) -> None:
    for path in folder.rglob("*"):
        if path.is_file():
            path.write_bytes(b"\0 not an index")


# Whoosh leaves the files it could not read to the garbage collector.
@pytest.mark.filterwarnings("ignore::ResourceWarning")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("ruin", [lose, corrupt])
def test_without_an_index_only_the_search_page_suffers(
    make_app: Make,
    instance: Path,
    publish: Callable[..., int],
    document: Callable[..., dict[str, object]],
    drain: Callable[[], None],
    hoitu: Callable[..., Any],
    ruin: Callable[[Path], None],
) -> None:
    publish("legal_document", **document())
    drain()
    ruin(instance / "search")
    app = make_app()
    answer = get(app, "/tim-kiem?q=389")
    assert answer.status_code == 503
    assert 'role="search"' in answer.text
    for path in (
        "/",
        "/van-ban",
        "/tim-kiem",
        "/feed.atom",
        "/sitemap.xml",
        "/api/v1/legal_document",
    ):
        assert get(app, path).status_code == 200, path
    # The list is searched in the database instead.
    assert "389/KH-UBND" in get(app, "/van-ban?q=hội+tụ").text
    assert "389/KH-UBND" not in get(app, "/van-ban?q=đèn+lồng").text
    ready = get(app, "/readyz").get_json()
    assert ready["ready"]
    assert ready["search"] == {"ok": False, "documents": 0, "remedy": "hoitu search rebuild"}
    doctor = hoitu("doctor")
    assert doctor.exit_code == 1
    assert "-> hoitu search rebuild" in doctor.output
    assert hoitu("search", "rebuild").exit_code == 0
    assert "389/KH-UBND" in get(app, "/tim-kiem?q=389").text


# -- pages -------------------------------------------------------------------------------------


def test_an_error_is_told_in_the_language_and_frame_of_the_site(app: Any) -> None:
    for path, language, word in (
        ("/khong-co", "vi", "Không"),
        ("/en/khong-co", "en", "Page not found"),
    ):
        answer = get(app, path)
        assert answer.status_code == 404
        assert f'<html lang="{language}">' in answer.text
        assert word in answer.text
    assert get(app, "/api/v1/khong-co").get_json()["error"]


def test_every_answer_is_protected(app: Any) -> None:
    for path in ("/", "/khong-co", "/healthz", "/van-ban/data.json", "/quan-tri/dang-nhap"):
        headers = get(app, path).headers
        policy = headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy and "unsafe" not in policy and "http" not in policy
        assert headers["X-Content-Type-Options"] == "nosniff"
    secure = app.test_client().get("/", base_url="https://mot.test")
    assert "max-age" in secure.headers["Strict-Transport-Security"]
    assert "Strict-Transport-Security" not in get(app).headers


def test_the_start_needs_neither_database_nor_index(make_app: Make, instance: Path) -> None:
    shutil.rmtree(instance)
    app = make_app(database_url="")
    assert app.extensions[KEY].plugins.is_active("legal_documents")
    assert get(app, "/healthz").status_code == 200
    assert unavailable(get(app), "hoitu upgrade")
