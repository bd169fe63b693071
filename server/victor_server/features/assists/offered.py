"""Makes a change for the review of code that stands in an answer. No model is asked, and nobody guesses where it belongs."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial

from victor_indexer.errors import IndexerError
from victor_indexer.model import Symbol
from victor_server.agent.context.files import name_of
from victor_server.agent.tools.edits import FileChange
from victor_server.errors import UsageError, VictorError
from victor_server.features.assists.answer import Code, read_answer
from victor_server.features.assists.assist import Offer, short
from victor_server.features.assists.definition import definitions_in
from victor_server.features.assists.edit_set import Editing, NotApplied, checked, of_changes, resolved
from victor_server.features.assists.place import Lines, Place
from victor_server.features.assists.redefined import Named, Redefined, redefined
from victor_server.features.assists.replaced import (
    NotMeant,
    why_no_code,
    with_lines_inserted,
    with_lines_replaced,
)
from victor_server.features.assists.run import AssistPorts, refuse_forbidden, root_of
from victor_server.features.edits.answer_parts import CodePart, parts_of_answer
from victor_server.features.edits.hunks import hunks_of
from victor_server.features.edits.lines import split_lines, with_line_feeds
from victor_server.features.edits.model import EditSet, FileEdit

TITLE = "Apply code of an answer"
AS_IT_IS = "The file is like that already."

_OUTLINE_LIMIT_S = 3.0
"""Then the beginnings of lines have to tell what is defined where."""

_VALUES = frozenset({"variable", "constant", "field", "property", "prototype", "namespace", "module"})
"""What is no definition with a body that code could define anew."""


@dataclass(frozen=True, slots=True)
class Offered:
    """The edit under review, None where nothing would change; and where the code goes, for a person."""

    edits: EditSet | None
    placed: str


@dataclass(frozen=True, slots=True)
class Spot:
    """Where the person is, as far as they say: `column` of the cursor's line, None where nothing was said at all."""

    column: int | None = None


async def offer_code(text: str, place: Place, ports: AssistPorts, spot: Spot, title: str = "") -> Offered:
    """Propose the code of an answer at a place, hunk by hunk. Raises UsageError where nobody can tell what is meant, or
    the file must not be changed.
    """
    if place.path is None:
        raise UsageError("The document is no file yet.", "Save it first.")
    await refuse_forbidden(ports, place, [place.path])
    with await asyncio.to_thread(ports.redaction) as redaction:
        editing = Editing(
            "",
            place,
            Offer(short(title) or TITLE, place.at),
            "",
            root_of(place),
            ports.read,
            ports.check,
            partial(refuse_forbidden, ports, place),
            redaction,
        )
        found = await asyncio.to_thread(_read, text, editing)
        if isinstance(found, Code):
            offered = await _of_code(with_line_feeds(found.text), editing, ports, spot)
        else:
            offered = _of(await of_changes(found, editing))
    if offered.edits is None:
        return offered
    return replace(offered, edits=(await ports.reviews.propose(offered.edits, apply=False)).edits)


def _read(text: str, editing: Editing) -> Code | Sequence[FileChange]:
    """Blocks, patches and what is fenced are read as an answer; all else is the code itself."""
    parts = parts_of_answer(text)
    is_fenced = text.lstrip().startswith(("```", "~~~")) and editing.place.language != "markdown"
    if is_fenced or any(not isinstance(part, CodePart) for part in parts):
        if any(not part.is_whole for part in parts):
            raise UsageError("The code breaks off in the middle of a change.", "Ask for it again.")
        return read_answer(text, editing.place.path, partial(resolved, editing))
    return Code(text if text.endswith("\n") else f"{text}\n")


def _of(made: EditSet | NotApplied) -> Offered:
    if isinstance(made, NotApplied):
        raise UsageError(made.for_person, "The file may have changed since. Ask for the change again.")
    n_hunks = sum(len(file.hunks) for file in made.files)
    changes = "1 change" if n_hunks == 1 else f"{n_hunks} changes"
    return Offered(made, f"{changes} in {', '.join(file.path.name for file in made.files[:3])}.")


async def _of_code(code: str, editing: Editing, ports: AssistPorts, spot: Spot) -> Offered:
    place, path = editing.place, editing.place.path
    there, new = await asyncio.gather(_named("".join(place.lines), place, ports), _named(code, place, ports))
    found = await asyncio.to_thread(_placed, place, code, there, new, spot)
    if isinstance(found, NotMeant):
        raise UsageError(found.what, found.do)
    before = "".join(place.lines)
    if found.text == before or path is None:
        return Offered(None, AS_IT_IS)
    hunks = await asyncio.to_thread(hunks_of, before, found.text, path)
    made = await checked([FileEdit(path, "change", before, hunks)], editing)
    if isinstance(made, NotApplied):
        raise UsageError(made.for_person, "Nothing was proposed.")
    return Offered(made, found.said)


def _placed(
    place: Place, code: str, there: Sequence[Named], new: Sequence[Named], spot: Spot
) -> Redefined | NotMeant:
    fault = why_no_code(place.lines, place.lines, split_lines(code))
    found = fault or redefined(place, code, there, new)
    if found is not None:
        return found
    if place.selected is not None:
        lines = place.selected
        text = with_lines_replaced(place.lines, lines, code)
        said = (
            f"line {lines.start + 1}"
            if lines.end == lines.start + 1
            else f"lines {lines.start + 1} to {lines.end}"
        )
        return text if isinstance(text, NotMeant) else Redefined(text, f"Replaces {said}.")
    if spot.column is None and any(line.strip() for line in place.lines):
        return NotMeant(
            "Nothing says where in the file this belongs.", "Put the cursor there, or select lines."
        )
    return _inserted(place, code, spot.column or 0)


def _inserted(place: Place, code: str, column: int) -> Redefined | NotMeant:
    """In the place of a blank line; above a line of which the cursor is at the start; else below it."""
    line = place.lines[place.line] if place.line < len(place.lines) else ""
    start = place.line + (1 if line.strip() and column else 0)
    end = place.line + (1 if line and not line.strip() else 0)
    text = with_lines_inserted(place.lines, Lines(start, max(start, end)), code, beside=line)
    return text if isinstance(text, NotMeant) else Redefined(text, f"Goes into line {start + 1}.")


async def _named(text: str, place: Place, ports: AssistPorts) -> Sequence[Named]:
    """What a text defines: told by its syntax, or by how lines begin where nobody parses it."""
    if ports.index is not None and place.path is not None:
        with suppress(VictorError, IndexerError, TimeoutError):
            name = name_of(place.path, place.root)
            symbols = await asyncio.wait_for(ports.index.outline(name, text), _OUTLINE_LIMIT_S)
            if symbols:
                return [_of_symbol(each) for each in symbols if each.kind not in _VALUES]
    return await asyncio.to_thread(_by_lines, text, place.language)


def _of_symbol(symbol: Symbol) -> Named:
    return Named(symbol.name, symbol.container, Lines(symbol.start_line, symbol.end_line + 1))


def _by_lines(text: str, language: str) -> Sequence[Named]:
    found: list[Named] = []
    for each in definitions_in(split_lines(text), language):
        around = [
            one for one in found if one.lines.start < each.lines.start and each.lines.end <= one.lines.end
        ]
        found.append(Named(each.name, around[-1].dotted if around else "", each.lines))
    return found
