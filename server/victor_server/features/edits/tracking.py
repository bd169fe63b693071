"""Hunks of one file followed through everything that is typed: where each stands now, and whether it is in the text.

What a person typed is never part of a step: a hunk can be put in, or taken out, only where the very lines that it is
about are untouched. Where they are not it is stale, until they are again what they were.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from victor_server.features.edits.hunks import reanchor_all, text_with
from victor_server.features.edits.lines import split_lines
from victor_server.features.edits.model import Hunk, HunkState

Decided = Literal["proposed", "applied", "kept", "reverted"]


@dataclass(frozen=True, slots=True)
class Tracked:
    """One hunk. `made` is as it was made; `step` puts it into `text`, or takes it out where it `is_in`.

    `text` is the last one in which that could be done: the text of now, unless it `is_stale`.
    """

    made: Hunk
    step: Hunk
    text: str = field(repr=False)
    decided: Decided = "proposed"
    is_in: bool = False
    is_stale: bool = False
    reason: str = ""

    @property
    def state(self) -> HunkState:
        """As it is told. A change that was made and is typed over since is none that was not made."""
        return "stale" if self.is_stale and self.decided == "proposed" else self.decided


def track(base: str, hunks: Sequence[Hunk]) -> tuple[Tracked, ...]:
    """Hunks of `base`, none of which is in it."""
    return tuple(Tracked(hunk, hunk, base) for hunk in hunks)


def followed(tracked: Sequence[Tracked], now: str) -> tuple[Tracked, ...]:
    """The same hunks in the text `now`. Costs a comparison of both texts; call it off the event loop.

    No two of them claim the same lines: those do that were there before, then those whose lines are back, then those
    that somebody else has put in or taken out.
    """
    anchored = _anchored(tracked, now)
    found: dict[int, Tracked] = {}
    claimed: list[Hunk] = []
    for was_stale in (False, True):
        for place, each in enumerate(tracked):
            step = anchored[place]
            if each.is_stale == was_stale and step is not None and _is_free(step, claimed):
                found[place] = replace(each, step=step, text=now, is_stale=False)
                claimed.append(step)
    for place, each in enumerate(tracked):
        turned = _turned_by_somebody(each, now) if place not in found and not each.is_stale else None
        if turned is not None and _is_free(turned.step, claimed):
            found[place] = turned
            claimed.append(turned.step)
    return tuple(found.get(place, replace(each, is_stale=True)) for place, each in enumerate(tracked))


def _anchored(tracked: Sequence[Tracked], now: str) -> dict[int, Hunk | None]:
    found: dict[int, Hunk | None] = {}
    for text in {each.text for each in tracked}:
        places = [place for place, each in enumerate(tracked) if each.text == text]
        steps = reanchor_all([tracked[place].step for place in places], text, now)
        found |= zip(places, steps, strict=True)
    return found


def _is_free(step: Hunk, claimed: Sequence[Hunk]) -> bool:
    return not any(step.start < each.end and each.start < step.end for each in claimed)


def turned(tracked: Sequence[Tracked], ids: Collection[str], now: str) -> tuple[str, tuple[Tracked, ...]]:
    """The text after the steps of these hunks, and the hunks as they are in it.

    All must have been followed to `now`; those that are stale are left as they are.
    """
    live = {each.made.id for each in tracked if not each.is_stale}
    going = live.intersection(ids)
    after = text_with(now, [each.step for each in tracked if each.made.id in live], going)
    lines = split_lines(after)
    new: dict[str, Tracked] = {}
    shift = 0
    for each in sorted(tracked, key=lambda each: (each.step.start, each.step.end)):
        if each.made.id not in live:
            continue
        moved = replace(each.step, start=each.step.start + shift, end=each.step.end + shift)
        if each.made.id in going:
            moved = reverse(moved)
            shift += (moved.end - moved.start) - (each.step.end - each.step.start)
        stands = "".join(lines[moved.start : moved.end]) == moved.before
        is_in = each.is_in != (each.made.id in going)
        new[each.made.id] = replace(each, step=moved, text=after, is_in=is_in, is_stale=not stands)
    return after, tuple(new.get(each.made.id, each) for each in tracked)


def reverse(hunk: Hunk) -> Hunk:
    """What takes a hunk out that stands at its place."""
    end = hunk.start + len(split_lines(hunk.after))
    return replace(hunk, end=end, before=hunk.after, after=hunk.before)


def decide(
    tracked: Sequence[Tracked], ids: Collection[str], decided: Decided, reason: str = ""
) -> tuple[Tracked, ...]:
    """The hunks with what was decided of these."""
    return tuple(
        replace(each, decided=decided, reason=reason or each.reason) if each.made.id in ids else each
        for each in tracked
    )


def _turned_by_somebody(tracked: Tracked, now: str) -> Tracked | None:
    """The hunk was put in or taken out by the editor itself, as its own undo and redo do."""
    step = tracked.step
    there = text_with(tracked.text, [step], [step.id])
    (found,) = reanchor_all([reverse(step)], there, now)
    if found is None:
        return None
    return by_somebody(replace(tracked, step=found, text=now))


def by_somebody(tracked: Tracked) -> Tracked:
    """The hunk, put in or taken out by somebody else than Victor."""
    decided: Decided = "reverted" if tracked.is_in else "applied"
    return replace(tracked, is_in=not tracked.is_in, is_stale=False, decided=decided)
