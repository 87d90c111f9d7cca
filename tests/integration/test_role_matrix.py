"""Who gets in where: every route of the desk, for every role, at the own unit and at another.

The table says who gets in; a route that is not in it fails the first test. Whoever gets in may
still be told that something is missing; whoever does not gets 403, or 404 for what is not theirs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import timedelta
from io import BytesIO
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from hoitu.core.access import Account, AccountSession, Deputy, Passkey, RoleGrant, accounts
from hoitu.core.access.permissions import PUBLIC
from hoitu.core.batches import Batch, BatchRow
from hoitu.core.care import LinkCheck
from hoitu.core.content import (
    ActionContext,
    File,
    Item,
    ItemVersion,
    PreviewLink,
    SavedView,
    ScheduledStep,
    actions,
)
from hoitu.core.content.files import download_name, upload
from hoitu.core.content.linked import key_of
from hoitu.core.privacy.breaches import Breach
from hoitu.core.testing.fixtures import PASSWORD
from hoitu.core.units import Unit
from hoitu.core.web.access import declared_access

if TYPE_CHECKING:
    from hoitu.core.extensions import Platform

Who = frozenset[str]
#: The columns. The editor of one section writes news and nothing else.
NEWS_EDITOR, EDITOR, REVIEWER = "news_editor", "editor", "reviewer"
APPROVER, ADMIN, PLATFORM = "approver", "unit_admin", "platform_admin"
ROLES = (NEWS_EDITOR, EDITOR, REVIEWER, APPROVER, ADMIN, PLATFORM)

NOBODY: Who = frozenset()
DESK: Who = frozenset(ROLES)
WRITE: Who = DESK - {NEWS_EDITOR}
CHECK: Who = WRITE - {EDITOR}
APPROVE: Who = CHECK - {REVIEWER}
KEEP: Who = frozenset({ADMIN, PLATFORM})
PROVINCE: Who = frozenset({PLATFORM})

DOCUMENT, NEWS = "legal_document", "news_article"
ADDRESS = "https://cu.example/trang"
NEWS_VALUES = {
    "requirement": "unit_activities", "genre": "news", "origin": "own", "source_name": "Cổng",
    "summary": "Tóm tắt", "body": "<p>Tin</p>",
}  # fmt: skip


@dataclass(frozen=True)
class Case:
    """Who gets in at the own unit's desk, with what is of that unit."""

    who: Who
    #: Values of arguments in the address that do not name a row.
    values: Mapping[str, str] = field(default_factory=dict)
    data: Mapping[str, str] = field(default_factory=dict)
    #: Where the item stands: a step on the way to being published, and beyond.
    state: str = "draft"
    #: Whose the row is, where rows belong to somebody.
    mine: bool = True
    #: Who gets in with a row of another unit: nobody but where the platform's own is meant.
    foreign: Who = NOBODY


CALLED = {"form-key": "ab" * 16, "form-sequence": "1", "expected-version": "1"}
FORM = {"form": "csv"}

