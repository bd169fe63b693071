"""The rules that hold: Victor's own, the person's, the workspace's, and what was answered before."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from victor_server.agent.permissions.model import Rule

Source = Literal["default", "file", "workspace", "answer", "session", "none"]


@dataclass(frozen=True, slots=True)
class Listed:
    """A rule and where it comes from: `place` as a person finds it ("permissions.yaml, line 3").

    `root` is the only workspace that it holds in, "" for all of them. `since` is ISO 8601 in UTC, "" where it was
    written by hand. `id` names an answer, to forget it by.
    """

    rule: Rule
    source: Source
    place: str
    root: str = ""
    since: str = ""
    id: str = ""


@dataclass(frozen=True, slots=True)
class Ruleset:
    """All rules of one question. In `own` and `workspace` the last that fits wins; the stricter of both holds.

    `workspace` only ask and deny. `answers` are what a person has said "always" or "for this session" to. `closed` is
    not empty where the person's file cannot be read as a whole: then all that is not a read is asked for.
    """

    own: Sequence[Listed]
    workspace: Sequence[Listed] = ()
    answers: Sequence[Listed] = ()
    closed: str = ""


def _default(tool: str, decision: Literal["allow", "ask", "deny"], **more: str) -> Listed:
    return Listed(Rule(tool, decision, **more), "default", "a default rule")


DEFAULTS: tuple[Listed, ...] = (
    _default("*", "ask"),
    _default("@read", "allow", path="**"),
    _default("@search", "allow", path="**"),
    _default("@think", "allow"),
    _default("run_command", "allow", command="cd *"),
)
"""What holds where nobody has said anything: `**` is all of the workspace."""
