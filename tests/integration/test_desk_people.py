"""People of a unit: roles, accounts, one-time passwords, and the log of it all."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest
from sqlalchemy import select

from hoitu.core.access import Account, RoleGrant
from hoitu.core.content import ActionContext, actions
from hoitu.core.extensions import Platform
from hoitu.core.testing.fixtures import PASSWORD
from hoitu.core.units import Unit

Staff = Callable[..., Any]
Desk = Callable[..., AbstractContextManager[ActionContext]]
Values = Callable[..., dict[str, object]]

PEOPLE = "/quan-tri/nguoi-dung"


@pytest.fixture
def grants(platform: Platform) -> Callable[[str], set[tuple[str, int | None]]]:
    def of(email: str) -> set[tuple[str, int | None]]:
        with platform.open_session(False) as session:
            account = session.scalar(select(Account).where(Account.email == email))
            return {(g.role, g.unit_id) for g in account.grants} if account else set()

    return of


def give(person: Any, **typed: str) -> Any:
    return person.send(person.open(PEOPLE).form(PEOPLE), **typed)


def test_an_administrator_gives_and_takes_roles_here(
    staff: Staff, unit: Unit, other_unit: Unit, grants: Any
) -> None:
    admin, colleague = staff("unit_admin"), staff("editor", at=other_unit)
    assert give(admin, email=colleague.email.upper(), role="approver").status == 303
    assert grants(colleague.email) == {("editor", other_unit.id), ("approver", unit.id)}
    page = admin.open(PEOPLE)
    assert colleague.email in page.text
    with_button = [f for f in page.forms if f.action.endswith("/thu-hoi")]
    for form in with_button:
        admin.send(form)
    assert grants(colleague.email) == {("editor", other_unit.id)}
    assert grants(admin.email) == {("unit_admin", unit.id)}, "nobody locks oneself out"


@pytest.mark.parametrize(
    ("email", "role"),
    [
        ("khong-ai@thu.example", "editor"),
        ("", "editor"),
        ("không phải", "editor"),
        ("x" * 300 + "@thu.example", "editor"),
        ("{known}", ""),
        ("{known}", "platform_admin"),
        ("{known}", "root"),
        ("{known}", "editor\0 approver"),
    ],
)
def test_a_wrong_grant_is_refused_with_the_entries_kept(
    staff: Staff, other_unit: Unit, grants: Any, email: str, role: str
) -> None:
    admin, colleague = staff("unit_admin"), staff("editor", at=other_unit)
    email = email.format(known=colleague.email)
    shown = give(admin, email=email, role=role)
    assert shown.status == 422
    assert shown.form(PEOPLE).values["email"] == [email]
    assert grants(colleague.email) == {("editor", other_unit.id)}


def test_people_of_other_units_are_not_shown(staff: Staff, other_unit: Unit) -> None:
    admin, stranger = staff("unit_admin"), staff("editor", at=other_unit)
    assert stranger.email not in admin.open(PEOPLE).text


def test_a_new_account_has_to_choose_its_own_password(
    staff: Staff, visitor: Callable[..., Any], grants: Any
) -> None:
    root = staff("platform_admin")
    path = f"{PEOPLE}/moi"
    form = next(f for f in root.open(path).forms if "email" in f.names)
    made = root.send(form, path, email="Moi@Thu.example", name="Trần Thị Mới")
    assert made.status == 200
    assert made.response.headers["Cache-Control"] == "no-store"
    found = re.search(r"<code>([^<]+)</code>", made.text)
    assert found is not None
    give(root, email="moi@thu.example", role="editor")

    person = type(root)(visitor().site, "moi@thu.example")
    assert person.sign_in(found[1]).status == 303
    for wanted in ("/quan-tri/", "/quan-tri/legal_document"):
        answer = person.open(wanted)
        assert (answer.status, answer.response.location) == (302, "/quan-tri/mat-khau")
    assert person.post("/quan-tri/legal_document/moi").status == 302
    form = next(f for f in person.open("/quan-tri/mat-khau").forms if "chosen" in f.names)
    own = "con đường đẹp nhất"
    changed = person.send(form, "/quan-tri/mat-khau", present=found[1], chosen=own, again=own)
    assert changed.status == 303
    assert person.open("/quan-tri/").status == 200
    assert person.open(PEOPLE).status == 403


def test_an_address_is_taken_only_once(staff: Staff) -> None:
    root = staff("platform_admin")
    path = f"{PEOPLE}/moi"
    form = next(f for f in root.open(path).forms if "email" in f.names)
    shown = root.send(form, path, email=root.email.upper(), name="Ai")
    assert shown.status == 422
    assert "Ai" in next(f for f in shown.forms if "email" in f.names).values["name"]


def test_a_one_time_password_ends_the_sessions_of_the_account(staff: Staff) -> None:
    root, editor = staff("platform_admin"), staff("editor")
    page = root.open(PEOPLE)
    reset = next(f for f in page.forms if f.action.endswith("/mat-khau") and PEOPLE in f.action)
    assert "<code>" in root.send(reset).text
    assert editor.open("/quan-tri/").status == 302


@pytest.mark.parametrize(
    ("present", "chosen", "again", "fits"),
    [
        (PASSWORD, "con đường đẹp nhất", "con đường đẹp nhất", True),
        ("sai mật khẩu rồi", "con đường đẹp nhất", "con đường đẹp nhất", False),
        (PASSWORD, "ngắn", "ngắn", False),
        (PASSWORD, "con đường đẹp nhất", "con đường khác", False),
        (PASSWORD, PASSWORD, PASSWORD, False),
        (PASSWORD, "", "", False),
        ("\0", "\0" * 20, "\0" * 20, False),
    ],
)
def test_changing_the_own_password(
    staff: Staff, visitor: Any, present: str, chosen: str, again: str, fits: bool
) -> None:
    person = staff("editor")
    elsewhere = type(person)(visitor().site, person.email)
    elsewhere.sign_in()
    form = next(f for f in person.open("/quan-tri/mat-khau").forms if "chosen" in f.names)
    shown = person.send(form, "/quan-tri/mat-khau", present=present, chosen=chosen, again=again)
    assert shown.status == (303 if fits else 422)
    assert person.open("/quan-tri/").status == 200
    assert elsewhere.open("/quan-tri/").status == (302 if fits else 200)


def test_the_log_shows_its_unit_page_by_page(
    staff: Staff, desk: Desk, document: Values, other_unit: Unit
) -> None:
    with desk(other_unit) as work:
        actions.create(work, "legal_document", document("999/KH-UBND"))
    with desk() as work:
        for number in range(1, 121):
            actions.create(work, "legal_document", document(f"{number}/KH-UBND"))
    admin = staff("unit_admin")
    seen, path = [], "/quan-tri/nhat-ky"
    while path:
        text = admin.open(path).text
        seen += [int(n) for n in re.findall(r"(\d+)/KH-UBND", text)]
        found = re.search(r'rel="next" href="([^"]+)"', text)
        path = found[1] if found else ""
    assert seen == list(range(120, 0, -1))


@pytest.mark.parametrize("before", ["x", "-1", "0", "²", "9" * 40, "%00"])
def test_any_place_in_the_log_is_answered(staff: Staff, before: str) -> None:
    assert staff("unit_admin").open(f"/quan-tri/nhat-ky?truoc={before}").status == 200


def test_role_rows_are_gone_when_taken_away(staff: Staff, platform: Platform) -> None:
    admin, editor = staff("unit_admin"), staff("editor")
    page = admin.open(PEOPLE)
    with platform.open_session(False) as session:
        owner = session.scalar(select(Account.id).where(Account.email == editor.email))
        grant = session.scalar(select(RoleGrant.id).where(RoleGrant.account_id == owner))
    admin.send(page.form(f"/{grant}/thu-hoi"))
    assert editor.open("/quan-tri/").status == 403
