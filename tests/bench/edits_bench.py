"""What it costs to put a model's change into a file of 10,000 lines, by each of the ways."""

import difflib
import time
from collections.abc import Callable
from pathlib import Path
from random import Random

from bench.figures import Figure

from victor_server.agent.tools.edits import Block, ChangeFile, FileChange, WriteFile
from victor_server.features.edits.apply import make_file_edit
from victor_server.features.edits.hunks import hunks_of, reanchor_all
from victor_server.features.edits.model import FileEdit

N_LINES = 10_000
N_ROUNDS = 5
N_REWRITTEN = 200
_PATH = Path("/workspace/long.py")
_WORDS = ("load", "save", "count", "value", "items", "config", "result", "path", "index", "name")
_COMMON = ("", "    }", "    return result", "else:")


def measure(_scratch: Path) -> list[Figure]:
    """A block of twelve lines in the middle of the file, found in each way; the whole file written anew."""
    dice = Random(7)
    lines = [_line(dice) for _ in range(N_LINES)]
    rewritten = list(lines)
    for _ in range(N_REWRITTEN):
        rewritten[dice.randrange(N_LINES)] = _line(dice)
    shuffled = dice.sample(lines, N_LINES)
    base, new = _text(lines), _text(rewritten)
    start = next(
        place
        for place in range(5_000, N_LINES)
        if lines[place + 6] not in _COMMON and lines[place] not in _COMMON
    )
    seen = lines[start : start + 12]
    drifted = [*seen[:3], "read_otherwise(1)", *seen[4:]]
    peer = f"difflib, junk off: {_peer(lines, rewritten):,.0f} ms CPU"
    typed = _text([*lines[:3_000], "typed", *lines[3_000:]])
    return [
        _figure("a block, letter by letter", 40, base, _block(seen)),
        _figure("a block, but for blanks", 80, base, _block([f"{line} " for line in seen])),
        _figure("a block, drifted", 80, base, _block(drifted)),
        _figure("a block that is nowhere", 120, base, _block(["nowhere(1)", "nothing(2)"])),
        _figure(
            f"{N_REWRITTEN} lines of a whole file", 120, base, WriteFile(_PATH, new, replaces=True), peer
        ),
        _figure(
            "all lines of a whole file in another order",
            300,
            base,
            WriteFile(_PATH, _text(shuffled), replaces=True),
        ),
        Figure(
            "hunks followed through typing, CPU",
            _cpu_ms(lambda: reanchor_all(hunks_of(base, new), base, typed)),
            "ms",
            120,
        ),
    ]


def _figure(name: str, bound: float, base: str, change: FileChange, peer: str = "") -> Figure:
    took = _cpu_ms(lambda: make_file_edit(base, change))
    is_made = isinstance(make_file_edit(base, change), FileEdit)
    assert is_made != ("nowhere" in name), name
    return Figure(f"{name}, {N_LINES:,} lines, CPU", took, "ms", bound, peer)


def _cpu_ms(work: Callable[[], object]) -> float:
    work()
    started = time.process_time()
    for _ in range(N_ROUNDS):
        work()
    return (time.process_time() - started) / N_ROUNDS * 1000


def _peer(old: list[str], new: list[str]) -> float:
    started = time.process_time()
    difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    return (time.process_time() - started) * 1000


def _block(seen: list[str]) -> ChangeFile:
    return ChangeFile(_PATH, (Block(_text(seen), _text([*seen[:6], "new()", *seen[7:]])),))


def _text(lines: list[str]) -> str:
    return "".join(f"{line}\n" for line in lines)


def _line(dice: Random) -> str:
    if dice.random() < 0.3:
        return dice.choice(_COMMON)
    words = dice.choices(_WORDS, k=3)
    return f"{' ' * dice.choice((0, 4, 8))}{words[0]} = {words[1]}({words[2]}, {dice.randrange(999)})"
