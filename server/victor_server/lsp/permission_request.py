"""A question as `session/request_permission` of the Agent Client Protocol, and what a client's answer to it means."""

import logging
import re
from collections.abc import Mapping, Sequence
from typing import Any

from victor_server.agent.permissions.model import Answer, AnswerKind, Question, Wanted
from victor_server.agent.permissions.question_words import (
    folder_of,
    in_line,
    remembered,
    seen,
    things,
    wish,
)
from victor_server.agent.permissions.spoken import in_words
from victor_server.lsp.shapes.permissions import PermissionRequestParams
from victor_server.lsp.text import without_surrogates

logger = logging.getLogger(__name__)

MAX_REASON = 2_000
MAX_TITLE = 200
_NOT_UNDERSTOOD = "The editor's answer could not be understood, so it counts as no."
_ANSWERS: Mapping[str, AnswerKind] = {
    "once": "once",
    "session": "session",
    "always": "always",
    "no": "no",
    "never": "never",
}
Json = Mapping[str, Any]


def to_permission_request(question: Question) -> PermissionRequestParams:
    """The request. Its texts are plain, and every character in them is seen; the content is markdown."""
    wanted = question.wanted
    tool_call = {
        "toolCallId": wanted.call_id,
        "title": _title(question),
        "kind": wanted.kind,
        "status": "pending",
        "locations": [{"path": str(path)} for path in wanted.touched.paths],
        "content": _content(question),
    }
    return PermissionRequestParams(
        wanted.session_id, tool_call, _options(question), {"victor": _meta(question)}
    )


def read_outcome(found: object, question: Question) -> Answer:
    """What was answered; anything but one of the options that were offered is no yes."""
    outcome = found.get("outcome") if isinstance(found, Mapping) else None
    if not isinstance(outcome, Mapping):
        return _not_understood()
    if outcome.get("outcome") == "cancelled":
        return Answer("cancelled")
    chosen = outcome.get("optionId")
    offered = {each["optionId"] for each in _options(question)}
    if outcome.get("outcome") != "selected" or not isinstance(chosen, str) or chosen not in offered:
        return _not_understood()
    return Answer(_ANSWERS[chosen], _reason(found, outcome) if chosen in ("no", "never") else "")


def _not_understood() -> Answer:
    logger.warning("the client answered what it was not asked")
    return Answer("cancelled", _NOT_UNDERSTOOD)


def _reason(*found: object) -> str:
    """What the person said with it, in the `_meta` of the result or of its outcome."""
    for each in found:
        meta = each.get("_meta") if isinstance(each, Mapping) else None
        victor = meta.get("victor") if isinstance(meta, Mapping) else None
        reason = victor.get("reason") if isinstance(victor, Mapping) else None
        if isinstance(reason, str) and reason.strip():
            return without_surrogates(reason.strip()[:MAX_REASON])
    return ""


def _title(question: Question) -> str:
    title = in_line(f"{wish(question)}: {', '.join(things(question.wanted))}")
    return title if len(title) <= MAX_TITLE else f"{title[: MAX_TITLE - 1]}…"


def _content(question: Question) -> Sequence[Json]:
    """What it is about, whole; markdown, as in the Agent Client Protocol, in which nothing can stand out of its fence."""
    wanted = question.wanted
    text = "\n".join(things(wanted))
    fence = "`" * max(3, 1 + max(map(len, re.findall("`+", text)), default=0))
    folder = folder_of(wanted)
    where = f"\n\nIn the folder:\n\n{fence}\n{folder}\n{fence}" if folder else ""
    said = {"type": "text", "text": f"{fence}{_language(wanted)}\n{text}\n{fence}{where}"}
    diffs = [
        {"type": "diff", "path": str(each.path), "oldText": each.before, "newText": each.after or ""}
        for each in question.diffs
    ]
    return [{"type": "content", "content": said}, *diffs]


def _language(wanted: Wanted) -> str:
    return "sh" if wanted.touched.command else ""


def _options(question: Question) -> list[Json]:
    """`allow_always` is both for this session and for ever; which one is told by the id."""
    verdict = question.verdict
    patterns = remembered(verdict)
    listed = {"victor": {"patterns": [seen(in_words(rule)) for rule in verdict.remembers]}}
    once = {"optionId": "once", "name": "Allow once", "kind": "allow_once"}
    no = {"optionId": "no", "name": "No", "kind": "reject_once"}
    if not patterns:
        return [once, no]
    return [
        once,
        {
            "optionId": "session",
            "name": f"Allow for this session: {patterns}",
            "kind": "allow_always",
            "_meta": listed,
        },
        {"optionId": "always", "name": f"Always allow: {patterns}", "kind": "allow_always", "_meta": listed},
        no,
        {"optionId": "never", "name": f"Never allow: {patterns}", "kind": "reject_always", "_meta": listed},
    ]


def _meta(question: Question) -> Json:
    wanted, verdict = question.wanted, question.verdict
    return {
        "question": question.id,
        "turnId": wanted.turn_id,
        "tool": seen(wanted.tool),
        "wish": wish(question),
        "things": list(things(wanted)),
        "folder": folder_of(wanted),
        "reason": seen(verdict.reason),
        "rule": seen(verdict.rule),
        "commands": [
            {"argv": [seen(word) for word in each.argv], "decision": each.decision, "rule": seen(each.rule)}
            for each in verdict.commands
        ],
        "patterns": [seen(in_words(rule)) for rule in verdict.remembers],
    }
