"""Writes docs/protocol.md from the schema of the protocol."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from victor_server import protocol
from victor_server.protocol import ATTACH_PATH, METHODS, NOTICES, SUBPROTOCOL, CloseCode, Shape

_INTRODUCTION = f"""\
# The protocol between edge and backend

`{SUBPROTOCOL}` is what a language server says to the team's backend. This page is made from the code; whoever writes
another client finds all of it here.

* **WebSocket** at `{ATTACH_PATH}`, subprotocol `{SUBPROTOCOL}`. Every frame is one text message: a request, an answer
  or a notice of JSON-RPC 2.0. Ids of requests are whole numbers that rise. Messages in batches are refused.
* **Plain HTTP**: every method but `call/start` is also answered at `POST /v1/rpc/<method>`, with the params as the body
  and `Authorization: Bearer TOKEN`. A token in an address is refused.
* Times are microseconds since 1970 in UTC (`*_us`), money is billionths of a US dollar (`*_nano`), bytes are base64 in
  the URL-safe alphabet without padding. A field that is not named here is refused.

## A connection

1. The backend sends `auth_required`. A socket that has not said who it is within {protocol.AUTH_TIME_LIMIT_S:.0f} seconds is closed.
2. The edge sends `auth`; the backend answers with `auth_ok`, or with `auth_invalid` and closes.
3. Frames of the backend carry `seq`, which rises by one beside `jsonrpc`. Heartbeats go both ways. The edge grants `credit`: for
   each credit the backend may send one frame, and whoever takes none for too long is closed.
4. A lost connection is taken up again by `auth` with `resume`: what was missed is sent again. Where that is no longer
   possible `resumed` is false, and the edge asks `call/status` of calls that ran.
5. `auth` may be sent again at any time with a newer token: the session goes on.

```
"""

_CLOSED = {
    CloseCode.TOO_LARGE: "A frame was larger than `max_frame_bytes`.",
    CloseCode.RESTART: "The backend ends or starts again. Come back after the time in `draining`, spread at random.",
    CloseCode.BAD_FRAME: "A frame was no message of this protocol.",
    CloseCode.NOT_AUTHENTICATED: "The token is missing, wrong, expired or revoked. Log in again.",
    CloseCode.FORBIDDEN: "Whoever connects may not: the origin, the tenant, or the role.",
    CloseCode.SLOW: "The edge took too little of what was sent. Come back and resume.",
    CloseCode.REPLACED: "The session was taken up by another connection.",
    CloseCode.TOO_MANY: "Too many frames or connections. Come back later.",
}

_ERRORS = """
An error is `{"code", "message", "data": {"kind", "fix", "retry_after_s"?}}`; over HTTP
`{"error": {"kind", "message", "fix"}}`. `kind` is stable, `message` and `fix` are for people.

| HTTP | `kind` |
|---|---|
| 400 | `usage`: the params are not as they must be |
| 401 | `unauthenticated` |
| 403 | `forbidden`, `budget_exceeded`, `offline_blocked`, `secret_blocked` |
| 404 | `not_found` |
| 409 | `conflict` |
| 413 | the body is too large |
| 429 | `too_many`, with `Retry-After` |
| 503 | `store_failed`, `audit_failed`, `unavailable`, or the backend ends |
"""


def protocol_document() -> str:
    """The whole document."""
    parts = [_INTRODUCTION + "\n".join(_exchange()) + "\n```\n", _close_codes(), "\n## Errors\n" + _ERRORS]
    parts += ["\n## Notices\n\n", *_notices(), "\n## Methods\n\n", *_methods(), "\n## Shapes\n", *_shapes()]
    return "".join(parts)


