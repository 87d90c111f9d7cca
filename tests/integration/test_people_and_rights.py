"""People of the unit: roles in one section or for a while, what that comes to, who did what."""

from __future__ import annotations

import email
import html
import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date, timedelta
from io import BytesIO
from typing import Any

import pytest
from sqlalchemy import select, update

from hoitu.core import sheets
from hoitu.core.access import SYSTEM, Account, RoleGrant, accounts, audit
from hoitu.core.access.accounts import AccountError
from hoitu.core.access.audit import AuditEntry
from hoitu.core.content import ActionContext, Item, actions
from hoitu.core.extensions import session as session_of_request
from hoitu.core.testing.fixtures import PASSWORD
from hoitu.core.testing.fixtures import TODAY as NOW
from hoitu.core.units import Unit, unit_scope

Desk = Callable[..., AbstractContextManager[ActionContext]]
PEOPLE, RIGHTS, LOG = "/quan-tri/nguoi-dung", "/quan-tri/quyen", "/quan-tri/nhat-ky"


@pytest.fixture
def colleague(platform: Any, other_unit: Unit) -> str:
    """Return the address of somebody of another unit."""
    with platform.open_session(True) as session:
        account = accounts.create(
            session, email="hai@thu.example", name="Trần Thị Hai", password=PASSWORD
        )
        accounts.grant(session, account, "editor", other_unit.id)
        session.commit()
        return account.email


def id_of(platform: Any, address: str) -> int:
    with platform.open_session(False) as session:
        found = select(Account.id).where(Account.email == address)
        return int(session.scalars(found).one())


def grants(platform: Any, address: str) -> set[tuple[Any, ...]]:
    with platform.open_session(False) as session:
        rows = select(RoleGrant).join(Account).where(Account.email == address)
        return {
            (g.role, g.unit_id, g.section, g.valid_from, g.valid_until)
            for g in session.scalars(rows)
        }


def give(person: Any, **typed: str) -> Any:
    return person.send(person.open(PEOPLE).form(PEOPLE), **typed)


def test_a_role_holds_in_one_section_from_day_to_day(
    staff: Any, colleague: str, platform: Any, unit: Unit, clock: Any
) -> None:
    admin = staff("unit_admin")
    days = {"valid_from": "24/11/2026", "valid_until": "30/11/2026"}
    assert give(admin, email=colleague, role="approver", section="news", **days).status == 303
    wanted = ("approver", unit.id, "news", date(2026, 11, 24), date(2026, 11, 30))
    assert wanted in grants(platform, colleague)

    def may(permission: str) -> bool:
        with platform.open_session(False) as session:
            account = session.scalars(select(Account).where(Account.email == colleague)).one()
            return accounts.actor(account, clock.today()).can(permission, unit.id)

    seen = []
    for _day in range(9):
        seen.append(may("news.publish"))
        assert not may("legal_documents.edit")
        assert not may("core.accounts")
        clock.move(timedelta(days=1))
    assert seen == [False, *[True] * 7, False]


def test_nobody_makes_their_own_administration_last(
    staff: Any, platform: Any, unit: Unit, clock: Any
) -> None:
    admin = staff("unit_admin")
    with platform.open_session(True) as session:
        account = session.scalars(select(Account).where(Account.email == admin.email)).one()
        tomorrow = clock.today() + timedelta(days=1)
        accounts.grant(session, account, "unit_admin", unit.id, valid_until=tomorrow)
        session.commit()
    before = grants(platform, admin.email)
    for days in ({}, {"valid_until": "30/11/2027"}, {"valid_from": "24/11/2026"}):
        answer = give(admin, email=admin.email, role="unit_admin", **days)
        assert answer.status == 422
        assert "quản trị của chính mình" in answer.text
        assert grants(platform, admin.email) == before
    root = staff("platform_admin")
    assert give(root, email=root.email, role="unit_admin").status == 303
    assert give(root, email=admin.email, role="unit_admin").status == 303
    assert ("unit_admin", unit.id, "", None, None) in grants(platform, admin.email)


