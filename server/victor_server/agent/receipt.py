"""The context receipt of one model call: what left, who got it and why, and what it cost. Never the text itself."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal

from victor_server.errors import HistoryFailed

FORMAT = 1
"""Stands in the data as `version`; one that is not known is refused."""

ReceiptOutcome = Literal["done", "cached", "cancelled", "failed", "not_sent"]


@dataclass(frozen=True, slots=True)
class ShownFile:
    """A part of the workspace that the model was shown: lines are 0-based, the end exclusive; tokens estimated.

    `path` is relative to the workspace, "" for what is of no file. `kind` and `reason` as in `Piece`.
    """

    path: str
    start_line: int
    end_line: int
    kind: str
    reason: str
    n_tokens: int


@dataclass(frozen=True, slots=True)
class HeldBack:
    """What was to be shown and was not: the file, or "" for what is of none, and why."""

    path: str
    kind: str
    reason: str


@dataclass(frozen=True, slots=True)
class Attempt:
    """One model server that was asked. `error` is the kind of what went wrong, "" if nothing did."""

    profile: str
    provider: str
    model: str
    address: str
    leaves_machine: bool
    was_sent: bool
    error: str = ""


@dataclass(frozen=True, slots=True)
class Receipt:
    """One call. `created` is seconds since the epoch, UTC; `cost_usd` None where the price is unknown.

    `redacted` counts what was taken out by kind ("aws-access-key"); `attempts` are all who were sent it, in order, the
    last of them having answered if the outcome is `done` or `cancelled`. `error` and `message` are of what ended the
    call, "" otherwise. `counted`: whether the provider counted the tokens; else they are estimated.
    """

    id: str
    session_id: str
    turn_id: str
    created: float
    task: str
    outcome: ReceiptOutcome
    profile: str = ""
    provider: str = ""
    model: str = ""
    reason: str = ""
    leaves_machine: bool = False
    files: tuple[ShownFile, ...] = ()
    held_back: tuple[HeldBack, ...] = ()
    redacted: Mapping[str, int] = field(default_factory=dict)
    n_messages: int = 0
    n_tools: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cache_read_tokens: int = 0
    cache_write_tokens: int = 0
    counted: bool = True
    cost_usd: float | None = None
    attempts: tuple[Attempt, ...] = ()
    error: str = ""
    message: str = ""


def to_data(receipt: Receipt) -> dict[str, Any]:
    """The receipt as JSON knows it."""
    fields = {name: getattr(receipt, name) for name in Receipt.__dataclass_fields__}
    parts = {name: [asdict(part) for part in fields[name]] for name in ("files", "held_back", "attempts")}
    return {"version": FORMAT, **fields, **parts, "redacted": dict(receipt.redacted)}


def from_data(data: Mapping[str, Any]) -> Receipt:
    """The receipt that was written so. Raises `HistoryFailed` for another format, or for what is none."""
    if data.get("version") != FORMAT:
        raise HistoryFailed(
            "This receipt was written by another version of Victor.",
            "Read it with the version that wrote it.",
        )
    try:
        known = {name: data[name] for name in Receipt.__dataclass_fields__}
        return Receipt(
            **{
                **known,
                "files": tuple(ShownFile(**file) for file in known["files"]),
                "held_back": tuple(HeldBack(**held) for held in known["held_back"]),
                "attempts": tuple(Attempt(**attempt) for attempt in known["attempts"]),
                "redacted": dict(known["redacted"]),
            }
        )
    except (KeyError, TypeError, ValueError) as error:
        raise HistoryFailed(
            "A stored receipt cannot be read.", "It was damaged; the others are not."
        ) from error


def to_markdown(receipt: Receipt) -> str:
    """The receipt as a person reads it. Names from outside stand in it as plain text, whatever they hold."""
    sections = [
        f"# Receipt {_plain(receipt.id)}",
        _summary(receipt),
        _table("Shown to the model", ("file", "lines", "tokens", "why"), map(_file_row, receipt.files)),
        _list(
            "Taken out before it was sent", (f"{n} x {_plain(kind)}" for kind, n in receipt.redacted.items())
        ),
        _list("Held back", map(_held_back_line, receipt.held_back)),
        _list("Who was sent it", map(_attempt_line, receipt.attempts)),
    ]
    return "\n\n".join(section for section in sections if section) + "\n"


def _summary(receipt: Receipt) -> str:
    cost = "unknown" if receipt.cost_usd is None else f"${receipt.cost_usd:.4f}"
    about = "" if receipt.counted else " (estimated)"
    cached = f", {receipt.cache_read_tokens} of them cached" if receipt.cache_read_tokens else ""
    rows = [
        ("When", f"{datetime.fromtimestamp(receipt.created, UTC):%Y-%m-%d %H:%M:%S} UTC"),
        ("Task", receipt.task),
        ("Outcome", _OUTCOMES[receipt.outcome] + (f": {receipt.message}" if receipt.message else "")),
        ("Model", f"{receipt.model} ({receipt.provider}, profile {receipt.profile})" if receipt.model else "none"),
        ("Left this machine", "yes" if any(each.leaves_machine for each in receipt.attempts) else "no"),
        ("Why this model", receipt.reason),
        ("Sent", f"{receipt.n_messages} messages, {receipt.n_tools} tools, {receipt.input_tokens} tokens{about}{cached}"),
        ("Received", f"{receipt.output_tokens} tokens{about}"),
        ("Cost", cost),
    ]  # fmt: skip
    return "\n".join(f"* **{name}:** {_plain(value)}" for name, value in rows if value)


_OUTCOMES: Mapping[ReceiptOutcome, str] = {
    "done": "answered",
    "cached": "answered from the cache, nothing was sent",
    "cancelled": "stopped by the person",
    "failed": "failed",
    "not_sent": "nothing was sent",
}


def _file_row(file: ShownFile) -> tuple[str, ...]:
    lines = f"{file.start_line + 1}-{file.end_line}" if file.path and file.end_line else ""
    return _plain(file.path or file.kind), lines, str(file.n_tokens), _plain(file.reason)


def _held_back_line(held: HeldBack) -> str:
    return f"{_plain(held.path or held.kind)}: {_plain(held.reason)}"


def _attempt_line(attempt: Attempt) -> str:
    place = "elsewhere" if attempt.leaves_machine else "on this machine"
    sent = "" if attempt.was_sent else ", nothing was sent"
    error = f", {attempt.error}" if attempt.error else ""
    who = f"{attempt.model} at {attempt.address} ({attempt.provider}, profile {attempt.profile})"
    return f"{_plain(who)}, {place}{sent}{_plain(error)}"


def _table(title: str, names: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [f"| {' | '.join(row)} |" for row in rows]
    if not lines:
        return ""
    head = [f"## {title}", "", f"| {' | '.join(names)} |", f"|{'---|' * len(names)}"]
    return "\n".join([*head, *lines])


def _list(title: str, entries: Iterable[str]) -> str:
    lines = [f"* {entry}" for entry in entries]
    return "\n".join([f"## {title}", "", *lines]) if lines else ""


_MARKS = re.compile(r"([\\`*_\[\]<>|#~])")
_UNPRINTABLE = re.compile(r"[^\S ]+|[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]+")


def _plain(text: str) -> str:
    """Text from outside, so that it neither marks anything up nor breaks a line."""
    return _MARKS.sub(r"\\\1", _UNPRINTABLE.sub(" ", text))
