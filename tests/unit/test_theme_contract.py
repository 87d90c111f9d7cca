"""What `contract.toml` promises to vendors is what the themes hold."""

from __future__ import annotations

import ast
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from jinja2 import Environment, nodes

from hoitu.core.plugin.manifest import package_folder
from hoitu.core.theming import Themes

BASE = package_folder("hoitu.themes.base")
OWN = package_folder("hoitu.core.web") / "templates"
CONTRACT: dict[str, dict[str, str]] = tomllib.loads((BASE / "contract.toml").read_text("utf-8"))
SITE_CSS = (BASE / "static" / "css" / "site.css").read_text("utf-8")
THEMES = Themes("civic")
SCHEMES = ("light", "dark")
CSS_LIMIT = 40_000

#: (text, ground) pairs that occur in site.css; WCAG 1.4.3 asks for 4.5:1.
TEXT_PAIRS = (
    ("text", "ground"), ("text", "surface"), ("text", "sunken"), ("text", "mark"),
    ("quiet", "ground"), ("quiet", "surface"), ("quiet", "sunken"),
    ("link", "ground"), ("link", "surface"), ("link-hover", "ground"), ("link-hover", "surface"),
    ("on-accent", "accent"), ("on-accent", "accent-hover"),
    ("on-bar", "bar"), ("on-bar", "bar-hover"), ("on-foot", "foot"),
    ("good", "good-ground"), ("warn", "warn-ground"),
    ("bad", "bad-ground"), ("info", "info-ground"),
)  # fmt: skip
#: (outline, ground) pairs; WCAG 1.4.11 asks for 3:1.
OUTLINE_PAIRS = (
    ("strong-line", "surface"), ("strong-line", "ground"),
    ("focus", "ground"), ("focus", "surface"),
)  # fmt: skip


def parsed(path: Path) -> nodes.Template:
    return Environment(extensions=["jinja2.ext.i18n"]).parse(path.read_text("utf-8"))


def tokens(css: str) -> dict[str, dict[str, str]]:
    light, dark = re.findall(r":root \{(.*?)\}", css, re.DOTALL)[:2]
    found = {
        scheme: dict(re.findall(r"--([a-z-]+):\s*([^;]+);", block))
        for scheme, block in (("light", light), ("dark", dark))
    }
    return {"light": found["light"], "dark": {**found["light"], **found["dark"]}}


def theme_css(name: str) -> str:
    owner, _ = THEMES.asset(THEMES.named(name), "css/theme.css")
    return (THEMES.named(owner).static / "css" / "theme.css").read_text("utf-8")


def contrast(one: str, other: str) -> float:
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour: str) -> float:
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def signature(text: str) -> tuple[list[str], int]:
    function: Any = ast.parse(f"def f{text[: text.index(')') + 1]}: pass").body[0]
    return [argument.arg for argument in function.args.args], len(function.args.defaults)


def test_macros_are_those_of_the_contract() -> None:
    macros = parsed(BASE / "templates" / "macros.html").find_all(nodes.Macro)
    actual = {m.name: ([a.name for a in m.args], len(m.defaults)) for m in macros}
    assert actual == {name: signature(text) for name, text in CONTRACT["macros"].items()}


def test_blocks_are_those_of_the_contract() -> None:
    blocks = parsed(BASE / "templates" / "layout.html").find_all(nodes.Block)
    assert {block.name for block in blocks} == set(CONTRACT["blocks"])


def test_slots_are_those_of_the_contract() -> None:
    sources = [*(BASE / "templates").rglob("*.html"), *OWN.rglob("*.html")]
    used = {n for s in sources for n in re.findall(r'slot\("(\w+)"', s.read_text("utf-8"))}
    assert used == set(CONTRACT["slots"])


def test_templates_and_assets_exist() -> None:
    for name in CONTRACT["templates"]:
        assert (BASE / "templates" / name).is_file() or (OWN / name).is_file(), name
    for name in CONTRACT["assets"]:
        assert (BASE / "static" / name).is_file(), name


@pytest.mark.parametrize("name", CONTRACT["classes"])
def test_class_is_drawn(name: str) -> None:
    assert re.search(rf"\.{name}\b(?!-)", SITE_CSS)


@pytest.mark.parametrize("theme", [t.name for t in THEMES.all()])
class TestTheme:
    def test_defines_every_token(self, theme: str) -> None:
        used = set(re.findall(r"var\(--([a-z-]+)\)", SITE_CSS))
        assert used <= set(tokens(theme_css(theme))["light"])

    @pytest.mark.parametrize("scheme", SCHEMES)
    @pytest.mark.parametrize("pair", TEXT_PAIRS, ids="-on-".join)
    def test_text_is_legible(self, theme: str, scheme: str, pair: tuple[str, str]) -> None:
        values = tokens(theme_css(theme))[scheme]
        assert contrast(values[pair[0]], values[pair[1]]) >= 4.5

    @pytest.mark.parametrize("scheme", SCHEMES)
    @pytest.mark.parametrize("pair", OUTLINE_PAIRS, ids="-on-".join)
    def test_outline_is_visible(self, theme: str, scheme: str, pair: tuple[str, str]) -> None:
        values = tokens(theme_css(theme))[scheme]
        assert contrast(values[pair[0]], values[pair[1]]) >= 3

    def test_style_sheets_are_small_and_self_contained(self, theme: str) -> None:
        css = SITE_CSS + theme_css(theme)
        assert len(css.encode()) < CSS_LIMIT
        assert "@import" not in css
        assert "//" not in css
