"""The commands, as an operator meets them: what they say, what they change, how they exit."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from sqlalchemy import func, select, text

from hoitu.core.access import Account, accounts
from hoitu.core.access.audit import AuditEntry
from hoitu.core.cli.context import application
from hoitu.core.extensions import KEY, Platform
from hoitu.core.jobs import enqueue
from hoitu.core.jobs.queue import DEAD, DONE, JobRow
from hoitu.core.plugin import PluginRow
from hoitu.core.testing.fixtures import PASSWORD
from hoitu.core.units import all_units
from hoitu.core.units.models import UnitRow

Hoitu = Callable[..., Result]


@pytest.fixture
def fresh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """Return a function that runs a command on an instance that was never set up."""
    from click.testing import CliRunner

    from hoitu.core.cli import commands

    folder = tmp_path / "fresh"
    monkeypatch.setenv("HOITU_INSTANCE", str(folder))
    monkeypatch.delenv("HOITU_DATABASE_URL", raising=False)
    return lambda *arguments, **options: CliRunner().invoke(commands(), arguments, **options)


@pytest.fixture
def program(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., tuple[int, str, str]]:
    """Return a function that runs the console script; exit code, output and errors."""
    from hoitu.core.cli import main

    def run(*arguments: str, **environment: str) -> tuple[int, str, str]:
        with monkeypatch.context() as patched:
            patched.setattr(sys, "argv", ["hoitu", *arguments])
            for name, value in environment.items():
                patched.setenv(name, value)
            with pytest.raises(SystemExit) as ended:
                main()
        captured = capsys.readouterr()
        return int(ended.value.code or 0), captured.out, captured.err

    return run


def count(platform: Platform, model: Any) -> int:
    with platform.open_session(False) as session, all_units("count"):
        return session.scalar(select(func.count()).select_from(model)) or 0


def change(platform: Platform, statement: str) -> None:
    with platform.engine.begin() as connection:
        connection.execute(text(statement))


# -- instance ----------------------------------------------------------------------------------


def test_init_can_be_repeated(fresh: Hoitu, tmp_path: Path) -> None:
    first = fresh("init")
    assert first.exit_code == 0, first.output
    assert "core: nothing -> core_0001" in first.output
    key = (tmp_path / "fresh" / "secret_key").read_text()
    second = fresh("init")
    assert second.exit_code == 0
    assert second.output == f"The instance is ready: {tmp_path / 'fresh'}\n"
    assert (tmp_path / "fresh" / "secret_key").read_text() == key
    assert (tmp_path / "fresh" / "secret_key").stat().st_mode & 0o777 == 0o600


def test_the_dry_run_of_an_upgrade_changes_nothing(fresh: Hoitu, tmp_path: Path) -> None:
    planned = fresh("upgrade", "--dry-run")
    assert planned.exit_code == 0
    assert "-- core: nothing -> core_0001" in planned.output
    assert "CREATE TABLE item (" in planned.output
    assert "not set up" in fresh("unit", "list").output
    assert fresh("upgrade").exit_code == 0
    planned = fresh("upgrade", "--dry-run")
    assert "-- core: core_0001 -> core_0001" in planned.output
    assert "CREATE TABLE" not in planned.output
    assert fresh("unit", "list").exit_code == 0


def test_a_command_before_init_names_it(fresh: Hoitu) -> None:
    for arguments in (["unit", "list"], ["search", "rebuild"], ["audit", "verify"]):
        done = fresh(*arguments)
        assert done.exit_code == 1
        assert done.output == "Error: The instance is not set up. Run: hoitu init\n"


@pytest.mark.slow
def test_the_demonstration_is_loaded_once(fresh: Hoitu, tmp_path: Path) -> None:
    first = fresh("demo", "--no-serve")
    assert first.exit_code == 0, first.output
    signs = (tmp_path / "fresh" / "demo-sign-in.txt").read_text()
    assert "quantri@demo.example" in first.output
    assert "(0 new items)" not in first.output
    second = fresh("demo", "--no-serve")
    assert second.exit_code == 0, second.output
    assert "The demonstration is loaded (0 new items)." in second.output
    assert (tmp_path / "fresh" / "demo-sign-in.txt").read_text() == signs
    verdict = fresh("audit", "verify")
    assert verdict.exit_code == 0
    assert "unbroken" in verdict.output
    examined = fresh("doctor")
    assert examined.exit_code == 0, examined.output
    with application(demo_hosts=True) as app:
        for host in ("127.0.0.1:8000", "phong-dien.localhost:8000"):
            answer = app.test_client().get("/", headers={"Host": host})
            assert answer.status_code == 200
        assert app.extensions[KEY].search.health().documents > 0


def test_no_drift(hoitu: Hoitu, platform: Platform) -> None:
    assert hoitu("db", "check").exit_code == 0
    change(platform, "alter table news_article add column stray integer")
    done = hoitu("db", "check")
    assert done.exit_code == 1
    assert "news: DRIFT" in done.output
    assert "core: no drift" in done.output


def test_a_foreseeable_error_is_one_line_and_exit_2(program: Any, tmp_path: Path) -> None:
    values = {"HOITU_INSTANCE": str(tmp_path)}
    down = "postgresql://nobody@127.0.0.1:9/none"
    for more, named in (
        ({"HOITU_DATABSE_URL": "x"}, "HOITU_DATABSE_URL"),
        ({"HOITU_LOG_LEVEL": "LOUD"}, "log_level"),
        ({"HOITU_DATABASE_URL": down}, "The database does not answer"),
    ):
        code, _, errors = program("unit", "list", **values, **more)
        assert code == 2
        assert named in errors.splitlines()[0]
        assert "Traceback" not in errors
    (tmp_path / "settings.toml").write_text("uplaod_limit_mb = 3\n")
    code, _, errors = program("init", **values)
    assert (code, "`uplaod_limit_mb` is not a setting" in errors) == (2, True)
    (tmp_path / "settings.toml").unlink()
    (tmp_path / "catalogues").mkdir()
    (tmp_path / "catalogues" / "x.yaml").write_text("- [")
    code, _, errors = program("unit", "list", **values)
    assert (code, "x.yaml is not a catalogue" in errors) == (2, True)


def test_the_version_is_that_of_the_wheel(program: Any) -> None:
    code, out, _ = program("--version")
    assert (code, out.split()[-1]) == (0, version("hoitu"))


# -- doctor ------------------------------------------------------------------------------------


def test_doctor_finds_a_healthy_instance_healthy(hoitu: Hoitu) -> None:
    done = hoitu("doctor")
    assert done.exit_code == 0, done.output
    for subject in ("settings", "database", "schema", "search", "outbox", "jobs", "audit log"):
        assert f"ok    {subject}:" in done.output, subject


def test_doctor_names_a_wrong_settings_key(hoitu: Hoitu, instance: Path) -> None:
    (instance / "settings.toml").write_text('databse_url = "x"\n')
    done = hoitu("doctor")
    assert done.exit_code == 1
    assert "`databse_url` is not a setting" in done.output
    assert "settings.toml" in done.output


def test_doctor_names_the_rebuild_of_a_missing_index(hoitu: Hoitu, instance: Path) -> None:
    shutil.rmtree(instance / "search")
    done = hoitu("doctor")
    assert done.exit_code == 1
    assert "FAIL  search" in done.output
    assert "-> hoitu search rebuild" in done.output
    assert hoitu("search", "rebuild").exit_code == 0
    assert hoitu("doctor").exit_code == 0


def test_doctor_names_a_plugin_in_quarantine(hoitu: Hoitu, platform: Platform) -> None:
    quarantine(platform, "news")
    done = hoitu("doctor")
    assert done.exit_code == 1
    assert "FAIL  plugin news: quarantined it fails" in done.output
    assert "hoitu plugin release news" in done.output


def test_doctor_names_what_the_database_lacks(hoitu: Hoitu, platform: Platform) -> None:
    change(platform, "drop table migration_links")
    done = hoitu("doctor")
    assert done.exit_code == 1
    assert "links None -> links_0001" in done.output
    assert "-> hoitu upgrade" in done.output


def test_doctor_asks_for_init_first(fresh: Hoitu, tmp_path: Path) -> None:
    done = fresh("doctor")
    assert done.exit_code == 1
    assert "hoitu init" in done.output
    assert not (tmp_path / "fresh").exists()


def test_doctor_names_dead_jobs_and_a_changed_log(
    hoitu: Hoitu, platform: Platform, publish: Any, document: Any
) -> None:
    publish("legal_document", **document())
    with platform.open_session(True) as session:
        enqueue(session, "core.tidy", {}, run_at=platform.clock.now())
        session.commit()
    change(platform, "update job set state = 'dead'")
    change(platform, "update audit_entry set actor = 'ai đó' where id = 1")
    done = hoitu("doctor")
    assert done.exit_code == 1
    assert "-> hoitu worker --retry-dead" in done.output
    assert "entry 1 was changed" in done.output


def test_doctor_keeps_the_password_of_a_database_that_is_away(
    hoitu: Hoitu, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOITU_DATABASE_URL", "postgresql://hoitu:secret@127.0.0.1:9/hoitu")
    done = hoitu("doctor")
    assert done.exit_code == 1
    assert "FAIL  database:" in done.output
    assert "secret" not in done.output


# -- plugins and requirements ------------------------------------------------------------------


def quarantine(platform: Platform, name: str) -> None:
    with platform.open_session(True) as session:
        row = session.get(PluginRow, name) or PluginRow(name=name, version="0.1.0")
        row.state, row.reason, row.changed_at = "quarantined", "it fails", platform.clock.now()
        session.add(row)
        session.commit()


def test_a_plugin_is_released(hoitu: Hoitu, platform: Platform) -> None:
    assert "news                 0.1.0    active" in hoitu("plugin", "list").output
    refused = hoitu("plugin", "release", "news")
    assert refused.exit_code == 1
    assert "news is not in quarantine" in refused.output
    quarantine(platform, "news")
    listed = hoitu("plugin", "list")
    assert "quarantined" in listed.output
    assert "it fails" in listed.output
    assert hoitu("plugin", "release", "news").exit_code == 0
    assert "news                 0.1.0    active" in hoitu("plugin", "list").output
    with platform.open_session(False) as session:
        assert "plugin.release" in session.scalars(select(AuditEntry.action)).all()


def test_requirements_without_a_section_are_counted(hoitu: Hoitu, platform: Platform) -> None:
    done = hoitu("requirements")
    assert done.exit_code == 0
    catalogue = platform.catalogues.on(platform.clock.today()).requirements
    assert len(catalogue) == 49
    lines = done.output.splitlines()
    assert len(lines) == 50
    assert {line.split()[1] for line in lines[:-1]} == set(catalogue)
    missing = sum(line.split()[2] == "-" for line in lines[:-1])
    assert lines[-1] == f"49 requirements, {missing} without a section."
    assert hoitu("requirements", "--check").exit_code == (1 if missing else 0)


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
        assert actor.grants == {("editor", unit.id)}
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
    with platform.open_session(False) as session:
        return set(session.scalars(select(JobRow.state)))


def test_help_names_every_command(hoitu: Hoitu) -> None:
    shown = hoitu("--help").output
    names = "account audit db demo doctor init plugin requirements search section serve unit"
    for name in (*names.split(), "upgrade", "worker"):
        assert f"\n  {name} " in shown, name
