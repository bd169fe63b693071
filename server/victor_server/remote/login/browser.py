"""The browser flow: an authorization code with PKCE, which comes back to a port of this machine."""

import asyncio
import base64
import hashlib
import hmac
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode, urlsplit

from victor_server.errors import Unauthenticated, UsageError
from victor_server.protocol import LoginConfig
from victor_server.remote.login.identity_provider import IdentityProvider, ask, id_token_of, refused
from victor_server.remote.rpc import Clients

TIME_LIMIT_S = 300.0
_MAX_LINE = 16_384
_PAGE = (
    "HTTP/1.1 {status}\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: {length}\r\n"
    "Cache-Control: no-store\r\nReferrer-Policy: no-referrer\r\nConnection: close\r\n\r\n{text}"
)


@dataclass(frozen=True, slots=True)
class _Attempt:
    """One login: what the answer must repeat, and what proves that it was begun here."""

    state: str
    verifier: str
    redirect: str


async def browser_login(
    clients: Clients,
    provider: IdentityProvider,
    config: LoginConfig,
    nonce: str,
    open_page: Callable[[str], None],
) -> str:
    """The ID token of whoever logs in on the page that `open_page` shows. Raises `Unauthenticated`."""
    if not provider.authorize:
        raise UsageError("The identity provider has no browser flow.", "Log in without --browser.")
    answers: asyncio.Queue[dict[str, str]] = asyncio.Queue()
    state, verifier = secrets.token_urlsafe(24), secrets.token_urlsafe(48)
    server = await asyncio.start_server(_reader(state, answers), "127.0.0.1", 0, limit=_MAX_LINE)
    async with server:
        port = server.sockets[0].getsockname()[1]
        attempt = _Attempt(state, verifier, f"http://127.0.0.1:{port}/callback")
        open_page(_page_of(provider, config, nonce, attempt))
        try:
            async with asyncio.timeout(TIME_LIMIT_S):
                answer = await answers.get()
        except TimeoutError:
            raise Unauthenticated("Nobody logged in in time.", "Try again: victor login URL.") from None
    return await _redeem(clients, provider, config, attempt, answer)


def _page_of(provider: IdentityProvider, config: LoginConfig, nonce: str, attempt: _Attempt) -> str:
    challenge = base64.urlsafe_b64encode(hashlib.sha256(attempt.verifier.encode()).digest()).rstrip(b"=")
    asked = {
        "response_type": "code",
        "client_id": config.client_id,
        "redirect_uri": attempt.redirect,
        "scope": " ".join(config.scopes),
        "state": attempt.state,
        "nonce": nonce,
        "code_challenge": challenge.decode("ascii"),
        "code_challenge_method": "S256",
    }
    return f"{provider.authorize}{'&' if '?' in provider.authorize else '?'}{urlencode(asked)}"


async def _redeem(
    clients: Clients,
    provider: IdentityProvider,
    config: LoginConfig,
    attempt: _Attempt,
    answer: dict[str, str],
) -> str:
    unsaid = "" if provider.names_itself else provider.issuer
    if answer.get("iss", unsaid) != provider.issuer:  # RFC 9207: another provider's answer
        raise Unauthenticated("Another identity provider answered.", "Try again: victor login URL.")
    if "code" not in answer:
        raise refused(answer)
    form = {
        "grant_type": "authorization_code",
        "code": answer["code"],
        "redirect_uri": attempt.redirect,
        "client_id": config.client_id,
        "code_verifier": attempt.verifier,
    }
    return id_token_of(await ask(clients, provider.token, form))


def _reader(
    state: str, answers: asyncio.Queue[dict[str, str]]
) -> Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]:
    """Takes the browser's one request. What does not repeat `state` was not begun here, and changes nothing."""

    async def read(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(10):
                answer = _answer_of(await reader.readline(), state)
                while await reader.readline() not in (b"\r\n", b"\n", b""):
                    pass
                if answer is None:
                    writer.write(_page("404 Not Found", "There is nothing here."))
                else:
                    writer.write(_page("200 OK", "Done: go back to where you began the login."))
                await writer.drain()
        except (TimeoutError, OSError, ValueError):
            return
        finally:
            writer.close()
        if answer is not None:
            answers.put_nowait(answer)

    return read


def _answer_of(line: bytes, state: str) -> dict[str, str] | None:
    words = line.decode("latin-1").split(" ")
    if len(words) != 3 or words[0] != "GET":
        return None
    parts = urlsplit(words[1])
    answer = dict(parse_qsl(parts.query, keep_blank_values=True, max_num_fields=20))
    is_ours = hmac.compare_digest(answer.get("state", "").encode(), state.encode())
    return answer if parts.path == "/callback" and is_ours else None


def _page(status: str, text: str) -> bytes:
    return _PAGE.format(status=status, length=len(text.encode()), text=text).encode()
