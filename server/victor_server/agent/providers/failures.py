"""Turns whatever a library or a server throws into an error of our tree: the one table of what it means."""

import json
import re
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import Any

from victor_server.agent.messages import ModelRequest, TextPart, ThinkingPart, ToolCallPart
from victor_server.agent.providers.json_values import one_line
from victor_server.agent.providers.server_address import ServerAddress
from victor_server.errors import (
    BadResponse,
    BrokeOff,
    ContextTooLong,
    NotThere,
    ProviderAuth,
    ProviderError,
    ProviderUnavailable,
    RateLimited,
    Refused,
    Rejected,
    ServerSilent,
    VictorError,
)

STUMBLES = (ValueError, TypeError, AttributeError, LookupError, RecursionError, ArithmeticError)
"""What libraries raise when a server sends something that they were not made for."""

_NOT_THERE = {404, 405, 501}
_TURNED_AWAY = {501, 503}
"""A server that says so has not worked on the request; of another failure of its own nobody knows."""
_MOST_RETRY_AFTER_S = 86_400.0
_MOST_QUOTED = 300
_WINDOW = 12
"""So many characters in a row that were sent, and a server's sentence is not quoted."""

_CONTEXT = re.compile(
    r"context.{0,3}(length|size|limit|window|overflow)|maximum (context|model|prompt) length|prompt is too long"
    r"|(input|prompt)( token count| length).{0,40}exceed|exceed_context_size|greater than the context|too many tokens"
    r"|maximum number of tokens allowed|request_too_large|must have less than \d+ tokens|tokens_exceeded"
    r"|tokens \+ `?max_new_tokens",
    re.IGNORECASE | re.DOTALL,
)
_AUTH = re.compile(
    r"authentication_error|permission_error|invalid_api_key|api.key.not.valid|API_KEY_INVALID|insufficient_quota"
    r"|billing_error|unauthenticated|permission_denied",
    re.IGNORECASE,
)
_UNPAID = re.compile(r"insufficient_quota|billing_error", re.IGNORECASE)
_LIMITED = re.compile(r"rate_limit|overloaded|resource_exhausted", re.IGNORECASE)
_BROKEN = re.compile(r"server_error|api_error|timeout_error|unavailable|internal", re.IGNORECASE)
_REFUSED = re.compile(r"content_filter|content_policy|safety|refus", re.IGNORECASE)
_WORD = re.compile(r"[A-Za-z][\w.-]{0,63}\Z")
_DELAY = re.compile(r'"retryDelay"\s*:\s*"([\d.]{1,12})s"')


@dataclass(frozen=True, slots=True)
class Failure:
    """What a server said. `status` None: it broke off in its answer. `words` are names such as a type or a code."""

    status: int | None
    words: tuple[str, ...]
    message: str
    retry_after_s: float | None


def error_of(error: BaseException, server: ServerAddress, request: ModelRequest | None = None) -> VictorError:
    """Return the error that `error`, raised by a library, stands for. `request` is what was sent: it is not quoted."""
    chain = tuple(_chain(error))
    for link in chain:
        if isinstance(link, VictorError):
            return link
    for link in chain:
        if (failure := _failure(link)) is not None:
            return error_of_failure(failure, server, request)
    names = {name for link in chain for name in (cls.__name__ for cls in type(link).__mro__)}
    return _error_without_answer(names, server)


def silent(server: ServerAddress) -> ServerSilent:
    """Return the error for a server that has sent nothing for too long."""
    return ServerSilent(
        f"{server.shown} has sent nothing for {server.timeout_s:g} seconds.",
        "Try again, or raise `timeout_s`.",
    )


def broke_off(server: ServerAddress) -> BrokeOff:
    """Return the error for an answer without an end."""
    return BrokeOff(f"{server.shown} broke off in its answer.", "Try again.")


def closed(server: ServerAddress) -> BrokeOff:
    """Return the error for an answer whose provider was closed in the middle of it."""
    return BrokeOff(f"The connection to {server.shown} was closed.")


def garbage(server: ServerAddress, what: str) -> BadResponse:
    """Return the error for an answer that is none; `what` is of us, not of the server."""
    return BadResponse(f"{server.shown} sent something that is not its protocol: {what}.")


