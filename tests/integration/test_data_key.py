"""The key of what is sealed: never made anew where something was sealed, a wrong one is noticed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from sqlalchemy import select

from hoitu.core import data_key
from hoitu.core.access import Account, accounts, factors
from hoitu.core.access.audit import AuditEntry
from hoitu.core.access.models import RecoveryCode
from hoitu.core.config import ConfigError
from hoitu.core.db import Base
from hoitu.core.extensions import Platform
from hoitu.core.people.identities import recognise
from hoitu.core.people.login import Known
from hoitu.core.people.models import Person
from hoitu.core.testing.fixtures import PASSWORD
from hoitu.core.web.people.signing_in import WAY_OUT

pytestmark = pytest.mark.both_databases

Hoitu = Callable[..., Result]
OTHER = "f" * 64


@pytest.fixture
def sealed(platform: Platform) -> Account:
    """Return an account with a second factor on an instance whose database knows its key."""
    with platform.open_session(True) as session:
        data_key.keep_mark(session, platform.seal)
        kept = accounts.create(session, email="an@thu.example", name="An", password=PASSWORD)
        session.flush()
        kept.totp_secret = platform.seal.lock("JBSWY3DPEHPK3PXP", "second factor")
        factors.new_recovery_codes(session, platform.seal, kept)
        known = Known("https://i.test", "s", "An", level=2, number="001")
        recognise(session, platform.seal, known, platform.clock.now())
        session.commit()
    return kept


def told(platform: Platform, owner: Account) -> tuple[str, int, str, str | None]:
    """Return the secret, number of codes, sealed number and mark that are kept."""
    with platform.open_session(False) as session:
        person = session.scalars(select(Person)).one()
        codes = session.scalars(select(RecoveryCode)).all()
        kept = session.get_one(Account, owner.id)
        return kept.totp_secret, len(codes), person.number_sealed, person.number_mark


@pytest.mark.parametrize(
    "command", ["init", "upgrade", "unit list", "serve --port 1", "worker --once", "doctor"]
)
def test_a_lost_key_is_never_replaced_in_silence(
    hoitu: Hoitu, instance: Path, sealed: Account, command: str
) -> None:
    path = instance / "data_key"
    path.unlink()
    done = hoitu(*command.split())
    said = f"{done.output}{done.exception}"
    assert done.exit_code != 0
    assert "data_key is missing" in said
    assert "from its backup" in said
    assert "hoitu data-key replace" in said
    assert "hoitu init" not in said
    assert not path.exists()


@pytest.mark.parametrize("command", ["init", "unit list", "serve --port 1", "doctor"])
def test_a_wrong_key_is_noticed(
    hoitu: Hoitu, instance: Path, sealed: Account, command: str
) -> None:
    (instance / "data_key").write_text(OTHER)
    done = hoitu(*command.split())
    assert done.exit_code != 0
    assert "is not the key this database was sealed with" in f"{done.output}{done.exception}"


def test_init_writes_down_which_key_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from click.testing import CliRunner

    from hoitu.core.cli import commands

    monkeypatch.setenv("HOITU_INSTANCE", str(tmp_path / "fresh"))
    monkeypatch.delenv("HOITU_DATABASE_URL", raising=False)
    assert CliRunner().invoke(commands(), ["init"]).exit_code == 0
    (tmp_path / "fresh" / "data_key").unlink()
    again = CliRunner().invoke(commands(), ["init"])
    assert isinstance(again.exception, ConfigError)
    assert not (tmp_path / "fresh" / "data_key").exists()


def test_doctor_tells_of_the_key(hoitu: Hoitu, instance: Path, sealed: Account) -> None:
    assert "ok    data key: fits the database" in hoitu("doctor").output
    (instance / "data_key").chmod(0o644)
    done = hoitu("doctor")
    assert "FAIL  data key: others may read" in done.output
    assert f"chmod 600 {instance / 'data_key'}" in done.output


def test_doctor_tries_to_open_what_is_sealed(
    hoitu: Hoitu, platform: Platform, sealed: Account
) -> None:
    with platform.open_session(True) as session:
        session.get_one(Account, sealed.id).totp_secret = "nothing that opens"
        session.commit()
    assert "FAIL  data key: does not open account.totp_secret" in hoitu("doctor").output


def test_going_on_without_a_lost_key(
    hoitu: Hoitu, platform: Platform, instance: Path, sealed: Account
) -> None:
    before = told(platform, sealed)
    refused = hoitu("data-key", "replace", "--yes")
    assert isinstance(refused.exception, ConfigError)
    assert told(platform, sealed) == before
    (instance / "data_key").unlink()
    assert hoitu("data-key", "replace", input="n\n").exit_code == 1
    assert told(platform, sealed) == before
    done = hoitu("data-key", "replace", "--yes")
    assert done.exit_code == 0, done.output
    assert "account.totp_secret: 1 removed" in done.output
    assert told(platform, sealed) == ("", 0, "", None)
    with platform.open_session(False) as session:
        entry = session.scalars(
            select(AuditEntry).where(AuditEntry.action == "data_key.replace")
        ).one()
    assert entry.detail["person.number_sealed"] == 1
    assert hoitu("doctor").exit_code == 0
    assert hoitu("unit", "list").exit_code == 0


def test_every_sealed_column_tells_its_purpose() -> None:
    known = {str(column): purpose for column, purpose in data_key.sealed_columns()}
    named = {
        str(column)
        for table in Base.metadata.sorted_tables
        for column in table.columns
        if column.name.endswith("_sealed")
    }
    assert named <= set(known)
    assert known["person_session.way_out_sealed"] == WAY_OUT
