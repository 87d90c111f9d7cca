"""Who may open what at the desk, by path; ``test_role_matrix.py`` has every route and role."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from hoitu.core.access import Account, Deputy, RoleGrant, accounts
from hoitu.core.access.audit import AuditEntry
from hoitu.core.clock import FrozenClock
from hoitu.core.content import ActionContext, File, Item, ItemVersion, ScheduledStep, actions
from hoitu.core.extensions import Platform
from hoitu.core.units import Unit

Staff = Callable[..., Any]
Desk = Callable[..., AbstractContextManager[ActionContext]]
Values = Callable[..., dict[str, object]]

TYPE = "legal_document"
MODULE = "legal_documents.administrative_documents"
ROLES = ("editor", "approver", "unit_admin", "platform_admin")
#: Routes by path, method, and the roles that get through; for the others the answer is 403.
EVERYONE = frozenset(ROLES)
ADMINS = frozenset({"unit_admin", "platform_admin"})
PLATFORM = frozenset({"platform_admin"})
ROUTES: tuple[tuple[str, str, frozenset[str]], ...] = (
    ("GET", "/quan-tri/", EVERYONE),
    ("GET", "/quan-tri/con-lam-viec", EVERYONE),
    ("GET", "/quan-tri/mat-khau", EVERYONE),
    ("POST", "/quan-tri/mat-khau", EVERYONE),
    ("GET", "/quan-tri/{type}", EVERYONE),
    ("GET", "/quan-tri/{type}/moi", EVERYONE),
    ("POST", "/quan-tri/{type}/moi", EVERYONE),
    ("GET", "/quan-tri/{type}/{item}", EVERYONE),
    ("POST", "/quan-tri/{type}/{item}", EVERYONE),
    ("GET", "/quan-tri/{type}/{item}/xem", EVERYONE),
    ("GET", "/quan-tri/{type}/{item}/xem/trang", EVERYONE),
    ("GET", "/quan-tri/{type}/{item}/hen-gio", EVERYONE),
    ("POST", "/quan-tri/{type}/{item}/hen-gio", EVERYONE),
    ("POST", "/quan-tri/{type}/{item}/hen-gio/{plan}/huy", EVERYONE - {"editor"}),
    ("GET", "/quan-tri/{type}/{item}/chia-se", EVERYONE),
    ("POST", "/quan-tri/{type}/{item}/chia-se", EVERYONE),
    ("POST", "/quan-tri/{type}/{item}/chia-se/{link}/thu-hoi", EVERYONE),
    ("GET", "/quan-tri/lich", EVERYONE),
    ("POST", "/quan-tri/{type}/dang-mo", EVERYONE),
    ("POST", "/quan-tri/{type}/tu-luu", EVERYONE),
    ("POST", "/quan-tri/{type}/bo-go-do", EVERYONE),
    ("GET", "/quan-tri/{type}/{item}/phien-ban", EVERYONE),
    ("GET", "/quan-tri/{type}/{item}/phien-ban/so-sanh?trai={version}&phai=hien-tai", EVERYONE),
    ("GET", "/quan-tri/{type}/{item}/phien-ban/{version}", EVERYONE),
    ("POST", "/quan-tri/{type}/{item}/phien-ban/{version}", EVERYONE),
    ("POST", "/quan-tri/{type}/{item}/bo-ban-cho", EVERYONE),
    ("POST", "/quan-tri/{type}/{item}/buoc/submit", EVERYONE),
    ("POST", "/quan-tri/{type}/{item}/buoc/publish", EVERYONE - {"editor"}),
    ("POST", "/quan-tri/{type}/{item}/buoc/trash", ADMINS),
    ("GET", "/quan-tri/tep/{file}/tep.txt", EVERYONE),
    ("GET", "/quan-tri/dien-mao", ADMINS),
    ("POST", "/quan-tri/dien-mao", ADMINS),
    ("POST", "/quan-tri/dien-mao/menu", ADMINS),
    ("GET", "/quan-tri/trang-chu", ADMINS),
    ("POST", "/quan-tri/trang-chu/khoi", ADMINS),
    ("POST", "/quan-tri/trang-chu/chan-trang", ADMINS),
    ("GET", "/quan-tri/chuyen-muc", ADMINS),
    ("GET", "/quan-tri/chuyen-muc/{module}", ADMINS),
    ("POST", "/quan-tri/chuyen-muc/{module}/bat", ADMINS),
    ("POST", "/quan-tri/chuyen-muc/{module}/tat", ADMINS),
    ("POST", "/quan-tri/chuyen-muc/{module}/bo-lua-chon", ADMINS),
    ("POST", "/quan-tri/chuyen-muc/{module}/mien", PLATFORM),
    ("GET", "/quan-tri/nguoi-dung", ADMINS),
    ("POST", "/quan-tri/nguoi-dung", ADMINS),
    ("GET", "/quan-tri/nguoi-dung/moi", PLATFORM),
    ("POST", "/quan-tri/nguoi-dung/moi", PLATFORM),
    ("POST", "/quan-tri/nguoi-dung/{grant}/thu-hoi", ADMINS),
    ("GET", "/quan-tri/nhat-ky", ADMINS),
    ("GET", "/quan-tri/viec/ban-nhap", EVERYONE),
    ("GET", "/quan-tri/viet-moi", EVERYONE),
    ("GET", "/quan-tri/uy-quyen", EVERYONE),
    ("POST", "/quan-tri/uy-quyen", EVERYONE - {"editor"}),
    ("POST", "/quan-tri/uy-quyen/{deputy}/ket-thuc", ADMINS),
    ("POST", "/quan-tri/{type}/{item}/giao", EVERYONE),
    ("POST", "/quan-tri/{type}/{item}/duyet-sau", EVERYONE - {"editor"}),
    ("GET", "/quan-tri/thiet-lap", ADMINS),
    ("POST", "/quan-tri/thiet-lap/core.editorial", ADMINS),
    ("POST", "/quan-tri/tep/tai-len", EVERYONE),
    ("GET", "/quan-tri/thu-vien", EVERYONE),
    ("POST", "/quan-tri/thu-vien", EVERYONE),
    ("GET", "/quan-tri/lien-ket.json", EVERYONE),
    ("GET", "/quan-tri/thu-vien.json", EVERYONE),
    ("GET", "/quan-tri/thu-vien/tinh/{file}/tep.txt", EVERYONE),
    ("POST", "/quan-tri/thu-vien/tinh/{file}/lay", EVERYONE),
    ("GET", "/quan-tri/thu-vien/{file}", EVERYONE),
    ("POST", "/quan-tri/thu-vien/{file}", EVERYONE),
    ("GET", "/quan-tri/thu-vien/{file}/nho", EVERYONE),
    ("POST", "/quan-tri/thu-vien/{file}/dung-chung", EVERYONE - {"editor", "reviewer"}),
    ("GET", "/quan-tri/thu-vien/{file}/xoa", EVERYONE),
    ("POST", "/quan-tri/thu-vien/{file}/xoa", EVERYONE),
    ("POST", "/quan-tri/thu-vien/{file}/mo-ta", EVERYONE),
    ("GET", "/quan-tri/huong-dan", EVERYONE),
)
#: 404 for a unit's administrators: accounts are those of the platform.
RESET = "/quan-tri/nguoi-dung/{account}/mat-khau"


@dataclass(frozen=True)
class Planted:
    """Something of everything in one unit."""

    unit: Unit
    ids: dict[str, Any]

    def path(self, route: str) -> str:
        return route.format(**self.ids)


@pytest.fixture
def plant_unit(desk: Desk, document: Values, platform: Platform) -> Callable[[Unit], Planted]:
    def make(unit: Unit) -> Planted:
        with desk(unit) as work:
            file = File(
                sha256="0" * 64, name="tep.txt", media_type="text/plain", size=3,
                uploaded_at=work.now(), uploaded_by="x", unit_id=unit.id,
            )  # fmt: skip
            work.session.add(file)
            item = actions.create(work, TYPE, document())
            account = Account(email=f"{unit.slug}@thu.example", name="Ai đó", session_key="x")
            grant = RoleGrant(account=account, role="editor", unit_id=unit.id)
            plan = ScheduledStep(
                item_id=item.id, step="publish", run_at=work.now() + timedelta(days=9),
                account_name="x", created_at=work.now(),
            )  # fmt: skip
            work.session.add_all((grant, plan))
            link, _token = actions.share(work, item, 3)
            work.session.flush()
            # Somebody else's, which not everybody who edits may throw away.
            item.responsible_id = account.id
            deputy = Deputy(
                unit_id=unit.id, account_id=account.id, deputy_id=account.id,
                valid_from=work.clock.today(), valid_until=work.clock.today(),
                created_at=work.now(),
            )  # fmt: skip
            work.session.add(deputy)
            work.session.flush()
            version = work.session.scalars(select(ItemVersion.id)).all()[-1]
            ids = {
                "type": TYPE, "item": item.id, "version": version, "file": file.id,
                "module": MODULE, "grant": grant.id, "account": account.id,
                "plan": plan.id, "link": link.id, "deputy": deputy.id,
                "seen": item.version,
            }  # fmt: skip
        return Planted(unit, ids)

    return make


@pytest.mark.parametrize("role", ROLES)
def test_a_role_opens_its_routes_and_no_other(
    role: str, staff: Staff, unit: Unit, plant_unit: Callable[[Unit], Planted]
) -> None:
    planted, person = plant_unit(unit), staff(role)
    token = person.token()
    for method, route, roles in ROUTES:
        path = planted.path(route)
        shown = person.open(path) if method == "GET" else person.post(path, token)
        assert (shown.status == 403) == (role not in roles), (method, path, shown.status)
        assert shown.status < 500, (method, path, shown.text)
        assert shown.response.headers["Cache-Control"] == "no-store", path
    reset = person.post(planted.path(RESET), token)
    assert reset.status == {"platform_admin": 200, "unit_admin": 404}.get(role, 403)


def test_an_anonymous_visitor_is_led_to_the_sign_in(
    visitor: Callable[..., Any], unit: Unit, plant_unit: Callable[[Unit], Planted]
) -> None:
    planted, nobody = plant_unit(unit), visitor()
    token = nobody.token()
    for method, route, _ in (*ROUTES, ("POST", RESET, PLATFORM)):
        path = planted.path(route)
        shown = nobody.open(path) if method == "GET" else nobody.post(path, token)
        assert shown.status == 302, (method, path)
        assert shown.response.location.startswith("/quan-tri/dang-nhap?next="), path


@pytest.mark.parametrize("role", ["editor", "approver", "unit_admin", "nobody"])
def test_a_role_at_another_unit_opens_nothing_here(
    role: str,
    staff: Staff,
    unit: Unit,
    other_unit: Unit,
    plant_unit: Callable[[Unit], Planted],
) -> None:
    planted, stranger = plant_unit(unit), staff(role, at=other_unit, visits=unit)
    token = stranger.token()
    for method, route, _ in (*ROUTES, ("POST", RESET, PLATFORM)):
        path = planted.path(route)
        shown = stranger.open(path) if method == "GET" else stranger.post(path, token)
        assert shown.status == 403, (method, path)


@pytest.mark.parametrize("role", ROLES)
def test_ids_of_another_unit_are_not_there(
    role: str,
    staff: Staff,
    unit: Unit,
    other_unit: Unit,
    plant_unit: Callable[[Unit], Planted],
    desk: Desk,
) -> None:
    foreign, person = plant_unit(other_unit), staff(role, at=unit)
    token = person.token()
    foreign_keys = ("{item}", "{file}", "{grant}")
    for method, route, roles in ROUTES:
        if role not in roles or not any(key in route for key in foreign_keys):
            continue
        path = foreign.path(route)
        shown = person.open(path) if method == "GET" else person.post(path, token)
        assert shown.status == 404, (method, path)
    with desk(other_unit) as work:
        item = work.session.get_one(Item, foreign.ids["item"])
        assert (item.state, item.version) == ("draft", foreign.ids["seen"])
        assert work.session.get(RoleGrant, foreign.ids["grant"]) is not None


def test_a_version_of_another_item_is_not_there(staff: Staff, desk: Desk, document: Values) -> None:
    with desk() as work:
        one = actions.create(work, TYPE, document())
        other = actions.create(work, TYPE, document("390/KH-UBND"))
        version = work.session.scalar(select(ItemVersion.id).where(ItemVersion.item_id == other.id))
        path = f"/quan-tri/{TYPE}/{one.id}/phien-ban/{version}"
    editor = staff("editor")
    assert editor.open(path).status == 404
    assert editor.post(path, expected__version="1").status == 404


@pytest.mark.parametrize(
    "path",
    [
        "/quan-tri/no_such_type",
        "/quan-tri/no_such_type/1",
        f"/quan-tri/{TYPE}/99999999999999999999999",
        f"/quan-tri/{TYPE}/9223372036854775807",
        f"/quan-tri/{TYPE}/-1",
        f"/quan-tri/{TYPE}/0",
        f"/quan-tri/{TYPE}/1/buoc/fly",
        "/quan-tri/chuyen-muc/no.such",
        "/quan-tri/tep/1/x",
    ],
)
def test_what_does_not_exist_answers_404_or_405(staff: Staff, path: str) -> None:
    assert staff("unit_admin").open(path).status in (404, 405)


@pytest.mark.parametrize("token", ["", "made-up"])
def test_without_a_token_nothing_is_done(
    staff: Staff,
    unit: Unit,
    plant_unit: Callable[[Unit], Planted],
    platform: Platform,
    token: str,
) -> None:
    planted, admin = plant_unit(unit), staff("platform_admin")

    def everything() -> tuple[int, ...]:
        from hoitu.core.units.switchboard import UnitSectionRow

        with platform.open_session(False) as session:
            rows = (AuditEntry, Account, RoleGrant, UnitSectionRow)
            return tuple(session.scalar(select(func.count(row.id))) or 0 for row in rows)

    before = everything()
    for method, route, _ in (*ROUTES, ("POST", RESET, PLATFORM)):
        if method == "POST":
            assert admin.post(planted.path(route), token, title="Có tên").status == 400, route
    assert admin.post("/quan-tri/dang-xuat", token).status == 400
    assert everything() == before


# -- signing in ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wanted", "led_to"),
    [
        ("/quan-tri/legal_document?q=a", "/quan-tri/legal_document?q=a"),
        ("/van-ban", "/van-ban"),
        ("https://evil.example/", "/quan-tri/"),
        ("//evil.example/", "/quan-tri/"),
        ("/\\evil.example", "/quan-tri/"),
        ("javascript:alert(1)", "/quan-tri/"),
        ("/\t/evil.example", "/quan-tri/"),
        ("/\n/evil.example", "/quan-tri/"),
        ("", "/quan-tri/"),
    ],
)
def test_signing_in_leads_on_within_the_site(
    staff: Staff, visitor: Callable[..., Any], wanted: str, led_to: str
) -> None:
    from urllib.parse import quote

    email = staff("editor").email
    person = type(staff("editor"))(visitor().site, email)
    answer = person.sign_in(path=f"/quan-tri/dang-nhap?next={quote(wanted)}")
    assert (answer.status, answer.response.location) == (303, led_to)


def test_a_wrong_password_is_refused_and_the_address_kept(staff: Staff, visitor: Any) -> None:
    known = staff("editor")
    person = type(known)(visitor().site, known.email)
    for password in ("wrong", "", "\0", "x" * 200_000):
        shown = person.sign_in(password)
        assert shown.status == 400
        assert known.email in shown.text
        assert "hoitu_desk" not in shown.response.headers.get("Set-Cookie", "")
    assert person.open("/quan-tri/").status == 302


def entries_of(platform: Platform, *actions: str) -> list[AuditEntry]:
    with platform.open_session(False) as session:
        chosen = select(AuditEntry).where(AuditEntry.action.in_(actions)).order_by(AuditEntry.id)
        return list(session.scalars(chosen))


def test_the_log_tells_of_wrong_passwords_and_of_the_lock(
    staff: Staff, visitor: Any, platform: Platform, unit: Unit
) -> None:
    known = staff("editor")
    with platform.open_session(False) as session:
        account = session.scalars(select(Account).where(Account.email == known.email)).one()
    person = type(known)(visitor().site, known.email)
    for _attempt in range(accounts.ATTEMPTS + 1):
        assert person.sign_in("sai rồi").status == 400
    failed = entries_of(platform, "sign_in.failed")
    assert len(failed) == accounts.ATTEMPTS + 1
    for entry in failed:
        assert (entry.object_id, entry.unit_id) == (str(account.id), unit.id)
        assert (entry.account_id, entry.actor) == (None, "stranger")
        assert entry.detail == {"email": known.email, "network": "127.0.0.1"}
    [locked] = entries_of(platform, "account.locked_out")
    assert (locked.object_id, locked.unit_id) == (str(account.id), unit.id)
    page = staff("unit_admin").open("/quan-tri/nhat-ky").text
    assert "từ mạng 127.0.0.1" in page
    assert "trong 1 phút" in page
    assert "Người chưa đăng nhập" in page and "Người gửi" not in page


def test_of_addresses_nobody_has_the_log_tells_once_an_hour(
    staff: Staff, visitor: Any, platform: Platform, unit: Unit, clock: FrozenClock
) -> None:
    admin = staff("unit_admin")
    person = type(admin)(visitor().site, "mat-khau-cua-toi@thu.example")
    for _attempt in range(3):
        person.sign_in("sai rồi")
    [entry] = entries_of(platform, "sign_in.failed")
    assert (entry.object_id, entry.unit_id, entry.actor) == ("", unit.id, "stranger")
    assert entry.detail == {"network": "127.0.0.1"}, "what was typed may be a password"
    assert "địa chỉ không thuộc tài khoản nào" in admin.open("/quan-tri/nhat-ky").text
    clock.move(timedelta(minutes=61))
    person.sign_in("sai rồi")
    assert len(entries_of(platform, "sign_in.failed")) == 2


def test_of_addresses_nobody_has_the_log_tells_no_more_than_there_is_room(
    staff: Staff, visitor: Any, platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hoitu.core.admin.sign_in.UNKNOWN_AN_HOUR", 2)
    person = type(staff("editor"))(visitor().site, "ai-do@thu.example")
    for number in range(4):
        person.site.client.environ_base["REMOTE_ADDR"] = f"203.0.113.{number}"
        person.sign_in("sai rồi")
    told = [entry.detail["network"] for entry in entries_of(platform, "sign_in.failed")]
    assert told == ["203.0.113.0", "203.0.113.1"]


def test_of_one_account_the_log_tells_no_more_than_there_is_room(
    staff: Staff, visitor: Any, platform: Platform, monkeypatch: pytest.MonkeyPatch,
    clock: FrozenClock,
) -> None:  # fmt: skip
    """Entries stay for ever: nobody who knows an address fills the log with them."""
    monkeypatch.setattr("hoitu.core.admin.sign_in.AN_HOUR", 3)
    known, other = staff("editor"), staff("editor")
    person = type(known)(visitor().site, known.email)
    for _attempt in range(5):
        person.sign_in("sai rồi")
    assert len(entries_of(platform, "sign_in.failed")) == 3
    type(known)(visitor().site, other.email).sign_in("sai rồi")
    assert len(entries_of(platform, "sign_in.failed")) == 4
    clock.move(timedelta(minutes=61))
    person.sign_in("sai rồi")
    assert len(entries_of(platform, "sign_in.failed")) == 5


def test_a_session_is_new_after_signing_in(staff: Staff, visitor: Any) -> None:
    known = staff("editor")
    person = type(known)(visitor().site, known.email)
    before = person.token()
    person.sign_in()
    assert person.post("/quan-tri/mat-khau", before).status == 400


@pytest.mark.parametrize(
    ("pauses", "still_in"),
    [
        ([timedelta(minutes=119)], True),
        ([timedelta(minutes=121)], False),
        ([timedelta(minutes=119)] * 6, True),
        ([timedelta(minutes=119)] * 7, False),
    ],
)
def test_a_session_ends_when_idle_or_old(
    staff: Staff, clock: FrozenClock, pauses: list[timedelta], still_in: bool
) -> None:
    person = staff("editor")
    for pause in pauses:
        clock.move(pause)
        status = person.open("/quan-tri/con-lam-viec").status
    assert status == (204 if still_in else 302)


def test_signing_out_ends_the_session(staff: Staff) -> None:
    person = staff("editor")
    person.send(person.open("/quan-tri/").form("/dang-xuat"))
    assert person.open("/quan-tri/").status == 302


def test_a_locked_account_is_out_at_once(staff: Staff, platform: Platform) -> None:
    person = staff("editor")
    with platform.open_session(True) as session:
        account = session.scalar(select(Account).where(Account.email == person.email))
        assert account is not None
        account.active = False
        session.commit()
    assert person.open("/quan-tri/").status == 302


def test_a_role_that_has_ended_opens_nothing(
    staff: Staff, platform: Platform, clock: FrozenClock
) -> None:
    person = staff("editor")
    with platform.open_session(True) as session:
        account = session.scalar(select(Account).where(Account.email == person.email))
        assert account is not None
        account.grants[0].valid_until = clock.today() - timedelta(days=1)
        session.commit()
    assert person.open("/quan-tri/").status == 403


def test_the_desk_obeys_the_strict_policy(staff: Staff, unit: Unit) -> None:
    admin = staff("unit_admin")
    for path in ("/quan-tri/", f"/quan-tri/{TYPE}/moi", "/quan-tri/chuyen-muc"):
        shown = admin.open(path)
        assert "script-src 'self'" in shown.response.headers["Content-Security-Policy"]
        assert "unsafe" not in shown.response.headers["Content-Security-Policy"]
        assert not re.search(r"<script(?![^>]*\ssrc=)|\sstyle=|\son\w+=|<style", shown.text)
