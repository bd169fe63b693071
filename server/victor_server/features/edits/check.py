"""Looks at a change before it is offered: whether it breaks the syntax, and whether it brings a secret."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from pathlib import PurePath

from victor_indexer.model import Broken
from victor_server.features.edits.diff import Change
from victor_server.features.edits.hunks import text_with
from victor_server.features.edits.lines import BOM, split_lines, with_line_feeds
from victor_server.features.edits.model import FileEdit, Refusal
from victor_server.features.edits.syntax import MAX_CHARACTERS, SyntaxProblem, broken_anew, new_problems
from victor_server.secrets.scanner import scan_with_allowed
from victor_server.settings.resolved import ValidationSettings

BrokenIn = Callable[[str, str], Awaitable[Sequence[Broken] | None]]
"""(path, text) → what does not parse, for texts that are too long for this process: the index worker's parser."""

_MAX_TOLD = 3
_MAX_SECRETS_TOLD = 3


async def check_edit(
    edit: FileEdit, path: str, validation: ValidationSettings, *, broken_in: BrokenIn | None = None
) -> FileEdit | Refusal:
    """The edit with what is wrong with it as its `problems`, or why it is not offered at all. Never raises.

    `path` as the workspace names it, with `/`. Errors of syntax count that the file did not have; they refuse the
    edit where validation is strict. A secret counts that the file did not have: one that its format proves refuses
    the edit always, comments that allow it aside, for those would be the model's own.
    """
    if edit.kind not in ("change", "create"):
        return edit
    after = text_with(edit.base or "", edit.hunks, {hunk.id for hunk in edit.hunks})
    refusal, problems = await asyncio.to_thread(_secrets, edit, path, after)
    if refusal is not None:
        return refusal
    broken = await _broken(edit, path, after, broken_in) if validation.enabled else []
    if broken and validation.strict:
        return _refused(edit, after, broken)
    problems += [f"Line {each.line + 1}: {each.text}." for each in broken[:_MAX_TOLD]]
    return replace(edit, problems=(*edit.problems, *problems))


def _secrets(edit: FileEdit, path: str, after: str) -> tuple[Refusal | None, list[str]]:
    known = {finding.fingerprint for finding in scan_with_allowed(edit.base or "", path)}
    new = [finding for finding in scan_with_allowed(after, path) if finding.fingerprint not in known]
    certain = next((finding for finding in new if finding.tier == "certain"), None)
    if certain is not None:
        why = (
            f"The new text has a secret in it (line {certain.line + 1}: {certain.title}). Secrets are not written into"
            " files: write code that reads it, from the environment for example."
        )
        return Refusal(edit.path, why), []
    return None, [
        f"Line {each.line + 1} may hold a secret: {each.title}." for each in new[:_MAX_SECRETS_TOLD]
    ]


async def _broken(edit: FileEdit, path: str, after: str, broken_in: BrokenIn | None) -> list[SyntaxProblem]:
    changed = _changed(edit)
    if max(len(edit.base or ""), len(after)) <= MAX_CHARACTERS:
        return await asyncio.to_thread(new_problems, PurePath(path), edit.base, after, changed)
    if broken_in is None:
        return []
    new = await broken_in(path, with_line_feeds(after.removeprefix(BOM)))
    if not new:
        return []
    old = await broken_in(path, with_line_feeds((edit.base or "").removeprefix(BOM)))
    return broken_anew(old or (), new, changed)


def _changed(edit: FileEdit) -> list[Change]:
    """The hunks as lines of the base and of the text after."""
    found: list[Change] = []
    shift = 0
    for hunk in sorted(edit.hunks, key=lambda each: (each.start, each.end)):
        n_new = len(split_lines(hunk.after))
        found.append(Change(hunk.start, hunk.end, hunk.start + shift, hunk.start + shift + n_new))
        shift += n_new - (hunk.end - hunk.start)
    return found


def _refused(edit: FileEdit, after: str, broken: Sequence[SyntaxProblem]) -> Refusal:
    told = "; ".join(f"line {each.line + 1}: {each.text}" for each in broken[:_MAX_TOLD])
    start = max(0, broken[0].line - 2)
    excerpt = "".join(split_lines(after)[start : start + 5])
    why = f"With this change the file has syntax errors that it did not have ({told}). The lines are shown as they would be."
    return Refusal(edit.path, why, excerpt, start)
