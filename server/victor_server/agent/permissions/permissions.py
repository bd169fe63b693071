"""Decides whether calls may happen: by rules, by the mode, by what was answered, else by asking a person."""

import asyncio
import contextlib
import logging
import uuid
import weakref
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from victor_server.agent.context.sources import Private
from victor_server.agent.permissions.current_rules import CurrentRules
from victor_server.agent.permissions.judge import READS, judge
from victor_server.agent.permissions.model import (
    Answer,
    Asker,
    Permitted,
    Question,
    Rule,
    Verdict,
    Wanted,
)
from victor_server.agent.permissions.refusals import RESTRICTED, denying, nobody_there, why_not
from victor_server.agent.permissions.rules_file import check_rule
from victor_server.agent.permissions.ruleset import Listed
from victor_server.audit.journal import Journal
from victor_server.errors import UsageError, VictorError
from victor_server.settings.layer import Problem
from victor_server.settings.profiles import Mode
from victor_server.settings.trust import TrustStore

logger = logging.getLogger(__name__)

DECIDED = "tool_decided"
REMEMBERED = "permission_remembered"
FORGOTTEN = "permission_forgotten"
_MOST_SESSION_RULES = 500
_LONGEST_RECORDED = 2_000
_NOS = ("no", "never")


class RulePermissions:
    """The permissions of one person, by VICTOR_HOME/permissions.yaml. Implements `Permissions`.

    Every question reads what is written now, here or by another window. Use it from one event loop; what blocks says so.
    `restricted`: the editor does not trust the folder, so that no rule and no person lets anything be changed or run.
    """

    def __init__(
        self,
        home: Path,
        journal: Journal,
        mode: Callable[[], Mode],
        private: Private,
        is_trusted: Callable[[Path], bool] | None = None,
        *,
        restricted: bool = False,
    ) -> None:
        self._home = home
        self._journal = journal
        self._mode = mode
        self._private = private
        self._restricted = restricted
        self._current = CurrentRules(home, is_trusted or TrustStore(home).is_trusted)
        self._session: defaultdict[str, list[Listed]] = defaultdict(list)
        self._asking: weakref.WeakValueDictionary[str, asyncio.Lock] = weakref.WeakValueDictionary()

    async def judge(self, wanted: Wanted) -> Verdict:
        """As `Permissions.judge`. Raises AuditFailed."""
        verdict = await asyncio.to_thread(self._verdict, wanted)
        if verdict.decision != "ask":
            await self._record(wanted, verdict, None, allowed=verdict.decision == "allow")
        return verdict

    def would(self, wanted: Wanted) -> Verdict:
        """What `judge` would say, without a record: nothing of it is about to happen. Blocks."""
        return self._verdict(wanted)

    async def permit(self, wanted: Wanted, asker: Asker | None) -> Permitted:
        """As `Permissions.permit`. One question of a session at a time: its answer may settle the next."""
        lock = self._asking.setdefault(wanted.session_id, asyncio.Lock())
        async with lock:
            verdict = await asyncio.to_thread(self._verdict, wanted)
            try:
                permitted = await self._decided(wanted, verdict, asker)
            except asyncio.CancelledError:
                await self._record_taken_back(wanted, verdict)
                raise
            await self._record(wanted, permitted.verdict, permitted.answer, allowed=permitted.allowed)
            return permitted

    def rules(self, root: Path | None = None) -> Sequence[Listed]:
        """Every rule that holds, weakest first: defaults, the file's, the workspace's, answers. Blocks."""
        rules = self._current.of(root)
        session = [each for listed in self._session.values() for each in listed]
        return (*rules.own, *rules.workspace, *rules.answers, *session)

    def problems(self, root: Path | None = None) -> Sequence[Problem]:
        """What is wrong in what was written. Blocks."""
        return self._current.problems(root)

    def set(self, rule: Rule, root: Path | None) -> Listed:
        """Remember a rule, in one workspace or, with None, in all; an allow only once that is recorded. Blocks.

        Raises UsageError for what is no rule, SettingsError, AuditFailed.
        """
        return self._remember([check_rule(rule)], "" if root is None else _real(root))[0]

    def forget(self, name: str) -> Listed:
        """Take back an answer by its id, whether that can be recorded or not. Blocks.

        Raises UsageError if there is no such, SettingsError, AuditFailed.
        """
        for listed in self._session.values():
            for each in listed:
                if each.id == name:
                    listed.remove(each)
                    self._journal.record(FORGOTTEN, **_rule_recorded(each))
                    return each
        forgotten = self._current.answers.forget(name)
        self._journal.record(FORGOTTEN, **_rule_recorded(forgotten))
        return forgotten

    def end_session(self, session_id: str) -> None:
        """Forget what was answered for a session."""
        self._session.pop(session_id, None)

    def _verdict(self, wanted: Wanted) -> Verdict:
        if self._restricted and wanted.kind not in READS:
            return RESTRICTED
        rules = self._current.of(wanted.root)
        session = self._session.get(wanted.session_id, ())
        rules = replace(rules, answers=(*rules.answers, *session))
        return judge(wanted, rules, self._mode(), self._private, self._home)

    async def _decided(self, wanted: Wanted, verdict: Verdict, asker: Asker | None) -> Permitted:
        if verdict.decision != "ask":
            return Permitted(verdict.decision == "allow", verdict.reason, verdict)
        if asker is None:
            return Permitted(False, nobody_there(verdict), verdict, Answer("cancelled"))
        answer = await asker.ask(Question(uuid.uuid4().hex, wanted, verdict))
        if answer.kind == "never":
            await self._keep(wanted, replace(verdict, remembers=denying(verdict.remembers)), answer)
        if answer.kind in ("cancelled", "no", "never"):
            return Permitted(False, why_not(answer), verdict, answer)
        # A person may take their time: what was denied meanwhile is denied.
        now = await asyncio.to_thread(self._verdict, wanted)
        if now.decision == "deny":
            return Permitted(False, now.reason, now, answer)
        await self._keep(wanted, verdict, answer)
        return Permitted(True, "The person said yes.", verdict, answer)

    async def _keep(self, wanted: Wanted, verdict: Verdict, answer: Answer) -> None:
        """Remember an answer for the session, and for ever where that was said."""
        if answer.kind == "once" or not verdict.remembers:
            return
        root = _real(wanted.root)
        kept = self._session[wanted.session_id]
        kept += [
            Listed(rule, "session", "your answer for this session", root, id=uuid.uuid4().hex[:8])
            for rule in verdict.remembers
        ]
        del kept[:-_MOST_SESSION_RULES]
        if answer.kind in ("always", "never"):
            try:
                await asyncio.to_thread(self._remember, verdict.remembers, root)
            except VictorError as error:
                logger.warning("an answer is remembered for this session only: %s", error.message)

    def _remember(self, rules: Sequence[Rule], root: str) -> Sequence[Listed]:
        if any(rule.command and _redacted(rule.command) != rule.command for rule in rules):
            raise UsageError(
                "A command with a secret in it is not kept.", "Name the secret's variable instead."
            )
        allows = any(rule.decision == "allow" for rule in rules)
        shown = [_rule_recorded(Listed(rule, "answer", "", root)) for rule in rules]
        if allows:
            for each in shown:
                self._journal.record(REMEMBERED, **each)
        try:
            kept = self._current.answers.add(rules, root)
        except VictorError:
            with contextlib.suppress(VictorError):
                self._journal.record(REMEMBERED, success=False, **shown[0])
            raise
        if not allows:
            for each in shown:
                self._journal.record(REMEMBERED, **each)
        return kept

    async def _record_taken_back(self, wanted: Wanted, verdict: Verdict) -> None:
        """A question that nobody waits for any more. Nothing happens, whether that can be recorded or not."""
        with contextlib.suppress(VictorError):
            await asyncio.shield(self._record(wanted, verdict, Answer("cancelled"), allowed=False))

    async def _record(
        self, wanted: Wanted, verdict: Verdict, answer: Answer | None, *, allowed: bool
    ) -> None:
        await asyncio.to_thread(self._record_now, wanted, verdict, answer, allowed)

    def _record_now(self, wanted: Wanted, verdict: Verdict, answer: Answer | None, allowed: bool) -> None:
        call: dict[str, Any] = {
            "id": wanted.call_id[:200],
            "name": wanted.tool[:200],
            "kind": wanted.kind,
            "decision": "allow" if allowed else "deny",
            "by": "person" if _by_person(answer, allowed=allowed) else _redacted(verdict.rule),
            "reason": _redacted(verdict.reason),
            "mode": self._mode(),
        }
        if answer is not None:
            call["answer"] = answer.kind
        if wanted.touched.command:
            call["command"] = _redacted(wanted.touched.command)
        if wanted.touched.url:
            call["url"] = _place_of(wanted.touched.url)
        files = [path.as_posix() for path in wanted.touched.paths]
        self._journal.record(
            DECIDED,
            session_id=wanted.session_id,
            success=allowed,
            tool_calls=[call],
            files_accessed=files,
            turn_id=wanted.turn_id,
        )


