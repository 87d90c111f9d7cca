"""Nothing of one unit is ever shown to, or changed by, another: over every route there is."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.routing import BuildError, Rule

from hoitu.core.access import PERSON_LEVELS, PUBLIC, accounts
from hoitu.core.access.permissions import CORE, OWN, ROLES
from hoitu.core.content import Item, actions
from hoitu.core.content.workflow import TWO_STEP
from hoitu.core.db import Base
from hoitu.core.extensions import KEY, Platform
from hoitu.core.plugin.manifest import package_folder
from hoitu.core.testing.factories import Factory, Made
from hoitu.core.testing.samples import MARK, demo_entries
from hoitu.core.units import Unit, all_units

#: Values by which B's documents are known: nobody else has such a number.
NUMBER = "98765/KH-UBND"
WANTED: dict[str, dict[str, Any]] = {
    "legal_document": {"number": NUMBER, "requirement": "administrative_documents"},
}
#: What an administrator of one unit may not do.
PLATFORM_ONLY = set(CORE) - ROLES["unit_admin"].core - {OWN}
PASSWORD = "correct horse battery"


@pytest.fixture
def foreign(app: Any, desk: Any, other_unit: Unit, drain: Any) -> Made:
    """Publish an item of every content type at B, with a waiting version behind each."""
    app.config["WTF_CSRF_ENABLED"] = False
    parts: Platform = app.extensions[KEY]
    folders = [package_folder(p.package) for p in parts.plugins.all() if p.is_active]
    demo = [entry for folder in folders for entry in demo_entries(folder, parts.clock.today())]
    # The ids of A's and B's rows must not be the same by accident.
    with desk(other_unit) as work:
        factory = Factory(work, parts.files, demo=demo, wanted=WANTED)
        for kind in parts.types:
            if kind.name not in factory.made.by_type:
                factory.publish(kind)
        found = factory.made
        found.words["legal_document"].add(NUMBER)
        for item_id in found.by_type.values():
            item = work.session.get_one(Item, item_id)
            actions.edit(work, item, {})
    drain()
    assert set(found.by_type) == {kind.name for kind in parts.types}
    return found


@pytest.fixture
def admin(app: Any, unit: Unit) -> None:
    """Make an account that administers A."""
    parts: Platform = app.extensions[KEY]
    with parts.open_session(True) as session:
        account = accounts.create(session, email="a@a.vn", name="Quản trị A", password=PASSWORD)
        accounts.grant(session, account, "unit_admin", unit.id)
        accounts.grant(session, account, "emergency_publisher", unit.id)
        session.commit()


def signed_in(app: Any, host: str) -> FlaskClient:
    client: FlaskClient = app.test_client()
    sent = {"email": "a@a.vn", "password": PASSWORD}
    answer = client.post("/quan-tri/dang-nhap", data=sent, headers={"Host": host})
    assert answer.status_code in (302, 303), answer.text
    return client


def addresses(app: Any, foreign: Made, method: str) -> Iterator[tuple[Rule, str]]:
    """Yield every address of every route, with all of B's ids and names in it."""
    parts: Platform = app.extensions[KEY]
    names: dict[str, list[Any]] = {
        "type_name": [kind.name for kind in parts.types],
        "slug": sorted(foreign.slugs)[:1],
        "name": [t.name for t in TWO_STEP.transitions],
        "key": ["legal_documents.normative_documents", "news.unit_activities"],
        "owner": ["civic"],
        "number": [2026],
        "part": ["mark"],
    }
    ids = sorted(foreign.ids)
    # A section is asked for its own items, and for one that is another's.
    of_section: dict[str, list[int]] = {kind.section: ids[-1:] for kind in parts.types}
    for kind in parts.types:
        of_section[kind.section] = [foreign.by_type[kind.name], *of_section[kind.section]]
    for rule in app.url_map.iter_rules():
        if method not in rule.methods or rule.endpoint in ("desk.sign_out", "desk.sign_in"):
            continue
        own = {"file_id": sorted(foreign.files)}
        if section := of_section.get(rule.endpoint.partition(".")[0]):
            own["item_id"] = section
        numbers = {
            name: own.get(name, ids) for name, c in rule._converters.items() if hasattr(c, "max")
        }
        words = {
            name: sorted(c.items)[:1] for name, c in rule._converters.items() if hasattr(c, "items")
        }
        choices = {**{a: names.get(a, ["x"]) for a in rule.arguments}, **words, **numbers}
        if "number" in choices and method == "GET" and rule.endpoint.startswith("sitemap"):
            choices["number"] = [2026]
        # What belongs to something is asked for beside each, not each beside each other.
        for name in sorted(numbers, key="item_id".__ne__)[1:]:
            choices[name] = choices[name][:2]
        seen = set()
        for values in product(*choices.values()):
            arguments = dict(zip(choices, values, strict=True))
            named, item_id = arguments.get("type_name"), arguments.get("item_id")
            # At the desk an address names the type, too: the right one, and once a wrong one.
            once_wrong = ids[-1] if named == names["type_name"][0] else None
            if named and item_id and item_id not in (foreign.by_type[named], once_wrong):
                continue
            try:
                with app.test_request_context():
                    path = app.url_map.bind("x").build(rule.endpoint, arguments, method)
            except BuildError:
                continue
            if path not in seen:
                seen.add(path)
                yield rule, path


