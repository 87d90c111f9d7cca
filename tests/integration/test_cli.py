"""The commands an operator uses: what they do, say, and refuse."""

from __future__ import annotations

import sys
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from hoitu.core.access import Account, accounts
from hoitu.core.access.audit import AuditEntry
from hoitu.core.extensions import KEY, Platform
from hoitu.core.settings.refresh import refresh

UNITS = """
units:
- {key: a, slug: so-moi, type: department, site: true, names: [{name: "Sở Mới"}], parents: []}
- {key: b, slug: don-vi-moi, type: public_service_unit, site: false,
   names: [{name: "Đơn vị cũ", valid_until: 2025-06-30},
           {name: "Đơn vị mới", valid_from: 2025-07-01}],
   parents: [{key: a}], hosts: [{name: Moi.test}]}
"""
NEVER = "valid_from: 2026-01-01, valid_until: 2025-06-30"
VANISHES = "\nsuccession:\n- {predecessor: a, successor: %s, kind: %s, effective_on: 2025-07-01}"

Hoitu = Callable[..., Any]


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


def test_init_makes_an_instance_and_may_be_repeated(
    hoitu: Hoitu, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "new" / "instance"
    monkeypatch.setenv("HOITU_INSTANCE", str(folder))
    monkeypatch.delenv("HOITU_DATABASE_URL")
    for command in (("unit", "list"), ("audit", "verify"), ("search", "rebuild")):
        early = hoitu(*command)
        assert (early.exit_code, "hoitu init" in early.output) == (1, True)
    for _ in range(2):
        result = hoitu("init")
        assert result.exit_code == 0, result.output
        assert f"The instance is ready: {folder}" in result.output
    assert (folder / "hoitu.sqlite").exists()
    assert (folder / "secret_key").stat().st_mode & 0o777 == 0o600
    doctor = hoitu("doctor")
    assert doctor.exit_code == 0, doctor.output
    assert "FAIL" not in doctor.output
    assert hoitu("db", "check").exit_code == 0
    assert hoitu("unit", "list").output == ""


def test_foreseeable_errors_are_one_line_with_a_remedy(program: Any, tmp_path: Path) -> None:
    instance = {"HOITU_INSTANCE": str(tmp_path)}
    (tmp_path / "settings.toml").write_text("plgins = 'core'")
    code, out, _ = program("doctor", **instance)
    assert (code, "`plgins` is not a setting" in out) == (1, True)
    for arguments in (("unit", "list"), ("init",)):
        code, _, errors = program(*arguments, **instance)
        assert (code, len(errors.splitlines())) == (2, 1)
        assert "`plgins` is not a setting" in errors
    (tmp_path / "settings.toml").unlink()
    code, _, errors = program("unit", "list", **instance, HOITU_LOG_LEVLE="x")
    assert (code, "HOITU_LOG_LEVLE" in errors) == (2, True)
    down = "postgresql://hoitu@127.0.0.1:1/hoitu"
    code, _, errors = program("unit", "list", **instance, HOITU_DATABASE_URL=down)
    assert code == 2
    assert "The database does not answer" in errors and "hoitu doctor" in errors
    (tmp_path / "catalogues").mkdir()
    (tmp_path / "catalogues" / "x.yaml").write_text("- [")
    code, _, errors = program("unit", "list", **instance)
    assert (code, "x.yaml is not a catalogue" in errors) == (2, True)


def test_the_version_is_that_of_the_wheel(program: Any) -> None:
    code, out, _ = program("--version")
    assert (code, out.split()[-1]) == (0, version("hoitu"))


def test_doctor_names_what_is_wrong_and_the_way_out(
    hoitu: Hoitu, platform: Platform, instance: Path, database_url: str
) -> None:
    healthy = hoitu("doctor")
    assert healthy.exit_code == 0, healthy.output
    assert "database_url" not in healthy.output
    with platform.engine.begin() as connection:
        connection.exec_driver_sql("update migration_news set version_num = 'news_0000'")
    broken = hoitu("doctor")
    assert broken.exit_code == 1
    assert "schema: news news_0000 -> news_" in broken.output
    assert "-> hoitu upgrade" in broken.output


def test_doctor_when_the_database_is_away(hoitu: Hoitu, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOITU_DATABASE_URL", "postgresql://hoitu:secret@127.0.0.1:1/hoitu")
    result = hoitu("doctor")
    assert result.exit_code == 1
    assert "FAIL  database:" in result.output
    assert "secret" not in result.output


def test_plugins_are_listed_with_the_units_that_have_them(hoitu: Hoitu) -> None:
    lines = hoitu("plugin", "list").output.splitlines()
    (line,) = [line for line in lines if line.startswith("legal_documents")]
    assert line.split()[1:] == ["0.1.0", "active", line.split()[3], "6", "units"]
    assert hoitu("plugin", "release", "legal_documents").exit_code == 1


def test_requirements_and_who_serves_them(hoitu: Hoitu) -> None:
    result = hoitu("requirements")
    assert result.exit_code == 0
    (line,) = [x for x in result.output.splitlines() if " normative_documents " in x]
    assert "legal_documents" in line and "1 expired basis" in line
    (line,) = [x for x in result.output.splitlines() if " platform_build " in x]
    assert "core" in line
    checked = hoitu("requirements", "--check")
    last = checked.output.splitlines()[-1]
    assert last.startswith("49 requirements, ")
    assert checked.exit_code == (0 if last.endswith(" 0 without a section.") else 1)


# -- units -------------------------------------------------------------------------------------


def test_units_are_listed_in_vietnamese_order(hoitu: Hoitu) -> None:
    slugs = [line.split()[1] for line in hoitu("unit", "list").output.splitlines()]
    assert "huyen-cu" not in slugs
    assert set(slugs) == {"so-thu", "don-vi-su-nghiep", "phuong-hai", "phuong-mot", "tinh"}
    assert slugs.index("phuong-hai") < slugs.index("phuong-mot")
    assert "huyen-cu" in hoitu("unit", "list", "--all").output


def test_one_unit_is_shown_with_everything_dated(hoitu: Hoitu) -> None:
    shown = hoitu("unit", "show", "huyen-cu").output
    assert "Ủy ban nhân dân huyện Cũ (huyen-cu, district_rural, code none)" in shown
    assert "host" in shown and "huyen.test" in shown
    assert "became  2025-07-01  Ủy ban nhân dân phường Một (split)" in shown
    assert "on  legal_documents.normative_documents" in shown
    unknown = hoitu("unit", "show", "nowhere")
    assert unknown.exit_code == 1
    assert "hoitu unit list --all" in unknown.output


def test_units_are_imported_again_and_again(
    hoitu: Hoitu, tmp_path: Path, platform: Platform
) -> None:
    file = tmp_path / "units.yaml"
    file.write_text(UNITS, encoding="utf-8")
    for _ in range(2):
        result = hoitu("unit", "import", str(file))
        assert (result.exit_code, result.output) == (0, "2 units are up to date.\n")
    with platform.open_session(False) as session:
        refresh(platform, session)
    units = platform.units
    assert len(units.all()) == 8
    found, above = units.by_slug("don-vi-moi"), units.by_slug("so-moi")
    assert found is not None and above is not None
    day = platform.clock.today()
    assert found.name(day) == "Đơn vị mới"
    assert units.parent(found, day) == above
    assert units.by_host("moi.test") == found
    file.write_text(UNITS.replace("Sở Mới", "Sở Đổi tên"), encoding="utf-8")
    hoitu("unit", "import", str(file))
    assert "Sở Đổi tên" in hoitu("unit", "show", "so-moi").output


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("- [", "not a list of units"),
        ("units: 5", "not a list of units"),
        (UNITS.replace("slug: so-moi", "slug: Sở Mới"), "must be lower-case ASCII"),
        (UNITS.replace("{key: a}]", "{key: z}]"), "parent z is not in the file"),
        (UNITS.replace("2025-06-30", "hôm qua"), "is not a date"),
        (UNITS.replace("valid_until: 2025-06-30", NEVER), "ends before it begins"),
        (UNITS + VANISHES % ("z", "merge"), "z is not in the file"),
        (UNITS + VANISHES % ("b", "vanish"), "unknown kind vanish"),
    ],
    ids=["yaml", "list", "slug", "parent", "date", "period", "succession", "kind"],
)
def test_a_units_file_with_a_mistake_changes_nothing(
    hoitu: Hoitu, tmp_path: Path, text: str, named: str
) -> None:
    file = tmp_path / "units.yaml"
    file.write_text(text, encoding="utf-8")
    before = hoitu("unit", "list", "--all").output
    result = hoitu("unit", "import", str(file))
    assert result.exit_code == 1
    assert named in result.output and "Nothing was changed" in result.output
    assert hoitu("unit", "list", "--all").output == before


