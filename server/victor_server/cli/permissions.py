"""`victor permissions`: which rules hold, what they say of a command, and what is remembered."""

import json as jsonlib
import os
from pathlib import Path

from victor_server.agent.permissions.model import Decision, Rule, Verdict, Wanted
from victor_server.agent.permissions.places import OWN_FOLDER, RUN_LATER
from victor_server.agent.permissions.ruleset import Listed
from victor_server.agent.permissions.spoken import in_words
from victor_server.agent.tools.tool import Touched
from victor_server.cli.chat.neutral import neutral
from victor_server.compose.permissions import open_permissions
from victor_server.errors import UsageError
from victor_server.settings.profiles import Mode

ALWAYS = (
    ("deny", "private files: .env, keys, what `network.private_paths` adds", "docs/privacy.md lists them"),
    ("deny", "VICTOR_HOME, and changes in .victor", "Victor's own files are not for its models"),
    ("ask", "changes of what is run or obeyed later: .git, .vscode, AGENTS.md …", "never remembered"),
    ("ask", "command lines that cannot be understood for sure", "never remembered"),
)
"""What no rule changes: decision, what it is about, a remark."""


def run_list(*, json: bool) -> int:
    """Print the rules that hold in the current folder, in their order."""
    permissions = open_permissions(os.environ)
    root = Path.cwd()
    rules, problems = permissions.rules.rules(root), permissions.rules.problems(root)
    here = [each for each in rules if each.root in ("", root.resolve().as_posix())]
    if json:
        document = {
            "mode": permissions.mode,
            "rules": [_document(each) for each in here],
            "always": [{"decision": one, "what": what, "remark": why} for one, what, why in ALWAYS],
            "asked_each_time": [*RUN_LATER, OWN_FOLDER],
            "problems": [{"source": p.source, "line": p.line, "message": p.message} for p in problems],
        }
        print(jsonlib.dumps(document))
        return 0
    print(f"In mode {permissions.mode}; the last rule that fits wins, and a deny beats every answer.")
    for each in here:
        print(neutral(f"  {each.rule.decision:<5}  {in_words(each.rule)}  ({_where(each)})"))
    print("Whatever the rules say:")
    for decision, what, remark in ALWAYS:
        print(f"  {decision:<5}  {what}  ({remark})")
    for problem in problems:
        print(neutral(f"Wrong: {problem.told}"))
    if any(problem.restricts for problem in problems):
        print("Until that is mended all but reading is asked for, whatever is allowed above.")
    return 0


def run_check(command: str, *, mode: Mode | None, json: bool) -> int:
    """Print what would become of a command line in the current folder."""
    if not command.strip():
        raise UsageError("No command is named.", 'Quote one: `victor permissions check "git log | head"`.')
    permissions = open_permissions(os.environ, mode)
    root = Path.cwd().resolve()
    wanted = Wanted("run_command", "execute", Touched("Run a command", command=command, folder=root), root)
    verdict = permissions.rules.would(wanted)
    print(jsonlib.dumps(_checked(verdict)) if json else neutral("\n".join(_told(verdict))))
    return 0


def run_set(
    decision: Decision, command: str, tool: str, path: str, url: str, *, everywhere: bool, json: bool
) -> int:
    """Remember a rule for the current folder, or for all."""
    if not (command or tool or path or url):
        raise UsageError("Nothing is named.", f'Name a command: `victor permissions {decision} "git log *"`.')
    named = tool or ("run_command" if command else "fetch_url" if url else "@edit")
    rule = Rule(named, decision, path or None, command or None, url or None)
    kept = open_permissions(os.environ).rules.set(rule, None if everywhere else Path.cwd())
    print(jsonlib.dumps(_document(kept)) if json else neutral(_sentence(kept)))
    return 0


def run_forget(name: str, *, json: bool) -> int:
    """Take back one answer."""
    gone = open_permissions(os.environ).rules.forget(name)
    print(jsonlib.dumps(_document(gone)) if json else neutral(f"Forgotten: {_what(gone)}."))
    return 0


def _sentence(kept: Listed) -> str:
    return f"Remembered as {kept.id}: {_what(kept)}. `victor permissions forget {kept.id}` takes that back."


def _what(each: Listed) -> str:
    return f"{each.rule.decision} {in_words(each.rule)} in {each.root or 'all folders'}"


def _where(each: Listed) -> str:
    if not each.id:
        return each.place
    return f"{each.id}, of {each.since[:10]}, {'here' if each.root else 'everywhere'}"


def _document(each: Listed) -> dict[str, object]:
    rule = each.rule
    return {
        "tool": rule.tool,
        "decision": rule.decision,
        "path": rule.path,
        "command": rule.command,
        "url": rule.url,
        "source": each.source,
        "place": each.place,
        "root": each.root,
        "since": each.since,
        "id": each.id,
    }


def _checked(verdict: Verdict) -> dict[str, object]:
    return {
        "decision": verdict.decision,
        "reason": verdict.reason,
        "rule": verdict.rule,
        "commands": [
            {"argv": list(each.argv), "decision": each.decision, "rule": each.rule}
            for each in verdict.commands
        ],
        "would_remember": [rule.command for rule in verdict.remembers],
    }


def _told(verdict: Verdict) -> list[str]:
    lines = [f"{verdict.decision}: {verdict.reason}"]
    lines += [f"  {each.decision:<5}  {' '.join(each.argv)}  ({each.rule})" for each in verdict.commands]
    if verdict.remembers:
        lines.append(
            f"Answered with always, this would be remembered: {', '.join(map(in_words, verdict.remembers))}"
        )
    return lines