#: (endpoint, method, variant): who gets in.
CASES: dict[tuple[str, str, str], Case] = {
    # -- everybody, before and after signing in
    ("sign_in", "GET", ""): Case(DESK),
    ("sign_in", "POST", ""): Case(DESK),
    ("still_here", "GET", ""): Case(DESK),
    ("password", "GET", ""): Case(DESK),
    ("password", "POST", ""): Case(DESK),
    # The password was not entered just now: back to where that is done.
    ("second_step", "GET", ""): Case(NOBODY),
    ("second_step", "POST", ""): Case(NOBODY),
    ("ask_signature", "POST", ""): Case(NOBODY),
    # No provider is set up: 404 for everybody.
    ("sso_begin", "GET", ""): Case(NOBODY),
    ("sso_away", "GET", ""): Case(NOBODY),
    ("sso_back", "GET", ""): Case(NOBODY),
    ("sso_arrive", "GET", ""): Case(NOBODY),
    ("forgotten", "GET", ""): Case(DESK),
    ("forgotten", "POST", ""): Case(DESK),
    ("choose_password", "GET", ""): Case(DESK, {"word": "x"}),
    ("choose_password", "POST", ""): Case(DESK, {"word": "x"}),
    ("account", "GET", ""): Case(DESK),
    ("confirm", "GET", ""): Case(DESK),
    ("confirm", "POST", ""): Case(DESK),
    ("phone", "GET", ""): Case(DESK),
    ("phone", "POST", ""): Case(DESK),
    ("passkeys", "GET", ""): Case(DESK),
    ("passkeys", "POST", ""): Case(DESK),
    ("ask_passkey", "POST", ""): Case(DESK),
    # Nothing of these is there yet: 404 for everybody.
    ("drop_phone", "POST", ""): Case(NOBODY),
    ("recovery_codes", "POST", ""): Case(NOBODY),
    ("drop_passkey", "POST", ""): Case(DESK, foreign=DESK),
    ("drop_passkey", "POST", "of others"): Case(NOBODY, mine=False),
    ("end_session", "POST", ""): Case(DESK, foreign=DESK),
    ("end_session", "POST", "of others"): Case(NOBODY, mine=False),
    ("end_other_sessions", "POST", ""): Case(DESK),
    ("notices", "GET", ""): Case(DESK),
    ("notices", "POST", ""): Case(DESK),
    # -- the account's own work
    ("index", "GET", ""): Case(DESK),
    ("pile", "GET", ""): Case(DESK, {"name": "ban-nhap"}),
    ("pile", "GET", "stuck"): Case(PROVINCE, {"name": "ngoai-quyen"}),
    ("write", "GET", ""): Case(DESK),
    ("calendar", "GET", ""): Case(DESK),
    ("reviews", "GET", ""): Case(DESK),
    ("reviews_csv", "GET", ""): Case(DESK),
    ("trash", "GET", ""): Case(DESK),
    ("link_targets", "GET", ""): Case(DESK),
    ("broken_links", "GET", ""): Case(DESK),
    ("broken_links_csv", "GET", ""): Case(DESK),
    ("unfound_searches", "GET", ""): Case(DESK),
    ("unfound_searches_table", "GET", ""): Case(DESK, {"form": "csv"}),
    ("ask_again", "POST", ""): Case(DESK, data={"key": key_of(ADDRESS)}),
    ("replace", "GET", ""): Case(DESK),
    ("replace_ticked", "POST", ""): Case(DESK),
    # -- content of a type
    ("items", "GET", ""): Case(WRITE),
    ("export", "GET", ""): Case(WRITE, FORM),
    ("new", "GET", ""): Case(WRITE),
    ("new", "POST", ""): Case(WRITE),
    ("import_page", "GET", ""): Case(WRITE),
    ("import_template", "GET", ""): Case(WRITE),
    ("import_new", "POST", ""): Case(WRITE),
    ("prepare", "POST", ""): Case(WRITE),
    ("prepare", "POST", "publish"): Case(APPROVE, data={"viec": "step-publish"}),
    ("keep_view", "POST", ""): Case(WRITE),
    ("drop_view", "POST", ""): Case(WRITE),
    ("drop_view", "POST", "of others"): Case(NOBODY, mine=False),
    ("autosave", "POST", ""): Case(WRITE, data=CALLED),
    ("presence", "POST", ""): Case(WRITE, data=CALLED),
    ("throw_away", "POST", ""): Case(WRITE, data=CALLED),
    # -- one item
    ("edit", "GET", ""): Case(WRITE),
    ("edit", "POST", ""): Case(WRITE),
    ("preview", "GET", ""): Case(WRITE),
    ("preview_page", "GET", ""): Case(WRITE),
    ("preview_links", "GET", ""): Case(WRITE),
    ("preview_links", "POST", ""): Case(WRITE),
    ("revoke_link", "POST", ""): Case(WRITE),
    ("versions", "GET", ""): Case(WRITE),
    ("version", "GET", ""): Case(WRITE),
    ("compare", "GET", ""): Case(WRITE),
    ("restore_version", "POST", ""): Case(WRITE),
    ("discard", "POST", ""): Case(WRITE, state="changed"),
    ("confirm_review", "POST", ""): Case(WRITE, state="published"),
    ("entrust", "POST", ""): Case(WRITE),
    ("approve", "POST", ""): Case(APPROVE, state="urgent"),
    ("schedule", "GET", ""): Case(WRITE),
    ("schedule", "POST", "publish"): Case(APPROVE, data={"step": "publish"}),
    ("schedule", "POST", "unpublish"): Case(APPROVE, data={"step": "unpublish"}),
    ("cancel_schedule", "POST", ""): Case(APPROVE),
    ("step", "POST", "submit"): Case(WRITE, {"name": "submit"}),
    ("step", "POST", "take_back"): Case(WRITE, {"name": "take_back"}, state="submitted"),
    ("step", "POST", "return"): Case(APPROVE, {"name": "return"}, state="submitted"),
    ("step", "POST", "publish"): Case(APPROVE, {"name": "publish"}, state="submitted"),
    ("step", "POST", "urgent"): Case(APPROVE, {"name": "publish_urgently"}),
    ("step", "POST", "unpublish"): Case(APPROVE, {"name": "unpublish"}, state="published"),
    ("step", "POST", "archive"): Case(APPROVE, {"name": "archive"}, state="published"),
    ("step", "POST", "trash"): Case(KEEP, {"name": "trash"}, state="unpublished"),
    ("step", "POST", "restore"): Case(WRITE, {"name": "restore"}, state="trashed"),
    ("step", "POST", "no step"): Case(NOBODY, {"name": "purge"}),
    # -- files
    ("file", "GET", ""): Case(DESK),
    ("upload", "POST", ""): Case(DESK),
    ("media", "GET", ""): Case(DESK),
    ("media_json", "GET", ""): Case(DESK),
    ("media_send", "POST", ""): Case(DESK),
    ("media_file", "GET", ""): Case(DESK),
    ("media_file", "POST", ""): Case(DESK),
    ("media_small", "GET", ""): Case(DESK),
    ("media_delete", "GET", ""): Case(DESK),
    ("media_delete", "POST", ""): Case(DESK),
    ("media_describe", "POST", ""): Case(DESK),
    ("guide", "GET", ""): Case(DESK),
    ("media_share", "POST", ""): Case(APPROVE),
    ("province_file", "GET", ""): Case(DESK, foreign=DESK),
    ("province_take", "POST", ""): Case(DESK, foreign=DESK),
    # -- work on many entries
    ("own_batches", "GET", ""): Case(DESK),
    ("batch", "GET", ""): Case(WRITE),
    ("batch", "GET", "of others"): Case(KEEP, mine=False),
    ("batch_progress", "GET", ""): Case(WRITE),
    ("batch_progress", "GET", "of others"): Case(KEEP, mine=False),
    ("batch_report", "GET", ""): Case(WRITE, FORM),
    ("batch_report", "GET", "of others"): Case(KEEP, FORM, mine=False),
    ("run_batch", "POST", ""): Case(WRITE),
    ("run_batch", "POST", "of others"): Case(NOBODY, mine=False),
    ("stop_batch", "POST", ""): Case(WRITE),
    ("stop_batch", "POST", "of others"): Case(KEEP, mine=False),
    ("drop_batch", "POST", ""): Case(WRITE),
    ("drop_batch", "POST", "of others"): Case(NOBODY, mine=False),
    ("import_files", "POST", ""): Case(WRITE),
    ("import_files", "POST", "of others"): Case(NOBODY, mine=False),
    ("import_again", "POST", ""): Case(WRITE),
    ("import_again", "POST", "of others"): Case(NOBODY, mine=False),
    ("import_row", "GET", ""): Case(WRITE),
    ("import_row", "GET", "of others"): Case(NOBODY, mine=False),
    ("import_row", "POST", ""): Case(WRITE),
    ("import_row", "POST", "of others"): Case(NOBODY, mine=False),
    # -- people
    ("deputies", "GET", ""): Case(DESK),
    ("name_deputy", "POST", ""): Case(CHECK),
    ("end_deputy", "POST", ""): Case(DESK),
    ("end_deputy", "POST", "of others"): Case(KEEP, mine=False),
    ("people", "GET", ""): Case(KEEP),
    ("person", "GET", ""): Case(KEEP, foreign=PROVINCE),
    ("hand_over", "POST", ""): Case(KEEP, foreign=PROVINCE),
    ("grant", "POST", ""): Case(KEEP),
    ("revoke", "POST", ""): Case(KEEP),
    ("rights", "GET", ""): Case(KEEP),
    ("rights_table", "GET", ""): Case(KEEP, FORM),
    ("new_account", "GET", ""): Case(PROVINCE),
    ("new_account", "POST", ""): Case(PROVINCE),
    ("reset_password", "POST", ""): Case(PROVINCE, foreign=PROVINCE),
    ("end_sessions", "POST", ""): Case(KEEP, foreign=PROVINCE),
    ("drop_factors", "POST", ""): Case(PROVINCE, foreign=PROVINCE),
    # Nobody was invited: 404 for everybody.
    ("invite_again", "POST", ""): Case(NOBODY),
    ("withdraw_invitation", "POST", ""): Case(NOBODY),
    ("lock_account", "POST", ""): Case(PROVINCE, foreign=PROVINCE),
    # -- the unit
    ("own_log", "GET", ""): Case(DESK),
    ("administrators", "GET", ""): Case(DESK),
    ("audit_log", "GET", ""): Case(KEEP),
    ("export_log", "POST", ""): Case(KEEP, data=FORM),
    ("appearance", "GET", ""): Case(KEEP),
    ("save_appearance", "POST", ""): Case(KEEP),
    ("try_theme", "GET", ""): Case(KEEP, {"name": "civic"}),
    ("translate", "POST", ""): Case(WRITE, data={"ngon-ngu": "en"}, state="published"),
    ("save_menu", "POST", ""): Case(KEEP),
    ("home_page", "GET", ""): Case(KEEP),
    ("save_home", "POST", ""): Case(KEEP),
    ("save_facts", "POST", ""): Case(KEEP),
    ("unit_settings", "GET", ""): Case(KEEP),
    ("save_settings", "POST", ""): Case(KEEP, {"owner": "core.editorial"}),
    ("modules", "GET", ""): Case(KEEP),
    ("module", "GET", ""): Case(KEEP, {"key": "legal_documents.normative_documents"}),
    ("switch_on", "POST", ""): Case(KEEP, {"key": "legal_documents.normative_documents"}),
    ("switch_off", "POST", ""): Case(KEEP, {"key": "legal_documents.normative_documents"}),
    ("forget_choice", "POST", ""): Case(KEEP, {"key": "legal_documents.normative_documents"}),
    ("excuse", "POST", ""): Case(PROVINCE, {"key": "legal_documents.normative_documents"}),
    # -- personal data
    ("personal_data", "GET", ""): Case(KEEP),
    ("personal_data_table", "GET", ""): Case(KEEP, FORM),
    ("personal_views", "GET", ""): Case(KEEP),
    # A document is nothing that visitors send: 404 for everybody.
    ("redaction_page", "GET", ""): Case(NOBODY),
    ("redact", "POST", ""): Case(NOBODY),
    ("kept_of_person", "GET", ""): Case(PROVINCE),
    ("kept_of_person", "POST", ""): Case(PROVINCE),
    ("breaches", "GET", ""): Case(PROVINCE),
    ("new_breach", "GET", ""): Case(PROVINCE),
    ("new_breach", "POST", ""): Case(PROVINCE),
    ("breach", "GET", ""): Case(PROVINCE, foreign=PROVINCE),
    ("change_breach", "POST", ""): Case(PROVINCE, foreign=PROVINCE),
    ("breach_step", "POST", ""): Case(PROVINCE, {"key": "stop"}, foreign=PROVINCE),
    ("breach_notice", "GET", ""): Case(PROVINCE, foreign=PROVINCE),
    # -- the end: nothing can be asked for afterwards
    ("sign_out", "POST", ""): Case(DESK),
}
#: What leads to a password without signing in.
TO_A_PASSWORD = frozenset({"desk.forgotten", "desk.choose_password"})
#: Arguments of addresses that name a row of one unit.
ROWS = frozenset(
    {
        "account_id", "batch_id", "breach_id", "deputy_id", "file_id", "grant_id", "item_id",
        "link_id",
        "passkey_id", "row_id", "session_id", "step_id", "version_id", "view_id",
    }
)  # fmt: skip


