"""Every page and table of the desk that shows a sender's data notes who was shown them."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from hoitu.core.admin.batches import exports
from hoitu.core.admin.privacy import views as noting
from hoitu.core.content import Choice, Email, Flag, Item, ItemVersion, actions
from hoitu.core.content.open_forms import OpenForm
from hoitu.core.people import Contribution, Person
from hoitu.core.plugin.manifest import VISITOR
from hoitu.core.privacy import register
from hoitu.core.privacy.viewing import PersonalView

if TYPE_CHECKING:
    from hoitu.core.clock import FrozenClock
    from hoitu.core.content import ActionContext, ContentType, Field
    from hoitu.core.extensions import Platform

Desk = Callable[..., "AbstractContextManager[ActionContext]"]
#: Arguments of addresses that lead to nothing of an entry: files, accounts, secrets of links.
OF_NOTHING = {
    "file_id", "account_id", "batch_id", "breach_id", "key", "name", "word", "filename",
    "passkey_id", "link_id", "number", "deputy_id",
}  # fmt: skip
NEEDLE = "zimthuz"


def a_value(declared: Field, draft: int) -> Any:
    """Return a value of a field that is recognised wherever it is shown."""
    kind = declared.kind
    if isinstance(kind, Email):
        return f"{NEEDLE}@thu.example"
    if isinstance(kind, Choice):
        return next(iter(dict(kind.options())), "")
    if isinstance(kind, Flag):
        return True
    if declared.name == "consultation":
        return draft
    return f"{NEEDLE} của người gửi" if isinstance(kind.empty, str) else kind.empty


@pytest.fixture
def received(
    desk: Desk, publish: Callable[..., int], clock: FrozenClock
) -> dict[str, tuple[int, int]]:
    """Return (item, version) of one entry of every type with data of visitors."""
    day = clock.today()
    draft = publish(
        "draft_consultation", title="Dự thảo", summary="Tóm tắt", kind="QĐ", level="province",
        drafter="Văn phòng", target="Nhân dân", opens_on=day - timedelta(days=5),
        closes_on=day + timedelta(days=30),
        articles=[{"heading": "Điều 1. Phạm vi", "text": "Quy chế này."}],
    )  # fmt: skip
    found = {}
    with desk() as work:
        for number, kind in enumerate(of_visitors(work.types)):
            personal = {name for name, _data in register.of_kind(kind, VISITOR)}
            values = {
                name: a_value(declared, draft)
                for name, declared in kind.fields.items()
                if name in personal or declared.required or name == "title"
            }
            if "title" in values and "title" not in personal:
                values["title"] = "Không nói ai gửi"
            item, _new = actions.receive(work, kind.name, values, key=f"{number:032x}", stamped={})
            work.session.add(
                OpenForm(
                    key=f"{number:032x}", type=kind.name, item_id=item.id, account_id=1,
                    account_name="Thử", title="", typed=[[min(personal), NEEDLE]],
                    opened_at=clock.now(), seen_at=clock.now(), typed_at=clock.now(),
                )
            )  # fmt: skip
            version = select(ItemVersion.id).where(ItemVersion.item_id == item.id)
            found[kind.name] = (item.id, work.session.scalars(version).first() or 1)
    return found


def of_visitors(types: Any) -> Iterator[ContentType]:
    for kind in types:
        if kind.receivable and register.of_kind(kind, VISITOR):
            yield kind


def addresses(app: Any, type_name: str, item_id: int, version_id: int) -> Iterator[str]:
    """Yield every address of the desk that is read, with the entry in it where one belongs."""
    known = {"type_name": type_name, "item_id": item_id, "version_id": version_id}
    with app.test_request_context():
        for rule in app.url_map.iter_rules():
            if "GET" not in rule.methods or not rule.endpoint.startswith("desk."):
                continue
            if rule.arguments & OF_NOTHING:
                continue
            for form in ("csv", "xlsx") if "form" in rule.arguments else ("",):
                values = {n: form if n == "form" else known[n] for n in rule.arguments}
                built = rule.build(values, append_unknown=False)
                assert built is not None, rule
                yield built[1]


def told_in(content: bytes) -> bool:
    """Say whether an answer has data of the sender, also inside a workbook."""
    if zipfile.is_zipfile(io.BytesIO(content)):
        with zipfile.ZipFile(io.BytesIO(content)) as book:
            content = b"".join(map(book.read, book.namelist()))
    return NEEDLE.encode() in content.lower()


def noted(platform: Platform, item_id: int) -> int:
    with platform.open_session(False) as session:
        chosen = select(PersonalView).where(PersonalView.item_id == item_id)
        return sum(view.times for view in session.scalars(chosen))


def unnoted(app: Any, platform: Platform, reader: Any, received: Any) -> tuple[set[str], set[str]]:
    """Return the addresses that show a sender's data, and those of them that were not noted."""
    showing, missing = set(), set()
    for type_name, (item_id, version_id) in received.items():
        for path in addresses(app, type_name, item_id, version_id):
            before = noted(platform, item_id)
            answer = reader.open(path).response
            if told_in(answer.get_data()):
                showing.add(path)
                if noted(platform, item_id) == before:
                    missing.add(path)
    return showing, missing


def test_whatever_shows_a_sender_is_noted(
    app: Any, platform: Platform, staff: Any, received: dict[str, tuple[int, int]]
) -> None:
    with app.app_context():
        assert set(received) == {kind.name for kind in of_visitors(platform.types)}
    showing, missing = unnoted(app, platform, staff("platform_admin"), received)
    assert missing == set()
    # The form, its versions and the table to take away, of every type at least.
    for name, (item_id, version_id) in received.items():
        for path in (f"{item_id}", f"{item_id}/phien-ban/{version_id}", "tai-ve.csv"):
            assert f"/quan-tri/{name}/{path}" in showing
    assert "/quan-tri/question/tai-ve.xlsx" in showing


def test_the_search_for_what_is_not_noted_can_fail(
    app: Any,
    platform: Platform,
    staff: Any,
    received: dict[str, tuple[int, int]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for module in (noting, exports):
        name = "shown" if module is noting else "personal_data_shown"
        monkeypatch.setattr(module, name, lambda *_told: None)
    question = {"question": received["question"]}
    _showing, missing = unnoted(app, platform, staff("platform_admin"), question)
    assert "/quan-tri/question/tai-ve.xlsx" in missing
    assert f"/quan-tri/question/{received['question'][0]}" in missing


def test_units_are_told_that_a_person_was_looked_up(
    platform: Platform, desk: Desk, staff: Any, clock: FrozenClock,
    received: dict[str, tuple[int, int]],
) -> None:  # fmt: skip
    item_id = received["question"][0]
    with desk() as work:
        who = Person(
            name="Người Hỏi", email="nguoihoi@thu.example", email_confirmed_at=clock.now(),
            created_at=clock.now(), last_login_at=clock.now(),
        )  # fmt: skip
        work.session.add(who)
        work.session.flush()
        unit_id = work.session.get_one(Item, item_id).unit_id
        work.session.add(
            Contribution(
                person_id=who.id, unit_id=unit_id, item_id=item_id, level=1, at=clock.now()
            )
        )
    boss = staff("platform_admin")
    form = boss.open("/quan-tri/du-lieu-ca-nhan/nguoi").forms[-1]
    assert NEEDLE in boss.send(form, ai="nguoihoi@thu.example").text
    with platform.open_session(False) as session:
        (view,) = session.scalars(select(PersonalView).where(PersonalView.item_id == item_id))
        assert view.unit_id == unit_id