def test_given_again_a_role_has_the_new_days(
    staff: Any, colleague: str, platform: Any, unit: Unit
) -> None:
    admin = staff("unit_admin")
    give(admin, email=colleague, role="editor", valid_until="30/11/2026")
    give(admin, email=colleague, role="editor")
    here = {g for g in grants(platform, colleague) if g[1] == unit.id}
    assert here == {("editor", unit.id, "", None, None)}


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ({"role": "unit_admin", "section": "news"}, "không chọn chuyên mục"),
        ({"role": "editor", "section": "khong-co"}, ""),
        ({"role": "editor", "valid_from": "2/12/2026", "valid_until": "1/12/2026"}, "trước ngày"),
        ({"role": "editor", "valid_until": "22/11/2026"}, "Ngày này đã qua"),
        ({"role": "editor", "valid_until": "31/2/2027"}, ""),
    ],
)
def test_a_role_that_cannot_be_is_refused_with_the_entries_kept(
    staff: Any, colleague: str, platform: Any, typed: dict[str, str], told: str
) -> None:
    before = grants(platform, colleague)
    answer = give(staff("unit_admin"), email=colleague, **typed)
    assert answer.status == 422
    assert told in answer.text
    values = answer.form(PEOPLE).values
    assert values["email"] == [colleague]
    assert grants(platform, colleague) == before


def test_no_role_ends_before_it_begins(platform: Any, colleague: str, unit: Unit) -> None:
    with platform.open_session(True) as session:
        account = session.scalars(select(Account).where(Account.email == colleague)).one()
        days = {"valid_from": date(2026, 12, 2), "valid_until": date(2026, 12, 1)}
        with pytest.raises(AccountError):
            accounts.grant(session, account, "editor", unit.id, **days)


def test_whoever_gets_or_loses_a_role_is_told_whatever_they_chose(
    staff: Any, colleague: str, platform: Any, drain: Any
) -> None:
    with platform.open_session(True) as session:
        session.scalars(select(Account).where(Account.email == colleague)).one().notices = "none"
        session.commit()
    admin = staff("unit_admin")
    give(admin, email=colleague, role="editor", section="news", valid_until="30/11/2026")
    path = f"{PEOPLE}/{id_of(platform, colleague)}"
    admin.send(admin.open(path).form("/thu-hoi"))
    drain()
    texts = [
        email.message_from_bytes(file.read_bytes(), policy=email.policy.default).get_content()
        for file in (platform.instance / "outbox").iterdir()
    ]
    assert len(texts) == 2
    given = next(text for text in texts if "vừa được giao" in text)
    assert "Biên tập viên" in given
    assert "đến ngày 30/11/2026" in given
    assert any("không còn vai trò" in text for text in texts)


def test_the_page_of_a_person_tells_what_they_may_do_and_why(
    staff: Any, colleague: str, platform: Any, unit: Unit, stand_in: Any
) -> None:
    admin, approver = staff("unit_admin"), staff("approver")
    give(admin, email=colleague, role="editor", section="news")
    account = id_of(platform, colleague)
    stand_in(id_of(platform, approver.email), account)
    page = admin.open(f"{PEOPLE}/{account}")
    assert page.status == 200
    rows = dict(re.findall(r'<th scope="row">([^<]+)</th>(.*?)</tr>', page.text))
    news, documents = rows["Tin tức - Sự kiện"], rows["Văn bản"]
    assert "chỉ trong chuyên mục" in news
    assert "làm thay Ông approver" in documents
    # In two steps nobody checks; throwing away is for drafts of one's own.
    assert documents.count(">có<") == 3
    assert documents.count(">chỉ bản nháp của mình<") == 1
    assert admin.open(f"{PEOPLE}/{10**9}").status == 404


def test_people_who_have_nothing_to_do_with_the_unit_are_not_shown(
    staff: Any, colleague: str, platform: Any
) -> None:
    path = f"{PEOPLE}/{id_of(platform, colleague)}"
    assert staff("unit_admin").open(path).status == 404
    assert staff("platform_admin").open(path).status == 200


