"""What the rules say of one path, address, command or call."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from victor_server.agent.permissions.model import Decision, Rule
from victor_server.agent.permissions.patterns import path_fits, relative_to, tool_fits
from victor_server.agent.permissions.places import Places, printable
from victor_server.agent.permissions.ruleset import Listed, Ruleset, Source
from victor_server.agent.tools.tool import ToolKind

_READS: frozenset[ToolKind] = frozenset({"read", "search", "think"})
_ORDER = {"allow": 0, "ask": 1, "deny": 2}
_LONGEST_PATH = 300
FLOOR = "a rule that always holds"


@dataclass(frozen=True, slots=True)
class Spoken:
    """A decision with its reason, a sentence for a person; `rule` is what decided, `source` where it comes from.

    `is_final`: no answer of a person is remembered for it.
    """

    decision: Decision
    reason: str
    rule: str = ""
    source: Source = "default"
    is_final: bool = False


def strictest(spoken: Iterable[Spoken]) -> Spoken:
    """The first of the strictest; of what is allowed, the one that holds for longest."""
    found = list(spoken)
    top = max(_ORDER[each.decision] for each in found)
    same = [each for each in found if _ORDER[each.decision] == top]
    if top:
        return next((each for each in same if each.is_final), same[0])
    real = [each for each in same if each.source != "none"] or same
    return next((each for each in real if each.source != "session"), real[0])


@dataclass(frozen=True, slots=True)
class Judge:
    """The rules for calls of one tool."""

    rules: Ruleset
    places: Places
    tool: str
    kind: ToolKind

    def for_tool(self, tool: str, kind: ToolKind) -> "Judge":
        """The same rules for another tool: a command that reads a file is judged as `read_file` is."""
        return Judge(self.rules, self.places, tool, kind)

    def of_path(self, path: str, *, changes: bool) -> Spoken:
        """Of an absolute path, with `/`."""
        if why := self.places.why_denied(path, changes=changes):
            return Spoken("deny", why, FLOOR, is_final=True)
        said = self.decided(
            lambda rule: rule.command is None and rule.url is None and path_fits(rule, path, self.places.root)
        )
        if said.decision == "ask" and said.source == "default":
            said = replace(said, reason=self._not_allowed(path, changes=changes))
        why = self.places.why_asked(path) if changes else ""
        return Spoken("ask", why, FLOOR, is_final=True) if why and said.decision == "allow" else said

    def _not_allowed(self, path: str, *, changes: bool) -> str:
        inside = relative_to(path, self.places.root)
        shown = printable((path if inside is None else inside or ".")[:_LONGEST_PATH])
        what = "change" if changes else "read"
        where = ", which is outside of the workspace" if inside is None else ""
        return f"No rule allows to {what} {shown}{where}."

    def of_call(self) -> Spoken:
        """Of a call that names nothing: it stays in the workspace."""
        return self.decided(
            lambda rule: rule.command is None and rule.url is None and rule.path in (None, "**", "**/*", "*")
        )

    def of_named_path(self, path: str) -> Spoken | None:
        """What a rule says that names such a path, unless it allows it; None where none does."""
        listed = (*self.rules.own, *self.rules.workspace)
        found = next(iter(self._fitting(listed, _names_path(path, self))), None)
        return None if found is None or found.rule.decision == "allow" else _said(found)

    def decided(self, fits: Callable[[Rule], bool]) -> Spoken:
        """What the last of the person's rules, the workspace's and the answers come to."""
        rules = self.rules
        said = self._last(rules.own, fits)
        if rules.workspace:
            said = strictest([said, self._last(rules.workspace, fits, allowed=True)])
        denied = self._answered(rules.answers, fits, "deny")
        if denied is not None:
            said = strictest([said, denied])
        if said.decision != "deny" and rules.closed and self.kind not in _READS:
            return Spoken("ask", rules.closed, "permissions.yaml", is_final=True)
        if said.decision != "ask" or rules.closed:
            return said
        return self._answered(rules.answers, fits, "allow") or said

    def _fitting(self, listed: Sequence[Listed], fits: Callable[[Rule], bool]) -> Iterable[Listed]:
        return (
            each
            for each in reversed(listed)
            if each.root in ("", self.places.root)
            and tool_fits(each.rule, self.tool, self.kind)
            and fits(each.rule)
        )

    def _last(
        self, listed: Sequence[Listed], fits: Callable[[Rule], bool], *, allowed: bool = False
    ) -> Spoken:
        found = next(iter(self._fitting(listed, fits)), None)
        if found is None:
            return Spoken("allow" if allowed else "ask", "No rule speaks of it.", "no rule")
        return _said(found)

    def _answered(
        self, answers: Sequence[Listed], fits: Callable[[Rule], bool], decision: Decision
    ) -> Spoken | None:
        found = next((each for each in self._fitting(answers, fits) if each.rule.decision == decision), None)
        return None if found is None else _said(found)


def _names_path(path: str, judge: Judge) -> Callable[[Rule], bool]:
    return lambda rule: (
        rule.path is not None
        and rule.command is None
        and rule.url is None
        and path_fits(rule, path, judge.places.root)
    )


def _said(found: Listed) -> Spoken:
    words = in_words(found.rule)
    if found.source == "default" and found.rule.decision == "ask":
        return Spoken("ask", "No rule allows it.", f"{found.place}: {words}")
    done = {"allow": "Allowed", "ask": "Asked for", "deny": "Denied"}[found.rule.decision]
    return Spoken(
        found.rule.decision, f"{done} by {found.place}: {words}.", f"{found.place}: {words}", found.source
    )


def in_words(rule: Rule) -> str:
    """A rule without its decision, as a person reads it."""
    tool = {"*": "all tools", "run_command": "commands"}.get(rule.tool, rule.tool)
    what = [f"`{each}`" for each in (rule.command, rule.path, rule.url) if each is not None]
    return f"{tool} {' '.join(what)}".rstrip()
