"""Context from git: what has changed, for a review, a commit message, or where the person mentions it."""

import asyncio
from collections.abc import Sequence

from victor_server.agent.context.files import Files, Text, Unreadable, as_lines
from victor_server.agent.context.git import Diff, DiffScope
from victor_server.agent.context.patches import MAX_BYTES, MAX_PATCH_BYTES, FileDiff
from victor_server.agent.context.piece import LeftOut
from victor_server.agent.context.question import Question
from victor_server.agent.context.sources import Sources
from victor_server.agent.context.wish import Wish, Wishes, left_out

DIFF_SCORE = 85.0
NEW_SCORE = 83.0
SUBJECTS_SCORE = 84.0
N_SUBJECTS = 8

COMMIT_TASK = "commit_message"
REVIEW_TASK = "code_review"

_REASONS = {
    "staged": "staged for the next commit",
    "changes": "changed since the last commit",
    "branch": "changed on this branch since",
}


async def wishes(question: Question, files: Files, sources: Sources) -> Wishes:
    """The changed files' patches, where the task or a mention asks for them; their messages for a commit's."""
    scope = _scope(question, sources)
    if scope is None:
        return Wishes()
    if question.root is None or sources.git is None:
        return left_out("diff", "", "no folder is open")
    diff = await sources.git.diff(question.root, scope)
    if question.task == REVIEW_TASK and not (diff.files or diff.untracked or diff.unreadable):
        diff = await sources.git.diff(
            question.root, "branch"
        )  # all is committed: the branch is what there is
    found = await asyncio.to_thread(_patches, diff, files)
    if question.task != COMMIT_TASK or not found.wishes:
        return found
    subjects = await sources.git.recent_subjects(question.root, N_SUBJECTS)
    return Wishes([*found.wishes, *_style(subjects)], found.left_out)


def _scope(question: Question, sources: Sources) -> DiffScope | None:
    if question.task == COMMIT_TASK:
        return "staged"
    if any(mention.kind == "diff" for mention in question.mentions):
        return "changes"
    selection = None if sources.editor is None else sources.editor.selection()
    named = any(mention.kind not in ("diff", "diagnostics") for mention in question.mentions)
    # What is selected or named is what is to be reviewed.
    reviews_all = question.task == REVIEW_TASK and not named and (selection is None or not selection.text)
    return "changes" if reviews_all else None


def _patches(diff: Diff, files: Files) -> Wishes:
    found: list[Wish] = []
    out: list[LeftOut] = []
    for each in diff.files:
        if why := _why_private(each, files):
            out.append(LeftOut("diff", each.path, 0, 0, 0, why))
        elif each.too_large:
            reason = f"its changes are larger than {MAX_PATCH_BYTES // 1000} KB"
            out.append(LeftOut("diff", each.path, 0, 0, 0, reason))
        else:
            found.append(_wish(each, f"{_REASONS[diff.scope]} {diff.base}".strip()))
    for path in diff.untracked:
        text = files.read(path)
        if isinstance(text, Unreadable):
            out.append(LeftOut("diff", path, 0, 0, 0, text.reason))
        else:
            found.append(_new_wish(path, text))
    if diff.unreadable:
        reason = f"{diff.unreadable} changed files whose names cannot be read"
        out.append(LeftOut("diff", "", 0, 0, 0, reason))
    if diff.cut:
        out.append(LeftOut("diff", "", 0, 0, 0, f"what comes after {MAX_BYTES // 1_000_000} MB of changes"))
    if not found and not out:
        on_branch = ", and this branch has no commits of its own" if diff.scope == "branch" else ""
        out.append(LeftOut("diff", "", 0, 0, 0, f"nothing has changed since the last commit{on_branch}"))
    return Wishes(found, out)


def _why_private(each: FileDiff, files: Files) -> str:
    """A patch shows what the file was as well, under the name that it had."""
    root = files.root
    real = None if root is None else root / each.path
    return files.why_private(each.path, real) or files.why_private(each.before)


def _wish(each: FileDiff, reason: str) -> Wish:
    lines = as_lines(each.text)
    # The smaller a patch, the sooner it is shown: a lock file must not crowd out the code.
    score = DIFF_SCORE - min(len(each.text), 1_000_000) / 1_000_000
    return Wish("diff", each.path, 0, lines, reason, score, asked=True, cuttable=True)


def _new_wish(path: str, text: Text) -> Wish:
    score = NEW_SCORE - min(len(text.lines), 100_000) / 100_000
    return Wish("diff", path, 0, text.lines, "new, not added to git yet", score, asked=True, cuttable=True)


def _style(subjects: Sequence[str]) -> list[Wish]:
    lines = tuple(f"{subject}\n" for subject in subjects)
    if not lines:
        return []
    reason = "the last commit messages, for their style"
    return [Wish("attached", "", 0, lines, reason, SUBJECTS_SCORE, asked=True)]