def test_all_work_of_a_person_goes_to_another(
    staff: Any, desk: Desk, document: Any, platform: Any, unit: Unit, drain: Any
) -> None:
    admin, leaving, heir = staff("unit_admin"), staff("editor"), staff("editor")
    old, new = id_of(platform, leaving.email), id_of(platform, heir.email)
    with desk() as work:
        for number in range(3):
            item = actions.create(work, "legal_document", document(f"{number}/KH-UBND"))
            item.responsible_id = old
        other = actions.create(work, "legal_document", document("9/KH-UBND"))
        other.responsible_id = new
    path = f"{PEOPLE}/{old}"
    page = admin.open(path)
    assert "Phụ trách 3 mục" in page.text
    refused = admin.send(page.form("/ban-giao"), heir="999999")
    assert refused.status == 303
    assert owners(platform, unit) == [old, old, old, new]
    done = admin.send(page.form("/ban-giao"), heir=str(new))
    assert done.status == 303
    drain()
    result = admin.open(done.response.location)
    assert result.status == 200
    assert "2/KH-UBND" in result.text, "what became of each is listed"
    assert owners(platform, unit) == [new] * 4
    assert "Phụ trách 0 mục" in admin.open(path).text


def test_more_than_fits_is_told_and_what_is_nobodys_work_is_not_counted(
    staff: Any, desk: Desk, document: Any, platform: Any, unit: Unit, monkeypatch: Any,
    statements: Any,
) -> None:  # fmt: skip
    monkeypatch.setattr("hoitu.core.batches.MAX_ROWS", 2)
    admin, leaving, heir = staff("unit_admin"), staff("editor"), staff("editor")
    old, new = id_of(platform, leaving.email), id_of(platform, heir.email)
    with desk() as work:
        for number in range(5):
            actions.create(
                work, "legal_document", document(f"{number}/KH-UBND")
            ).responsible_id = old
        # Of a plugin that is gone.
        other = actions.create(work, "legal_document", document("9/KH-UBND"))
        other.responsible_id, gone = old, other.id
        work.session.flush()
        work.session.execute(update(Item).where(Item.id == gone).values(type="no_such_type"))
    path = f"{PEOPLE}/{old}"
    page = admin.open(path)
    assert "Phụ trách 5 mục" in page.text
    statements()
    done = admin.send(page.form("/ban-giao"), heir=str(new))
    read = next(s for s in statements() if "item.title" in s)
    assert "summary" not in read, "no more than what the rows keep is read"
    assert "3 mục còn lại" in admin.open(done.response.location).text
    assert owners(platform, unit) == [new, new, old, old, old, old]


def owners(platform: Any, unit: Unit) -> list[int | None]:
    with platform.open_session(False) as session, unit_scope(unit.id):
        return list(session.scalars(select(Item.responsible_id).order_by(Item.id)))


def test_work_is_not_given_to_somebody_of_another_unit(
    staff: Any, desk: Desk, document: Any, platform: Any, unit: Unit, colleague: str
) -> None:
    admin = staff("unit_admin")
    own = id_of(platform, admin.email)
    with desk() as work:
        actions.create(work, "legal_document", document()).responsible_id = own
    staff("editor")
    form = admin.open(f"{PEOPLE}/{own}").form("/ban-giao")
    admin.send(form, heir=str(id_of(platform, colleague)))
    assert owners(platform, unit) == [own]


def test_the_report_says_who_may_do_what_where(
    staff: Any, colleague: str, platform: Any, other_unit: Unit
) -> None:
    admin, stranger = staff("unit_admin"), staff("approver", at=other_unit)
    give(admin, email=colleague, role="editor", section="news")
    page = admin.open(RIGHTS)
    assert page.status == 200
    assert "Trần Thị Hai" in page.text
    assert stranger.email not in page.text
    table = admin.open(f"{RIGHTS}.csv").text.splitlines()
    own = [line for line in table if "hai@thu.example" in line and ",có," in line]
    assert len(own) == 1
    assert own[0].startswith(
        "Trần Thị Hai,hai@thu.example,Tin tức - Sự kiện,có,có,không,không,chỉ bản nháp của mình,"
    )
    book = admin.open(f"{RIGHTS}.xlsx").response.get_data()
    sheet = sheets.read("quyen.xlsx", BytesIO(book))
    assert sheet.header[:3] == ("Họ tên", "Thư điện tử", "Chuyên mục") or len(sheet.header) == 9
    assert len(sheet.rows) == len(table) - 1


def test_sections_that_nobody_keeps_up_are_marked(staff: Any, colleague: str) -> None:
    root = staff("platform_admin")
    assert root.open(RIGHTS).text.count("chưa có người biên tập, chưa có người duyệt") > 3
    give(root, email=colleague, role="editor")
    text = root.open(RIGHTS).text
    assert "chưa có người biên tập" not in text
    assert "chưa có người duyệt" in text
    give(root, email=colleague, role="approver")
    assert "chưa có người duyệt" not in root.open(RIGHTS).text


