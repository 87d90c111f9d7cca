"""The commands that look after an instance: setting up, upgrading, examining, demonstrating."""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from sqlalchemy import select, text

from hoitu.core.access import ROLES, accounts
from hoitu.core.access.audit import AuditEntry
from hoitu.core.cli.context import application
from hoitu.core.extensions import KEY, Platform
from hoitu.core.jobs import enqueue
from hoitu.core.plugin import PluginRow
from hoitu.core.testing.fixtures import PASSWORD

pytestmark = pytest.mark.both_databases

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


def change(platform: Platform, statement: str) -> None:
    with platform.engine.begin() as connection:
        connection.execute(text(statement))


# -- instance ----------------------------------------------------------------------------------


def test_init_can_be_repeated(fresh: Hoitu, tmp_path: Path) -> None:
    first = fresh("init")
    assert first.exit_code == 0, first.output
    assert "core: nothing -> core_0010" in first.output
    key = (tmp_path / "fresh" / "secret_key").read_text()
    second = fresh("init")
    assert second.exit_code == 0
    assert second.output == f"The instance is ready: {tmp_path / 'fresh'}\n"
    assert (tmp_path / "fresh" / "secret_key").read_text() == key
    assert (tmp_path / "fresh" / "secret_key").stat().st_mode & 0o777 == 0o600


def test_the_dry_run_of_an_upgrade_changes_nothing(fresh: Hoitu, tmp_path: Path) -> None:
    planned = fresh("upgrade", "--dry-run")
    assert planned.exit_code == 0
    assert "-- core: nothing -> core_0010" in planned.output
    assert "CREATE TABLE item (" in planned.output
    assert "not set up" in fresh("unit", "list").output
    assert fresh("upgrade").exit_code == 0
    planned = fresh("upgrade", "--dry-run")
    assert "-- core: core_0010 -> core_0010" in planned.output
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
    for role in ROLES:
        assert re.search(rf"^{role} +\S+@demo\.example ", first.output, re.MULTILINE), role
        assert re.search(rf"^  {role} +[a-z]", first.output, re.MULTILINE), role
    assert re.search(r"Desk to begin with +http://phuong-phong-dien\.localhost", first.output)
    assert re.search(r"http://phong-dien\.localhost:8000/ +\(ended on 31/12/2024\)", first.output)
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


UNIT = (
    "units:\n- {key: a, slug: xa-moi, type: commune, site: true, valid_from: null,"
    " valid_until: null, names: [{name: Xã Mới}], hosts: [{name: moi.test}], parents: []}\n"
)
ACCOUNT = ("account", "create", "an@thu.example", "--name", "An", "--password", PASSWORD)


@pytest.mark.parametrize(
    "command", [ACCOUNT, ("unit", "import", "units.yaml")], ids="{0[0]}".format
)
def test_the_demonstration_leaves_an_instance_of_somebody_else_alone(
    fresh: Hoitu, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("units.yaml").write_text(UNIT, encoding="utf-8")
    assert fresh("init").exit_code == 0
    assert fresh(*command).exit_code == 0
    listed = fresh("unit", "list", "--all").output
    refused = fresh("demo", "--no-serve")
    assert refused.exit_code == 1
    assert isinstance(refused.exception, SystemExit)
    assert str(tmp_path / "fresh") in refused.output
    assert "Nothing was changed." in refused.output
    assert "HOITU_INSTANCE=./demo hoitu demo" in refused.output
    assert fresh("unit", "list", "--all").output == listed
    assert not (tmp_path / "fresh" / "demo-sign-in.txt").exists()


def test_an_interrupted_demonstration_ends_with_passwords_that_open_the_desk(
    fresh: Hoitu, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from hoitu.core.demo import loading

    def full(_handle: int) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(loading, "_content", lambda _platform: iter(()))
    path = tmp_path / "fresh" / "demo-sign-in.txt"
    assert fresh("init").exit_code == 0
    with monkeypatch.context() as patched:
        patched.setattr("hoitu.core.config.os.fsync", full)
        assert fresh("demo", "--no-serve").exit_code == 1
    assert not path.exists()
    done = fresh("demo", "--no-serve")
    assert done.exit_code == 0, done.output
    kept = path.read_text()
    assert path.stat().st_mode & 0o777 == 0o600
    assert signed_in(kept) == set(ROLES)
    # It stays the demonstration's, whatever people do in it.
    assert fresh(*ACCOUNT).exit_code == 0
    assert fresh("demo", "--no-serve").exit_code == 0
    assert path.read_text() == kept
    path.unlink()
    assert fresh("demo", "--no-serve").exit_code == 0
    assert path.read_text() != kept
    assert signed_in(path.read_text()) == set(ROLES)


def signed_in(lines: str) -> set[str]:
    """Return the roles of those whom the passwords let in."""
    roles: set[str] = set()
    with application() as app:
        parts: Platform = app.extensions[KEY]
        with parts.open_session(False) as session:
            for line in lines.splitlines():
                _, email, password = line.split()
                found = accounts.authenticate(session, email, password, parts.clock.now())
                roles |= {grant.role for grant in found.grants} if found else {email}
    return roles


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
    assert "links None -> links_0" in done.output
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
    catalogue = platform.catalogues.on(platform.clock.today())
    lines = done.output.splitlines()
    of_plan, beyond = lines[:47], lines[48:-1]
    platform_duties = {"platform_build", "legacy_migration"}
    assert {line.split()[1] for line in of_plan} == set(catalogue.requirements) - platform_duties
    assert lines[47] == "47 requirements of units, 0 without a section."
    assert {line.split()[0] for line in beyond} <= set(catalogue.extras)
    assert lines[-1] == f"{len(beyond)} duties beyond the plan."
    assert hoitu("requirements", "--check").exit_code == 0


def test_a_requirement_that_lost_its_section_is_an_error(
    hoitu: Hoitu, monkeypatch: pytest.MonkeyPatch
) -> None:
    from hoitu.core.plugin import Plugins

    sections = Plugins.sections
    monkeypatch.setattr(
        Plugins, "sections", lambda plugins: [m for m in sections(plugins) if m.name != "news"]
    )
    done = hoitu("requirements", "--check")
    assert done.exit_code == 1
    assert "47 requirements of units, 3 without a section." in done.output