class World:
    """Makes, for one unit, what addresses name; each address gets rows of its own."""

    def __init__(
        self,
        platform: Platform,
        desk: Callable[..., AbstractContextManager[ActionContext]],
        document: Callable[..., dict[str, object]],
        unit: Unit,
    ) -> None:
        self._platform, self._desk, self._document, self.unit = platform, desk, document, unit
        self._numbers: Iterator[int] = iter(range(1, 10**6))

    def arguments(
        self, names: set[str], case: Case, type_name: str, owner_id: int
    ) -> dict[str, Any]:
        """Return a value for each argument of a route."""
        found: dict[str, Any] = dict(case.values)
        with self._desk(self.unit) as work:
            if names & {"type_name", "item_id"}:
                found["type_name"] = type_name
            item = self._item(work, type_name, case.state) if "item_id" in names else None
            for name in sorted(names & ROWS):
                found[name] = getattr(self, f"_{name.removesuffix('_id')}_of")(
                    work, item, type_name, owner_id, found
                )
        return {name: value for name, value in found.items() if name in names}

    def _item(self, work: ActionContext, type_name: str, state: str) -> Item:
        number = next(self._numbers)
        values: dict[str, object] = self._document(f"{number}/KH-UBND")
        if type_name == NEWS:
            values = {"title": f"Tin {number}", **NEWS_VALUES}
        item = actions.create(work, type_name, values)
        if state == "submitted":
            actions.submit(work, item)
        elif state in ("published", "changed", "urgent", "unpublished"):
            actions.publish(work, item)
        if state == "changed":
            actions.edit(work, item, {"summary": "Khác"})
        elif state == "urgent":
            item.urgent_at, item.urgent_by_id = work.now(), None
        elif state == "unpublished":
            actions.unpublish(work, item, "Sai")
        elif state == "trashed":
            actions.trash(work, item)
        return item

    def _add(self, work: ActionContext, row: Any) -> int:
        work.session.add(row)
        work.session.flush()
        return int(row.id)

    def _item_of(self, _work: Any, item: Any, *_rest: Any) -> int:
        return int(item.id)

    def _version_of(self, work: Any, item: Any, *_rest: Any) -> int:
        chosen = select(ItemVersion.id).where(ItemVersion.item_id == item.id)
        return int(work.session.scalars(chosen).first())

    def _link_of(self, work: Any, item: Any, *_rest: Any) -> int:
        token = f"{next(self._numbers):064x}"
        row = PreviewLink(
            item_id=item.id, token_hash=token, created_by="A", created_at=work.now(),
            expires_at=work.now() + timedelta(days=1),
        )  # fmt: skip
        return self._add(work, row)

    def _step_of(self, work: Any, item: Any, _type: str, _owner: int, *_rest: Any) -> int:
        row = ScheduledStep(
            item_id=item.id, step="publish", run_at=work.now() + timedelta(days=9),
            account_id=None, account_name="A", created_at=work.now(),
        )  # fmt: skip
        return self._add(work, row)

    def _file_of(self, work: Any, _item: Any, _type: str, _owner: int, found: Any) -> int:
        number = next(self._numbers)
        file: File = upload(
            work, self._platform.files, f"{number}.txt", BytesIO(b"Tep %d" % number)
        )
        # Only the province offers its files to others.
        file.shared = self.unit == self._platform.units.province()
        found["name"] = download_name(file)
        return int(file.id)

    def _view_of(self, work: Any, _item: Any, type_name: str, owner: int, *_rest: Any) -> int:
        name = str(next(self._numbers))
        row = SavedView(account_id=owner, type=type_name, name=name, query="q=a")
        return self._add(work, row)

    def _batch_of(self, work: Any, _item: Any, type_name: str, owner: int, found: Any) -> int:
        item = self._item(work, type_name, "draft")
        imported = found.pop("import", False)
        row = Batch(
            kind="import" if imported else "entrust", type=type_name, title="A",
            params={"account_id": owner}, account_id=owner, account_name="A",
            created_at=work.now(),
        )  # fmt: skip
        batch_id = self._add(work, row)
        cells = {"row": 2, "cells": {"title": "A"}, "problems": {}, "another": False}
        self._add(
            work,
            BatchRow(
                batch_id=batch_id, position=1, item_id=None if imported else item.id,
                values=cells if imported else {},
            ),
        )  # fmt: skip
        return batch_id

    def _row_of(self, work: Any, _item: Any, _type: str, _owner: int, found: Any) -> int:
        chosen = select(BatchRow.id).where(BatchRow.batch_id == found["batch_id"])
        return int(work.session.scalars(chosen).one())

    def _person(self, work: Any) -> Account:
        address = f"khach{next(self._numbers)}-{self.unit.id}@thu.example"
        # Nobody signs in as this person: no time is spent on a password.
        account = Account(email=address, name="Khách", session_key="x")
        work.session.add(account)
        work.session.flush()
        accounts.grant(work.session, account, "editor", self.unit.id)
        return account

    def _session_of(self, work: Any, _item: Any, _type: str, owner: int, *_rest: Any) -> int:
        row = AccountSession(
            account_id=owner, unit_id=self.unit.id, token_hash=str(next(self._numbers)),
            begun_at=work.now(), seen_at=work.now(), network="", agent="",
        )  # fmt: skip
        return self._add(work, row)

    def _passkey_of(self, work: Any, _item: Any, _type: str, owner: int, *_rest: Any) -> int:
        row = Passkey(
            account_id=owner, host="x", name="x", credential_id=str(next(self._numbers)),
            public_key="", sign_count=0, added_at=work.now(),
        )  # fmt: skip
        return self._add(work, row)

    def _breach_of(self, work: Any, *_rest: Any) -> int:
        row = Breach(what="A", found_at=work.now(), created_at=work.now(), created_by="A")
        return self._add(work, row)

    def _account_of(self, work: Any, *_rest: Any) -> int:
        return self._person(work).id

    def _grant_of(self, work: Any, *_rest: Any) -> int:
        chosen = select(RoleGrant.id).where(RoleGrant.account_id == self._person(work).id)
        return int(work.session.scalars(chosen).one())

    def _deputy_of(self, work: Any, _item: Any, _type: str, owner: int, *_rest: Any) -> int:
        today = work.clock.today()
        row = Deputy(
            unit_id=self.unit.id, account_id=owner, deputy_id=self._person(work).id,
            valid_from=today, valid_until=today, created_at=work.now(),
        )  # fmt: skip
        return self._add(work, row)