def test_an_account_is_locked_and_opened_by_the_platform_only(
    staff: Any, platform: Any, visitor: Any
) -> None:
    root, admin, editor = staff("platform_admin"), staff("unit_admin"), staff("editor")
    path = f"{PEOPLE}/{id_of(platform, editor.email)}"
    assert admin.post(f"{path}/khoa", active="0").status == 404
    assert editor.open("/quan-tri/").status == 200
    assert root.send(root.open(path).form("/khoa")).status == 303
    assert editor.open("/quan-tri/").status == 302
    assert "khóa" in root.open(PEOPLE).text
    assert root.send(root.open(path).form("/khoa")).status == 303
    again = type(editor)(visitor().site, editor.email)
    assert again.sign_in().status == 303
    own = f"{PEOPLE}/{id_of(platform, root.email)}"
    root.post(f"{own}/khoa", active="0")
    assert root.open("/quan-tri/").status == 200, "nobody locks oneself out"


def test_whoever_is_locked_out_or_let_in_again_is_told_once(
    staff: Any, platform: Any, drain: Any
) -> None:
    root, editor = staff("platform_admin"), staff("editor")
    path = f"{PEOPLE}/{id_of(platform, editor.email)}"

    def told_after(active: str) -> list[str]:
        assert root.post(f"{path}/khoa", active=active).status == 303
        drain()
        found = []
        for file in (platform.instance / "outbox").glob("*.eml"):
            message = email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
            assert message["To"].addresses[0].addr_spec == editor.email
            found.append(message.get_content())
            file.unlink()
        return found

    def logged() -> list[str]:
        with platform.open_session(False) as session:
            chosen = select(AuditEntry.action).where(AuditEntry.action.like("account.%lock"))
            return list(session.scalars(chosen.order_by(AuditEntry.id)))

    assert told_after("1") == [], "it was not locked"
    (text,) = told_after("0")
    assert "Tài khoản đã bị khóa" in text
    assert told_after("0") == []
    (text,) = told_after("1")
    assert "đăng nhập lại được" in text
    assert logged() == ["account.lock", "account.unlock"]


def test_the_log_is_narrowed_by_person_act_type_and_days(
    staff: Any, desk: Desk, document: Any, clock: Any
) -> None:
    with desk(role="editor") as work:
        item = actions.create(work, "legal_document", document("1/KH-UBND"))
        actions.submit(work, item)
    clock.move(timedelta(days=2))
    with desk(role="approver") as work:
        actions.publish(work, work.session.get_one(Item, item.id))
        actions.create(work, "news_article", {"title": "Tin thử"})
    admin = staff("unit_admin")

    def lines(query: str) -> int:
        shown = admin.open(f"{LOG}?{query}")
        assert shown.status == 200
        return shown.text.count("<time")

    assert lines("ai=Thử editor") == 2
    assert lines("ai=thử EDITOR&viec=item.submit") == 1
    assert lines("viec=item.publish") == 1
    assert lines("viec=khong-co&ai=Thử editor") == 2
    assert lines("loai=news_article") == 1
    assert lines("loai=legal_document&tu-ngay=24/11/2026") == 1
    assert lines("loai=legal_document&den-ngay=23/11/2026") == 2
    assert lines("loai=legal_document&tu-ngay=mai") == 3
    assert "không phải là ngày" in admin.open(f"{LOG}?tu-ngay=mai").text
    assert lines("ai=%25&loai=legal_document") == 0, "a sign of the database is a sign"
    odds = (
        "tai-khoan=x",
        "tai-khoan=" + "9" * 40,
        "ai=%00",
        "den-ngay=31/12/9999",
        "tu-ngay=1/1/1",
    )
    for odd in odds:
        assert admin.open(f"{LOG}?{odd}").status == 200


def test_pages_of_a_narrowed_log_stay_narrowed(staff: Any, desk: Desk, document: Any) -> None:
    with desk(role="editor") as work:
        for number in range(60):
            actions.create(work, "legal_document", document(f"{number}/KH-UBND"))
    text = staff("unit_admin").open(f"{LOG}?viec=item.create").text
    found = re.search(r'rel="next" href="([^"]+)"', text)
    assert found is not None
    assert "viec=item.create" in found[1]


