"""Puts code that defines anew what a text defines in its place, or says why nobody could tell where that is."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from victor_server.features.assists.comments import comment_text
from victor_server.features.assists.definition import head_of
from victor_server.features.assists.place import Lines, Place
from victor_server.features.assists.replaced import NotMeant, with_lines_inserted, with_lines_replaced
from victor_server.features.edits.lines import split_lines

_IMPORT = re.compile(
    r"(?:import\b|from\s+\S+\s+import\b|use\s|using\s|#\s*include\b|require(?:_relative)?\b|(?:const|let|var)\s.*=\s*require\()"
)
_MAX_NAMED = 3
SELECT = "Select the lines that it is to replace."


@dataclass(frozen=True, slots=True)
class Named:
    """A definition with a body: `lines` without what stands above it, `container` the dotted name of what it is in."""

    name: str
    container: str
    lines: Lines

    @property
    def dotted(self) -> str:
        """Its name with that of what it is in."""
        return f"{self.container}.{self.name}" if self.container else self.name


@dataclass(frozen=True, slots=True)
class Redefined:
    """The whole text with the code in its place, and which definitions it replaces: for a person."""

    text: str
    said: str


@dataclass(frozen=True, slots=True)
class _Pair:
    """What code defines and the definition that it replaces: lines of the code, and lines of the text."""

    new: Lines
    old: Named
    scope: Lines


def redefined(
    place: Place, code: str, there: Sequence[Named], new: Sequence[Named]
) -> Redefined | NotMeant | None:
    """What `code`, which defines `new`, makes of a text that has the definitions `there`; None where it defines none of
    them, or where all that it defines is selected and it holds more: then the selection is replaced.
    """
    lines = split_lines(code)
    outer = [each for each in new if not each.container]
    known = {each.name for each in there}
    wanted = [each for each in outer if each.name in known]
    if not wanted:
        return None
    if twice := next((each.name for each in wanted if [one.name for one in outer].count(each.name) > 1), ""):
        return NotMeant(f"The code defines {twice} twice.", SELECT)
    pairs: list[_Pair] = []
    for each in wanted:
        pair = _pair(place, lines, each, there, new)
        if isinstance(pair, NotMeant):
            return pair
        if any(pair.scope.touches(one.scope.start, one.scope.end) for one in pairs):
            return NotMeant(f"{each.name} is in another definition of the code here.", SELECT)
        pairs.append(pair)
    imports = _besides(place, lines, outer)
    if isinstance(imports, NotMeant):
        return None if _are_selected(place, pairs) else imports
    return _put(place, lines, _with_new_ones(lines, pairs, outer, place.language), imports)


def _pair(
    place: Place, lines: Sequence[str], new: Named, there: Sequence[Named], inside: Sequence[Named]
) -> _Pair | NotMeant:
    old = _meant(place, lines, new, there)
    if isinstance(old, NotMeant):
        return old
    is_selected = place.selected is not None and _holds(place.selected, old.lines)
    lost = _members(old, there) - _members(new, inside)
    if lost and not is_selected:
        names = ", ".join(sorted(lost)[:_MAX_NAMED])
        do = f"Select {new.name} if all of it is to be replaced."
        return NotMeant(f"The code leaves {names} out of {new.name}.", do)
    start = head_of(lines, new.lines.start, place.language)
    if start == new.lines.start:
        return _Pair(new.lines, old, old.lines)  # what stands above it stays
    scope = Lines(head_of(place.lines, old.lines.start, place.language), old.lines.end)
    if _marks(place.lines, scope) and not _marks(lines, Lines(start, new.lines.end)) and not is_selected:
        return NotMeant(f"The code leaves out what stands above {new.name}.", SELECT)
    return _Pair(Lines(start, new.lines.end), old, scope)


def _meant(place: Place, lines: Sequence[str], new: Named, there: Sequence[Named]) -> Named | NotMeant:
    """The one definition that is replaced: the only one of the name, or the one where the person is."""
    found = [each for each in there if each.name == new.name]
    here = [each for each in found if each.lines.touches(place.at.start, place.at.end)]
    if len(found) > 1 and len(here) != 1:
        where = ", ".join(str(each.lines.start + 1) for each in found[:_MAX_NAMED])
        return NotMeant(
            f"{new.name} is defined in lines {where}.", "Put the cursor into the one that is meant."
        )
    old = here[0] if len(here) == 1 else found[0]
    first, now = lines[new.lines.start], place.lines[old.lines.start]
    if old.container and not here and first[:1] not in " \t" and first.strip() != now.strip():
        what = f"{new.name} is in {old.container} here (line {old.lines.start + 1})."
        return NotMeant(
            what, "Put the cursor into it if that is meant, or select what the code is to replace."
        )
    return old


def _members(of: Named, named: Sequence[Named]) -> set[str]:
    return {each.name for each in named if each.container == of.dotted and _holds(of.lines, each.lines)}


def _holds(outer: Lines, inner: Lines) -> bool:
    return outer.start <= inner.start and inner.end <= outer.end


def _marks(lines: Sequence[str], scope: Lines) -> bool:
    """Whether a definition has decorators or attributes above it."""
    return lines[scope.start].lstrip().startswith(("@", "#[", "[")) if scope.start < len(lines) else False


def _besides(place: Place, lines: Sequence[str], outer: Sequence[Named]) -> list[str] | NotMeant:
    """The imports that the text lacks; anything else beside definitions has no place that anybody knows."""
    there = {line.strip() for line in place.lines}
    scopes = [Lines(head_of(lines, each.lines.start, place.language), each.lines.end) for each in outer]
    rest = [
        line
        for number, line in enumerate(lines)
        if line.strip() not in there
        and line.strip()
        and not any(scope.touches(number, number + 1) for scope in scopes)
        and comment_text(line, place.language) is None
    ]
    if any(not _IMPORT.match(line) for line in rest) or (rest and _last_import(place.lines) is None):
        names = ", ".join(each.name for each in outer[:_MAX_NAMED])
        return NotMeant(f"The code has more in it than {names}.", SELECT)
    return rest


def _last_import(lines: Sequence[str]) -> int | None:
    """The line of the last import that is one line long and stands at the margin."""
    found = [
        number
        for number, line in enumerate(lines)
        if _IMPORT.match(line) and not re.search(r"[({,\\]\s*$", line)
    ]
    return found[-1] if found else None


def _are_selected(place: Place, pairs: Sequence[_Pair]) -> bool:
    return place.selected is not None and all(_holds(place.selected, pair.old.lines) for pair in pairs)


def _with_new_ones(
    lines: Sequence[str], pairs: Sequence[_Pair], outer: Sequence[Named], language: str
) -> list[_Pair]:
    """What code defines besides goes with the definition that it stands above, or below where there is none."""
    paired = {pair.new.end for pair in pairs}
    grown = list(pairs)
    for each in sorted(outer, key=lambda one: -one.lines.start):
        if each.lines.end in paired:
            continue
        start = head_of(lines, each.lines.start, language)
        below = next((n for n, pair in enumerate(grown) if pair.new.start >= each.lines.end), None)
        number = below if below is not None else len(grown) - 1
        pair = grown[number]
        scope = Lines(min(start, pair.new.start), max(each.lines.end, pair.new.end))
        grown[number] = _Pair(scope, pair.old, pair.scope)
    return grown


def _put(
    place: Place, lines: Sequence[str], pairs: Sequence[_Pair], imports: Sequence[str]
) -> Redefined | NotMeant:
    now = list(place.lines)
    for pair in sorted(pairs, key=lambda each: -each.scope.start):
        text = with_lines_replaced(now, pair.scope, "".join(lines[pair.new.start : pair.new.end]))
        if isinstance(text, NotMeant):
            return text
        now = split_lines(text)
    last = _last_import(now)
    if imports and last is not None:
        text = with_lines_inserted(now, Lines(last + 1, last + 1), "".join(imports), beside=now[last])
        if isinstance(text, NotMeant):
            return text
        now = split_lines(text)
    return Redefined("".join(now), f"Replaces {_names(pairs)}.")


def _names(pairs: Sequence[_Pair]) -> str:
    named = [f"{pair.old.dotted} (line {pair.old.lines.start + 1})" for pair in pairs]
    more = len(named) - _MAX_NAMED
    return ", ".join(named[:_MAX_NAMED]) + (f" and {more} more" if more > 0 else "")