@dataclass(frozen=True)
class Route:
    """One route of the desk with one method."""

    endpoint: str
    method: str
    arguments: frozenset[str]


@pytest.fixture
def routes(app: Any) -> dict[tuple[str, str], Route]:
    """Return every route of the desk by endpoint and method."""
    return {
        (rule.endpoint.removeprefix("desk."), method): Route(
            rule.endpoint, method, frozenset(rule.arguments)
        )
        for rule in app.url_map.iter_rules()
        if rule.endpoint.startswith("desk.")
        for method in rule.methods - {"HEAD", "OPTIONS"}
    }


@pytest.fixture
def world(platform: Any, desk: Any, document: Any, unit: Unit) -> Callable[[Unit, Route], World]:
    """Return a function that makes the things of one unit; what is the province's is its own."""
    made: dict[int, World] = {}

    def of(at: Unit, route: Route) -> World:
        if route.endpoint.startswith("desk.province"):
            at = platform.units.province()
        if at.id not in made:
            made[at.id] = World(platform, desk, document, at)
            with desk(at) as work:
                body = f'<p><a href="{ADDRESS}">Trang cũ</a></p>'
                item = actions.create(work, DOCUMENT, document("1/KH-UBND", body=body))
                actions.publish(work, item)
                if work.session.get(LinkCheck, key_of(ADDRESS)) is None:
                    work.session.add(LinkCheck(key=key_of(ADDRESS), url=ADDRESS))
        return made[at.id]

    return of