def test_everybody_sees_what_they_did_and_only_that(staff: Any, write: Any) -> None:
    editor, other = staff("editor"), staff("editor")
    write(editor, number="1/KH-UBND")
    write(other, number="2/KH-UBND")
    text = editor.open(f"{LOG}/cua-toi").text
    assert "1/KH-UBND" in text
    assert "2/KH-UBND" not in text
    assert editor.open(f"{LOG}/cua-toi?tai-khoan=1&ai=x").status == 200
    assert editor.open(LOG).status == 403


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_what_is_taken_away_is_what_was_asked_for_and_is_written_down(
    staff: Any, desk: Desk, document: Any, platform: Any, form: str, other_unit: Unit
) -> None:
    with desk(role="editor") as work:
        actions.create(work, "legal_document", document("1/KH-UBND"))
        actions.create(work, "news_article", {"title": "=1+1"})
    with desk(other_unit, role="editor") as work:
        actions.create(work, "news_article", {"title": "Của đơn vị khác"})
    admin = staff("unit_admin")
    page = admin.open(f"{LOG}?viec=item.create")
    action = "/tai-ve?viec=item.create"
    assert page.form(action).buttons == [("form", "csv"), ("form", "xlsx")]
    sent = admin.post(f"{LOG}{action}", form=form)
    assert sent.status == 200
    assert "attachment" in sent.response.headers["Content-Disposition"]
    sheet = sheets.read(f"nhat-ky.{form}", BytesIO(sent.response.get_data()))
    assert len(sheet.rows) == 2
    (document_row,) = [row for row in sheet.rows if row[3] == "Văn bản"]
    assert document_row[1:3] == ("Thử editor", "Đã tạo")
    assert "1/KH-UBND" in str(document_row[4])
    assert document_row[6:8] == ("item.create", "legal_document")
    with platform.open_session(False) as session:
        entry = session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc()).limit(1)).one()
    assert (entry.action, entry.detail["entries"]) == ("audit.export", 2)
    assert entry.detail["viec"] == "item.create"


