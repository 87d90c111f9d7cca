"""My work: whatever is pending is in the pile of somebody who can take it further."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import product
from typing import Any

import pytest
from sqlalchemy import select

from hoitu.core.access import Account, Actor, Grant, RoleGrant, accounts
from hoitu.core.admin.piles import counts, part_of, piles_of
from hoitu.core.clock import FrozenClock
from hoitu.core.content import ActionContext, Editorial, Item, actions
from hoitu.core.content.actions import StepDetails
from hoitu.core.content.queries import COUNT_LIMIT
from hoitu.core.content.scheduling import FAILED, ScheduledStep
from hoitu.core.extensions import Platform
from hoitu.core.units import Unit

pytestmark = pytest.mark.both_databases

Desk = Callable[..., AbstractContextManager[ActionContext]]
Values = Callable[..., dict[str, object]]
Staff = Callable[..., Any]
TEXT, NEWS, QUESTION = "legal_document", "news_article", "question"
#: (state, draft_state, urgent) in which somebody has yet to do something.
PENDING = (
    ("draft", "", False),
    ("submitted", "", False),
    ("reviewed", "", False),
    ("returned", "", False),
    ("published", "draft", False),
    ("published", "submitted", False),
    ("published", "reviewed", False),
    ("published", "returned", False),
    ("published", "", True),
    ("unpublished", "", True),
    ("published", "submitted", True),
)
#: Of what visitors send, these do not occur.
NOT_OF_ANSWERS = {"returned"}
#: Who works in the unit: name -> roles, each with the section it is limited to.
HOUSES: dict[str, dict[str, list[tuple[str, str]]]] = {
    "full": {
        "editor": [("editor", "")],
        "news editor": [("editor", "news")],
        "reviewer": [("reviewer", "")],
        "approver": [("approver", "")],
        "document approver": [("approver", "legal_documents")],
        "admin": [("unit_admin", "")],
        "deputy": [("editor", "")],
    },
    "one approver": {"editor": [("editor", "")], "approver": [("approver", "")]},
    "one for news only": {
        "editor": [("editor", "")],
        "reviewer": [("reviewer", "legal_documents")],
        "approver": [("approver", "news")],
    },
    "editors": {"editor": [("editor", "")], "news editor": [("editor", "news")]},
    "reviewers": {"editor": [("editor", "")], "reviewer": [("reviewer", "")]},
    "nobody": {},
}
PLATFORM = Actor(900_000, "Quản trị nền tảng", frozenset({Grant("platform_admin", None)}))
RULES = [
    Editorial(approval=approval, four_eyes=eyes)
    for approval, eyes in product(("two_step", "three_step"), (True, False))
]


@dataclass(frozen=True)
class House:
    """The people of the unit, those who left among them."""

    active: dict[str, int]
    gone: dict[str, int]

    def someone(self, *names: str) -> list[int | None]:
        """Return nobody, and those named as far as they ever were there."""
        known = {**self.active, **self.gone}
        return [None, *(known[name] for name in names if name in known)]


@pytest.fixture
def house(
    hire: Callable[..., int], stand_in: Callable[..., None], platform: Platform, unit: Unit,
    other_unit: Unit, clock: FrozenClock,
) -> Callable[[str], House]:  # fmt: skip
    def build(name: str) -> House:
        active = {}
        for person, roles in HOUSES[name].items():
            active[person] = hire(person)
            with platform.open_session(True) as session:
                account = session.get_one(Account, active[person])
                for role, section in roles:
                    accounts.grant(session, account, role, unit.id, section)
                session.commit()
        if "deputy" in active:
            stand_in(active["approver"], active["deputy"])
        gone = {
            "inactive": hire("inactive", "approver", "editor"),
            "without role": hire("without role", "approver"),
            "not yet": hire("not yet"),
            "elsewhere": hire("elsewhere", "approver", at=other_unit),
        }
        with platform.open_session(True) as session:
            session.get_one(Account, gone["inactive"]).active = False
            left = select(RoleGrant).where(RoleGrant.account_id == gone["without role"])
            accounts.revoke(session, session.scalars(left).one())
            later = clock.today() + timedelta(days=1)
            session.add(
                RoleGrant(
                    account_id=gone["not yet"], unit_id=unit.id, role="approver", valid_from=later
                )
            )
            session.commit()
        return House(active, gone)

    return build


def plant(work: ActionContext, house: House) -> None:
    """Add an item in every state for every choice of people."""
    owners = house.someone("editor", "news editor", "inactive", "not yet")
    submitters = house.someone("editor", "approver", "without role")
    named = house.someone("approver", "reviewer", "document approver", "elsewhere")
    now = work.now()
    for name in (TEXT, NEWS, QUESTION):
        kind, number = work.types[name], 0
        more = {"received_on": now} if name == QUESTION else {}
        for (state, waiting, urgent), owner, by, asked in product(
            PENDING, owners, submitters, named
        ):
            if name == QUESTION and (urgent or {state, waiting} & NOT_OF_ANSWERS):
                continue
            number += 1
            work.session.add(
                kind.model(
                    uid=f"{name}{number}", unit_id=work.unit.id, section=kind.section, type=name,
                    requirement=next(iter(kind.requirements), ""), state=state,
                    draft_state=waiting, title=f"{name} {number}", sort_at=now, created_at=now,
                    updated_at=now, updated_by="x", responsible_id=owner, submitter_id=by,
                    reviewer_id=asked, urgent_at=now if urgent else None,
                    urgent_by_id=by if urgent else None, **more,
                )
            )  # fmt: skip
    work.session.flush()


def piles_as(work: ActionContext, actor: Actor) -> dict[str, set[int]]:
    """Return the ids in the piles in which the actor has something to do."""
    return {
        pile.name: set(work.session.scalars(select(Item.id).where(pile.condition)))
        for pile in piles_of(replace(work, actor=actor))
        if pile.acts
    }


def _can_act(work: ActionContext, actor: Actor, pile: str, item: Item) -> bool:
    """Say whether the actor can do what the pile asks for, as the actions see it."""
    context = replace(work, actor=actor)
    steps = actions.steps(context, item)
    onward = any(step.completes and not step.urgent for step in steps)
    edits = actor.can(context.type_of(item).permission("edit"), item.unit_id)
    if pile == "duyet-sau":
        publishes = actor.can(context.type_of(item).permission("publish"), item.unit_id)
        return publishes and item.urgent_by_id != actor.account_id
    return onward if pile == "cho-duyet" else edits


@pytest.mark.parametrize("name", HOUSES)
def test_every_pending_item_is_in_the_pile_of_somebody_who_can_act(
    desk: Desk, house: Callable[[str], House], clock: FrozenClock, name: str
) -> None:
    people = house(name)
    with desk() as opened:
        plant(opened, people)
        items = {item.id: item for item in opened.session.scalars(select(Item))}
        actors = [
            accounts.actor(opened.session.get_one(Account, account_id), clock.today())
            for account_id in people.active.values()
        ]
        for rules in RULES:
            work = replace(opened, editorial=rules)
            held: dict[int, set[str]] = {item_id: set() for item_id in items}
            for actor in actors:
                for pile, ids in piles_as(work, actor).items():
                    for item_id in ids:
                        held[item_id].add(pile)
                        assert _can_act(work, actor, pile, items[item_id]), (actor, pile, item_id)
            stuck = piles_as(work, PLATFORM)["ngoai-quyen"]
            for item_id, item in items.items():
                told = (rules, item.type, item.state, item.draft_state, item.urgent_by_id)
                assert _answered(item, held[item_id]) or item_id in stuck, told
            if name == "full":
                assert not stuck
            if name == "nobody":
                assert stuck == set(items)


def _answered(item: Item, piles: set[str]) -> bool:
    """Say whether each thing that is to be done with an item is in one of the piles it is in."""
    state = item.draft_state or item.state
    asks: list[set[str]] = []
    if state in ("submitted", "reviewed"):
        asks.append({"cho-duyet", "tiep-nhan", "tra-lai"})
    if state == "draft":
        asks.append({"ban-nhap", "khong-nguoi-phu-trach"})
    if state == "returned":
        asks.append({"tra-lai", "khong-nguoi-phu-trach"})
    if item.urgent_at is not None:
        asks.append({"duyet-sau"})
    return all(piles & ask for ask in asks)


def test_the_platforms_administrators_see_only_what_the_unit_cannot_do_as_stuck(
    desk: Desk, house: Callable[[str], House]
) -> None:
    people = house("one approver")
    with desk() as work:
        plant(work, people)
        stuck = [work.session.get_one(Item, i) for i in piles_as(work, PLATFORM)["ngoai-quyen"]]
        assert stuck
        for item in stuck:
            own = people.active["approver"]
            assert own in (item.submitter_id, item.urgent_by_id)


def test_a_draft_of_the_platforms_administrator_is_theirs_and_not_nobodys(
    staff: Staff, write: Callable[..., str]
) -> None:
    admin, approver = staff("platform_admin"), staff("approver")
    write(admin)
    assert "/KH-UBND" in _pile(admin, "ban-nhap")
    for person in (admin, approver):
        assert _pile(person, "khong-nguoi-phu-trach") == ""


def test_the_piles_of_another_unit_are_not_seen(
    desk: Desk, house: Callable[[str], House], other_unit: Unit
) -> None:
    people = house("full")
    with desk(other_unit) as work:
        plant(work, people)
    with desk() as work:
        assert not any(piles_as(work, PLATFORM).values())


def test_a_count_is_the_length_of_its_list_and_the_pages_miss_nothing(
    desk: Desk, house: Callable[[str], House], clock: FrozenClock
) -> None:
    people = house("full")
    with desk() as opened:
        plant(opened, people)
        for account_id in (people.active["approver"], people.active["editor"]):
            account = opened.session.get_one(Account, account_id)
            work = replace(opened, actor=accounts.actor(account, clock.today()))
            piles = piles_of(work)
            found = counts(work.session, piles)
            assert sum(found.values()) > 100
            for pile in piles:
                listed = list(_walk(work, pile))
                assert len(listed) == len(set(listed)), pile.name
                assert min(len(listed), COUNT_LIMIT + 1) == found[pile.name], pile.name


def _walk(work: ActionContext, pile: Any) -> Iterator[int]:
    after = ""
    while True:
        part = part_of(work.session, pile, size=70, after=after)
        yield from (item.id for item in part.items)
        after = part.after
        if not after:
            return


# -- what the page shows ----------------------------------------------------------------------


def _pile(person: Any, name: str, path: str = "/quan-tri/") -> str:
    found = re.search(
        rf'aria-labelledby="pile-{name}">(.*?)</section>', person.open(path).text, re.S
    )
    return found[1] if found else ""


def _account(platform: Platform, person: Any) -> int:
    with platform.open_session(False) as session:
        found = session.scalar(select(Account.id).where(Account.email == person.email))
    assert found is not None
    return found


def test_what_is_urgent_comes_first_and_the_overdue_is_marked(
    staff: Staff, desk: Desk, acting: Desk, document: Values, platform: Platform, unit: Unit,
    clock: FrozenClock,
) -> None:  # fmt: skip
    editor, approver = staff("editor"), staff("approver")
    me = _account(platform, approver)
    today = clock.today()
    with acting(_account(platform, editor)) as work:
        for number, details in (
            ("1", StepDetails()),
            ("2", StepDetails(due_on=today + timedelta(days=9))),
            ("3", StepDetails(reviewer_id=me)),
            ("4", StepDetails(due_on=today)),
        ):
            item = actions.create(work, TEXT, document(f"{number}/KH-UBND"))
            actions.advance(work, item, "submit", details=details)
    clock.move(timedelta(days=2))
    assert editor.sign_in().status == approver.sign_in().status == 303
    shown = _pile(approver, "cho-duyet")
    assert re.findall(r"Kế hoạch (\d)/KH-UBND</a>", shown) == ["4", "3", "2", "1"]
    assert shown.count("Quá hạn") == 1
    assert "Ông editor" in shown
    # The author follows what was handed in.
    assert _pile(editor, "da-trinh").count("/KH-UBND</a>") == 4


def test_a_reason_is_told_where_the_text_waits(
    staff: Staff, acting: Desk, document: Values, platform: Platform
) -> None:
    editor, approver = staff("editor"), staff("approver")
    with acting(_account(platform, editor)) as work:
        item = actions.create(work, TEXT, document())
        item_id = actions.submit(work, item).id
    with acting(_account(platform, approver)) as work:
        actions.advance(work, work.session.get_one(Item, item_id), "return", "Thiếu <căn cứ>")
        other = actions.create(work, TEXT, document("9/KH-UBND"))
        actions.advance(work, other, "publish_urgently", "Bão số 9")
    assert "Thiếu &lt;căn cứ&gt;" in _pile(editor, "tra-lai")
    assert _pile(approver, "tra-lai") == ""
    assert "Bão số 9" in _pile(staff("unit_admin"), "duyet-sau")
    assert _pile(approver, "duyet-sau") == ""


def test_a_step_that_failed_is_told_to_whoever_planned_it_and_is_responsible(
    staff: Staff, acting: Desk, document: Values, platform: Platform, clock: FrozenClock, desk: Desk
) -> None:
    editor, approver, other = staff("editor"), staff("approver"), staff("approver")
    with acting(_account(platform, editor)) as work:
        item_id = actions.create(work, TEXT, document()).id
    with desk() as work:
        work.session.add(
            ScheduledStep(
                item_id=item_id, unit_id=work.unit.id, step="publish", run_at=clock.now(),
                account_id=_account(platform, approver), account_name="x",
                created_at=clock.now(), state=FAILED, message="Chưa có trích yếu",
            )
        )  # fmt: skip
    for person in (editor, approver):
        assert "Chưa có trích yếu" in _pile(person, "hen-gio-loi")
    assert _pile(other, "hen-gio-loi") == ""


def test_entries_due_for_review_fall_to_whoever_is_responsible_or_to_approvers(
    staff: Staff, desk: Desk, publish: Callable[..., int], document: Values, platform: Platform,
    clock: FrozenClock,
) -> None:  # fmt: skip
    editor, approver = staff("editor"), staff("approver")
    mine, nobodys, later = (publish(TEXT, **document(f"{n}/KH-UBND")) for n in (1, 2, 3))
    with desk() as work:
        for item_id, days in ((mine, 30), (nobodys, -1), (later, 31)):
            work.session.get_one(Item, item_id).review_by = clock.today() + timedelta(days=days)
        for item_id in (mine, later):
            work.session.get_one(Item, item_id).responsible_id = _account(platform, editor)
    assert re.findall(r"(\d)/KH-UBND</a>", _pile(editor, "ra-soat")) == ["1"]
    shown = _pile(approver, "ra-soat")
    assert re.findall(r"(\d)/KH-UBND</a>", shown) == ["2"]
    assert "Quá hạn" in shown


def test_what_nobody_is_responsible_for_is_taken_over(
    staff: Staff, desk: Desk, document: Values, platform: Platform
) -> None:
    approver = staff("approver")
    with desk() as work:
        item_id = actions.create(work, TEXT, document()).id
    page = approver.open("/quan-tri/viec/khong-nguoi-phu-trach")
    form = page.form(f"/{TEXT}/{item_id}/giao")
    stale = approver.send(form, expected__version="77")
    assert stale.status == 303
    assert "người khác" in approver.open(stale.response.location).text.lower()
    assert approver.send(form).response.location.endswith("/viec/khong-nguoi-phu-trach")
    with desk() as work:
        item = work.session.get_one(Item, item_id)
        assert item.responsible_id == _account(platform, approver)
    assert "/KH-UBND" in _pile(approver, "ban-nhap")
    assert _pile(approver, "khong-nguoi-phu-trach") == ""


def test_each_pile_has_a_page_and_a_place_that_was_tampered_with_is_its_beginning(
    staff: Staff, desk: Desk, document: Values
) -> None:
    approver = staff("approver")
    with desk() as work:
        for number in range(30):
            actions.submit(work, actions.create(work, TEXT, document(f"{number}/KH-UBND")))
    first = _pile(approver, "cho-duyet")
    assert ">30</span>" in first
    assert first.count("/KH-UBND</a>") == 10
    path = "/quan-tri/viec/cho-duyet"
    assert path in first
    page = approver.open(path).text
    assert page.count("/KH-UBND</a>") == 25
    following = re.search(r'rel="next" href="([^"]+)"', page)
    assert following is not None
    assert approver.open(following[1]).text.count("/KH-UBND</a>") == 5
    deep = base64.urlsafe_b64encode(b"[" * 100_000).decode()
    far = [base64.urlsafe_b64encode(json.dumps([0, 0, "2026-12-31", day, 1]).encode()).decode()
           for day in ("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00")]  # fmt: skip
    endless = base64.urlsafe_b64encode(b"[1e999,1,1,1,1]").decode()
    for place in ("x", "W10", "WzEsMV0", "a" * 5000, "%00", deep, endless, *far):
        assert approver.open(f"{path}?sau={place}").text.count("/KH-UBND</a>") == 25
    assert approver.open("/quan-tri/viec/gi-do").status == 404
    assert approver.open("/quan-tri/viec/ngoai-quyen").status == 404
    assert staff("platform_admin", visits=None).open("/quan-tri/viec/ngoai-quyen").status == 200


def test_my_work_costs_the_same_however_much_waits(
    staff: Staff, desk: Desk, document: Values, statements: Callable[[], list[str]]
) -> None:
    admin = staff("unit_admin")

    def cost() -> int:
        admin.open("/quan-tri/")
        statements()
        assert admin.open("/quan-tri/").status == 200
        return len(statements())

    def add(count: int, start: int) -> None:
        with desk() as work:
            for number in range(start, start + count):
                for step in ("", "submit", "return", "publish"):
                    item = actions.create(work, TEXT, document(f"{number}{step[:1]}/KH-UBND"))
                    if step:
                        actions.submit(work, item)
                    if step in ("return", "publish"):
                        actions.advance(work, item, step, "x")
                    item.urgent_at = work.now() if step == "publish" else None
                    item.review_by = work.clock.today()

    add(1, 0)
    few = cost()
    add(15, 1)
    assert cost() == few


def test_new_writing_is_one_button_that_leads_to_the_types(
    staff: Staff, acting: Desk, document: Values, platform: Platform
) -> None:
    editor = staff("editor")
    assert editor.open("/quan-tri/").text.count('href="/quan-tri/viet-moi"') == 1
    page = editor.open("/quan-tri/viet-moi").text
    assert page.count('href="/quan-tri/legal_document/moi"') == 1
    assert "/quan-tri/question/moi" not in page
    with acting(_account(platform, editor)) as work:
        actions.create(work, TEXT, document())
    page = editor.open("/quan-tri/viet-moi").text
    assert page.count('href="/quan-tri/legal_document/moi"') == 2
    assert page.index("legal_document/moi") < page.index("news_article/moi")
