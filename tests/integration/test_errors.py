"""What a visitor gets when something is wrong: a page that helps, never a broken one."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any
from unicodedata import normalize

import pytest
from sqlalchemy import create_engine, event, select, text
from werkzeug.exceptions import TooManyRequests

from hoitu.core.access import RoleGrant
from hoitu.core.content import Redirect
from hoitu.core.extensions import Platform
from hoitu.core.units import Unit


@pytest.fixture
def document_id(publish: Callable[..., int], document: Any, drain: Callable[[], None]) -> int:
    found = publish("legal_document", **document())
    drain()
    return found


def in_frame(page: str) -> bool:
    return "site-header" in page and "<h1" in page


def at_desk(page: str) -> bool:
    ways = ('href="/quan-tri/"', 'href="/quan-tri/nguoi-quan-tri"', 'class="doors"')
    return "site-header" not in page and "<h1" in page and all(way in page for way in ways)


# -- hosts and databases -----------------------------------------------------------------------


def test_an_unknown_host_names_the_platform_and_no_unit(app: Any, platform: Platform) -> None:
    answer = app.test_client().get("/", headers={"Host": "khong-co.test"})
    assert answer.status_code == 404
    assert "Hội Tụ" in answer.text
    for unit in platform.units.all():
        assert unit.name(platform.clock.today()) not in answer.text
        assert not any(host.name in answer.text for host in unit.hosts)


@pytest.mark.parametrize(
    "host", ["", "a" * 300 + ".test", "mot.test:x", "..", "[::1", "mot.test\\"]
)
def test_a_strange_host_is_refused(app: Any, host: str) -> None:
    answer = app.test_client().get("/", headers={"Host": host})
    assert answer.status_code in (400, 404)


def test_a_locked_database_is_answered_503(
    site: Any, platform: Platform, document_id: int, database_url: str
) -> None:
    if platform.engine.dialect.name == "sqlite":
        _lock_sqlite(site, platform, document_id, database_url)
    else:
        _lock_postgresql(site, platform, document_id)
    assert site().get(f"/van-ban/{document_id}", follow_redirects=True).status_code == 200


def _lock_sqlite(site: Any, platform: Platform, document_id: int, url: str) -> None:
    # Without the write-ahead log an exclusive lock keeps readers out too.
    holder = create_engine(url, isolation_level="AUTOCOMMIT")
    platform.engine.dispose()
    with holder.connect() as connection:
        connection.exec_driver_sql("pragma locking_mode=exclusive")
        connection.exec_driver_sql("begin exclusive")
        connection.exec_driver_sql("update stamp set value = value")
        event.listen(platform.engine, "connect", _hurry, insert=True)
        try:
            _check_busy(site, document_id)
        finally:
            connection.exec_driver_sql("rollback")
            connection.exec_driver_sql("pragma locking_mode=normal")
            connection.exec_driver_sql("select * from stamp")
            event.remove(platform.engine, "connect", _hurry)
    holder.dispose()
    platform.engine.dispose()


def _hurry(connection: Any, _record: Any) -> None:
    connection.execute("pragma busy_timeout=50")


def _lock_postgresql(site: Any, platform: Platform, document_id: int) -> None:
    @event.listens_for(platform.engine, "begin")
    def hurry(connection: Any) -> None:
        connection.exec_driver_sql("set local lock_timeout = '50ms'")

    with platform.engine.connect() as holder, holder.begin():
        holder.execute(text("lock table stamp in access exclusive mode"))
        _check_busy(site, document_id)
    event.remove(platform.engine, "begin", hurry)


def _check_busy(site: Any, document_id: int) -> None:
    for path in ("/", f"/van-ban/{document_id}-x", "/tim-kiem?q=x", "/quan-tri/"):
        answer = site().get(path)
        assert answer.status_code == 503, path
        assert answer.headers["Retry-After"] == "10"
        assert "hoitu doctor" in answer.text
        assert "OperationalError" not in answer.text


@pytest.mark.parametrize("table", ["item", "unit", "stamp", "legal_document"])
def test_a_missing_table_names_the_command(
    site: Any, platform: Platform, document_id: int, table: str
) -> None:
    with platform.engine.begin() as connection:
        connection.execute(text(f"alter table {table} rename to away"))
    platform.stamp = None
    answer = site().get(f"/van-ban/{document_id}")
    assert answer.status_code == 503
    assert "<code>hoitu upgrade</code>" in answer.text
    assert site().get("/healthz").status_code == 200


# -- search ------------------------------------------------------------------------------------


def _corrupt(folder: Path) -> None:
    for path in folder.rglob("*"):
        if path.is_file():
            path.write_bytes(b"\x00nonsense" * 20)


# The library leaves the damaged file open until the error is forgotten.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("ruin", [shutil.rmtree, _corrupt], ids=["missing", "corrupt"])
def test_search_without_its_index_says_so_and_the_rest_goes_on(
    site: Any, platform: Platform, instance: Path, document_id: int, ruin: Callable[[Path], None]
) -> None:
    platform.search.close()
    ruin(instance / "search")
    answer = site().get("/tim-kiem?q=hội+tụ")
    assert answer.status_code == 503
    assert in_frame(answer.text)
    assert "Traceback" not in answer.text
    assert 'name="q"' in answer.text
    for path in ("/", "/van-ban", "/tim-kiem", f"/api/v1/legal_document/{document_id}"):
        assert site().get(path).status_code == 200, path
    # A list is then searched by title and summary.
    assert "389/KH-UBND" in site().get("/van-ban?q=389").text


# -- errors of a page --------------------------------------------------------------------------


def test_a_view_that_raises_costs_its_own_page_only(app: Any, site: Any, document_id: int) -> None:
    def fail(**_arguments: Any) -> str:
        raise RuntimeError("secret detail")

    for attribute, value in vars(app.view_functions["legal_documents.detail"]).items():
        setattr(fail, attribute, value)
    app.view_functions["legal_documents.detail"] = fail
    answer = site().get(f"/van-ban/{document_id}-x")
    assert answer.status_code == 500
    assert in_frame(answer.text)
    assert "secret detail" not in answer.text
    for path in ("/", "/van-ban", "/tin-tuc", "/feed.atom", f"/van-ban/{document_id}-x/in"):
        assert site().get(path).status_code == 200, path


def test_a_programming_error_inside_a_query_leaves_a_usable_page(app: Any, site: Any) -> None:
    from hoitu.core.access import public
    from hoitu.core.extensions import session

    @public
    def divide() -> str:
        session().connection().exec_driver_sql("select nonsense from nowhere")
        return "done"

    app.view_functions["sitemap.page"] = divide
    answer = site().get("/so-do-cong")
    assert answer.status_code in (500, 503)
    assert "<h1" in answer.text
    assert site().get("/").status_code == 200


def test_an_upload_that_is_too_large_is_refused(staff: Any) -> None:
    editor = staff("editor")
    token = editor.token()
    client = editor.site.client
    client.application.config["MAX_CONTENT_LENGTH"] = 1000
    answer = client.post(
        "/quan-tri/news_article/moi",
        headers={"Host": editor.site.host},
        data={"csrf_token": token, "f": (BytesIO(b"x" * 5000), "a.txt")},
    )
    assert answer.status_code == 413
    assert at_desk(answer.text)


@pytest.mark.parametrize("token", ["", "forged", None])
def test_a_form_without_its_token_saves_nothing(staff: Any, desk: Any, token: str | None) -> None:
    from sqlalchemy import select

    from hoitu.core.content import Item

    editor = staff("editor")
    data = {"title": "Tin", "requirement": "unit_activities"}
    if token is not None:
        data["csrf_token"] = token
    answer = editor.site.post("/quan-tri/news_article/moi", data=data)
    assert answer.status_code == 400
    assert at_desk(answer.text)
    with desk() as work:
        assert work.session.scalars(select(Item)).all() == []


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/quan-tri/nhat-ky", 403),
        ("/quan-tri/legal_document/99999", 404),
        ("/quan-tri/khong/co/trang/nay", 404),
        ("/quan-tri/khong_co", 404),
    ],
)
def test_whoever_is_signed_in_stays_at_the_desk(
    staff: Any, site: Any, path: str, code: int
) -> None:
    shown = staff("editor").open(path)
    assert shown.status == code
    assert at_desk(shown.text)
    assert not at_desk(site().get(path, follow_redirects=True).text)


def test_a_view_of_the_desk_that_fails_leaves_its_frame(
    staff: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_values: Any, **_more: Any) -> None:
        raise RuntimeError("planted")

    editor = staff("editor")
    monkeypatch.setattr("hoitu.core.admin.audit_log._page", fail)
    shown = editor.open("/quan-tri/nhat-ky/cua-toi")
    assert shown.status == 500
    assert at_desk(shown.text)


def test_errors_outside_the_desk_are_those_of_the_site(staff: Any) -> None:
    assert in_frame(staff("editor").open("/khong-co").text)


def test_whoever_has_no_role_here_is_not_led_into_the_desk(staff: Any, other_unit: Unit) -> None:
    shown = staff("editor", visits=other_unit).open("/quan-tri/nhat-ky")
    assert shown.status == 403
    assert 'class="doors"' not in shown.text
    assert 'href="/quan-tri/dang-nhap"' in shown.text


def test_everybody_at_the_desk_sees_whom_to_ask(staff: Any) -> None:
    editor, path = staff("editor"), "/quan-tri/nguoi-quan-tri"
    root = staff("platform_admin")
    assert f"mailto:{root.email}" in editor.open(path).text
    admin = staff("unit_admin")
    text = editor.open(path).text
    assert f"mailto:{admin.email}" in text
    assert root.email not in text and editor.email not in text


def test_whose_right_is_over_is_not_named_as_whom_to_ask(staff: Any, platform: Any) -> None:
    editor, root = staff("editor"), staff("platform_admin")
    with platform.open_session(True) as session:
        grant = session.scalars(select(RoleGrant).where(RoleGrant.role == "platform_admin")).one()
        grant.valid_until = platform.clock.today() - timedelta(days=1)
        session.commit()
    assert root.email not in editor.open("/quan-tri/nguoi-quan-tri").text


def test_errors_of_the_api_are_json(site: Any) -> None:
    for path in ("/api/v1/khong_co", "/api/v1/news_article/99", "/van-ban/99-x.json"):
        answer = site().get(path)
        assert (answer.status_code, answer.is_json) == (404, True), path
        assert set(answer.json) == {"error", "detail"}


# -- the ledger of redirects -------------------------------------------------------------------


@pytest.fixture
def ledger(desk: Any, other_unit: Unit) -> None:
    entries = {"/cu/trang.aspx": "/van-ban", "/xa": "https://dich-vu.example/x", "/bo": ""}
    with desk() as work:
        for path, target in entries.items():
            work.session.add(Redirect(path=path, target=target))
    with desk(other_unit) as work:
        work.session.add(Redirect(path="/cua-hai", target="/tin-tuc"))


@pytest.mark.parametrize(
    ("path", "code", "target"),
    [
        ("/cu/trang.aspx", 301, "/van-ban"),
        ("/cu/trang.aspx?id=5", 301, "/van-ban"),
        ("/xa", 301, "https://dich-vu.example/x"),
        ("/bo", 410, None),
        ("/cua-hai", 404, None),
        ("/CU/trang.aspx", 404, None),
    ],
)
@pytest.mark.usefixtures("ledger")
def test_old_addresses_lead_on(site: Any, path: str, code: int, target: str | None) -> None:
    answer = site().get(path)
    assert (answer.status_code, answer.headers.get("Location")) == (code, target)
    assert code == 301 or in_frame(answer.text)


@pytest.mark.usefixtures("ledger")
def test_the_ledger_never_hides_a_page(site: Any, desk: Any) -> None:
    with desk() as work:
        work.session.add(Redirect(path="/van-ban", target="/tin-tuc"))
    assert site().get("/van-ban").status_code == 200


# -- strange requests --------------------------------------------------------------------------

PATHS = ("/", "/tim-kiem", "/van-ban", "/van-ban/data.json", "/van-ban/feed.atom", "/tin-tuc",
         "/gioi-thieu/danh-ba", "/lien-ket", "/api/v1/legal_document", "/sitemap.xml")  # fmt: skip
LIST_PARAMETERS = ("q", "tu", "nam", "loai", "nhom", "trang", "pham-vi")
VALUES = {
    "nul": "%00",
    "nul inside": "a%00b",
    "not utf-8": "%ff%fe",
    "surrogate": "%ed%a0%80",
    "quote": "%27%22--%3B",
    "wildcards": "%25_*?~^(AND",
    "bracket": "%5B%7B(((",
    "long number": "9" * 400,
    "other digits": "%D9%A3%E2%91%A0%C2%B2",
    "negative": "-1",
    "invalid cursor": "Pj4-fjE",
    "half a cursor": "PjE3",
    "cursor of infinity": "PmluZn4x",
    "cursor of nan": "Pm5hbn4x",
    "not a number": "NaN",
    "bom": "%EF%BB%BF",
    "directions": "%E2%80%AE%E2%80%8B",
}


@pytest.mark.usefixtures("document_id")
@pytest.mark.parametrize("name", VALUES)
def test_no_parameter_breaks_a_page(site: Any, name: str) -> None:
    visitor = site()
    for path in PATHS:
        query = "&".join(f"{parameter}={VALUES[name]}" for parameter in LIST_PARAMETERS)
        for asked in (query, *query.split("&")):
            answer = visitor.get(f"{path}?{asked}")
            assert answer.status_code < 500, (path, asked)


@pytest.mark.usefixtures("document_id")
def test_a_very_long_query_breaks_nothing(site: Any) -> None:
    for path in PATHS:
        for parameter in ("q", "tu", "loai"):
            answer = site().get(f"{path}?{parameter}={'hội+'[:4] * 50_000}")
            assert answer.status_code < 500, (path, parameter)
    assert site().get("/tim-kiem?" + "&".join(f"a{n}=1" for n in range(20_000))).status_code == 200


KEYS = (
    "0",
    "-1",
    "1e3",
    "99",
    "2147483648",
    str(2**63 - 1),
    str(2**63),
    "9" * 60,
    "٣",
    "%00",
    "1%00",
)


@pytest.mark.usefixtures("document_id")
@pytest.mark.parametrize("key", KEYS)
def test_no_number_in_an_address_breaks_a_page(site: Any, staff: Any, key: str) -> None:
    visitor, editor = site(), staff("editor")
    for path in (
        "/van-ban/{}", "/van-ban/{}-x", "/van-ban/{}-x/in", "/van-ban/{}-x.json", "/tin-tuc/{}-x",
        "/gioi-thieu/phong-ban/{}-x", "/gioi-thieu/{}", "/lien-ket/{}", "/tep/{}/x.pdf",
        "/api/v1/legal_document/{}", "/sitemap-{}.xml",
    ):  # fmt: skip
        answer = visitor.get(path.format(key))
        assert answer.status_code == 404, path
    for path in (
        "/quan-tri/legal_document/{}", "/quan-tri/legal_document/{}/xem", "/quan-tri/tep/{}/x",
        "/quan-tri/legal_document/{}/xem/trang", "/quan-tri/legal_document/{}/hen-gio",
        "/quan-tri/legal_document/{}/chia-se",
        "/quan-tri/legal_document/{}/phien-ban", "/quan-tri/legal_document/1/phien-ban/{}",
    ):  # fmt: skip
        assert editor.open(path.format(key)).status == 404, path


@pytest.mark.usefixtures("document_id")
def test_no_path_breaks_a_site(site: Any) -> None:
    for path in ("/%00", "/van-ban%00", "/%ff", "/" + "a" * 100_000, "/van-ban/1-%00", "/../etc",
                 "/assets/core/0/..%2f..%2fx", "/assets/%00/0/x", "/tep/1/%00", "/en/%00",
                 "/api/v1/%00", "/quan-tri/%00", "/api/v1/emergency/%00.cap"):  # fmt: skip
        assert site().get(path).status_code in (301, 302, 308, 400, 404), path[:40]


@pytest.mark.usefixtures("document_id")
def test_decomposed_letters_find_the_same(site: Any) -> None:
    words = normalize("NFD", "hội tụ")
    assert words != "hội tụ"
    for path in (f"/tim-kiem?q={words}", f"/van-ban?q={words}"):
        assert "389/KH-UBND" in site().get(path).text, path
    # A value of a vocabulary written in the other form is still a value, if an unknown one.
    assert site().get(f"/van-ban?loai={normalize('NFD', 'Đ')}").status_code == 200


@pytest.mark.usefixtures("document_id")
def test_head_is_get_without_the_body(site: Any) -> None:
    visitor = site()
    for path in (*PATHS, "/healthz", "/robots.txt", "/so-do-cong", "/khong-co"):
        wanted = visitor.get(path)
        answer = visitor.client.head(path, headers={"Host": visitor.host})
        assert (answer.status_code, answer.data) == (wanted.status_code, b""), path
        assert answer.content_type == wanted.content_type


def test_a_wrong_method_is_told(site: Any) -> None:
    for path in ("/", "/van-ban", "/tim-kiem", "/api/v1/legal_document"):
        answer = site().post(path)
        assert answer.status_code in (400, 405), path
        assert not re.search(r"Traceback|werkzeug", answer.text)


def test_an_error_keeps_what_goes_with_its_code(app: Any, site: Any) -> None:
    def crowded(**_arguments: Any) -> str:
        raise TooManyRequests(retry_after=30)

    for attribute, value in vars(app.view_functions["legal_documents.detail"]).items():
        setattr(crowded, attribute, value)
    app.view_functions["legal_documents.detail"] = crowded
    refused = site().get("/van-ban/1-x")
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "30")
    assert refused.headers.getlist("Content-Type") == ["text/html; charset=utf-8"]
    assert "GET" in site().post("/van-ban/1-x").headers["Allow"]
