"""What taking changes back would make of files: pure, from the texts that were kept and those that are there now."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

from victor_server.features.checkpoints.merge import Conflict, merge3
from victor_server.features.edits.desk import Held
from victor_server.features.edits.lines import split_lines
from victor_server.history.checkpoints_model import Changed

PlanKind = Literal["unchanged", "change", "create", "delete", "conflict", "unreadable"]


@dataclass(frozen=True, slots=True)
class FilePlan:
    """What would become of one file, whose text is `now`, None where there is no file.

    `wished` is the text that it would have, None where it would be deleted. Where there is a conflict nothing becomes
    of it: `wished` then has the old text in each of `conflicts`, and everywhere else what was typed since. `why` says
    to a person what stands in the way. `version` and `is_open` are as in `Held`; `mode` are the permission bits that a
    file gets that is made again.
    """

    path: Path
    kind: PlanKind
    now: str | None = field(default=None, repr=False)
    wished: str | None = field(default=None, repr=False)
    conflicts: tuple[Conflict, ...] = ()
    why: str = ""
    version: int | None = None
    is_open: bool = False
    mode: int | None = None

    @property
    def is_written(self) -> bool:
        """Whether the file would be written."""
        return self.kind in ("change", "create", "delete")


def plan_files(
    changes: Mapping[Path, Sequence[Changed]], now: Mapping[Path, Held | None], unreadable: Mapping[Path, str]
) -> tuple[FilePlan, ...]:
    """A plan for each file, whose changes come the youngest first. A file that is in `unreadable` is left alone."""
    plans = {
        path: FilePlan(path, "unreadable", why=unreadable[path])
        if path in unreadable
        else _plan(path, now[path], made)
        for path, made in changes.items()
    }
    for source, target in _moves(changes):
        _move_back(plans, source, target)
    return tuple(plans.values())


def _plan(path: Path, held: Held | None, changes: Sequence[Changed]) -> FilePlan:
    now = None if held is None else held.text
    text, conflicts, why = now, list[Conflict](), ""
    for each in changes:
        text, new, said = _take_back(each, text)
        conflicts += new
        why = why or said
    if text == now:
        # What contradicted a change in the middle of many came out the same in the end.
        conflicts, why = [], ""
    return FilePlan(
        path,
        "conflict" if why else _kind(now, text),
        now,
        text,
        tuple(conflicts),
        why,
        None if held is None else held.version,
        held is not None and held.is_open,
        changes[-1].mode,
    )


def _kind(now: str | None, wished: str | None) -> PlanKind:
    if now == wished:
        return "unchanged"
    if wished is None:
        return "delete"
    return "create" if now is None else "change"


def _take_back(change: Changed, now: str | None) -> tuple[str | None, Sequence[Conflict], str]:
    """The text without the change, where that contradicts what was typed since, and in words why."""
    before, after = change.before, change.after
    if before == after:
        return now, (), ""
    if now in (before, after):
        return before, (), ""
    if now is None:
        return before, (), "It was deleted since; to take the change back would bring it back."
    if before is None or after is None:
        whole = Conflict(0, len(split_lines(now)), now, before or "")
        return before, (whole,), _DELETES if before is None else _OTHER_FILE
    merged = merge3(after, now, before)
    n = len(merged.conflicts)
    where = "One place of it was" if n == 1 else f"{n} places of it were"
    why = f"{where} changed since, in lines that would be taken back." if n else ""
    return merged.wished, merged.conflicts, why


_DELETES = "The change made it, and it was changed since; to take the change back would delete it."
_OTHER_FILE = "The change deleted it, and there is another file of its name now."


def _moves(changes: Mapping[Path, Sequence[Changed]]) -> list[tuple[Path, Path]]:
    """Files that were moved: one path was deleted, and one made with the same text. Only what cannot be mistaken."""
    single = [made[0] for made in changes.values() if len(made) == 1]
    deleted = [each for each in single if each.after is None]
    made = [each for each in single if each.before is None]
    pairs = [(old.path, new.path) for old in deleted for new in made if old.before == new.after]
    olds, news = [old for old, _ in pairs], [new for _, new in pairs]
    return [(old, new) for old, new in pairs if olds.count(old) == 1 == news.count(new)]


def _move_back(plans: dict[Path, FilePlan], source: Path, target: Path) -> None:
    """What was typed into a file since it was moved moves back with it."""
    old, new = plans[source], plans[target]
    if old.kind == "create" and new.kind == "conflict" and new.now is not None:
        plans[source] = replace(old, wished=new.now)
        plans[target] = replace(new, kind="delete", wished=None, conflicts=(), why="")
