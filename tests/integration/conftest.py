"""Fixtures of the desk's tests: people who sign in and send the forms they are shown."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

import pytest

from hoitu.core.testing.fixtures import PASSWORD, Site

if TYPE_CHECKING:
    from werkzeug.test import TestResponse

    from hoitu.core.clock import FrozenClock
    from hoitu.core.content import ActionContext
    from hoitu.core.extensions import Platform
    from hoitu.core.units import Unit


@dataclass
class Form:
    """A form as a browser would send it, before anything is typed."""

    action: str
    method: str
    values: dict[str, list[str]] = field(default_factory=dict)
    buttons: list[tuple[str, str]] = field(default_factory=list)

    @property
    def names(self) -> set[str]:
        return set(self.values)


class _Reader(HTMLParser):
    """Reads the forms of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self._open: Form | None = None
        self._text: str | None = None
        self._select: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._open = Form(found.get("action", ""), found.get("method", "get"))
            self.forms.append(self._open)
        if self._open is None:
            return
        name = found.get("name", "")
        if tag == "input" and name and self._is_sent(found):
            self._open.values.setdefault(name, []).append(found.get("value", ""))
        elif tag == "textarea":
            self._open.values[name] = [""]
            self._text = name
        elif tag == "select":
            self._open.values[name] = [""]
            self._select = name
        elif tag == "option" and self._select and "selected" in found:
            self._open.values[self._select] = [found.get("value", "")]
        elif tag == "button":
            self._open.buttons.append((name, found.get("value", "")))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._open = None
        elif tag == "textarea":
            self._text = None
        elif tag == "select":
            self._select = None

    def handle_data(self, data: str) -> None:
        if self._text is not None and self._open is not None:
            # A browser drops the line break that opens a text area.
            kept = self._open.values[self._text][0] + data
            self._open.values[self._text] = [kept.removeprefix("\r").removeprefix("\n")]

    @staticmethod
    def _is_sent(found: dict[str, str]) -> bool:
        kind = found.get("type", "text")
        return kind not in ("file", "submit") and (
            kind not in ("checkbox", "radio") or "checked" in found
        )


@dataclass(frozen=True)
class Shown:
    """A page somebody was shown."""

    response: TestResponse

    @property
    def status(self) -> int:
        return self.response.status_code

    @property
    def text(self) -> str:
        return self.response.get_data(as_text=True)

    @property
    def forms(self) -> list[Form]:
        reader = _Reader()
        reader.feed(self.text)
        return reader.forms

    def form(self, action: str) -> Form:
        """Return the form sent to an address that ends so."""
        return next(f for f in self.forms if f.method == "post" and f.action.endswith(action))


@dataclass(frozen=True)
class Person:
    """Somebody at the desk of a unit, signed in or not."""

    site: Site
    email: str = ""

    def open(self, path: str) -> Shown:
        return Shown(self.site.get(path, buffered=True))

    def send(self, form: Form, to: str = "", **typed: Any) -> Shown:
        """Send a form with what was typed; a value of None leaves its field out."""
        values = {
            **form.values,
            **{name.replace("__", "-"): value for name, value in typed.items()},
        }
        kept = {name: value for name, value in values.items() if value is not None}
        return Shown(self.site.post(to or form.action, data=kept, buffered=True))

    def post(self, path: str, token: str | None = None, **data: Any) -> Shown:
        """Send values no form was asked for, by default with a valid token."""
        if token is None:
            token = self.token()
        named = {name.replace("__", "-"): value for name, value in data.items()}
        data = {"csrf_token": token, **named}
        return Shown(self.site.post(path, data=data, buffered=True))

    def token(self) -> str:
        page = self.open("/quan-tri/dang-nhap")
        if page.status == 302:
            page = self.open("/quan-tri/mat-khau")
        return page.forms[0].values["csrf_token"][0]

    def sign_in(self, password: str = PASSWORD, path: str = "/quan-tri/dang-nhap") -> Shown:
        form = self.open(path).forms[0]
        return self.send(form, to=path, email=self.email, password=password)


Staff = Callable[..., Person]


@pytest.fixture
def staff(site: Callable[..., Site], platform: Platform, unit: Unit) -> Staff:
    """Return a function that gives somebody a role at a unit and signs them in.

    ``at`` is the unit of the role, ``visits`` the unit whose desk they open.
    """
    numbers: Iterator[int] = iter(range(1, 1000))

    def hire(role: str, at: Unit | None = None, visits: Unit | None = None) -> Person:
        from hoitu.core.access import accounts

        email = f"{role}{next(numbers)}@thu.example"
        unit_id = None if role == "platform_admin" else (at or unit).id
        with platform.open_session(True) as session:
            account = accounts.create(session, email=email, name=f"Ông {role}", password=PASSWORD)
            if role != "nobody":
                accounts.grant(session, account, role, unit_id)
            session.commit()
        person = Person(site(visits or at or unit), email)
        assert person.sign_in().status == 303
        return person

    return hire


