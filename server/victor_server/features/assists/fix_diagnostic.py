"""Fix a diagnostic: the smallest change that mends what is reported of a line, or what is wrong with it.

    return boxes.lenght()          error: "list" has no attribute "lenght"

becomes

    return len(boxes)
"""

from victor_server.features.assists.assist import MAX_LINES, Assist, NotOffered, Offer, short
from victor_server.features.assists.place import Lines, Place, Reported

OWN = "victor"
"""The source of what Victor itself reports, which has fixes of its own."""

MAX_REPORTED = 20
_AROUND = 10

_PROMPT = """\
Find the cause of what is reported below, and mend it by the smallest change; leave everything else as it is, and do \
not only silence the report. Where a report is mistaken, repeat the lines as they are.

{}\
"""
_NOTHING_REPORTED = """\
Something may be wrong with the selected lines: a fault that a compiler, a linter or a test would meet. Find it and \
mend it by the smallest change; leave everything else as it is. Where nothing is wrong, repeat the lines as they are.\
"""


def _offer(place: Place) -> Offer | NotOffered:
    found = reported_at(place)
    lines = _scope(place, found)
    if lines.end - lines.start > MAX_LINES:
        return NotOffered(f"Select {MAX_LINES} lines at most.")
    if not place.text(lines).strip():
        return NotOffered("There is nothing in these lines.")
    return Offer(_title(found), lines)


def reported_at(place: Place) -> list[Reported]:
    """What others report of the lines of the place, each once."""
    here = [
        each
        for each in place.reported
        if each.source != OWN and place.at.touches(each.start, max(each.end, each.start + 1))
    ]
    return list(dict.fromkeys(here))[:MAX_REPORTED]


def _title(found: list[Reported]) -> str:
    if len(found) == 1:
        return f"Victor: fix “{short(found[0].message)}”"
    return f"Victor: fix the {len(found)} problems here" if found else "Victor: fix what is wrong here"


def _scope(place: Place, found: list[Reported]) -> Lines:
    """What may have to change: what is defined around it where that is not long, else some lines around it."""
    starts, ends = (
        [place.at.start, *(each.start for each in found)],
        [place.at.end, *(each.end for each in found)],
    )
    here = Lines(max(0, min(starts)), min(len(place.lines), max(ends)))
    around = place.definition.lines if place.definition is not None else None
    if place.selected is None and around is not None and around.end - around.start <= MAX_LINES // 3:
        return Lines(min(here.start, around.start), max(here.end, around.end))
    margin = _AROUND if found or place.selected is None else 0
    return Lines(max(0, here.start - margin), min(len(place.lines), here.end + margin))


def _prompt(place: Place, _: Offer) -> str:
    found = reported_at(place)
    return _PROMPT.format("\n".join(map(_said, found))) if found else _NOTHING_REPORTED


def _said(each: Reported) -> str:
    who = " ".join(filter(None, (each.source, each.code)))
    return f"* line {each.start + 1}: {short(each.message, 500)}{f' [{short(who)}]' if who else ''}"


FIX_DIAGNOSTIC = Assist("fix", "Fix", "quickfix.victor", "bug_fixing", "edit", _offer, _prompt)