def test_nobody_waits_for_the_database_while_the_table_of_the_log_is_written(
    staff: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits: list[bool] = []
    write = sheets.write_xlsx

    def watched(target: Any, header: Any, rows: Any, **more: Any) -> None:
        rows = list(rows)
        waits.append(session_of_request().in_transaction())
        write(target, header, rows, **more)

    monkeypatch.setattr(sheets, "write_xlsx", watched)
    assert staff("unit_admin").post(f"{LOG}/tai-ve", form="xlsx").status == 200
    assert waits == [False]


def test_the_log_is_taken_away_by_administrators_only(staff: Any) -> None:
    assert staff("approver").post(f"{LOG}/tai-ve", form="csv").status == 403
    admin = staff("unit_admin")
    assert admin.post(f"{LOG}/tai-ve", form="exe").status == 303
    assert admin.post(f"{LOG}/tai-ve", token="sai", form="csv").status == 400


def test_the_lists_of_people_cost_the_same_however_many_they_are(
    staff: Any, statements: Any
) -> None:
    admin = staff("unit_admin")
    costs = []
    for _round in range(2):
        for _one in range(3):
            staff("editor")
        admin.open(PEOPLE)
        statements()
        for path in (PEOPLE, RIGHTS):
            assert admin.open(path).status == 200
        costs.append(len(statements()))
    assert costs[0] == costs[1]


def sentences(person: Any, query: str = "") -> list[str]:
    """Return what the page of the log says, without tags and times, the newest first."""
    found = re.findall(
        r"<time[^>]*>[^<]*</time>\s*<p>(.*?)</p>", person.open(LOG + query).text, re.S
    )
    return [" ".join(html.unescape(re.sub(r"<[^>]+>", "", one)).split()) for one in found]


def test_the_log_tells_settings_and_roles_before_and_after(staff: Any, colleague: str) -> None:
    admin = staff("unit_admin")
    for sent in ({"four_eyes": "no"}, {"four_eyes": "yes"}, {"review_months": "36"}):
        form = admin.open("/quan-tri/thiet-lap").form("/thiet-lap/core.editorial")
        typed = {f"core.editorial__{name}": value for name, value in sent.items()}
        assert admin.send(form, **typed).status == 303
    give(admin, email=colleague, role="editor", section="news", valid_until="31/12/2026")
    give(admin, email=colleague, role="editor", section="news", valid_until="30/06/2027")
    told = sentences(admin)
    person, role = "Trần Thị Hai (hai@thu.example)", "Biên tập viên; chỉ trong chuyên mục"
    assert told[0].startswith(f"Ông unit_admin đã giao vai trò: {person} – {role}")
    assert told[0].endswith("đến ngày 31/12/2026 → đến ngày 30/06/2027")
    assert told[1].endswith("đến ngày 31/12/2026") and "→" not in told[1]
    assert told[2].endswith("theo thiết lập chung → 36")
    assert [line.rpartition(" – ")[2] for line in told[3:5]] == [
        "Không → Có",
        "theo thiết lập chung → Không",
    ]
    assert not any("core." in line or "four_eyes" in line for line in told)


def test_the_log_tells_days_in_words_and_leads_to_the_entry(staff: Any, desk: Desk) -> None:
    with desk() as work:
        item = actions.create(
            work, "news_article",
            {"title": "Khởi công", "body": "<p>Văn</p>", "requirement": "unit_activities",
             "genre": "news", "origin": "own"},
        )  # fmt: skip
        actions.publish(work, item)
        actions.confirm_review(work, item, date(2027, 1, 31))
    admin = staff("unit_admin")
    (confirmed,) = sentences(admin, "?viec=item.confirm")
    assert confirmed.startswith("Hệ thống đã rà soát: còn đúng: Tin")
    assert "→ 31/01/2027" in confirmed
    page = admin.open(LOG).text
    assert f'href="/quan-tri/news_article/{item.id}"' in page


def test_what_is_gone_is_told_without_a_link(staff: Any, platform: Any, unit: Unit) -> None:
    with platform.open_session(True) as session:
        audit.record(
            session, SYSTEM, "item.purge", object_type="news_article", object_id=987, now=NOW,
            unit_id=unit.id, detail={"title": "Tin đã xóa"},
        )  # fmt: skip
        session.commit()
    admin = staff("unit_admin")
    assert any("Tin đã xóa" in line for line in sentences(admin))
    assert "/quan-tri/news_article/987" not in admin.open(LOG).text


def test_the_log_is_in_the_order_of_what_happened(staff: Any, platform: Any, unit: Unit) -> None:
    days = [3, 1, 40, 2, *range(5, 40)]
    with platform.open_session(True) as session:
        for day in days:
            audit.record(
                session, SYSTEM, "item.edit", object_type="news_article", object_id=day,
                unit_id=unit.id, now=NOW - timedelta(days=day), detail={"title": f"Tin {day}."},
            )  # fmt: skip
        session.commit()
    admin, seen, path = staff("unit_admin"), [], "?viec=item.edit"
    while path:
        seen += [
            int(n) for line in sentences(admin, path) for n in re.findall(r"Tin (\d+)\.", line)
        ]
        older = re.search(r'rel="next" href="[^"?]*([^"]+)"', admin.open(LOG + path).text)
        path = html.unescape(older[1]) if older else ""
    assert seen == sorted(days)


def test_the_report_says_of_each_verb_what_the_actions_allow(
    staff: Any, desk: Desk, unit: Unit, document: Any
) -> None:
    """For each role: a draft of its own and one of somebody else, and whether it may be trashed."""
    for role in ("editor", "reviewer", "approver", "unit_admin"):
        with desk(role=role) as work:
            kind = work.type_of(actions.create(work, "legal_document", document("1/KH-UBND")))
            own = actions.create(work, "legal_document", document("2/KH-UBND"))
            may_own = "trash" in {step.name for step in actions.steps(work, own)}
            said = actions.reach(work, work.actor, kind, "delete")
        with desk(role="approver" if role == "editor" else "editor") as work:
            other = actions.create(work, "legal_document", document("3/KH-UBND")).id
        with desk(role=role) as work:
            theirs = work.session.get_one(Item, other)
            may_other = "trash" in {step.name for step in actions.steps(work, theirs)}
        assert (may_own, may_other) == (said in ("own", "all"), said == "all"), role