@pytest.fixture
def write(document: Callable[..., dict[str, object]]) -> Callable[..., str]:
    """Return a function that fills in the form of a new document: the path of the saved draft."""
    path = "/quan-tri/legal_document/moi"

    def save(person: Person, **typed: Any) -> str:
        values = {**document(), "summary": "", "body": "", **typed}
        shown = person.send(person.open(path).form(path), **values)
        assert shown.status == 303, shown.text
        return str(shown.response.location)

    return save


@pytest.fixture
def count(
    desk: Callable[..., AbstractContextManager[ActionContext]],
) -> Callable[[], tuple[int, ...]]:
    """Return a function that counts items, their versions and their entries in the log."""
    from sqlalchemy import func, select

    from hoitu.core.access.audit import AuditEntry
    from hoitu.core.content import Item, ItemVersion

    def now() -> tuple[int, ...]:
        entries = select(func.count(AuditEntry.id)).where(AuditEntry.action.like("item.%"))
        counts = select(func.count(Item.id)), select(func.count(ItemVersion.id)), entries
        with desk() as work:
            return tuple(work.session.scalar(each) or 0 for each in counts)

    return now


@pytest.fixture
def visitor(site: Callable[..., Site]) -> Callable[..., Person]:
    """Return a function that opens a unit's site as somebody who has not signed in."""
    return lambda at=None: Person(site(at))


@pytest.fixture
def hire(platform: Platform, unit: Unit) -> Callable[..., int]:
    """Return a function that makes an account with roles in a unit: the id."""
    from hoitu.core.access import Account, accounts

    def make(name: str, *roles: str, at: Unit | None = None, section: str = "") -> int:
        with platform.open_session(True) as session:
            account = Account(email=f"{name}@thu.example", name=name, session_key="x")
            session.add(account)
            session.flush()
            for role in roles:
                accounts.grant(session, account, role, (at or unit).id, section)
            session.commit()
            return account.id

    return make


@pytest.fixture
def acting(
    desk: Callable[..., AbstractContextManager[ActionContext]], clock: FrozenClock
) -> Callable[..., AbstractContextManager[ActionContext]]:
    """Return a function that opens an action context as a real account, with the unit's rules."""
    from flask_babel import force_locale

    from hoitu.core.access import Account, accounts
    from hoitu.core.content import Editorial

    @contextmanager
    def open_as(account_id: int, at: Unit | None = None, **rules: Any) -> Iterator[ActionContext]:
        with desk(at) as work, force_locale("en"):
            account = work.session.get_one(Account, account_id)
            actor = accounts.actor(account, clock.today())
            yield replace(work, actor=actor, editorial=Editorial(**rules))

    return open_as


@pytest.fixture
def in_request(app: Any, platform: Platform, unit: Unit) -> Callable[..., Any]:
    """Return a function that does something as an account, in a request to the unit's site."""
    from hoitu.core.access import accounts
    from hoitu.core.access.models import Account
    from hoitu.core.content import ActionContext
    from hoitu.core.extensions import session
    from hoitu.core.units import unit_scope

    def act(account: Account, work: Callable[[ActionContext], Any]) -> Any:
        host = unit.hosts[-1].name
        with app.test_request_context(base_url=f"http://{host}"), unit_scope(unit.id):
            own = session().get_one(Account, account.id)
            actor = accounts.actor(own, platform.clock.today())
            result = work(ActionContext.of(platform, session(), actor, unit))
            session().commit()
            return result

    return act


@pytest.fixture
def stand_in(platform: Platform, unit: Unit, clock: FrozenClock) -> Callable[..., None]:
    """Return a function that makes one account the deputy of another, from day to day."""
    from hoitu.core.access import Deputy

    def appoint(
        account_id: int, deputy_id: int, first: int = 0, last: int = 0, at: Unit | None = None
    ) -> None:
        today = clock.today()
        with platform.open_session(True) as session:
            session.add(
                Deputy(
                    unit_id=(at or unit).id, account_id=account_id, deputy_id=deputy_id,
                    valid_from=today + timedelta(days=first),
                    valid_until=today + timedelta(days=last), created_at=clock.now(),
                )
            )  # fmt: skip
            session.commit()

    return appoint