def error_of_failure(
    failure: Failure, server: ServerAddress, request: ModelRequest | None = None
) -> ProviderError:
    """Return what a server's own words mean."""
    make = _meaning(failure)
    said = _quoted(failure, server, request) if make is not ProviderAuth else ""
    status = "" if failure.status is None else f" ({' '.join((str(failure.status), *failure.words[:1]))})"
    sentence = f"{server.shown} {_SENTENCES[make]}{status}."
    if failure.status == 404:
        sentence = f"{server.shown} has no model {server.model}, or is no such server{status}."
    elif make is ProviderAuth and (failure.status == 402 or _UNPAID.search(" ".join(failure.words))):
        sentence = f"{server.shown} says that the account of this key has no credit{status}."
    text = f"{sentence} It says: {said}" if said else sentence
    if make is ProviderUnavailable and failure.status in _NOT_THERE:
        return NotThere(text, _not_there_fix(server))
    if make is ProviderUnavailable and _may_have_worked(failure.status):
        return BrokeOff(text, _FIXES[make])
    if make is RateLimited:
        return RateLimited(text, _FIXES[make], retry_after_s=failure.retry_after_s)
    return make(text, _FIXES.get(make, "").format(profile=server.profile))


def _may_have_worked(status: int | None) -> bool:
    """No status: it failed in an answer that it had begun."""
    return status is None or status == 408 or (status >= 500 and status not in _TURNED_AWAY)


def _not_there_fix(server: ServerAddress) -> str:
    if server.provider == "ollama":
        return f"Fetch it: victor models pull {server.profile}."
    return f"Check `model` and `base_url` of the profile {server.profile}."


def failure_of_body(status: int | None, body: Any, headers: Mapping[str, str]) -> Failure:
    """Return what an error's body says: a JSON value of any vendor's shape, or text."""
    text = body if isinstance(body, str) else _json(body)
    message, words = _message_and_words(body)
    if not message and isinstance(body, str):
        message = body
    return Failure(_status(status, body), words, message, retry_after_s(headers, text))


def retry_after_s(
    headers: Mapping[str, str], body: str = "", now: Callable[[], float] = time.time
) -> float | None:
    """Return how long a server asks to wait, in seconds; from its headers, else from its body; at most a day."""
    milliseconds = _number(headers.get("retry-after-ms", ""))
    if milliseconds is not None:
        return _bounded(milliseconds / 1000)
    value = headers.get("retry-after", "")
    if (seconds := _number(value)) is not None:
        return _bounded(seconds)
    if (moment := _date(value)) is not None:
        # The server's own clock, where it shows it: ours may be wrong.
        return _bounded(moment - (_date(headers.get("date", "")) or now()))
    delay = _DELAY.search(body)
    return _bounded(float(delay[1])) if delay and _number(delay[1]) is not None else None


_SENTENCES: Mapping[type[ProviderError], str] = {
    ContextTooLong: "cannot take a request of this length",
    ProviderAuth: "does not accept the key",
    RateLimited: "wants fewer requests",
    Refused: "declines this request",
    Rejected: "does not take this request as it is",
    ProviderUnavailable: "cannot answer",
    BadResponse: "sent something that is not its protocol",
}
_FIXES: Mapping[type[ProviderError], str] = {
    ContextTooLong: "Ask with less context, or choose a model with a larger one.",
    ProviderAuth: "Check `api_key` of the profile {profile} and what the account may use.",
    RateLimited: "Wait, or choose another profile.",
    Rejected: "Check `provider` and `model` of the profile {profile}; the server's own log may say more.",
    ProviderUnavailable: "Try again, or choose another profile.",
}


def _meaning(failure: Failure) -> type[ProviderError]:
    status, words = failure.status, " ".join(failure.words)
    if status in {401, 402, 403} or _AUTH.search(words) or (status == 400 and _AUTH.search(failure.message)):
        return ProviderAuth
    if status in {429, 529} or _LIMITED.search(words):
        return RateLimited
    if status == 413 or _CONTEXT.search(words) or (status != 404 and _CONTEXT.search(failure.message)):
        return ContextTooLong
    if _REFUSED.search(words):
        return Refused
    if (
        status is None
        or status < 400
        or status >= 500
        or status in {404, 405, 408, 425}
        or _BROKEN.search(words)
    ):
        return ProviderUnavailable
    return Rejected


def _error_without_answer(names: set[str], server: ServerAddress) -> ProviderError:
    """`names` are the classes of all that was raised: each library has its own, and they are called alike."""
    if names & {"SSLCertVerificationError"}:
        return ProviderUnavailable(
            f"{server.shown} shows no certificate that this system trusts.",
            "If your company has an authority of its own, name its file in the setting network.ca_file.",
        )
    if names & {"SSLError"}:
        return ProviderUnavailable(
            f"{server.shown} does not speak TLS, or none that this system accepts.",
            "If it has no TLS, write http:// in `base_url`.",
        )
    if names & {"ProxyError"}:
        return ProviderUnavailable(
            f"The proxy on the way to {server.shown} lets nothing through.", "Check it."
        )
    if names & {"ConnectError", "ConnectTimeout", "gaierror"}:
        return ProviderUnavailable(f"{server.shown} cannot be reached.", "Start it, or check `base_url`.")
    if names & {"PoolTimeout"}:
        return ProviderUnavailable(
            f"{server.shown} has as many calls of Victor's as it may have at once.", "Wait."
        )
    if any("Timeout" in name for name in names):
        return silent(server)
    if names & {"RemoteProtocolError", "ReadError", "WriteError"}:
        return broke_off(server)
    if names & ({cls.__name__ for cls in STUMBLES} | {"DecodingError"}):
        return garbage(server, "it cannot be read")
    return broke_off(server)


