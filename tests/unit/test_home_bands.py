"""How blocks are put together on the home page, from 3 to 20 of them."""

from __future__ import annotations

import pytest
from markupsafe import Markup

from hoitu.core.web.home import Band, bands


def page(main: str, side: int = 0) -> list[Band]:
    """Return the bands of a page; in ``main``, l is a large block, w a wide and h a half one."""
    sizes = {"l": "large", "w": "wide", "h": "half"}
    blocks = [(sizes[size], Markup(f"{size}{n}")) for n, size in enumerate(main)]
    return bands(blocks, [Markup(f"s{n}") for n in range(side)])


def test_a_large_block_has_the_next_two_beside_it() -> None:
    lead, grid = page("lhhh")
    assert (lead.kind, lead.main, lead.side) == ("lead", ["l0"], ["h1", "h2"])
    assert (grid.kind, grid.main) == ("grid", ["h3"])


def test_a_wide_block_has_a_row_of_its_own() -> None:
    assert [(band.kind, band.main) for band in page("hwh")] == [
        ("grid", ["h0"]), ("wide", ["w1"]), ("grid", ["h2"]),
    ]  # fmt: skip


def test_only_the_first_large_block_is_large() -> None:
    lead, grid = page("lhhl")
    assert (lead.main, grid.main) == (["l0"], ["l3"])


def test_the_narrow_column_stands_beside_the_longest_grid() -> None:
    short, _wide, long = page("hwhhhh", side=2)
    assert not short.side
    assert (long.main, long.side) == (["h2", "h3", "h4", "h5"], ["s0", "s1"])


@pytest.mark.parametrize(("main", "side"), [("hhhhhh", 9), ("hhhhhhhhhh", 1), ("h", 5), ("hh", 2)])
def test_neither_column_is_much_longer_and_nothing_is_lost(main: str, side: int) -> None:
    found = page(main, side)
    beside = found[0]
    rows = -(-len(beside.main) // 2)
    assert len(beside.side) <= max(1, rows * 3 // 2)
    assert rows <= len(beside.side) or len(beside.side) == side
    drawn = [block for band in found for block in (*band.main, *band.side)]
    assert sorted(drawn) == sorted(
        [f"h{n}" for n in range(len(main))] + [f"s{n}" for n in range(side)]
    )


def test_a_single_block_that_is_left_over_is_wide() -> None:
    assert [band.kind for band in page("hh", side=2)] == ["grid", "wide"]


def test_a_page_with_a_narrow_column_only_is_a_grid() -> None:
    assert [(band.kind, band.main) for band in page("", side=3)] == [("grid", ["s0", "s1", "s2"])]
    assert [band.kind for band in page("lw", side=2)] == ["lead", "wide", "grid"]


def test_an_empty_page_has_no_bands() -> None:
    assert page("") == []


@pytest.mark.parametrize("count", range(3, 21))
def test_every_count_of_blocks_is_drawn_once(count: int) -> None:
    main = ("lhhw" + "h" * 20)[:count]
    drawn = [block for band in page(main, side=count // 3) for block in (*band.main, *band.side)]
    assert len(drawn) == len(set(drawn)) == count + count // 3
