"""Judges a call by rules: pure, but that it looks where links lead.

The strictest of everything that a call would touch decides: deny before ask before allow.
"""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import assert_never

from victor_server.agent.context.sources import Private
from victor_server.agent.permissions.command_verdict import judge_command
from victor_server.agent.permissions.model import JudgedCommand, Verdict, Wanted
from victor_server.agent.permissions.patterns import url_fits
from victor_server.agent.permissions.places import Places
from victor_server.agent.permissions.proposals import proposed
from victor_server.agent.permissions.ruleset import Listed, Ruleset
from victor_server.agent.permissions.spoken import Judge, Spoken, strictest
from victor_server.agent.tools.tool import ToolKind
from victor_server.settings.profiles import Mode

READS: frozenset[ToolKind] = frozenset({"read", "search", "think"})
_CHANGES: frozenset[ToolKind] = frozenset({"edit", "delete", "move"})


def judge(wanted: Wanted, rules: Ruleset, mode: Mode, private: Private, home: Path) -> Verdict:
    """What the rules and the mode say of a call; `home` is VICTOR_HOME.

    `remembers` are rules that would allow all of it the next time, where there are such.
    """
    verdict = _judged(wanted, rules, mode, private, home)
    if verdict.decision != "ask" or rules.closed:
        return verdict
    found = proposed(wanted, verdict)
    if not found:
        return verdict
    answered = [Listed(rule, "session", "what you would answer") for rule in found]
    then = _judged(wanted, replace(rules, answers=(*rules.answers, *answered)), mode, private, home)
    return replace(verdict, remembers=tuple(found)) if then.decision == "allow" else verdict


def _judged(wanted: Wanted, rules: Ruleset, mode: Mode, private: Private, home: Path) -> Verdict:
    places = Places(_real(wanted.root), _real(home), private)
    judged = Judge(rules, places, wanted.tool, wanted.kind)
    spoken = [*_of_paths(judged, wanted), *_of_url(judged, wanted)]
    commands: tuple[JudgedCommand, ...] = ()
    if wanted.touched.command:
        folder = _real(wanted.touched.folder or wanted.root)
        found, commands = judge_command(judged, wanted.touched.command, folder)
        spoken += found
    if not spoken:
        spoken.append(judged.of_call())
    said = _in_mode(strictest(spoken), wanted.kind, mode)
    if said.decision == "allow" and wanted.touched.afresh:
        said = Spoken("ask", wanted.touched.afresh, "what is new of it", is_final=True)
    return Verdict(said.decision, said.reason, said.rule, commands)


def _of_paths(judged: Judge, wanted: Wanted) -> Iterator[Spoken]:
    changes = wanted.kind not in READS
    for path in wanted.touched.paths:
        for each in dict.fromkeys((path.as_posix(), _real(path))):
            said = judged.of_path(each, changes=changes)
            # The words of a command say what it may do; its paths can only take from that.
            if not wanted.touched.command or said.decision == "deny":
                yield said


def _of_url(judged: Judge, wanted: Wanted) -> Iterator[Spoken]:
    url = wanted.touched.url
    if url:
        yield judged.decided(lambda rule: rule.path is None and rule.command is None and url_fits(rule, url))


def _in_mode(said: Spoken, kind: ToolKind, mode: Mode) -> Spoken:
    if said.decision == "deny" or kind in READS:
        return said
    match mode:
        case "build":
            return said
        case "plan":
            return Spoken("deny", "In mode plan nothing is changed and nothing is run.", "mode plan")
        case "ask":
            lifted = said.source == "session" and kind not in _CHANGES
            if said.decision == "ask" or lifted:
                return said
            reason = "In mode ask every change and every command is asked for."
            return Spoken("ask", reason, "mode ask", said.source)
        case _:
            assert_never(mode)


def _real(path: Path) -> str:
    try:
        return path.resolve().as_posix()
    except (OSError, RuntimeError):
        return path.absolute().as_posix()