# -- accounts, switches, work ------------------------------------------------------------------


def test_an_account_is_made_and_given_a_role(hoitu: Hoitu, platform: Platform) -> None:
    command = ("account", "create", "Nguoi@Hue.vn", "--name", "Người Thử", "--password")
    short = hoitu(*command, "ngắn")
    assert short.exit_code == 1 and "at least 14" in short.output
    assert hoitu(*command, "mật khẩu đủ dài").exit_code == 0
    again = hoitu(*command, "mật khẩu đủ dài")
    assert again.exit_code == 1 and "exists already" in again.output
    grant = ("account", "grant", "nguoi@hue.vn")
    assert hoitu(*grant, "editor", "--unit", "phuong-mot").exit_code == 0
    assert hoitu(*grant, "king").exit_code == 2
    assert hoitu(*grant, "editor", "--unit", "nowhere").exit_code == 1
    with platform.open_session(False) as session:
        account = session.scalars(select(Account)).one()
        unit = platform.units.by_slug("phuong-mot")
        assert unit is not None
        actor = accounts.actor(account, platform.clock.today())
        assert (account.email, actor.grants) == ("nguoi@hue.vn", {("editor", unit.id)})
        assert "mật khẩu" not in account.password_hash
        actions = session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)).all()
        assert actions == ["account.create", "account.grant"]


