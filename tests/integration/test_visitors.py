"""Forms of visitors: taken once, from people, complete, and not shown before they are answered."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from hoitu.core.access.audit import AuditEntry
from hoitu.core.clock import FrozenClock
from hoitu.core.content import Item, ItemVersion, Refused, actions
from hoitu.core.extensions import KEY, Platform
from hoitu.core.testing.fixtures import Site
from hoitu.core.units import all_units, unit_scope
from hoitu.core.web import clean_code, receipt_code


class Letter(Item):
    """What the planted plugin receives; mapped once, however often the plugin is planted."""

    type_name = "letter"


KIOSK = """
@hookimpl
def register_content_types(self):
    from kiosk.letters import letter
    return [letter]

@hookimpl
def register_blueprints(self):
    from kiosk.letters import pages
    return [pages.blueprint]
"""
LETTERS = '''
from flask import render_template, render_template_string
from hoitu.core.access import public
from hoitu.core.content import INTAKE, ContentType, FieldGroup, Item
from hoitu.core.web import SectionPages, VisitorForm

Letter = next(model for model in Item.__subclasses__() if model.type_name == "letter")
letter = ContentType(
    name="letter", label="Letter", label_plural="Letters", model=Letter, workflow=INTAKE,
    receivable=True, layout=(FieldGroup("Letter", ("title", "summary", "body")),),
)
pages = SectionPages("kiosk", __name__, path="/thu", content_type="letter")
PAGE = """{% import "forms.html" as forms with context %}{{ forms.whole(form, "Gửi") }}"""

@pages.blueprint.route("/gui", methods=["GET", "POST"])
@public
def send():
    fields = [letter.fields[name] for name in ("title", "summary")]
    form = VisitorForm(fields, required=("title",))
    if form.accepts() and (kept := form.receive("letter", {"body": "<p>x</p>"})):
        return f"{kept[0].uid} {kept[1]}"
    return render_template_string(PAGE, form=form), 422 if form.sent else 200
'''
GOOD = {"title": "Thư của tôi", "summary": "Xin hỏi"}


@pytest.fixture
def kiosk(plant: Callable[..., str], request: pytest.FixtureRequest) -> Any:
    plant("kiosk", KIOSK, files={"letters.py": LETTERS})
    app = request.getfixturevalue("app")
    app.config["WTF_CSRF_ENABLED"] = False
    assert app.extensions[KEY].plugins.get("kiosk").is_active
    return app


@pytest.fixture
def opened(kiosk: Any, site: Callable[..., Site]) -> tuple[Site, str]:
    """Return a visitor and the stamp of the form that the visitor has just opened."""
    visitor = site()
    page = visitor.get("/thu/gui")
    assert page.status_code == 200
    stamp = re.search(r'name="form-opened" value="([^"]+)"', page.text)
    assert stamp is not None
    return visitor, stamp.group(1)


def letters(app: Any, unit_id: int) -> list[Item]:
    parts: Platform = app.extensions[KEY]
    with parts.open_session(False) as session, unit_scope(unit_id):
        return list(session.scalars(select(Item).where(Item.type == "letter")))


def test_a_letter_waits_for_the_unit_and_is_kept_once(
    kiosk: Any, opened: tuple[Site, str], clock: FrozenClock, unit: Any
) -> None:
    visitor, stamp = opened
    clock.move(timedelta(seconds=10))
    sent = {**GOOD, "form-opened": stamp}
    first, second = (visitor.post("/thu/gui", data=sent) for _ in range(2))
    assert (first.status_code, first.text.split()[1]) == (200, "True")
    assert second.text == first.text.replace("True", "False")
    (kept,) = letters(kiosk, unit.id)
    assert (kept.state, kept.title, kept.created_by) == ("submitted", GOOD["title"], "visitor")
    assert GOOD["title"] not in visitor.get("/thu").text
    assert visitor.get(f"/thu/{kept.id}").status_code == 404


def test_the_log_does_not_repeat_what_a_person_wrote(
    kiosk: Any, opened: tuple[Site, str], clock: FrozenClock
) -> None:
    visitor, stamp = opened
    clock.move(timedelta(seconds=10))
    visitor.post("/thu/gui", data={**GOOD, "form-opened": stamp})
    parts: Platform = kiosk.extensions[KEY]
    with parts.open_session(False) as session, all_units("a test"):
        entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "item.receive")).one()
        assert "title" not in entry.detail
        assert session.scalars(select(ItemVersion)).one().values["title"] == GOOD["title"]


@pytest.mark.parametrize(
    ("later", "sent", "told"),
    [
        (timedelta(seconds=1), GOOD, "chờ vài giây"),
        (timedelta(hours=25), GOOD, "mở quá lâu"),
        (timedelta(seconds=10), {**GOOD, "web-site": "http://x"}, "tự động"),
        (timedelta(seconds=10), {**GOOD, "title": "  "}, "Tiêu đề"),
        (timedelta(seconds=10), {**GOOD, "title": "x" * 301}, "301"),
        (timedelta(seconds=10), {**GOOD, "form-opened": "forged"}, "mở quá lâu"),
    ],
)
def test_what_cannot_be_taken_comes_back_whole(
    kiosk: Any,
    opened: tuple[Site, str],
    clock: FrozenClock,
    unit: Any,
    later: timedelta,
    sent: dict[str, str],
    told: str,
) -> None:
    visitor, stamp = opened
    clock.move(later)
    answer = visitor.post("/thu/gui", data={"form-opened": stamp, **sent})
    assert answer.status_code == 422
    assert told in answer.text
    assert GOOD["summary"] in answer.text
    assert letters(kiosk, unit.id) == []


def test_who_was_too_fast_sends_the_same_form_again(
    kiosk: Any, opened: tuple[Site, str], clock: FrozenClock, unit: Any
) -> None:
    visitor, stamp = opened
    answer = visitor.post("/thu/gui", data={**GOOD, "form-opened": stamp})
    again = re.search(r'name="form-opened" value="([^"]+)"', answer.text)
    assert again is not None
    clock.move(timedelta(seconds=4))
    visitor.post("/thu/gui", data={**GOOD, "form-opened": again.group(1)})
    assert len(letters(kiosk, unit.id)) == 1


def test_a_form_of_one_unit_is_worth_nothing_at_another(
    kiosk: Any, opened: tuple[Site, str], clock: FrozenClock, other_unit: Any, site: Any
) -> None:
    _, stamp = opened
    clock.move(timedelta(seconds=10))
    answer = site(other_unit).post("/thu/gui", data={**GOOD, "form-opened": stamp})
    assert answer.status_code == 422
    assert letters(kiosk, other_unit.id) == []


def test_without_its_token_a_form_is_refused(
    kiosk: Any, opened: tuple[Site, str], clock: FrozenClock, unit: Any
) -> None:
    visitor, stamp = opened
    kiosk.config["WTF_CSRF_ENABLED"] = True
    clock.move(timedelta(seconds=10))
    assert visitor.post("/thu/gui", data={**GOOD, "form-opened": stamp}).status_code == 400
    assert letters(kiosk, unit.id) == []


def test_what_was_sent_is_published_closed_and_taken_up_again(kiosk: Any, desk: Any) -> None:
    with desk() as work:
        item, _ = actions.receive(work, "letter", GOOD, key="0" * 32)
        actions.publish(work, item)
        assert item.state == "published"
        with pytest.raises(Refused):
            actions.advance(work, item, "archive")
        actions.advance(work, item, "archive", "trả lời riêng")
        actions.advance(work, item, "restore")
        assert item.state == "submitted"
        assert {step.name for step in actions.steps(work, item)} == {
            "forward", "publish", "archive", "trash",
        }  # fmt: skip


def test_the_log_stays_silent_whatever_the_desk_does(kiosk: Any, desk: Any) -> None:
    with desk() as work:
        item, _ = actions.receive(work, "letter", GOOD, key="0" * 32)
        actions.edit(work, item, {"summary": "Đã xem"})
        actions.advance(work, item, "archive", "trả lời riêng")
        actions.advance(work, item, "restore")
        actions.publish(work, item)
        entries = work.session.scalars(select(AuditEntry)).all()
        assert len(entries) >= 5
        assert not [entry for entry in entries if GOOD["title"] in str(entry.detail)]


def test_what_was_thrown_away_and_is_sent_again_waits_again(kiosk: Any, desk: Any) -> None:
    with desk() as work:
        item, _ = actions.receive(work, "letter", GOOD, key="0" * 32)
        actions.trash(work, item)
        again, is_new = actions.receive(work, "letter", GOOD, key="0" * 32)
        assert (again.id, again.state, is_new) == (item.id, "submitted", False)


@pytest.mark.parametrize("unseen", ["\u200b\u200b", "\u202e" * 5, "\u2060", "...", "\x00"])
def test_what_nobody_can_see_is_nothing(
    kiosk: Any, opened: tuple[Site, str], clock: FrozenClock, unit: Any, unseen: str
) -> None:
    visitor, stamp = opened
    clock.move(timedelta(seconds=10))
    sent = {**GOOD, "title": unseen, "form-opened": stamp}
    assert visitor.post("/thu/gui", data=sent).status_code == 422
    assert letters(kiosk, unit.id) == []


def test_nothing_is_received_of_other_types(app: Any, desk: Any) -> None:
    with desk() as work, pytest.raises(Refused):
        actions.receive(work, "news_article", {"title": "x"}, key="0" * 32)


@pytest.mark.parametrize("typed", ["k7m2-9qxp", " K7M2 9QXP ", "k7m29qxp", "K7M2-9QXPZZ"])
def test_a_code_is_known_however_it_is_typed(typed: str) -> None:
    assert clean_code(typed) == "K7M2-9QXP"


def test_codes_are_random() -> None:
    codes = {receipt_code() for _ in range(1000)}
    assert len(codes) == 1000
    assert all(clean_code(code) == code for code in codes)
