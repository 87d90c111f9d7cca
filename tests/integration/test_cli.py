"""The commands on units, sections, accounts, search and jobs, as an operator meets them."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from sqlalchemy import func, select, text

from hoitu.core.access import Account, Grant, accounts
from hoitu.core.access.audit import AuditEntry
from hoitu.core.extensions import Platform
from hoitu.core.jobs import enqueue
from hoitu.core.jobs.queue import DEAD, DONE, JobRow
from hoitu.core.testing.fixtures import PASSWORD
from hoitu.core.units import all_units
from hoitu.core.units.models import UnitRow

Hoitu = Callable[..., Result]


def count(platform: Platform, model: Any) -> int:
    with platform.open_session(False) as session, all_units("count"):
        return session.scalar(select(func.count()).select_from(model)) or 0


def change(platform: Platform, statement: str) -> None:
    with platform.engine.begin() as connection:
        connection.execute(text(statement))


# -- units -------------------------------------------------------------------------------------


def test_units_are_listed_and_shown(hoitu: Hoitu) -> None:
    listed = hoitu("unit", "list").output
    assert "phuong-mot" in listed
    assert "huyen-cu" not in listed
    assert "huyen-cu" in hoitu("unit", "list", "--all").output
    shown = hoitu("unit", "show", "phuong-mot").output
    for part in ("phường Một", "mot.test", "from    2025-07-01", "on  legal_documents."):
        assert part in shown
    slugs = [line.split()[1] for line in listed.splitlines()]
    assert slugs.index("phuong-hai") < slugs.index("phuong-mot")
    dissolved = hoitu("unit", "show", "huyen-cu").output
    assert "became  2025-07-01  Ủy ban nhân dân phường Một (split)" in dissolved
    unknown = hoitu("unit", "show", "khong-co")
    assert unknown.exit_code == 1
    assert "hoitu unit list" in unknown.output


@pytest.mark.parametrize(
    "content",
    [
        b"units: [",
        b"- 1",
        b"",
        b"units: 5",
        b"units:\n- {key: a}",
        b"units:\n- {key: a, slug: xa-moi, type: ward, site: true, names: [{name: x}],"
        b" valid_from: 2026-01-01, valid_until: 2025-06-30}",
        b"\xff\xfe",
        b"units:\n- {key: a, slug: Hoa, type: ward, site: true, names: [], hosts: []}",
        "units:\n- {key: a, slug: xa-moi, type: ward, site: true, valid_from: null,"
        " valid_until: null, names: [{name: Xã}], hosts: [{name: moi.test}],"
        " parents: [{key: nowhere}]}".encode(),
        "units:\n- {key: a, slug: xa-moi, type: ward, site: true, valid_from: hôm qua,"
        " valid_until: null, names: [{name: Xã}], hosts: [{name: moi.test}], parents: []}".encode(),
        "units:\n- {key: a, slug: xa-moi, type: ward, site: true, valid_from: null,"
        " valid_until: null, names: [{name: Xã}], hosts: [{name: moi.test}], parents: []}\n"
        "succession:\n- {predecessor: a, successor: a, kind: wonder, partial: false,"
        " effective_on: 2025-07-01}".encode(),
    ],
)
def test_a_bad_file_of_units_changes_nothing(
    hoitu: Hoitu, platform: Platform, tmp_path: Path, content: bytes
) -> None:
    path = tmp_path / "units.yaml"
    path.write_bytes(content)
    before = count(platform, UnitRow)
    done = hoitu("unit", "import", str(path))
    assert done.exit_code == 1, done.output
    assert isinstance(done.exception, SystemExit)
    assert str(path) in done.output
    assert "Nothing was changed." in done.output
    assert count(platform, UnitRow) == before


def test_units_are_imported_again_and_again(
    hoitu: Hoitu, platform: Platform, tmp_path: Path
) -> None:
    path = tmp_path / "units.yaml"
    path.write_text(
        "units:\n- {key: a, slug: xa-moi, type: commune, site: true, valid_from: null,"
        " valid_until: null, names: [{name: Ủy ban nhân dân xã Mới}], hosts: [{name: moi.test}],"
        " parents: []}\n",
        encoding="utf-8",
    )
    for _ in range(2):
        done = hoitu("unit", "import", str(path))
        assert (done.exit_code, done.output) == (0, "1 units are up to date.\n")
    assert count(platform, UnitRow) == 7
    assert "moi.test" in hoitu("unit", "show", "xa-moi").output


# -- sections ----------------------------------------------------------------------------------


def test_sections_are_switched_and_explained(hoitu: Hoitu) -> None:
    unit, part = "don-vi-su-nghiep", "legal_documents.normative_documents"
    first = hoitu("section", "explain", unit, part)
    assert first.exit_code == 0, first.output
    for word, mark in (("on", "on "), ("off", "off"), ("on", "on ")):
        done = hoitu("section", word, unit, part, "--reason", "thử")
        assert done.exit_code == 0, done.output
        explained = hoitu("section", "explain", unit, part).output
        assert explained.startswith(f"{mark} normative_documents: choice")
    assert hoitu("section", "reset", unit, part).exit_code == 0
    assert hoitu("section", "explain", unit, part).output == first.output


def test_a_mandated_section_is_waived_not_switched_off(hoitu: Hoitu) -> None:
    unit, part = "phuong-mot", "legal_documents.normative_documents"
    first = hoitu("section", "explain", unit, part).output
    assert first.startswith("on  normative_documents: law")
    refused = hoitu("section", "off", unit, part)
    assert refused.exit_code == 1
    assert "Nothing was changed." in refused.output
    options = ["--reason", "sửa chữa", "--decision", "12/QĐ-UBND", "--until", "2099-12-31"]
    waived = hoitu("section", "waive", unit, part, *options)
    assert waived.exit_code == 0, waived.output
    assert hoitu("section", "explain", unit, part).output.startswith("off normative_documents: w")
    assert hoitu("section", "reset", unit, part).exit_code == 0
    assert hoitu("section", "explain", unit, part).output == first


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["off", "khong-co", "news"], "hoitu unit list"),
        (["off", "phuong-mot", "khong_co"], "khong_co is unknown"),
        (["on", "phuong-mot", "news.khong_co"], "news.khong_co is unknown"),
        (["waive", "phuong-mot", "news"], "--reason"),
    ],
)
def test_a_wrong_switch_is_explained(hoitu: Hoitu, arguments: list[str], named: str) -> None:
    done = hoitu("section", *arguments)
    assert done.exit_code in (1, 2)
    assert isinstance(done.exception, SystemExit)
    assert named in done.output


# -- accounts and audit ------------------------------------------------------------------------


def test_an_account_is_made_and_given_a_role(hoitu: Hoitu, platform: Platform) -> None:
    create = ["account", "create", "An@Thu.example", "--name", "An"]
    short = hoitu(*create, "--password", "ngắn")
    assert short.exit_code == 1
    assert "at least 14 characters" in short.output
    assert count(platform, Account) == 0
    made = hoitu(*create, input=f"{PASSWORD}\n{PASSWORD}\n")
    assert made.exit_code == 0, made.output
    assert "hoitu account grant an@thu.example" in made.output
    twice = hoitu(*create, "--password", PASSWORD)
    assert twice.exit_code == 1
    assert "exists already" in twice.output
    granted = hoitu("account", "grant", "an@thu.example", "editor", "--unit", "phuong-mot")
    assert granted.exit_code == 0, granted.output
    with platform.open_session(False) as session:
        found = session.scalars(select(Account)).one()
        actor = accounts.actor(found, platform.clock.today())
        unit = platform.units.by_slug("phuong-mot")
        assert unit is not None
        assert actor.grants == {Grant("editor", unit.id)}
        actions = session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)).all()
        assert actions == ["account.create", "account.grant"]


@pytest.mark.parametrize(
    "arguments",
    [
        ["ai-do@thu.example", "editor"],
        ["an@thu.example", "editor", "--unit", "khong-co"],
        ["an@thu.example", "king"],
    ],
)
def test_a_wrong_grant_changes_nothing(
    hoitu: Hoitu, platform: Platform, arguments: list[str]
) -> None:
    create = ("account", "create", "an@thu.example", "--name", "An", "--password", PASSWORD)
    assert hoitu(*create).exit_code == 0
    done = hoitu("account", "grant", *arguments)
    assert done.exit_code in (1, 2)
    assert isinstance(done.exception, SystemExit)
    with platform.open_session(False) as session:
        assert session.scalars(select(Account)).one().grants == []


def test_a_changed_entry_of_the_log_is_named(
    hoitu: Hoitu, platform: Platform, publish: Any, document: Any
) -> None:
    publish("legal_document", **document())
    good = hoitu("audit", "verify")
    assert good.exit_code == 0
    assert good.output.startswith("2 entries, unbroken. Head: ")
    change(platform, "update audit_entry set actor = 'ai đó' where id = 2")
    done = hoitu("audit", "verify")
    assert done.exit_code == 1
    assert "Entry 2 does not fit" in done.output


# -- search and jobs ---------------------------------------------------------------------------


def test_the_index_is_rebuilt_from_the_database(
    hoitu: Hoitu, publish: Any, document: Any, site: Any, instance: Path
) -> None:
    publish("legal_document", **document())
    shutil.rmtree(instance / "search")
    assert site().get("/tim-kiem?q=389").status_code == 503
    done = hoitu("search", "rebuild")
    assert done.exit_code == 0, done.output
    assert "1 documents are in the new index." in done.output
    assert "389/KH-UBND" in site().get("/tim-kiem?q=389").text


def test_a_worker_does_what_waits_and_ends(
    hoitu: Hoitu, platform: Platform, publish: Any, document: Any, site: Any
) -> None:
    publish("legal_document", **document())
    assert "Kế hoạch 389/KH-UBND" not in site().get("/tim-kiem?q=389").text
    assert hoitu("worker", "--once").exit_code == 0
    assert "Kế hoạch 389/KH-UBND" in site().get("/tim-kiem?q=389").text
    with platform.open_session(True) as session:
        enqueue(session, "core.tidy", {}, run_at=platform.clock.now())
        session.commit()
    change(platform, f"update job set state = '{DEAD}', attempts = 8")
    assert hoitu("worker", "--once").exit_code == 0
    assert states(platform) == {DEAD}
    assert hoitu("worker", "--once", "--retry-dead").exit_code == 0
    assert states(platform) == {DONE}


def states(platform: Platform) -> set[str]:
    """Return the states of jobs, but for what waits for its hour: links are asked at night."""
    due = JobRow.run_at <= datetime.now(UTC)
    with platform.open_session(False) as session:
        return set(session.scalars(select(JobRow.state).where(due)))


def test_help_names_every_command(hoitu: Hoitu) -> None:
    shown = hoitu("--help").output
    names = "account audit db demo doctor init plugin requirements search section serve unit"
    for name in (*names.split(), "upgrade", "worker"):
        assert f"\n  {name} " in shown, name