def words_in(answer: Any, foreign: Made, path: str) -> set[str]:
    text = str(answer.headers) + answer.get_data().decode("utf-8", "replace")
    for shown in (path, path.replace("/", "%2F")):
        text = text.replace(shown, "")
    text = text.lower()
    every = {word.lower() for words in foreign.words.values() for word in words}
    return {word for word in every if word in text}


def test_no_page_of_a_shows_anything_of_b(app: Any, foreign: Made, admin: None) -> None:
    anonymous, staff = app.test_client(), signed_in(app, "mot.test")
    asked = 0
    for rule, path in addresses(app, foreign, "GET"):
        visitor = staff if rule.rule.startswith("/quan-tri") else anonymous
        answer = visitor.get(path, headers={"Host": "mot.test"}, buffered=True)
        asked += 1
        assert answer.status_code < 500, path
        assert not words_in(answer, foreign, path), (rule.endpoint, path)
        if {"item_id", "file_id", "version_id"} & rule.arguments:
            assert answer.status_code == 404, path
    assert asked > 100


def test_the_same_pages_of_b_show_it(app: Any, foreign: Made) -> None:
    """Otherwise the test above would pass for the wrong reason."""
    visitor = app.test_client()
    shown: dict[str, set[str]] = {}
    for rule, path in addresses(app, foreign, "GET"):
        if not rule.rule.startswith("/quan-tri"):
            answer = visitor.get(
                path, headers={"Host": "hai.test"}, follow_redirects=True, buffered=True
            )
            assert answer.status_code < 500, path
            if words_in(answer, foreign, path):
                shown.setdefault(rule.endpoint, set()).add(path)
    parts: Platform = app.extensions[KEY]
    for section in {kind.section for kind in parts.types}:
        assert shown.get(f"{section}.index"), section
    assert {"feeds.site", "files.download", "api.item", "api.items", "home.index"} <= set(shown)
    found = visitor.get(f"/tim-kiem?q={MARK}", headers={"Host": "hai.test"})
    assert words_in(found, foreign, f"q={MARK}")
    here = visitor.get(f"/tim-kiem?q={MARK}", headers={"Host": "mot.test"})
    assert "98765" not in here.text


def access_of(app: Any, rule: Rule) -> str:
    return str(getattr(app.view_functions[rule.endpoint], "__hoitu_access__", PUBLIC))