@pytest.fixture
def enrol(staff: Any, platform: Any, unit: Unit) -> Callable[..., tuple[Any, int]]:
    """Return a function that signs somebody in at a desk: the person and the account's id."""

    def sign_in(role: str, visits: Unit) -> tuple[Any, int]:
        person = staff(EDITOR if role == NEWS_EDITOR else role, at=unit, visits=visits)
        with platform.open_session(True) as session:
            account = session.scalars(select(Account).where(Account.email == person.email)).one()
            if role == NEWS_EDITOR:
                accounts.revoke(session, account.grants[0])
                accounts.grant(session, account, EDITOR, unit.id, "news")
            session.commit()
            return person, account.id

    return sign_in


@dataclass
class Caller:
    """Somebody who tries routes, and what came of it."""

    app: Any
    person: Any
    token: str
    host: str

    def tries(self, route: Route, arguments: dict[str, Any], data: Mapping[str, str]) -> str:
        """Return `in`, `out`, or what else was answered."""
        adapter = self.app.url_map.bind(self.host)
        path = adapter.build(route.endpoint, arguments, method=route.method)
        if route.method == "GET":
            response = self.person.site.get(path, buffered=True)
        else:
            sent = {"csrf_token": self.token, **data}
            response = self.person.site.post(path, data=sent, buffered=True)
        if is_kept_out(response) and route.endpoint != "desk.sign_out":
            return "out"
        return "in" if response.status_code not in (400, 500) else str(response.status_code)


