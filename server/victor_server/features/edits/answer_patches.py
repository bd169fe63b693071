"""Patches in a model's prose: unified diffs, and patches of `*** Begin Patch`. Only what they say is there counts.

Numbers of lines in them are ignored: models cannot count.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from victor_server.agent.tools.edits import Block

_OLD = re.compile(r"--- (?P<name>[^\t]+)(?:\t.*)?")
_NEW = re.compile(r"\+\+\+ (?P<name>[^\t]+)(?:\t.*)?")
_HUNK = re.compile(r"@@(?: -\d+(?:,(?P<old>\d+))? \+\d+(?:,(?P<new>\d+))? @@)?.*")
_GIT = re.compile(r"diff --git .*")
_RENAME = re.compile(r"rename (from|to) (?P<name>.+)")
_ACTION = re.compile(r"\*\*\* (?P<action>Update|Add|Delete) File: (?P<name>.+)")
_MOVE = re.compile(r"\*\*\* Move to: (?P<name>.+)")
_ENVELOPE = re.compile(r"\*\*\* (?:Begin Patch|End Patch|End of File)[ ]*")
_NOWHERE = "/dev/null"
_MAX_FILLED = 500
"""Lines of a hunk beyond which empty ones at its end are left away."""


@dataclass(frozen=True, slots=True)
class PatchPart:
    """What a patch says of one file; the blocks are its hunks."""

    path: str
    kind: Literal["change", "create", "delete"]
    blocks: tuple[Block, ...] = field(repr=False)
    to: str = ""
    is_whole: bool = True


def patch_at(lines: Sequence[str], place: int, marks: str) -> tuple[PatchPart, int] | None:
    """What the patch that begins at this line says of a file, and the line behind; None where none begins.

    `marks` are those of the fence that it stands in: its end is the patch's end.
    """
    if action := _ACTION.fullmatch(lines[place]):
        return _of_action(lines, place, action, marks)
    if _OLD.fullmatch(lines[place]) and place + 1 < len(lines) and _NEW.fullmatch(lines[place + 1]):
        return _of_diff(lines, place, marks)
    if _RENAME.fullmatch(lines[place]) and place + 1 < len(lines) and lines[place].startswith("rename from"):
        return _of_rename(lines, place)
    return None


def _of_rename(lines: Sequence[str], place: int) -> tuple[PatchPart, int] | None:
    old, new = _RENAME.fullmatch(lines[place]), _RENAME.fullmatch(lines[place + 1])
    if old is None or new is None or new[1] != "to":
        return None
    return PatchPart(old["name"].strip(), "change", (), new["name"].strip()), place + 2


def _of_diff(lines: Sequence[str], place: int, marks: str) -> tuple[PatchPart, int] | None:
    old, new = _OLD.fullmatch(lines[place]), _NEW.fullmatch(lines[place + 1])
    at = place + 2
    if old is None or new is None or at >= len(lines) or not _HUNK.fullmatch(lines[at]):
        return None
    blocks: list[Block] = []
    is_whole = True
    while at < len(lines) and (hunk := _HUNK.fullmatch(lines[at])):
        body, at = _body(lines, at + 1, marks, hunk)
        blocks.append(_block(body))
        is_whole = at < len(lines) or not _is_short(body, hunk)
    before, after = _unprefixed(old["name"], "a/"), _unprefixed(new["name"], "b/")
    if before == _NOWHERE:
        return PatchPart(after, "create", tuple(blocks), is_whole=is_whole), at
    if after == _NOWHERE:
        return PatchPart(before, "delete", (), is_whole=is_whole), at
    return PatchPart(after, "change", tuple(blocks), is_whole=is_whole), at


def _of_action(lines: Sequence[str], place: int, action: re.Match[str], marks: str) -> tuple[PatchPart, int]:
    at, to = place + 1, ""
    if action["action"] == "Delete":
        return PatchPart(action["name"].strip(), "delete", ()), at
    if at < len(lines) and (move := _MOVE.fullmatch(lines[at])):
        at, to = at + 1, move["name"].strip()
    blocks: list[Block] = []
    while at < len(lines) and not _ends(lines, at, marks):
        begun = at + 1 if _HUNK.fullmatch(lines[at]) else at
        body, at = _body(lines, begun, marks, None)
        if body:
            blocks.append(_block(body))
        elif at == begun:
            break
    kind: Literal["change", "create"] = "create" if action["action"] == "Add" else "change"
    return PatchPart(action["name"].strip(), kind, tuple(blocks), to, is_whole=at < len(lines)), at


def _body(lines: Sequence[str], at: int, marks: str, hunk: re.Match[str] | None) -> tuple[list[str], int]:
    """The lines of a hunk, and where it ends: at what no hunk holds. A model leaves the blank of empty lines away."""
    body: list[str] = []
    while at < len(lines) and lines[at][:1] in ("", " ", "+", "-", "\\") and not _ends(lines, at, marks):
        if lines[at]:
            body.append(lines[at])
            at += 1
            continue
        later = next((place for place in range(at, len(lines)) if lines[place]), len(lines))
        if _is_over(lines, later, body, hunk):
            break
        body += lines[at:later]
        at = later
    return _without_last_blanks(body, hunk), at


def _is_over(lines: Sequence[str], later: int, body: list[str], hunk: re.Match[str] | None) -> bool:
    """Whether empty lines end a hunk that is not in a fence: by its numbers, or because prose follows at `later`."""
    if hunk and hunk["old"] and hunk["new"] and not _is_short(body, hunk):
        return True
    return later < len(lines) and lines[later][:1] not in (" ", "+", "-", "\\", "@")


def _without_last_blanks(body: list[str], hunk: re.Match[str] | None) -> list[str]:
    """Without the empty lines at the end, but for those that the hunk's numbers ask for."""
    n_last = next((number for number, line in enumerate(reversed(body)) if line), len(body))
    kept = body[: len(body) - n_last]
    while hunk and n_last and _is_short(kept, hunk) and len(kept) < _MAX_FILLED:
        kept.append("")
        n_last -= 1
    return kept


def _is_short(body: Sequence[str], hunk: re.Match[str]) -> bool:
    """Whether a hunk has fewer lines on both sides than its heading says."""
    if not hunk["old"] or not hunk["new"]:
        return False
    n_old = sum(line[:1] in ("", " ", "-") for line in body)
    n_new = sum(line[:1] in ("", " ", "+") for line in body)
    return n_old < int(hunk["old"][:9]) and n_new < int(hunk["new"][:9])


def _ends(lines: Sequence[str], at: int, marks: str) -> bool:
    line = lines[at]
    if _GIT.fullmatch(line) or _ACTION.fullmatch(line) or _ENVELOPE.fullmatch(line):
        return True
    if marks and line.strip().startswith(marks) and not line.strip().strip(marks[0]):
        return True
    return bool(
        at + 2 < len(lines)
        and _OLD.fullmatch(line)
        and _NEW.fullmatch(lines[at + 1])
        and _HUNK.fullmatch(lines[at + 2])
    )


def _block(body: Sequence[str]) -> Block:
    search = "".join(f"{line[1:]}\n" for line in body if line[:1] in ("", " ", "-"))
    replace = "".join(f"{line[1:]}\n" for line in body if line[:1] in ("", " ", "+"))
    return Block(search, replace)


def _unprefixed(name: str, prefix: str) -> str:
    return name.strip().strip('"').removeprefix(prefix)