def test_an_administrator_of_a_is_nobody_at_b(app: Any, foreign: Made, admin: None) -> None:
    stranger = signed_in(app, "hai.test")
    asked = 0
    for rule, path in addresses(app, foreign, "GET"):
        wanted = access_of(app, rule)
        if wanted == PUBLIC:
            continue
        answer = stranger.get(path, headers={"Host": "hai.test"})
        asked += 1
        # Pages of citizens are nobody's here: no way to sign in is set up.
        refused = 404 if wanted in PERSON_LEVELS else 403
        assert answer.status_code == refused, (rule.endpoint, path)
    assert asked > 20


def rows_of(parts: Platform, unit: Unit) -> dict[str, list[tuple[Any, ...]]]:
    """Return every row of every table that belongs to a unit."""
    with parts.open_session(False) as session, all_units("a test"):
        connection = session.connection()
        found = {}
        for table in Base.metadata.sorted_tables:
            if "unit_id" in table.c:
                rows = connection.execute(select(table).where(table.c.unit_id == unit.id))
                found[table.name] = sorted((tuple(row) for row in rows), key=repr)
    return found


#: What a form might send; every route gets all of it.
SENT: dict[str, Any] = {
    "title": "Sửa trộm",
    "summary": "Sửa trộm",
    "note": "Sửa trộm",
    "reason": "Sửa trộm",
    "version": "1",
    "expected_version": "1",
    "requirement": "administrative_documents",
    "state": "published",
}


def test_no_form_of_a_changes_anything_of_b(
    app: Any, foreign: Made, admin: None, other_unit: Unit
) -> None:
    parts: Platform = app.extensions[KEY]
    editor = signed_in(app, "mot.test")
    before = rows_of(parts, other_unit)
    assert sum(map(len, before.values())) > 20
    asked = 0
    for rule, path in addresses(app, foreign, "POST"):
        answer = editor.post(path, data=SENT, headers={"Host": "mot.test"})
        asked += 1
        assert answer.status_code < 500, path
        if {"item_id", "file_id", "version_id"} & rule.arguments:
            assert answer.status_code in (403, 404), (rule.endpoint, path)
        assert not words_in(answer, foreign, path), path
    assert asked > 20
    assert rows_of(parts, other_unit) == before


def test_forms_without_their_token_are_refused(app: Any, admin: None) -> None:
    visitor = signed_in_with_token(app)
    for rule in app.url_map.iter_rules():
        if "POST" not in (rule.methods or ()):
            continue
        arguments = {
            a: 1 if hasattr(c, "max") else min(getattr(c, "items", None) or ["x"])
            for a, c in rule._converters.items()
        }
        path = app.url_map.bind("x").build(rule.endpoint, arguments, "POST")
        answer = visitor.post(path, data=SENT, headers={"Host": "mot.test"})
        # What the account may not call at all is refused before its token is looked for.
        wanted = access_of(app, rule)
        theirs = wanted not in PLATFORM_ONLY
        refused = 404 if wanted in PERSON_LEVELS else 400 if theirs else 403
        assert answer.status_code == refused, path


def signed_in_with_token(app: Any) -> FlaskClient:
    app.config["WTF_CSRF_ENABLED"] = False
    client = signed_in(app, "mot.test")
    app.config["WTF_CSRF_ENABLED"] = True
    return client


def test_anonymous_visitors_are_sent_to_the_sign_in(app: Any, foreign: Made) -> None:
    visitor = app.test_client()
    for method in ("GET", "POST"):
        for rule, path in addresses(app, foreign, method):
            wanted = access_of(app, rule)
            if wanted == PUBLIC:
                continue
            answer = visitor.open(path, method=method, headers={"Host": "hai.test"})
            if wanted in PERSON_LEVELS:
                assert answer.status_code == 404, path
                continue
            assert answer.status_code in (302, 303), path
            assert answer.headers["Location"].startswith("/quan-tri/dang-nhap"), path
