"""What `contract.toml` promises to vendors is what the themes hold."""

from __future__ import annotations

import ast
import gzip
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
SCHEMES = ("light", "dark", "contrast")
#: Least contrast of text by scheme: WCAG 1.4.3, and 1.4.6 for those who ask for more.
LEAST = {"light": 4.5, "dark": 4.5, "contrast": 7}
#: Both style sheets as they are sent, compressed: a page has 150 KB for everything.
CSS_LIMIT = 16_000
#: A colour that is written out instead of taken from a token.
RAW_COLOUR = re.compile(r"#[0-9a-f]{3,8}\b|\b(?:rgb|hsl|hwb|(?:ok)?lab|(?:ok)?lch)a?\(", re.I)
COLUMN = re.compile(r"var\(--(light|dark|contrast),\s*((?:[^()]|\([^()]*\))*)\)")
#: (text, ground) pairs that occur in site.css; WCAG 1.4.3 asks for 4.5:1.
TEXT_PAIRS = (
    ("text", "ground"), ("text", "surface"), ("text", "sunken"), ("text", "mark"),
    ("quiet", "ground"), ("quiet", "surface"), ("quiet", "sunken"),
    ("link", "ground"), ("link", "surface"), ("link-hover", "ground"), ("link-hover", "surface"),
    ("on-accent", "accent"), ("on-accent", "accent-hover"),
    ("on-bar", "bar"), ("on-bar", "bar-hover"), ("on-foot", "foot"),
    ("brand-name", "surface"), ("ornament", "surface"), ("ornament", "ground"),
    ("good", "good-ground"), ("warn", "warn-ground"),
    ("bad", "bad-ground"), ("info", "info-ground"),
)  # fmt: skip
#: What an accent changes, on what it stands.
ACCENT_PAIRS = (
    ("on-accent", "accent"), ("on-accent", "accent-hover"),
    ("on-bar", "bar"), ("on-bar", "bar-hover"), ("brand-name", "surface"),
)  # fmt: skip
ACCENTS = [(theme.name, accent) for theme in THEMES.all() for accent in theme.accents]
#: (outline, ground) pairs; WCAG 1.4.11 asks for 3:1.
OUTLINE_PAIRS = (
    ("strong-line", "surface"), ("strong-line", "ground"),
    ("focus", "ground"), ("focus", "surface"),
)  # fmt: skip


def parsed(path: Path) -> nodes.Template:
    return Environment(extensions=["jinja2.ext.i18n"]).parse(path.read_text("utf-8"))


def tokens(css: str, block: str = ":root") -> dict[str, dict[str, str]]:
    """Return the values of a block of theme.css by scheme."""
    found = re.search(rf"^{re.escape(block)} \{{\n(.*?)^\}}", css, re.DOTALL | re.MULTILINE)
    assert found, block
    declared = dict(re.findall(r"--([a-z-]+):\s*([^;]+);", found[1]))
    return {
        scheme: {name: _column(value, scheme) for name, value in declared.items()}
        for scheme in SCHEMES
    }


def _column(value: str, scheme: str) -> str:
    return COLUMN.sub(lambda m: m[2] if m[1] == scheme else "", value).strip()


def accented(css: str, accent: str) -> dict[str, dict[str, str]]:
    """Return the tokens of a theme with one of its accents, by scheme."""
    own, changes = tokens(css), tokens(css, f'[data-accent="{accent}"]')
    return {scheme: {**own[scheme], **changes[scheme]} for scheme in SCHEMES}


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


def test_tokens_are_those_of_the_contract() -> None:
    used = set(re.findall(r"var\(--([a-z-]+)\)", SITE_CSS))
    assert used == set(CONTRACT["tokens"])


def test_colours_come_from_tokens_only() -> None:
    assert RAW_COLOUR.findall(SITE_CSS) == []


@pytest.mark.parametrize("name", CONTRACT["classes"])
def test_class_is_drawn(name: str) -> None:
    assert re.search(rf"\.{name}\b(?!-)", SITE_CSS)


@pytest.mark.parametrize("theme", [t.name for t in THEMES.all()])
class TestTheme:
    def test_defines_every_token(self, theme: str) -> None:
        values = tokens(theme_css(theme))
        for scheme in SCHEMES:
            assert {n for n in CONTRACT["tokens"] if not values[scheme].get(n)} == set(), scheme

    @pytest.mark.parametrize("scheme", SCHEMES)
    @pytest.mark.parametrize("pair", TEXT_PAIRS, ids="-on-".join)
    def test_text_is_legible(self, theme: str, scheme: str, pair: tuple[str, str]) -> None:
        values = tokens(theme_css(theme))[scheme]
        assert contrast(values[pair[0]], values[pair[1]]) >= LEAST[scheme]

    @pytest.mark.parametrize("scheme", SCHEMES)
    @pytest.mark.parametrize("pair", OUTLINE_PAIRS, ids="-on-".join)
    def test_outline_is_visible(self, theme: str, scheme: str, pair: tuple[str, str]) -> None:
        values = tokens(theme_css(theme))[scheme]
        assert contrast(values[pair[0]], values[pair[1]]) >= 3

    def test_style_sheets_are_small_and_self_contained(self, theme: str) -> None:
        css = SITE_CSS + theme_css(theme)
        sent = sum(len(gzip.compress(part.encode())) for part in (SITE_CSS, theme_css(theme)))
        assert sent < CSS_LIMIT
        assert "@import" not in css
        assert "//" not in css


@pytest.mark.parametrize(("theme", "accent"), ACCENTS)
class TestAccent:
    def test_has_a_name_in_both_languages(self, theme: str, accent: str) -> None:
        assert set(THEMES.named(theme).accents[accent]) == {"vi", "en"}

    @pytest.mark.parametrize("scheme", SCHEMES)
    @pytest.mark.parametrize("pair", ACCENT_PAIRS, ids="-on-".join)
    def test_is_legible(self, theme: str, accent: str, scheme: str, pair: tuple[str, str]) -> None:
        values = accented(theme_css(theme), accent)[scheme]
        assert contrast(values[pair[0]], values[pair[1]]) >= LEAST[scheme]

    def test_is_offered_at_the_desk(self, theme: str, accent: str) -> None:
        desk = package_folder("hoitu.core.admin") / "static" / "appearance.css"
        assert f".swatch.{accent} " in desk.read_text("utf-8")
