"""What is typed is kept before it is saved, for whoever typed it and for nobody else."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from hoitu.core import stamp
from hoitu.core.access import Account, accounts
from hoitu.core.clock import FrozenClock
from hoitu.core.content import ActionContext, Item, OpenForm, Rows, open_forms
from hoitu.core.extensions import Platform
from hoitu.core.forms.rows import LIMIT
from hoitu.core.units import Unit, all_units

Staff = Callable[..., Any]
Write = Callable[..., str]
Desk = Callable[..., AbstractContextManager[ActionContext]]

TYPE = "legal_document"
NEW, KEEP, PRESENCE = (f"/quan-tri/{TYPE}/{end}" for end in ("moi", "tu-luu", "dang-mo"))
THROW_AWAY = f"/quan-tri/{TYPE}/bo-go-do"
SECRET = "Không ai khác được đọc"


class Window:
    """A page of the form as its script keeps it: says hello, then sends what is typed."""

    def __init__(self, person: Any, path: str) -> None:
        self.person = person
        self.shown = person.open(path)
        self.form = self.shown.form(path.partition("?")[0])
        end = path.rpartition("/")[2]
        self.item = end if end.isdigit() else ""
        self.token = self.form.values["csrf_token"][0]
        self.sequence = self.say("")["sequence"]

    @property
    def key(self) -> str:
        return str(self.form.values["form-key"][0])

    def post(self, path: str, sequence: str, **typed: Any) -> Any:
        own = ("form-key", "expected-version")
        kept = self.form.values if path == KEEP else {}
        values = {**kept, **{n: self.form.values[n] for n in own if n in self.form.values}}
        values |= {name.replace("__", "-"): value for name, value in typed.items()}
        values |= {"form-item": self.item, "form-sequence": sequence}
        values.pop("csrf_token", None)
        site = self.person.site
        headers = {"Host": site.host, "X-CSRFToken": self.token}
        return site.client.post(path, data=values, headers=headers)

    def say(self, sequence: str | None = None, **more: Any) -> dict[str, Any]:
        if sequence is None:
            self.sequence += 1
            sequence = str(self.sequence)
        answer = self.post(PRESENCE, sequence, **more)
        assert answer.status_code in (200, 204), answer.get_data(as_text=True)
        return json.loads(answer.data) if answer.data else {}

    def type(self, **typed: Any) -> Any:
        self.sequence += 1
        return self.post(KEEP, str(self.sequence), **typed)

    def save(self, **typed: Any) -> Any:
        return self.person.send(self.form, **typed)


def kept(platform: Platform) -> list[OpenForm]:
    with platform.open_session(False) as session, all_units("a test"):
        return list(session.scalars(select(OpenForm).where(OpenForm.typed_at.is_not(None))))


# -- kept, and shown again -----------------------------------------------------------------------


def test_what_was_typed_comes_back_with_the_form_and_the_item_stays_as_it_was(
    staff: Staff, write: Write, desk: Desk, clock: FrozenClock, count: Callable[[], Any]
) -> None:
    editor = staff("editor")
    path = write(editor, summary="Đã lưu")
    before = count()
    window = Window(editor, path)
    clock.move(timedelta(minutes=3))
    answer = window.type(summary="Đang gõ dở", revision__note="Sửa trích yếu")
    assert answer.status_code == 200
    assert "09:03" in answer.json["kept"]
    assert count() == before
    with desk() as work:
        assert work.session.get_one(Item, int(path.rpartition("/")[2])).summary == "Đã lưu"

    again = editor.open(path)
    assert "09:03 23/11/2026" in again.text
    assert 'id="left-over"' in again.text
    form = again.form(path)
    assert form.values["summary"] == ["Đang gõ dở"]
    assert form.values["revision-note"] == ["Sửa trích yếu"]
    assert form.values["form-key"] == [window.key]


def test_a_new_item_that_was_never_saved_comes_back_too(staff: Staff, platform: Platform) -> None:
    editor = staff("editor")
    window = Window(editor, NEW)
    window.type(number="12/QĐ-UBND", summary="Chưa lưu lần nào")
    [row] = kept(platform)
    assert row.item_id is None
    assert "12/QĐ-UBND" in row.title
    assert f'href="{NEW}?form={window.key}"' in editor.open("/quan-tri/").text
    for address in (NEW, f"{NEW}?form={window.key}"):
        form = editor.open(address).form(NEW)
        assert form.values["summary"] == ["Chưa lưu lần nào"]
        assert form.values["form-key"] == [window.key]
    other_key = open_forms.new_key()
    blank = editor.open(f"{NEW}?form={other_key}").form(NEW)
    assert blank.values["summary"] == [""]
    assert blank.values["form-key"] == [other_key]


def test_saving_ends_what_was_kept_and_a_late_message_does_not_bring_it_back(
    staff: Staff, write: Write, platform: Platform
) -> None:
    editor = staff("editor")
    path = write(editor, summary="Một")
    window = Window(editor, path)
    window.type(summary="Hai")
    assert window.save(summary="Hai").status == 303
    assert kept(platform) == []
    late = window.type(summary="Hai")
    assert late.status_code == 410
    assert "cửa sổ khác" in late.json["told"]
    assert kept(platform) == []
    assert 'id="left-over"' not in editor.open(path).text


def test_a_form_that_cannot_be_saved_stays_kept(
    staff: Staff, write: Write, platform: Platform
) -> None:
    editor = staff("editor")
    window = Window(editor, write(editor))
    window.type(issued_on="31/02/2024")
    assert window.save(issued_on="31/02/2024").status == 422
    [row] = kept(platform)
    assert ["issued_on", "31/02/2024"] in row.typed


def test_signing_out_loses_nothing(staff: Staff, write: Write) -> None:
    editor = staff("editor")
    path = write(editor)
    Window(editor, path).type(summary="Gõ trước khi ra về")
    editor.post("/quan-tri/dang-xuat")
    assert editor.open(path).status == 302
    assert editor.sign_in().status == 303
    assert editor.open(path).form(path).values["summary"] == ["Gõ trước khi ra về"]


def test_thrown_away_means_the_saved_text_again(
    staff: Staff, write: Write, platform: Platform
) -> None:
    editor = staff("editor")
    path = write(editor, summary="Đã lưu")
    Window(editor, path).type(summary="Gõ nhầm")
    done = editor.send(editor.open(path).form("/bo-go-do"))
    assert (done.status, done.response.location) == (303, path)
    assert editor.open(path).form(path).values["summary"] == ["Đã lưu"]
    assert kept(platform) == []


def test_tables_boxes_and_removed_files_are_kept_as_they_were_typed(
    staff: Staff, platform: Platform
) -> None:
    editor = staff("editor")
    window = Window(editor, NEW)
    window.type(**{"relations-0-note": "Dòng đầu", "relations-2-note": "Dòng ba"})
    values = editor.open(NEW).form(NEW).values
    assert values["relations-0-note"] == ["Dòng đầu"]
    assert values["relations-2-note"] == ["Dòng ba"]


def test_only_fields_of_the_form_are_kept(staff: Staff, platform: Platform) -> None:
    editor = staff("editor")
    Window(editor, NEW).type(summary="Có", state="published", unit__id="7", csrf_token="x" * 20)
    [row] = kept(platform)
    names = {name for name, _value in row.typed}
    assert "summary" in names
    assert not names & {"state", "unit-id", "csrf_token", "form-key", "form-sequence"}


def test_a_sign_that_no_database_stores_is_left_out(staff: Staff, platform: Platform) -> None:
    editor = staff("editor")
    assert Window(editor, NEW).type(summary="a\0b").status_code == 200
    [row] = kept(platform)
    assert ["summary", "ab"] in row.typed


# -- for one account only ------------------------------------------------------------------------


def test_nobody_else_ever_reads_what_is_not_saved(
    staff: Staff, write: Write, platform: Platform
) -> None:
    editor, other, admin = staff("editor"), staff("editor"), staff("platform_admin")
    path = write(editor)
    window, fresh = Window(editor, path), Window(editor, NEW)
    window.type(summary=SECRET)
    fresh.type(summary=SECRET, number=SECRET)
    assert SECRET in editor.open(path).text
    for person in (other, admin):
        stranger = Window(person, path)
        pages = (
            path, NEW, f"{NEW}?form={fresh.key}", f"{NEW}?form={window.key}", "/quan-tri/",
            f"{path}/phien-ban", f"{path}/phien-ban/so-sanh?trai=hien-tai&phai=hien-tai",
        )  # fmt: skip
        for page in pages:
            assert SECRET not in person.open(page).text, page
        assert SECRET not in json.dumps(stranger.say(), ensure_ascii=False)
        # Nor can they write over it or throw it away, though they know its key.
        stranger.form.values["form-key"] = [window.key]
        assert stranger.post(PRESENCE, "").status_code == 409
        assert stranger.post(KEEP, "99999", summary="Ghi đè").status_code == 410
        thrown = person.post(THROW_AWAY, **{"form-key": window.key, "form-item": window.item})
        assert thrown.status == 303
        assert (
            stranger.save(summary="Lưu bằng khóa của người khác", expected__version=0).status == 409
        )
    assert sorted(dict(row.typed)["summary"] for row in kept(platform)) == [SECRET, SECRET]


def test_the_key_of_an_unsaved_text_opens_no_form_of_another_type(staff: Staff) -> None:
    editor = staff("editor")
    window = Window(editor, NEW)
    window.type(summary="Văn bản")
    assert editor.open(f"/quan-tri/news_article/moi?form={window.key}").status == 404


def test_it_needs_the_right_to_write_there(
    staff: Staff,
    write: Write,
    platform: Platform,
    unit: Unit,
    other_unit: Unit,
    publish: Callable[..., int],
    document: Callable[..., dict[str, object]],
) -> None:
    editor = staff("editor")
    window = Window(editor, write(editor))
    elsewhere = publish(TYPE, other_unit, **document())
    for item, expected in ((str(elsewhere), 404), ("999999", 404), ("x", 400), ("9" * 25, 400)):
        window.item = item
        assert window.type().status_code == expected, item
    window.item, window.form.values["form-key"] = "", ["no-key"]
    assert window.type().status_code == 400
    path = write(editor)
    newsman = staff("nobody")
    with platform.open_session(True) as session:
        account = session.scalars(select(Account).where(Account.email == newsman.email)).one()
        accounts.grant(session, account, "editor", unit.id, "news")
        session.commit()
    own = {"form-key": open_forms.new_key(), "form-sequence": "1", "summary": "x"}
    for item in ("", path.rpartition("/")[2]):
        assert newsman.post(KEEP, **own, **{"form-item": item}).status == 403
    assert editor.post("/quan-tri/no_such_type/tu-luu").status == 404


def test_a_message_without_its_token_changes_nothing(
    staff: Staff, write: Write, platform: Platform
) -> None:
    editor = staff("editor")
    window = Window(editor, write(editor))
    window.token = "wrong"
    assert window.type(summary="Giả mạo").status_code == 400
    assert kept(platform) == []


def test_the_token_for_scripts_is_that_of_the_forms(staff: Staff) -> None:
    page = staff("editor").open(NEW)
    [token] = page.form(NEW).values["csrf_token"]
    assert f'<meta name="csrf-token" content="{token}">' in page.text


# -- two windows of one account ------------------------------------------------------------------


def test_an_older_window_is_told_and_no_longer_overwrites(
    staff: Staff, write: Write, platform: Platform
) -> None:
    editor = staff("editor")
    path = write(editor)
    older = Window(editor, path)
    older.type(summary="Cửa sổ cũ")
    younger = Window(editor, path)
    assert younger.key == older.key
    refused = older.type(summary="Cửa sổ cũ gõ tiếp")
    assert refused.status_code == 409
    assert "cửa sổ khác" in refused.json["told"]
    younger.type(summary="Cửa sổ mới")
    assert older.post(PRESENCE, str(older.sequence + 1)).status_code == 409
    [row] = kept(platform)
    assert dict(row.typed)["summary"] == "Cửa sổ mới"


def test_a_message_that_comes_late_replaces_nothing(
    staff: Staff, write: Write, platform: Platform
) -> None:
    editor = staff("editor")
    window = Window(editor, write(editor))
    first = window.sequence + 1
    window.sequence += 1
    window.type(summary="Sau")
    assert window.post(KEEP, str(first), summary="Trước").status_code == 200
    [row] = kept(platform)
    assert dict(row.typed)["summary"] == "Sau"


# -- limits --------------------------------------------------------------------------------------


def test_too_long_or_too_many_is_said_and_what_was_kept_stays(
    staff: Staff, write: Write, platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    editor = staff("editor")
    window = Window(editor, write(editor))
    window.type(summary="Vừa")
    long = window.type(summary="x" * (open_forms.LONGEST + 1))
    assert long.status_code == 413
    assert "Lưu" in long.json["told"]
    [row] = kept(platform)
    assert dict(row.typed)["summary"] == "Vừa"

    monkeypatch.setattr(open_forms, "LIMIT", 1)
    assert Window(editor, f"{NEW}?form={open_forms.new_key()}").type().status_code == 413
    assert window.type(summary="Vẫn giữ được").status_code == 200


def test_more_parts_than_any_form_has_are_refused_in_words(
    staff: Staff, write: Write, app: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    editor = staff("editor")
    window = Window(editor, write(editor))
    values = {name: told for name, told in window.form.values.items() if name != "csrf_token"}
    cells = {f"cell-{number}": "x" for number in range(2500)}

    def send() -> Any:
        window.sequence += 1
        data = {**values, **cells, "form-item": window.item, "form-sequence": window.sequence}
        headers = {"Host": editor.site.host, "X-CSRFToken": window.token}
        form = "multipart/form-data"
        return editor.site.client.post(KEEP, data=data, headers=headers, content_type=form)

    assert send().status_code == 200
    monkeypatch.setitem(app.config, "MAX_FORM_PARTS", 2000)
    refused = send()
    assert refused.status_code == 413
    assert "Lưu" in refused.json["told"]


def test_every_table_of_a_form_may_be_full(app: Any, platform: Platform) -> None:
    for kind in platform.types:
        tables = [f.kind.columns for f in kind.fields.values() if isinstance(f.kind, Rows)]
        assert app.config["MAX_FORM_PARTS"] > len(kind.fields) + LIMIT * sum(map(len, tables))


def test_what_nobody_came_back_for_is_forgotten_after_thirty_days(
    staff: Staff, write: Write, platform: Platform, clock: FrozenClock, drain: Callable[[], None]
) -> None:
    editor = staff("editor")
    old, path = Window(editor, NEW), write(editor)
    Window(editor, path)  # opened, nothing typed
    old.type(summary="Bỏ quên")
    clock.move(timedelta(days=29))
    assert editor.sign_in().status == 303
    Window(editor, path).type(summary="Còn mới")
    drain()
    assert sorted(dict(row.typed)["summary"] for row in kept(platform)) == ["Bỏ quên", "Còn mới"]
    clock.move(timedelta(days=2))
    drain()
    with platform.open_session(False) as session, all_units("a test"):
        left = session.scalars(select(OpenForm)).all()
        assert [dict(row.typed)["summary"] for row in left] == ["Còn mới"]


def test_an_open_page_does_not_keep_a_session_alive_but_typing_does(
    staff: Staff, write: Write, clock: FrozenClock
) -> None:
    editor, idle = staff("editor"), staff("editor")
    path = write(editor)
    typing, waiting = Window(editor, path), Window(idle, path)
    for _step in range(4):
        clock.move(timedelta(minutes=40))
        assert typing.type(summary="Vẫn đang gõ").status_code == 200
        waiting.sequence += 1
        answer = waiting.post(PRESENCE, str(waiting.sequence))
    assert answer.status_code in (302, 400)
    assert idle.open(path).status == 302
    assert editor.open(path).status == 200


def test_keeping_what_is_typed_leaves_public_pages_in_the_cache(
    staff: Staff, write: Write, platform: Platform
) -> None:
    editor = staff("editor")
    window = Window(editor, write(editor))

    def now() -> tuple[int, int]:
        with platform.open_session(False) as session:
            return stamp.read(session)

    before = now()
    window.type(summary="Một")
    window.say()
    window.say(form__leaving="1")
    assert now() == before


# -- help beside the form ------------------------------------------------------------------------


def test_the_answer_tells_what_keeps_people_from_reading_the_text(
    staff: Staff, write: Write
) -> None:
    editor = staff("editor")
    path = write(editor)
    window = Window(editor, path)
    clean = window.type(body="<h2>Một</h2><p>Xong.</p>").json["findings"]
    assert "<li" not in clean
    html = (
        '<h2>Một</h2><h4>Hai</h4><p><a href="/x">xem tại đây</a></p><p><img src="/tep/1/a.png"></p>'
    )
    findings = window.type(body=html).json["findings"]
    assert findings.count('class="blocks"') == 3
    assert 'href="#body"' in findings
    assert "xem tại đây" in findings
    # Without the script the same list is beside the form once it is asked for.
    asked = window.save(body=html, check__gaps="1")
    assert asked.status == 200
    assert asked.text.count('class="blocks"') == 3


def test_what_is_missing_is_told_with_links_and_nothing_is_stored(
    staff: Staff, desk: Desk, count: Callable[[], Any], document: Callable[..., Any]
) -> None:
    editor = staff("editor")
    before = count()
    form = editor.open(NEW).form(NEW)
    asked = editor.send(form, summary="Mới có trích yếu", issued_on="31/02/2024", check__gaps="1")
    assert asked.status == 200
    for name in ("requirement", "kind", "number", "issuer", "issued_on"):
        assert f'<a href="#{name}">' in asked.text, name
    again = asked.form(NEW)
    assert again.values["summary"] == ["Mới có trích yếu"]
    complete = editor.send(again, **document(), check__gaps="1")
    assert "Không thiếu gì" in complete.text
    assert '<a href="#number">' not in complete.text
    assert count() == before


def test_the_check_looks_at_what_is_typed_over_a_published_text(
    staff: Staff,
    publish: Callable[..., int],
    document: Callable[..., Any],
    count: Callable[[], Any],
) -> None:
    path = f"/quan-tri/{TYPE}/{publish(TYPE, **document())}"
    editor = staff("editor")
    before = count()
    asked = editor.send(editor.open(path).form(path), number="", check__gaps="1")
    assert '<a href="#number">' in asked.text
    assert count() == before
    with_all = editor.send(asked.form(path), number="5/QĐ-UBND", check__gaps="1")
    assert "Không thiếu gì" in with_all.text


def test_a_field_the_catalogue_names_leads_to_the_legal_basis(
    staff: Staff, platform: Platform
) -> None:
    """No field is given a reason that the data does not have."""
    admin = staff("unit_admin")
    linked = 0
    for kind in platform.types:
        page = admin.open(f"/quan-tri/{kind.name}/moi")
        if page.status != 200:
            continue
        for duty in kind.requirements:
            data = (
                next(c for c in [platform.catalogues.on(platform.clock.today())]).duties[duty].data
            )
            named = {
                str(n).partition("(")[0].partition("[")[0].strip() for n in data.get("fields") or ()
            }
            if f'class="why" href="#basis-{duty}"' in page.text:
                linked += 1
                assert named & {n for n, f in kind.fields.items() if f.required}, (kind.name, duty)
                assert f'id="basis-{duty}"' in page.text
    assert linked > 0


def test_opening_a_form_costs_the_same_whatever_others_type(
    staff: Staff, write: Write, statements: Callable[[], list[str]]
) -> None:
    editor = staff("editor")
    path = write(editor)
    statements()
    editor.open(path)
    alone = len(statements())
    for _person in range(3):
        Window(staff("editor"), path).type(summary="x")
    statements()
    editor.open(path)
    assert len(statements()) == alone


def test_at_most_so_many_rows_an_account(staff: Staff, platform: Platform) -> None:
    editor = staff("editor")
    for _window in range(3):
        Window(editor, f"{NEW}?form={open_forms.new_key()}").say(form__leaving="1")
    with platform.open_session(False) as session, all_units("a test"):
        assert session.scalar(select(func.count()).select_from(OpenForm)) == 0