def _by_person(answer: Answer | None, *, allowed: bool) -> bool:
    """Whether an answer decided it: a yes to what a rule denies meanwhile did not."""
    return answer is not None and answer.kind != "cancelled" and allowed == (answer.kind not in _NOS)


def _rule_recorded(listed: Listed) -> dict[str, Any]:
    rule = listed.rule
    parts = {
        "tool": rule.tool,
        "decision": rule.decision,
        "path": rule.path,
        "url": rule.url,
        "root": listed.root,
    }
    if rule.command is not None:
        parts["command"] = _redacted(rule.command)
    return {name: value for name, value in parts.items() if value}


def _redacted(text: str) -> str:
    """A text without its secrets, and not longer than what a record should hold."""
    from victor_server.secrets.redaction.stored import redact  # the rules load with the first use

    return redact(text[:_LONGEST_RECORDED], "command.sh")


def _place_of(url: str) -> str:
    """An address without its user, query and fragment: those may hold keys."""
    try:
        parts = urlsplit(url)
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return ""
    return f"{parts.scheme}://{parts.hostname or ''}{port}{_redacted(parts.path)}"


def _real(root: Path) -> str:
    try:
        return root.resolve().as_posix()
    except (OSError, RuntimeError):
        raise UsageError(f"{root} cannot be looked at.", "Name a folder that is there.") from None
