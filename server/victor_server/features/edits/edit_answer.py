"""What a model is told of its edit: what was accepted, what was rejected and why, what could not be applied."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from victor_server.agent.context.sources import Note
from victor_server.agent.tools.edits import EditAnswer
from victor_server.agent.tools.tool import Diff
from victor_server.features.edits.hunks import text_with
from victor_server.features.edits.model import EditSet, FileEdit, Hunk, Refusal
from victor_server.features.edits.reviewed_file import where

_MAX_LINES = 12
_DONE: Mapping[str, str] = {"change": "changed", "create": "created", "delete": "deleted", "move": "moved"}
_IN = ("applied", "kept")


def edit_answer(
    edits: EditSet, reasons: Mapping[str, str], said: Sequence[str], broken: Sequence[Note]
) -> EditAnswer:
    """The answer for an edit set that was decided. An error where nothing of it is in the files."""
    root = edits.origin.root
    parts = [_of_file(file, reasons, root) for file in edits.files]
    parts += said
    if any(hunk.state == "reverted" for file in edits.files for hunk in file.hunks):
        parts.append("Do not make a rejected change again unless the person asks for it.")
    if broken:
        parts += ["New problems that the editor's language servers report since:", *_problems(broken, root)]
    is_in = any(hunk.state in _IN for file in edits.files for hunk in file.hunks)
    diffs = tuple(diff for file in edits.files for diff in _diffs(file))
    return EditAnswer("\n".join(parts), is_error=not is_in, edit_id=edits.id, diffs=diffs)


def refusal_text(refusal: Refusal, root: Path) -> str:
    """Why a change was not made, and what stands nearest to what was looked for, with the numbers of its lines."""
    said = f"{where(refusal.path, root)}: {refusal.why}"
    if not refusal.nearest:
        return said
    first = refusal.nearest_line + 1
    lines = refusal.nearest.splitlines()[: 4 * _MAX_LINES]
    shown = "\n".join(f"{first + number:>5}\t{line}" for number, line in enumerate(lines))
    return f"{said}\nThe nearest that stands there now (numbers are not part of it):\n{shown}"


def _of_file(file: FileEdit, reasons: Mapping[str, str], root: Path) -> str:
    name, done = where(file.path, root), _DONE[file.kind]
    if file.to is not None:
        done = f"{done} to {where(file.to, root)}"
    states = [hunk.state for hunk in file.hunks]
    n_in = sum(state in _IN for state in states)
    if n_in == len(states):
        return "\n".join([f"{name}: {done}.", *_marked(file.problems)])
    first = f"{name}: not {done}."
    if n_in:
        first = f"{name}: {n_in} of {len(states)} changes were accepted."
    rest = [_of_hunk(hunk, reasons.get(hunk.id, "")) for hunk in file.hunks if hunk.state not in _IN]
    return "\n".join([first, *rest])


def _of_hunk(hunk: Hunk, reason: str) -> str:
    if hunk.state == "reverted":
        why = f' The person says: "{reason}"' if reason else ""
        return f"Rejected: {_lines(hunk)}.{why}\n{_shown(hunk)}"
    if hunk.state == "stale":
        return f"Not applied: the person has changed {_lines(hunk)} meanwhile. Read the file again."
    return f"Not applied: {_lines(hunk)}."


def _shown(hunk: Hunk) -> str:
    lines = [f"- {line}" for line in hunk.before.splitlines()] + [
        f"+ {line}" for line in hunk.after.splitlines()
    ]
    cut = [f"… {len(lines) - _MAX_LINES} more lines"] if len(lines) > _MAX_LINES else []
    return "\n".join([*lines[:_MAX_LINES], *cut])


def _lines(hunk: Hunk) -> str:
    if hunk.end - hunk.start > 1:
        return f"lines {hunk.start + 1}-{hunk.end}"
    return f"line {hunk.start + 1}"


def _marked(problems: Sequence[str]) -> Sequence[str]:
    return [f"But: {problem}" for problem in problems]


def _problems(notes: Sequence[Note], root: Path) -> Sequence[str]:
    return [
        f"{where(note.path, root)}:{note.line + 1}: {note.severity}: {' '.join(note.message.split())[:300]}"
        + (f" ({note.source})" if note.source else "")
        for note in notes
    ]


def _diffs(file: FileEdit) -> Sequence[Diff]:
    accepted = {hunk.id for hunk in file.hunks if hunk.state in _IN}
    if not accepted:
        return ()
    match file.kind:
        case "change":
            base = file.base or ""
            return (Diff(file.path, base, text_with(base, file.hunks, accepted)),)
        case "create":
            return (Diff(file.path, None, file.hunks[0].after),)
        case "delete":
            return (Diff(file.path, file.base, None),)
        case "move":
            target = file.to or file.path
            return Diff(file.path, file.base, None), Diff(target, None, file.hunks[0].after)
