"""Which proxy a destination is reached through, row by row."""

from collections.abc import Mapping

import httpx
import httpx2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from victor_server.egress.proxies import Proxy, proxy_for
from victor_server.errors import SettingsError
from victor_server.policy.hosts import parse_destination, plain_host

P = "http://proxy.example:3128"

# environment, address, proxy ("" for none)
TABLE: list[tuple[Mapping[str, str], str, str]] = [
    ({}, "https://api.example.com", ""),
    ({"HTTPS_PROXY": P}, "https://api.example.com", "proxy.example:3128"),
    ({"https_proxy": P}, "https://api.example.com", "proxy.example:3128"),
    (
        {"https_proxy": P, "HTTPS_PROXY": "http://other.example"},
        "https://api.example.com",
        "proxy.example:3128",
    ),
    ({"HTTPS_PROXY": P}, "http://api.example.com", ""),
    ({"HTTP_PROXY": P}, "http://api.example.com", "proxy.example:3128"),
    ({"HTTP_PROXY": P}, "https://api.example.com", ""),
    ({"ALL_PROXY": P}, "https://api.example.com", "proxy.example:3128"),
    ({"all_proxy": P}, "http://api.example.com", "proxy.example:3128"),
    ({"ALL_PROXY": P, "HTTPS_PROXY": "http://own.example"}, "https://api.example.com", "own.example:80"),
    ({"HTTPS_PROXY": "proxy.example:3128"}, "https://api.example.com", "proxy.example:3128"),
    ({"HTTPS_PROXY": "https://proxy.example"}, "https://api.example.com", "proxy.example:443"),
    ({"HTTPS_PROXY": "http://[fd00::1]:3128"}, "https://api.example.com", "[fd00::1]:3128"),
    ({"HTTPS_PROXY": "  "}, "https://api.example.com", ""),
    ({"HTTP_PROXY": P}, "http://localhost:11434", ""),
    ({"HTTP_PROXY": P}, "http://127.9.9.9", ""),
    ({"HTTP_PROXY": P}, "http://[::1]:1", ""),
    ({"HTTP_PROXY": P, "NO_PROXY": "*"}, "http://api.example.com", ""),
    ({"HTTP_PROXY": P, "NO_PROXY": "example.com"}, "http://api.example.com", ""),
    ({"HTTP_PROXY": P, "NO_PROXY": ".example.com"}, "http://api.example.com", ""),
    ({"HTTP_PROXY": P, "no_proxy": "*.example.com"}, "http://api.example.com", ""),
    ({"HTTP_PROXY": P, "NO_PROXY": "a, EXAMPLE.com ,b"}, "http://api.example.com", ""),
    ({"HTTP_PROXY": P, "NO_PROXY": "example.com"}, "http://badexample.com", "proxy.example:3128"),
    ({"HTTP_PROXY": P, "NO_PROXY": "example.com:80"}, "http://api.example.com", ""),
    ({"HTTP_PROXY": P, "NO_PROXY": "example.com:81"}, "http://api.example.com", "proxy.example:3128"),
    ({"HTTP_PROXY": P, "NO_PROXY": "10.0.0.0/8"}, "http://10.1.2.3", ""),
    ({"HTTP_PROXY": P, "NO_PROXY": "10.1.2.3"}, "http://10.1.2.3:8000", ""),
    ({"HTTP_PROXY": P, "NO_PROXY": "10.1.2.3:8000"}, "http://10.1.2.3:8000", ""),
    ({"HTTP_PROXY": P, "NO_PROXY": "10.1.2.3:8001"}, "http://10.1.2.3:8000", "proxy.example:3128"),
    ({"HTTP_PROXY": P, "NO_PROXY": "fd00::/8"}, "http://[fd00::1]", ""),
    ({"HTTP_PROXY": P, "NO_PROXY": "fd00::/8"}, "http://10.1.2.3", "proxy.example:3128"),
    ({"HTTP_PROXY": P, "NO_PROXY": ",,"}, "http://api.example.com", "proxy.example:3128"),
]


@pytest.mark.parametrize(("environment", "url", "expected"), TABLE)
def test_proxy_for(environment: Mapping[str, str], url: str, expected: str) -> None:
    """The variables as everybody reads them, and this machine never through any."""
    found = proxy_for(parse_destination(url), environment)
    assert (str(found.destination) if found else "") == expected


def test_credentials_of_a_proxy_are_kept_and_not_shown() -> None:
    """With signs that stand for others, and without a password."""
    word = "pa%40ss"
    found = proxy_for(
        parse_destination("http://a.example"), {"HTTP_PROXY": f"http://me:{word}@proxy.example:1"}
    )
    assert found == Proxy(parse_destination("http://proxy.example:1"), ("me", "pa@ss"))
    assert "pa@ss" not in repr(found)
    alone = proxy_for(parse_destination("http://a.example"), {"HTTP_PROXY": "http://me@proxy.example:1"})
    assert alone is not None
    assert alone.credentials == ("me", "")


PIECES = st.sampled_from(
    [
        "http://",
        "https://",
        "HTTP://",
        "//",
        "/",
        "\\",
        "@",
        ":",
        "?",
        "#",
        ".",
        "%2e",
        "%40",
        "[",
        "]",
        "::1",
        "80",
        "0x7f",
        "127.0.0.1",
        "2130706433",
        "good.example",
        "evil.example",
        "localhost",
        "user",
        "a",
        "-",
        "_",
        "\t",
        " ",
        "\u3002",
        "\u00df",
        ";",
        "&",
        "%00",
    ]
)


@given(st.lists(PIECES, max_size=9).map("".join) | st.text(max_size=20).map("http://{}".format))
@settings(max_examples=600, deadline=None)
def test_nobody_reads_an_address_otherwise(url: str) -> None:
    """What is taken for one destination here is the same one to both libraries, or no address to them."""
    try:
        ours = parse_destination(url)
    except SettingsError:
        return
    for read, wrong in ((httpx2.URL, httpx2.InvalidURL), (httpx.URL, httpx.InvalidURL)):
        try:
            theirs = read(url)
        except wrong:
            continue
        port = theirs.port or {"http": 80, "https": 443}[theirs.scheme]
        host = plain_host(theirs.raw_host.decode("ascii"))
        assert (theirs.scheme, host, port) == (ours.scheme, ours.host, ours.port)
        assert not theirs.userinfo