def cases(routes: Mapping[tuple[str, str], Route]) -> Iterator[tuple[str, Case, Route]]:
    """Yield the rows of the table with their routes, the way out last."""
    for (endpoint, method, variant), case in CASES.items():
        name = " ".join(filter(None, (endpoint, method, variant)))
        yield name, case, routes[endpoint, method]


def arguments(at: World, case: Case, route: Route, type_name: str, owner_id: int) -> dict[str, Any]:
    if "batch_id" in route.arguments and "import" in route.endpoint:
        case = Case(case.who, {**case.values, "import": "1"}, case.data)
    return at.arguments(set(route.arguments), case, type_name, owner_id)


def anything(case: Case, route: Route) -> dict[str, Any]:
    """Return values for the arguments of a route that need not name anything there is."""
    named = {name: 1 if name in ROWS else "x" for name in route.arguments}
    return {**named, **{k: v for k, v in case.values.items() if k in named}} | (
        {"type_name": DOCUMENT} if "type_name" in named else {}
    )


def is_kept_out(answer: Any) -> bool:
    """Say whether somebody was sent to the sign-in, refused, or told that nothing is there."""
    return answer.status_code in (403, 404) or "/dang-nhap" in (answer.location or "")


def is_of_a_type(route: Route) -> bool:
    """Say whether who gets in depends on the type of the content."""
    return "type_name" in route.arguments or (
        "batch_id" in route.arguments
        and route.endpoint
        in {"desk.run_batch", "desk.import_files", "desk.import_again", "desk.import_row"}
    )


