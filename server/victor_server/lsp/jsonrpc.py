"""What one JSON-RPC message is, told from its shape alone: a call, a notice, an answer, or nothing valid."""

from dataclasses import dataclass

MessageId = str | int


@dataclass(frozen=True, slots=True)
class Call:
    """A request: it gets exactly one response."""

    id: MessageId
    method: str
    params: object


@dataclass(frozen=True, slots=True)
class Notice:
    """A notification: it gets none."""

    method: str
    params: object


@dataclass(frozen=True, slots=True)
class Answer:
    """A response to a request of ours. `error` is its code and message, None when there is a result."""

    id: MessageId
    result: object
    error: tuple[int, str] | None


@dataclass(frozen=True, slots=True)
class Invalid:
    """Not a message of the protocol. `id` is what to answer to, None if that cannot be told."""

    id: MessageId | None
    reason: str


def classify(message: object) -> Call | Notice | Answer | Invalid:
    """What `message`, any JSON value, is. Keys that mean nothing are ignored, at every depth."""
    if isinstance(message, list):
        return Invalid(None, "batches are not part of the protocol")
    if not isinstance(message, dict):
        return Invalid(None, "a message must be an object")
    message_id = _usable_id(message.get("id"))
    if message.get("jsonrpc") != "2.0":
        return Invalid(message_id, 'a message must say "jsonrpc": "2.0"')
    if "method" not in message:
        return _answer(message, message_id)
    method = message["method"]
    if not isinstance(method, str):
        return Invalid(message_id, "a method must be a string")
    if "id" not in message:
        return Notice(method, message.get("params"))
    if message_id is None:
        return Invalid(None, "an id must be a string or an integer")
    return Call(message_id, method, message.get("params"))


def _usable_id(value: object) -> MessageId | None:
    """The id; a whole number that was written as `1.0` is one too."""
    if isinstance(value, bool):
        return None
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value if isinstance(value, str | int) else None


def _answer(message: dict[str, object], message_id: MessageId | None) -> Answer | Invalid:
    if message_id is None:
        return Invalid(None, "a message must have a method, or the id that it answers")
    error = message.get("error")
    if error is None:
        return Answer(message_id, message.get("result"), None)
    code, text = (error.get("code"), error.get("message")) if isinstance(error, dict) else (None, None)
    return Answer(message_id, None, (code if isinstance(code, int) else -32603, str(text)))
