"""Pages and assets travel compressed; what is meant for one person does not."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from typing import Any

import brotli
import pytest


def ask(visitor: Any, path: str, accepted: str, **headers: str) -> Any:
    sent = {"Host": visitor.host, "Accept-Encoding": accepted, **headers}
    with visitor.client.get(path, headers=sent) as answer:
        answer.get_data()
        return answer


@pytest.mark.parametrize(
    ("accepted", "name", "unpack"),
    [("gzip, br", "br", brotli.decompress), ("gzip", "gzip", gzip.decompress)],
)
def test_a_page_is_compressed(
    site: Callable[..., Any], accepted: str, name: str, unpack: Callable[[bytes], bytes]
) -> None:
    plain, short = (ask(site(), "/so-do-cong", way) for way in ("identity", accepted))
    assert "Content-Encoding" not in plain.headers
    assert short.headers["Content-Encoding"] == name
    assert "Accept-Encoding" in short.headers["Vary"]
    assert unpack(short.data) == plain.data
    assert len(short.data) < len(plain.data) / 2


def test_an_asset_keeps_its_long_life(site: Callable[..., Any]) -> None:
    page = ask(site(), "/", "identity").text
    style = page.split('rel="stylesheet" href="')[1].split('"')[0]
    plain, short = (ask(site(), style, way) for way in ("identity", "br"))
    assert brotli.decompress(short.data) == plain.data
    assert "immutable" in short.headers["Cache-Control"]
    assert ask(site(), style, "br", **{"If-None-Match": short.headers["ETag"]}).status_code == 304


def test_a_part_of_an_asset_is_sent_as_it_is(site: Callable[..., Any]) -> None:
    page = ask(site(), "/", "identity").text
    style = page.split('rel="stylesheet" href="')[1].split('"')[0]
    part = ask(site(), style, "br", Range="bytes=0-99")
    assert (part.status_code, len(part.data)) == (206, 100)
    assert "Content-Encoding" not in part.headers


def test_the_desk_is_not_compressed(site: Callable[..., Any]) -> None:
    answer = ask(site(), "/quan-tri/dang-nhap", "br, gzip")
    assert answer.status_code == 200
    assert "Content-Encoding" not in answer.headers