def _exchange() -> Iterator[str]:
    """A worked exchange; every frame of it is made of the shapes, so it is never out of date."""
    start = protocol.CallStart(
        call_id="7f3a9c2e-1",
        request=protocol.WireRequest(
            messages=(
                protocol.WireMessage(role="user", parts=(protocol.WireText(text="What does main() do?"),)),
            ),
            max_output_tokens=500,
        ),
    )
    events = protocol.CallEvents(
        call_id="7f3a9c2e-1",
        n=1,
        events=(protocol.WireEvent(type="text", text="It reads the arguments"),),
    )
    done = protocol.CallStatus(
        call_id="7f3a9c2e-1", state="done", model="small", provider="ollama", input_tokens=41, output_tokens=7
    )
    yield _frame("<", "auth_required", protocol.AuthRequired(server="victor"))
    yield _frame(">", "auth", protocol.Auth(token="…", install="laptop-1"))
    yield '< {"jsonrpc": "2.0", "method": "auth_ok", "params": {"session": "…", "epoch": "…", …}, "seq": 1}'
    yield _frame(">", "call/start", start, number=1)
    yield _frame("<", "call/events", events)
    yield "< " + json.dumps({"jsonrpc": "2.0", "id": 1, "result": _plain(done)}, ensure_ascii=False)
    yield _frame(">", "credit", protocol.Credit(frames=64))


def _frame(way: str, method: str, params: Shape, *, number: int | None = None) -> str:
    head: dict[str, Any] = {"jsonrpc": "2.0"} | ({} if number is None else {"id": number})
    return f"{way} " + json.dumps({**head, "method": method, "params": _plain(params)}, ensure_ascii=False)


def _plain(shape: Shape) -> Any:
    return shape.model_dump(mode="json", exclude_defaults=True)


def _close_codes() -> str:
    rows = "".join(f"| {code.value} | {_CLOSED[code]} |\n" for code in CloseCode)
    return f"\n## Why a connection is closed\n\n| code | meaning |\n|---|---|\n{rows}"


def _notices() -> Iterator[str]:
    yield "| notice | from | params | |\n|---|---|---|---|\n"
    senders = {"to_edge": "backend", "to_backend": "edge", "both": "both"}
    for notice in NOTICES.values():
        yield f"| `{notice.name}` | {senders[notice.direction]} | {_link(notice.params)} | {notice.about} |\n"


def _methods() -> Iterator[str]:
    yield "| method | params | result | needs | |\n|---|---|---|---|---|\n"
    for method in METHODS.values():
        needs = f"`{method.permission}`" if method.permission else "a token"
        needs += ", as operator" if method.operator else ""
        about = method.about + (" `call/events` come meanwhile." if method.streams else "")
        yield f"| `{method.name}` | {_link(method.params)} | {_link(method.result)} | {needs} | {about} |\n"


def _link(shape: type[Shape]) -> str:
    return f"[{shape.__name__}](#{shape.__name__.lower()})"


def _shapes() -> Iterator[str]:
    for name, schema in sorted(_all_schemas().items()):
        about = " ".join(schema.get("description", "").split())
        yield f"\n### {name}\n\n{about}\n"
        rows = list(_fields(schema))
        if rows:
            yield "\n| field | value | |\n|---|---|---|\n" + "".join(rows)


def _all_schemas() -> Mapping[str, Any]:
    """Every shape that a notice or a method names, and those that they are made of."""
    roots = [notice.params for notice in NOTICES.values()]
    roots += [shape for method in METHODS.values() for shape in (method.params, method.result)]
    roots += [protocol.PolicyDocument, protocol.EdgeEvent]
    found: dict[str, Any] = {}
    for shape in roots:
        schema = shape.model_json_schema()
        found |= schema.get("$defs", {})
        found[shape.__name__] = schema
    return found


def _fields(schema: Mapping[str, Any]) -> Iterator[str]:
    for name, field in schema.get("properties", {}).items():
        optional = "" if name in schema.get("required", ()) else "may be left out"
        yield f"| `{name}` | {_value(field)} | {optional} |\n"


def _value(field: Mapping[str, Any]) -> str:
    if "$ref" in field:
        name = field["$ref"].rpartition("/")[2]
        return f"[{name}](#{name.lower()})"
    if "const" in field:
        return f"`{field['const']}`"
    if "enum" in field:
        return ", ".join(f"`{each}`" for each in field["enum"])
    for union in ("anyOf", "oneOf"):
        if union in field:
            return " or ".join(_value(each) for each in field[union])
    match field.get("type"):
        case "array":
            return f"list of {_value(field.get('items', {}))}"
        case "null":
            return "null"
        case "object" | None:
            return "object"
        case "string":
            return "text" + (f" like `{field['pattern']}`".replace("|", "\\|") if "pattern" in field else "")
        case kind:
            return {"integer": "whole number", "boolean": "true or false"}.get(str(kind), str(kind))
