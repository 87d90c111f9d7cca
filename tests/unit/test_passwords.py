"""Which passwords are taken, without rules about capitals and signs."""

from __future__ import annotations

import secrets

import pytest
from argon2 import PasswordHasher

from hoitu.core.access import passwords

PERSON = ("Nguyễn Văn An", "nvan.vp", "Ủy ban nhân dân phường Phong Điền", "phuong-phong-dien")


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("ngắn quá", passwords.SHORT),
        ("x" * 13, passwords.SHORT),
        ("x" * 14, passwords.COMMON),
        ("password123456", passwords.COMMON),
        ("Password@123456", passwords.COMMON),
        ("P@ssw0rd20262026", passwords.COMMON),
        ("matkhau2026matkhau", passwords.COMMON),
        ("mật khẩu mật khẩu 2026", passwords.COMMON),
        ("MatKhau@12345678", passwords.COMMON),
        ("quantri@20252026", passwords.COMMON),
        ("passwordadmin2026", passwords.COMMON),
        ("12345678901234", passwords.COMMON),
        ("98765432109876", passwords.COMMON),
        ("qwertyuiopasdfgh", passwords.COMMON),
        ("1qaz2wsx3edc4rfv", passwords.COMMON),
        ("abcabcabcabcabc", passwords.COMMON),
        ("!!!!!!!!!!!!!!!!", passwords.COMMON),
        ("12031985 12031985", passwords.COMMON),
        ("Nguyễn Văn An 1985!", passwords.OWN),
        ("nguyenvanan-la-toi", passwords.OWN),
        ("nvan.vp và mùa xuân xanh", passwords.OWN),
        ("phuongphongdien#2026", passwords.OWN),
        ("phongdien20262026", passwords.OWN),
    ],
)
def test_what_everybody_guesses_is_refused(password: str, why: str) -> None:
    assert passwords.weakness(password, PERSON) == why


@pytest.mark.parametrize(
    "password",
    [
        "correct horse battery",
        "con đường đẹp nhất",
        "conduongdepnhat",
        "mưa rơi trên mái ngói",
        "k8x2m9q4w7r1z5t",
        "春が来て花が咲いて鳥が歌を歌う",
        "82930174650912",
    ],
)
def test_what_is_hard_to_guess_is_taken_without_further_rules(password: str) -> None:
    assert passwords.weakness(password, PERSON) == ""


def test_random_passwords_are_taken() -> None:
    refused = [p for p in (secrets.token_urlsafe(12) for _ in range(500)) if passwords.weakness(p)]
    assert refused == []


def test_long_entries_cost_no_time() -> None:
    assert passwords.weakness("a" * 200_000) == passwords.COMMON


def test_a_password_kept_with_less_work_is_outdated(monkeypatch: pytest.MonkeyPatch) -> None:
    weak = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    kept = weak.hash("correct horse battery")
    assert passwords.is_outdated(kept)
    assert passwords.matches(kept, "correct horse battery")
    assert not passwords.is_outdated(passwords.hashed("correct horse battery"))
    assert not passwords.matches("", "")
    assert not passwords.matches_nobody("correct horse battery")