@pytest.fixture
def try_all(
    app: Any, world: Any, enrol: Any, routes: Any, unit: Unit, platform: Any
) -> Callable[..., dict[str, tuple[str, str]]]:
    """Return a function that tries the whole table: what differs, as (wanted, got) by row."""

    def run(
        role: str, *, visits: Unit, things: Unit, wanted: Callable[[Case, Route], Who],
        type_name: str = DOCUMENT, only: Callable[[Route], bool] = lambda route: True,
    ) -> dict[str, tuple[str, str]]:  # fmt: skip
        person, account_id = enrol(role, visits)
        stranger = accounts_of_others(platform)
        caller = Caller(app, person, person.token(), visits.hosts[-1].name)
        different = {}
        for name, case, route in cases(routes):
            if not only(route):
                continue
            owner = account_id if case.mine else stranger
            values = arguments(world(things, route), case, route, type_name, owner)
            got = caller.tries(route, values, case.data)
            expected = "in" if role in wanted(case, route) else "out"
            if got != expected:
                different[name] = (expected, got)
        return different

    return run


def accounts_of_others(platform: Any) -> int:
    with platform.open_session(True) as session:
        known = session.scalar(select(Account.id).where(Account.email == "chu@thu.example"))
        if known is not None:
            return int(known)
        made = accounts.create(
            session, email="chu@thu.example", name="Người khác", password=PASSWORD
        )
        session.commit()
        return made.id


def test_every_route_and_no_other_is_in_the_table(routes: Any) -> None:
    named = {(endpoint, method) for endpoint, method, _variant in CASES}
    assert set(routes) - named == set(), "say in the table who gets in"
    assert named - set(routes) == set(), "the route is gone"


