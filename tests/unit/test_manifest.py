from __future__ import annotations

import sys
from collections.abc import Callable
from importlib.metadata import EntryPoint
from typing import Any

import pytest

from hoitu.core.plugin import manifest
from hoitu.core.plugin.manifest import ManifestError

LEAST = {"name": "x", "title": {"vi": "Thử", "en": "Trial"}, "version": "1.0", "api": 1}

#: What a plugin keeps of people, complete.
KEPT = {
    "fields": ["phone"], "of": "visitor", "kept_days": 30,
    "purpose": {"vi": "Gọi lại", "en": "To call back"},
}  # fmt: skip


def entry(name: str, package: str = "") -> EntryPoint:
    return EntryPoint(name, f"{package or name}.section:section", "hoitu.plugins")


def test_what_is_kept_of_people_is_read() -> None:
    (kept,) = manifest.parse({**LEAST, "personal_data": [KEPT]}, "x.toml").personal_data
    assert (kept.fields, kept.of, kept.kept_days, kept.basis) == (("phone",), "visitor", 30, "")
    assert (kept.told_purpose("en"), kept.told_purpose("fr")) == ("To call back", "Gọi lại")


def test_lists_become_tuples_and_the_rest_has_defaults() -> None:
    found = manifest.parse({**LEAST, "requirements": ["plans"], "weight": 7}, "x.toml")
    assert found.requirements == ("plans",)
    assert (found.weight, found.tier, found.default_on) == (7, "bronze", False)
    assert (found.label("en"), found.label("vi"), found.label("fr")) == ("Trial", "Thử", "Thử")


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"colour": "red"}, "colour"),
        ({"title": {"vi": "Thử"}}, "title"),
        ({"title": "Thử"}, "title"),
        ({"title": {"vi": 1, "en": "x"}}, "title"),
        ({"name": 5}, "name"),
        ({"version": 1.0}, "version"),
        ({"api": "1"}, "api"),
        ({"api": True}, "api"),
        ({"weight": "heavy"}, "weight"),
        ({"default_on": "yes"}, "default_on"),
        ({"tier": "platinum"}, "tier"),
        ({"requires_core": "about 1"}, "requires_core"),
        ({"requires_core": 1}, "requires_core"),
        ({"permissions": ["y.edit"]}, "y.edit"),
        ({"permissions": "x.edit"}, "permissions"),
        ({"permissions": [1]}, "permissions"),
        ({"requirements": [["plans"]]}, "requirements"),
        ({"personal_data": ["phone"]}, "personal_data"),
        ({"personal_data": [{**KEPT, "colour": "red"}]}, "colour"),
        ({"personal_data": [{**KEPT, "fields": []}]}, "personal_data.fields"),
        ({"personal_data": [{**KEPT, "fields": "phone"}]}, "personal_data.fields"),
        ({"personal_data": [{**KEPT, "of": "people"}]}, "personal_data.of"),
        ({"personal_data": [{**KEPT, "kept_days": -1}]}, "personal_data.kept_days"),
        ({"personal_data": [{**KEPT, "kept_days": "long"}]}, "personal_data.kept_days"),
        ({"personal_data": [{**KEPT, "purpose": {"vi": "Thử"}}]}, "personal_data.purpose"),
        ({"personal_data": [{"fields": ["phone"]}]}, "personal_data"),
        ({"personal_data": [{**KEPT, "fields": ["trial_row.phone"]}]}, "personal_data.title"),
        ({"personal_data": [KEPT, KEPT]}, "personal_data"),
    ],
    ids=str,
)
def test_a_wrong_value_is_named_with_its_file(change: dict[str, Any], named: str) -> None:
    with pytest.raises(ManifestError, match=rf"x\.toml.*`?{named}"):
        manifest.parse({**LEAST, **change}, "x.toml")


@pytest.mark.parametrize("key", LEAST)
def test_a_missing_value_is_named(key: str) -> None:
    with pytest.raises(ManifestError, match=key):
        manifest.parse({k: v for k, v in LEAST.items() if k != key}, "x.toml")


def test_a_manifest_is_read_without_importing_its_package(plant: Callable[..., str]) -> None:
    plant(
        "sleeper", module="raise SystemExit", files={"__init__.py": "raise RuntimeError('awake')"}
    )
    assert manifest.read(entry("sleeper")).name == "sleeper"
    assert "sleeper" not in sys.modules


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("name = [", "cannot be read"),
        ('name = "other"\ntitle = {vi="a", en="b"}\nversion = "1"\napi = 1', "must be the entry"),
    ],
)
def test_an_unusable_file_is_named(plant: Callable[..., str], text: str, named: str) -> None:
    plant("odd", manifest=text)
    with pytest.raises(ManifestError, match=named):
        manifest.read(entry("odd"))


def test_a_file_that_is_not_text_is_named(plant: Callable[..., str], tmp_path: Any) -> None:
    plant("odd")
    (tmp_path / "site-packages" / "odd" / "section.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ManifestError, match=r"odd.section\.toml cannot be read"):
        manifest.read(entry("odd"))


def test_a_package_that_is_not_there_is_named(plant: Callable[..., str]) -> None:
    with pytest.raises(ManifestError, match="nowhere is not installed"):
        manifest.read(entry("nowhere"))
    plant("upper", files={"__init__.py": "raise RuntimeError('no entry')"})
    with pytest.raises(ManifestError, match="no entry"):
        manifest.read(EntryPoint("inner", "upper.inner.section:section", "hoitu.plugins"))


SERVICE = 'name = "{name}"\ntitle = {{vi="a", en="b"}}\nversion = "1"\napi = 1\n'


def test_the_name_of_the_file_makes_a_service(plant: Callable[..., str]) -> None:
    plant("quiet", files={"plugin.toml": SERVICE.format(name="quiet")})
    plant("loud")
    assert manifest.read(entry("quiet")).service
    assert not manifest.read(entry("loud")).service


def test_a_service_fulfils_no_requirement(plant: Callable[..., str]) -> None:
    plant("quiet", files={"plugin.toml": SERVICE.format(name="quiet") + 'requirements = ["x"]\n'})
    with pytest.raises(ManifestError, match=r"section\.toml"):
        manifest.read(entry("quiet"))


def test_nobody_calls_themselves_a_service_inside_the_file() -> None:
    with pytest.raises(ManifestError, match="service"):
        manifest.parse({**LEAST, "service": True}, "x.toml")
