"""What libraries raise when no server has answered, and what it means."""

import itertools
import re
import socket
import ssl

import httpx
import httpx2
import openai
import pytest

from victor_server.agent.providers.failures import error_of
from victor_server.agent.providers.server_address import ServerAddress
from victor_server.errors import (
    BadResponse,
    BrokeOff,
    OfflineBlocked,
    ProviderError,
    ProviderUnavailable,
    ServerSilent,
)

SERVER = ServerAddress("openai", "https://api.example.com/v1", "p", "m", 30)
REQUEST = httpx2.Request("POST", SERVER.base_url)


def raised(*chain: Exception) -> Exception:
    """The first of these, raised from the second, and so on."""
    for outer, inner in itertools.pairwise(chain):
        outer.__cause__ = inner
    return chain[0]


@pytest.mark.parametrize(
    ("chain", "kind", "told"),
    [
        (
            (httpx2.ConnectError("x"), ssl.SSLCertVerificationError("self-signed")),
            ProviderUnavailable,
            "shows no certificate that this system trusts",
        ),
        (
            (httpx2.ConnectError("x"), ssl.SSLError(1, "wrong version number")),
            ProviderUnavailable,
            "does not speak TLS",
        ),
        ((httpx.ConnectError("x"), socket.gaierror(-2, "unknown")), ProviderUnavailable, "cannot be reached"),
        ((httpx2.ConnectTimeout("x"),), ProviderUnavailable, "cannot be reached"),
        ((httpx2.ProxyError("407"),), ProviderUnavailable, "proxy on the way"),
        ((httpx2.PoolTimeout("x"),), ProviderUnavailable, "as many calls"),
        ((httpx2.ReadTimeout("x"),), ServerSilent, "nothing for 30 seconds"),
        ((openai.APITimeoutError(REQUEST),), ServerSilent, "nothing for 30 seconds"),
        ((httpx.RemoteProtocolError("x"),), BrokeOff, "broke off"),
        ((httpx2.ReadError("x"), ConnectionResetError()), BrokeOff, "broke off"),
        ((ValueError("x"),), BadResponse, "not its protocol"),
        ((RecursionError("x"),), BadResponse, "not its protocol"),
        ((RuntimeError("x"),), BrokeOff, "broke off"),
    ],
)
@pytest.mark.parametrize("wrapped", [False, True])
def test_what_a_library_raises(
    chain: tuple[Exception, ...], kind: type[ProviderError], told: str, *, wrapped: bool
) -> None:
    """The same whether the library wraps it or not; what to do is said where something can be done."""
    outer = (openai.APIConnectionError(request=REQUEST),) if wrapped else ()
    error = error_of(raised(*outer, *chain), SERVER)
    assert type(error) is kind
    assert "api.example.com" in error.message
    assert re.search(told, error.message)


def test_an_error_of_ours_comes_through_a_library() -> None:
    """What the egress guard raises is not taken for a fault of the server."""
    blocked = OfflineBlocked("not now")
    assert (
        error_of(
            raised(openai.APIConnectionError(request=REQUEST), httpx2.ConnectError("x"), blocked), SERVER
        )
        is blocked
    )
