"""The client: behind a proxy each visitor has an address, and limits, of their own."""

from __future__ import annotations

from typing import Any

import pytest

from hoitu.core.web import client_address, client_network
from hoitu.plugins.reader_tools import limits

PROXY = "127.0.0.1"


@pytest.mark.parametrize(
    ("direct", "forwarded", "address", "network"),
    [
        ("113.160.92.7", "", "113.160.92.7", "113.160.92.7"),
        ("113.160.92.7", "8.8.8.8", "113.160.92.7", "113.160.92.7"),
        (PROXY, "113.160.92.7", "113.160.92.7", "113.160.92.7"),
        (PROXY, "8.8.8.8, 113.160.92.7", "113.160.92.7", "113.160.92.7"),
        (PROXY, "khong-ro", PROXY, PROXY),
        (PROXY, "", PROXY, PROXY),
        ("", "113.160.92.7", "113.160.92.7", "113.160.92.7"),
        ("", "", "", ""),
        ("2001:ee0:1::7", "", "2001:ee0:1::7", "2001:0ee0:0001:0000"),
        (PROXY, "2001:ee0:1::8", "2001:ee0:1::8", "2001:0ee0:0001:0000"),
        ("::1", "2001:ee0:1:2::8", "2001:ee0:1:2::8", "2001:0ee0:0001:0002"),
        ("::ffff:113.160.92.7", "8.8.8.8", "113.160.92.7", "113.160.92.7"),
        ("::ffff:127.0.0.1", "113.160.92.7", "113.160.92.7", "113.160.92.7"),
    ],
)
def test_the_browser_is_known_and_only_a_proxy_of_ours_believed(
    app: Any, direct: str, forwarded: str, address: str, network: str
) -> None:
    environ = {"REMOTE_ADDR": direct, **({"HTTP_X_FORWARDED_FOR": forwarded} if forwarded else {})}
    with app.test_request_context("/", environ_overrides=environ):
        assert (client_address(), client_network()) == (address, network)


def test_behind_a_proxy_each_network_has_its_own_pdfs(
    site: Any, publish: Any, document: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    networks: list[str] = []

    def refuse(network: str, _now: Any) -> bool:
        networks.append(network)
        return False

    monkeypatch.setattr(limits, "may_make", refuse)
    path = f"/luu-pdf/{publish('legal_document', **document('1/KH-UBND'))}.pdf"
    for forwarded in ("113.160.92.7", "2001:ee0:1::7"):
        visitor = site()
        visitor.client.environ_base["HTTP_X_FORWARDED_FOR"] = forwarded
        assert visitor.get(path).status_code == 429
    assert networks == ["113.160.92.7", "2001:0ee0:0001:0000"]