def test_a_section_is_explained_and_switched(hoitu: Hoitu) -> None:
    law = hoitu("section", "explain", "phuong-mot", "legal_documents.normative_documents")
    assert law.output.startswith("on  normative_documents: law\n")
    refused = hoitu("section", "off", "phuong-mot", "legal_documents.normative_documents")
    assert refused.exit_code == 1 and "Nothing was changed" in refused.output
    part = ("don-vi-su-nghiep", "legal_documents.normative_documents")
    assert hoitu("section", "explain", *part).output.startswith("off")
    assert hoitu("section", "on", *part, "--reason", "thử").exit_code == 0
    assert "on  normative_documents: choice" in hoitu("section", "explain", *part).output
    assert hoitu("section", "reset", *part).exit_code == 0
    assert hoitu("section", "explain", *part).output.startswith("off")
    waiver = ("--reason", "chưa có", "--decision", "1/QĐ-UBND", "--until", "2099-01-01")
    waived = ("phuong-mot", "legal_documents.normative_documents")
    assert hoitu("section", "waive", *waived, *waiver).exit_code == 0
    assert "off normative_documents: waiver" in hoitu("section", "explain", *waived).output
    for wrong in (("nowhere", "news"), ("phuong-mot", "nowhere"), ("phuong-mot", "news.x")):
        assert hoitu("section", "explain", *wrong).exit_code == 1


def test_the_worker_does_what_is_waiting_and_ends(
    hoitu: Hoitu, publish: Any, document: Any, platform: Platform
) -> None:
    publish("legal_document", **document())
    assert platform.search.health().documents == 0
    assert hoitu("worker", "--once").exit_code == 0
    assert platform.search.health().documents == 1


def test_the_index_is_rebuilt_from_what_is_public(
    hoitu: Hoitu, publish: Any, document: Any, platform: Platform, desk: Any
) -> None:
    from hoitu.core.content import Item, actions

    publish("legal_document", **document())
    gone = publish("legal_document", **document("390/KH-UBND"))
    with desk() as work:
        actions.unpublish(work, work.session.get_one(Item, gone), "Sai")
    result = hoitu("search", "rebuild")
    assert result.exit_code == 0
    assert "1 documents are in the new index" in result.output
    assert platform.search.health().documents == 1


def test_the_demonstration_loads_once(
    hoitu: Hoitu, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, make_app: Any
) -> None:
    folder = tmp_path / "demo"
    monkeypatch.setenv("HOITU_INSTANCE", str(folder))
    monkeypatch.delenv("HOITU_DATABASE_URL")
    first = hoitu("demo", "--no-serve")
    assert first.exit_code == 0, first.output
    assert "http://127.0.0.1:8000/" in first.output
    secrets = (folder / "demo-sign-in.txt").read_text("utf-8")
    assert "platform_admin" in secrets and secrets in first.output
    again = hoitu("demo", "--no-serve", "--port", "8011")
    assert "(0 new items)" in again.output and "http://127.0.0.1:8011/" in again.output
    assert (folder / "demo-sign-in.txt").read_text("utf-8") == secrets
    from hoitu.core.app import create_app

    app = create_app(instance=folder, demo_hosts=True)
    parts: Platform = app.extensions[KEY]
    try:
        for host in ("127.0.0.1:8000", "phong-dien.localhost:8000"):
            assert app.test_client().get("/", headers={"Host": host}).status_code == 200
        assert parts.search.health().ok and parts.search.health().documents > 0
    finally:
        parts.search.close()
        parts.engine.dispose()