@pytest.mark.slow
@pytest.mark.parametrize("role", ROLES)
def test_at_the_own_desk_each_role_gets_in_where_the_table_says(
    try_all: Any, unit: Unit, role: str
) -> None:
    assert try_all(role, visits=unit, things=unit, wanted=lambda case, _route: case.who) == {}


@pytest.mark.slow
@pytest.mark.parametrize("role", ROLES)
def test_in_their_section_editors_of_one_section_do_what_editors_do(
    try_all: Any, unit: Unit, role: str
) -> None:
    def wanted(case: Case, _route: Route) -> Who:
        return case.who | {NEWS_EDITOR} if EDITOR in case.who else case.who

    assert (
        try_all(
            role, visits=unit, things=unit, wanted=wanted, type_name=NEWS, only=is_of_a_type
        )
        == {}
    )  # fmt: skip


@pytest.mark.slow
def test_at_another_unit_the_platform_gets_in(try_all: Any, other_unit: Unit) -> None:
    def wanted(case: Case, _route: Route) -> Who:
        return case.who

    assert try_all(PLATFORM, visits=other_unit, things=other_unit, wanted=wanted) == {}


@pytest.mark.parametrize("role", [role for role in ROLES if role != PLATFORM])
def test_at_another_unit_nobody_else_gets_in(
    app: Any, enrol: Any, routes: Any, other_unit: Unit, role: str
) -> None:
    person, _account_id = enrol(role, other_unit)
    caller = Caller(app, person, person.token(), other_unit.hosts[-1].name)
    admitted = [
        name
        for name, case, route in cases(routes)
        if "sign_" not in route.endpoint
        and route.endpoint not in TO_A_PASSWORD
        and caller.tries(route, anything(case, route), case.data) != "out"
    ]
    assert admitted == []


@pytest.mark.slow
@pytest.mark.parametrize("role", ROLES)
def test_nobody_reaches_what_is_of_another_unit_from_their_own_desk(
    try_all: Any, unit: Unit, other_unit: Unit, role: str
) -> None:
    different = try_all(
        role,
        visits=unit,
        things=other_unit,
        wanted=lambda case, _route: case.foreign,
        only=lambda route: bool(route.arguments & ROWS),
    )
    assert different == {}


def test_nobody_gets_in_without_signing_in(
    app: Any, world: Any, visitor: Any, routes: Any, unit: Unit, platform: Any
) -> None:
    person = visitor()
    caller = Caller(app, person, person.token(), unit.hosts[-1].name)
    stranger = accounts_of_others(platform)
    admitted = {}
    for name, case, route in cases(routes):
        values = arguments(world(unit, route), case, route, DOCUMENT, stranger)
        if caller.tries(route, values, case.data) != "out":
            admitted[name] = declared_access(app.view_functions[route.endpoint])
    assert set(admitted.values()) == {PUBLIC}
    ways = {f"{name.removeprefix('desk.')} {m}" for name in TO_A_PASSWORD for m in ("GET", "POST")}
    assert set(admitted) == {"sign_in GET", "sign_in POST", "sign_out POST"} | ways


@pytest.mark.parametrize("role", [None, *ROLES])
def test_nothing_is_done_without_the_token_of_a_form(
    app: Any, enrol: Any, visitor: Any, routes: Any, unit: Unit, role: str | None
) -> None:
    person = enrol(role, unit)[0] if role else visitor()
    adapter = app.url_map.bind(unit.hosts[-1].name)
    done = {}
    for name, case, route in cases(routes):
        if route.method == "GET":
            continue
        path = adapter.build(route.endpoint, anything(case, route), method=route.method)
        for sent in ({}, {"csrf_token": "sai"}):
            answer = person.site.post(path, data={**case.data, **sent})
            refused = answer.status_code == 400 or (role not in case.who and is_kept_out(answer))
            if not refused:
                done[name, len(sent)] = answer.status_code
    assert done == {}


def test_the_table_can_fail(try_all: Any, unit: Unit) -> None:
    different = try_all(
        EDITOR,
        visits=unit,
        things=unit,
        wanted=lambda case, _route: DESK - case.who,
        only=lambda route: route.endpoint in ("desk.index", "desk.people"),
    )
    assert set(different.values()) == {("out", "in"), ("in", "out")}