def _chain(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    link: BaseException | None = error
    while link is not None and id(link) not in seen:
        seen.add(id(link))
        yield link
        link = link.__cause__ or link.__context__


def _failure(error: BaseException) -> Failure | None:
    """Return what an error of the anthropic, openai or ollama library tells, None if no server said anything."""
    response = getattr(error, "response", None)
    status = getattr(error, "status_code", getattr(response, "status_code", None))
    body = getattr(error, "body", None)
    if not isinstance(status, int) and body is None:
        return None
    headers = getattr(response, "headers", None)
    said = getattr(error, "error", None) if body is None else body
    if said is None:
        said = _text_of(response)
    return failure_of_body(status if isinstance(status, int) else None, said, dict(headers or {}))


def _text_of(response: Any) -> str:
    try:
        return str(getattr(response, "text", ""))
    except RuntimeError:  # it was never read
        return ""


def _message_and_words(body: Any) -> tuple[str, tuple[str, ...]]:
    """Find message and names in the shapes that vendors use: {"error": {…}}, [{"error": {…}}], {"detail": …}, "…"."""
    if isinstance(body, str):
        try:
            body = json.loads(body)
        except (ValueError, RecursionError):
            return body, ()
    if isinstance(body, list):
        body = body[0] if body else {}
    inner = body.get("error", body) if isinstance(body, dict) else {}
    if isinstance(inner, str):  # Ollama hands on what its own servers say, as text
        return _message_and_words(inner) if inner.startswith("{") and inner != body else (inner, ())
    if not isinstance(inner, dict):
        return "", ()
    found = (inner.get(name) for name in ("type", "code", "status", "param"))
    words = tuple(word for word in found if isinstance(word, str) and _WORD.match(word))
    message = inner.get("message") or inner.get("detail") or ""
    return (message if isinstance(message, str) else _json(message)), words


def _status(status: int | None, body: Any) -> int | None:
    """Return the status; of an error inside an answer that began well, the one that its body names."""
    if status is not None and status >= 400:
        return status
    inner = body.get("error", body) if isinstance(body, dict) else {}
    code = inner.get("code") if isinstance(inner, dict) else None
    return code if isinstance(code, int) and 400 <= code < 600 else None


def _quoted(failure: Failure, server: ServerAddress, request: ModelRequest | None) -> str:
    """Return the server's sentence, shortened; "" where it holds something of the key or of what was sent."""
    message = one_line(failure.message, _MOST_QUOTED)
    sent = [server.key or "", *_texts(request)] if request is not None else [server.key or ""]
    if any(part in message for part in _short_parts(sent)):
        return ""
    windows = {message[at : at + _WINDOW] for at in range(max(1, len(message) - _WINDOW + 1))}
    return (
        ""
        if any(window in text for text in sent for window in windows if len(window) == _WINDOW)
        else message
    )


def _short_parts(sent: list[str]) -> Iterator[str]:
    """What is shorter than a window, and worth hiding; a key counts from its first characters on."""
    yield from (text for text in sent if 3 < len(text) < _WINDOW)
    if len(sent[0]) >= _WINDOW:
        yield sent[0][:8]


def _texts(request: ModelRequest) -> Iterator[str]:
    yield from (part.text for part in request.system)
    yield from (f"{tool.description} {_json(tool.schema)}" for tool in request.tools)
    for message in request.messages:
        for part in message.parts:
            if isinstance(part, ToolCallPart):
                yield _json(part.arguments)
            elif isinstance(part, TextPart | ThinkingPart):
                yield part.text
            else:
                yield part.text


def _json(value: Any) -> str:
    try:
        return json.dumps(value, ensure_ascii=False, default=str)
    except (ValueError, RecursionError):
        return ""


def _number(text: str) -> float | None:
    try:
        return float(text) if len(text) < 32 else None
    except ValueError:
        return None


def _date(text: str) -> float | None:
    try:
        moment = parsedate_to_datetime(text[:64])
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def _bounded(seconds: float) -> float | None:
    if seconds != seconds:  # not a number
        return None
    return min(max(seconds, 0.0), _MOST_RETRY_AFTER_S)
