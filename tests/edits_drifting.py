"""Random files, random changes that a model makes of them, and random typing in between, with what must come of it.

Every line of a file has an identity, so it is known where the lines that a model saw have gone.
"""

from dataclasses import dataclass, field
from itertools import pairwise
from random import Random

from edit_cases import PATH

from victor_server.agent.tools.edits import Block, ChangeFile
from victor_server.features.edits.apply import make_file_edit
from victor_server.features.edits.hunks import text_with
from victor_server.features.edits.model import Refusal

_WORDS = ("load", "save", "count", "value", "items", "config", "result", "path", "index", "name")
_COMMON = ("", "", "}", "else:", "pass", "return result", "    return None", "    }", "end")


@dataclass(slots=True)
class Drift:
    """A file as it is, what a model sends for the file as it was, and what must come of it.

    `want` None: its lines are not there any more as they were. `was_unclear`: they stood in the file twice when the
    model saw it. `typed` are the lines that nobody may touch.
    """

    file: list[str]
    search: list[str]
    replace: list[str]
    want: list[str] | None
    was_unclear: bool
    typed: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Line:
    text: str
    seen: int | None
    is_typed: bool = False


def random_drift(random: Random) -> Drift:
    """A drift of up to 60 lines."""
    seen = _file(random)
    start = random.randrange(len(seen))
    end = min(len(seen), start + random.randint(1, 9))
    first = random.randint(start, end - 1)
    last = random.randint(first, end)
    new = [
        f"{' ' * random.choice((0, 4, 8))}new_{random.randrange(10**6)}()"
        for _ in range(random.randint(0, 3))
    ]
    if first == last and not new:
        new = ["new_line()"]
    now = [_Line(text, number) for number, text in enumerate(seen)]
    for _ in range(random.choice((0, 0, 1, 1, 2, 3, 5))):
        _type(random, now)
    want = _intended(now, new, seen, (start, first, last, end))
    search, replace = seen[start:end], [*seen[start:first], *new, *seen[last:end]]
    search, replace = _sent(random, search, replace)
    typed = [line.text for line in now if line.is_typed]
    was_unclear = _count(_keys(search), seen) > 1
    return Drift([line.text for line in now], search, replace, want, was_unclear, typed)


def outcome(drift: Drift, end: str = "\n") -> str:
    """`applied`, `refused`, or `twin`: applied where the text stands that was sent, which is not where it came from, or
    to one of two such places that a model did not tell apart.

    Raises AssertionError for anything else.
    """
    base = "".join(line + end for line in drift.file)
    block = Block(
        "".join(f"{line}\n" for line in drift.search), "".join(f"{line}\n" for line in drift.replace)
    )
    result = make_file_edit(base, ChangeFile(PATH, (block,)))
    if isinstance(result, Refusal):
        return "refused"
    text = text_with(base, result.hunks, [hunk.id for hunk in result.hunks])
    _assert_in_order([line for line in drift.typed if "typed" in line], text.split(end))
    if drift.want is not None and text == "".join(line + end for line in drift.want):
        return "applied"
    if drift.was_unclear or _stands_there(drift):
        return "twin"
    raise AssertionError(f"wrong: {drift!r} became {text!r}")


def _assert_in_order(typed: list[str], lines: list[str]) -> None:
    left = iter(lines)
    assert all(line in left for line in typed), "a line that was typed is gone"


def _stands_there(drift: Drift) -> bool:
    """Whether the file has all that was looked for in one place, as it is or but for blanks: nobody could know better."""
    width = len(drift.search)
    exactly = sum(drift.file[at : at + width] == drift.search for at in range(len(drift.file)))
    return exactly == 1 or _count(_keys(drift.search), drift.file) == 1


def _count(wanted: list[str], lines: list[str]) -> int:
    keys = [" ".join(line.split()) for line in lines]
    return sum(keys[at : at + len(wanted)] == wanted for at in range(len(keys)))


def _keys(lines: list[str]) -> list[str]:
    """The lines but for blanks, and but for empty lines around them."""
    return "\n".join(" ".join(line.split()) for line in lines).strip("\n").split("\n")


def _file(random: Random) -> list[str]:
    lines: list[str] = []
    for _ in range(random.randint(1, 60)):
        kind = random.random()
        if kind < 0.25 or (kind < 0.4 and not lines):
            lines.append(random.choice(_COMMON))
        elif kind < 0.4:
            start = random.randrange(len(lines))
            lines += lines[start : start + random.randint(1, 6)]
        else:
            words = random.choices(_WORDS, k=3)
            lines.append(
                f"{' ' * random.choice((0, 4, 8))}{words[0]} = {words[1]}({words[2]}, {random.randrange(9)})"
            )
    return lines


def _type(random: Random, now: list[_Line]) -> None:
    """One thing that a person does in the file."""
    place = random.randrange(len(now) + 1)
    kind = random.random()
    if kind < 0.4 or place == len(now):
        text = random.choice(now).text if now and random.random() < 0.3 else ""
        if not text or text in [line.text for line in now[max(0, place - 1) : place + 1]]:
            text = (
                f"typed_{random.randrange(10**6)}"  # beside its like nobody could tell which is the new one
            )
        now.insert(place, _Line(text, None, is_typed=True))
    elif kind < 0.7:
        now[place] = _Line(f"{now[place].text} # typed {random.randrange(10**6)}", None, is_typed=True)
    elif kind < 0.9:
        del now[place]
    else:
        part = now[place : place + random.randint(1, 4)]
        del now[place : place + len(part)]
        at = random.randrange(len(now) + 1)
        now[at:at] = part


def _intended(
    now: list[_Line], new: list[str], seen: list[str], spans: tuple[int, int, int, int]
) -> list[str] | None:
    """The lines that change, or between which new ones go, must be there, one after the other, as they were: the very
    ones, or others that read the same if there is one such place."""
    start, first, last, end = spans
    needed = range(first, last) if first < last else range(max(start, first - 1), min(end, first + 1))
    texts = [line.text for line in now]
    places = {line.seen: place for place, line in enumerate(now) if line.seen is not None}
    there = [places.get(number, -9) for number in needed]
    if any(after != before + 1 or before < 0 for before, after in pairwise([*there, there[-1] + 1])):
        wanted = [seen[number] for number in needed]
        like = [at for at in range(len(texts)) if texts[at : at + len(wanted)] == wanted]
        if len(like) != 1:
            return None
        there = like
    at = there[0] if first < last or first == start else there[0] + 1
    return [*texts[:at], *new, *texts[at + last - first :]]


def _sent(random: Random, search: list[str], replace: list[str]) -> tuple[list[str], list[str]]:
    """As a model sends it: now and then all of it indented less, or with blanks at the ends."""
    kind = random.random()
    both = [line for line in (*search, *replace) if line.strip()]
    if kind < 0.15 and both and all(line.startswith("    ") for line in both):
        return [line[4:] for line in search], [line[4:] for line in replace]
    if kind < 0.25:
        return [f"{line}  " if line else line for line in search], [
            f"{line}  " if line in search and line else line for line in replace
        ]
    return search, replace
