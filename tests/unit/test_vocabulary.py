from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from flask import Flask
from flask_babel import Babel, force_locale

from hoitu.core.content import Choice, Invalid, Term, Vocabulary

FILE = """
[bus]
vi = "Xe buýt"
en = "Bus"
wheels = 4

[boat]
vi = "Thuyền"
en = "Boat"
"""


@dataclass(frozen=True, slots=True)
class Vehicle(Term):
    wheels: int = 0


@pytest.fixture
def vehicles(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Vocabulary[Vehicle]]:
    (tmp_path / "depot" / "data").mkdir(parents=True)
    (tmp_path / "depot" / "__init__.py").touch()
    (tmp_path / "depot" / "data" / "vehicles.toml").write_text(FILE, encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    importlib.invalidate_caches()
    yield Vocabulary("depot", "vehicles", Vehicle)
    sys.modules.pop("depot", None)


def test_terms_in_the_order_of_the_file(vehicles: Vocabulary[Vehicle]) -> None:
    assert list(vehicles.terms.values()) == [
        Vehicle("bus", "Xe buýt", "Bus", 4),
        Vehicle("boat", "Thuyền", "Boat"),
    ]


def test_labels_follow_the_language(vehicles: Vocabulary[Vehicle]) -> None:
    vietnamese = [("bus", "Xe buýt"), ("boat", "Thuyền")]
    assert vehicles.options() == vietnamese
    app = Flask("vocabulary")
    Babel(app)
    with app.test_request_context():
        for locale, labels in (
            ("vi", vietnamese),
            ("en", [("bus", "Bus"), ("boat", "Boat")]),
            ("fr", vietnamese),
        ):
            with force_locale(locale):
                assert vehicles.options() == labels


def test_it_is_what_a_choice_offers(vehicles: Vocabulary[Vehicle]) -> None:
    kind = Choice(vehicles.options)
    assert kind.clean("boat") == "boat"
    assert kind.label("bus") == "Xe buýt"
    with pytest.raises(Invalid):
        kind.clean("plane")


def test_what_the_file_lacks_or_the_term_does_not_know_is_an_error(
    vehicles: Vocabulary[Vehicle],
) -> None:
    with pytest.raises(TypeError):
        assert Vocabulary("depot", "vehicles", Term).terms
    with pytest.raises(FileNotFoundError):
        assert Vocabulary("depot", "none", Term).terms
