"""Code actions that decide about hunks: listed from what is known, each with a command alone.

Where an editor takes no edits from a server, an action that changes the text brings the edit alone: Vim with ALE carries
out no edit that comes beside a command. That it was made is seen when it comes back.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from lsprotocol import types

from victor_server.lsp.documents import Document
from victor_server.lsp.review_diagnostics import MAX_SHOWN, as_shown, to_lsp_review, touching
from victor_server.lsp.review_state import ShownReview
from victor_server.lsp.session import Session
from victor_server.lsp.text import Text

if TYPE_CHECKING:
    from victor_server.agent.context.sources import Note
    from victor_server.features.edits.review_model import How, Placed

KIND = types.CodeActionKind.QuickFix
RESOLVE = "victor.edit.resolve"
SHOW = "victor.edit.show"
ASSIST = "victor.assist"
_MAX_HUNKS = 5
_MAX_TITLE = 40
_WORDS: "dict[bool, tuple[tuple[How, str], tuple[How, str]]]" = {
    False: (("accept", "accept"), ("reject", "reject")),
    True: (("keep", "keep"), ("undo", "undo")),
}


def edit_actions(
    session: Session, document: Document, params: types.CodeActionParams
) -> list[types.CodeAction]:
    """What can be decided at these lines, and what an edit broke there."""
    shown = session.reviewed.shown.get(document.uri)
    if shown is None or not _is_wanted(params.context.only):
        return []
    first, last = params.range.start.line, params.range.end.line
    touched = touching(shown, first, last)
    return [
        *_of_hunks(session, document, shown, touched[:_MAX_HUNKS]),
        *_of_edits(session, document, shown, touched, touched or _elsewhere(shown, params.context)),
        *_of_broken(document, shown, touched, first, last),
    ]


def _elsewhere(shown: ShownReview, context: types.CodeActionContext) -> "Sequence[Placed]":
    """Who asks for actions beside the hunks finds those for all of them; while a cursor only moves nothing is there."""
    is_asked = context.trigger_kind != types.CodeActionTriggerKind.Automatic
    return shown.placed if is_asked else ()


def _of_hunks(
    session: Session, document: Document, shown: ShownReview, touched: "Sequence[Placed]"
) -> Iterator[types.CodeAction]:
    for placed in touched:
        at = f" (line {placed.start + 1})" if len(touched) > 1 else ""
        for how, word in _WORDS[placed.is_in]:
            yield _action(
                session,
                document,
                shown,
                f"Victor: {word} this change{at}",
                {"id": placed.edit_id, "decision": how, "hunks": [placed.hunk.id]},
                [placed] if how in ("accept", "undo") else [],
                [placed],
            )


def _of_edits(
    session: Session,
    document: Document,
    shown: ShownReview,
    touched: "Sequence[Placed]",
    meant: "Sequence[Placed]",
) -> Iterator[types.CodeAction]:
    """For each edit that is meant: all in this file, all in all files, and to look at it."""
    about = _titles(meant)
    for edit_id, is_in in dict.fromkeys((each.edit_id, each.is_in) for each in meant):
        here = [each for each in shown.placed if (each.edit_id, each.is_in) == (edit_id, is_in)]
        files = [
            [each for each in other.placed if (each.edit_id, each.is_in) == (edit_id, is_in)]
            for other in session.reviewed.shown.values()
        ]
        n_files, n_all = sum(map(bool, files)), sum(map(len, files))
        for how, word in _WORDS[is_in]:
            turning = here if how in ("accept", "undo") else []
            if len(here) > 1 or not touched:
                title = f"Victor: {word} {_all(here)}{about[edit_id]}"
                argument = {"id": edit_id, "decision": how, "uri": document.uri}
                yield _action(session, document, shown, title, argument, turning, here)
            if n_files > 1 and (session.features.applies_edits or not turning):
                title = f"Victor: {word} all {n_all} changes in {n_files} files{about[edit_id]}"
                yield _action(session, document, shown, title, {"id": edit_id, "decision": how}, [], here)
    for edit_id in dict.fromkeys(each.edit_id for each in meant):
        title = f"Victor: show all of this edit{about[edit_id]}"
        command = types.Command(title=title, command=SHOW, arguments=[{"id": edit_id}])
        yield types.CodeAction(title=title, kind=KIND, command=command)


def _titles(meant: "Sequence[Placed]") -> dict[str, str]:
    """What tells the edits apart behind the words of an action; nothing where there is one."""
    titles = {each.edit_id: as_shown(" ".join(each.title.split()), _MAX_TITLE) for each in meant}
    return {edit_id: f" ({title})" if len(titles) > 1 else "" for edit_id, title in titles.items()}


def _all(here: "Sequence[Placed]") -> str:
    return (
        f"all {len(here)} changes in this file"
        if len(here) > 1
        else f"the change in line {here[0].start + 1}"
    )


def _action(
    session: Session,
    document: Document,
    shown: ShownReview,
    title: str,
    argument: Mapping[str, object],
    turning: "Sequence[Placed]",
    about: "Sequence[Placed]",
) -> types.CodeAction:
    action = types.CodeAction(
        title=title,
        kind=KIND,
        diagnostics=[to_lsp_review(session, shown, each) for each in about[:MAX_SHOWN]],
        command=types.Command(title=title, command=RESOLVE, arguments=[dict(argument)]),
    )
    if turning and not session.features.applies_edits and _is_same(shown.text, document.text):
        from victor_server.lsp.line_edits import to_lsp_line_edit  # which a start need not load

        changes = [
            (each.start, each.end, each.hunk.before if each.is_in else each.hunk.after) for each in turning
        ]
        action.edit = to_lsp_line_edit(document, changes, title, session.features)
        action.command = None
    return action


def _is_same(shown: Text, now: Text) -> bool:
    """A document that was just opened has a text of its own, which is mostly that of its file."""
    return shown is now or shown.whole == now.whole


def _of_broken(
    document: Document, shown: ShownReview, touched: "Sequence[Placed]", first: int, last: int
) -> Iterator[types.CodeAction]:
    """A model is asked to mend what language servers report since the edit."""
    notes = [note for note in shown.broken if touched or (note.line <= last and first < _end(note))]
    if not notes:
        return
    title = "Victor: fix what this edit broke"
    start, end = min(note.line for note in notes), max(map(_end, notes))
    argument = {
        "assist": "fix",
        "uri": document.uri,
        "range": {"start": {"line": start, "character": 0}, "end": {"line": end, "character": 0}},
        "reported": [_reported(note) for note in notes],
    }
    command = types.Command(title=title, command=ASSIST, arguments=[argument])
    yield types.CodeAction(title=title, kind=KIND, command=command)


def _reported(note: "Note") -> dict[str, object]:
    return {
        "startLine": note.line,
        "endLine": _end(note),
        "message": note.message,
        "source": note.source,
        "code": note.code,
    }


def _end(note: "Note") -> int:
    """The line behind the last one: some servers end a range in the line itself."""
    return max(note.end_line, note.line + 1)


def _is_wanted(only: object) -> bool:
    if not isinstance(only, list) or not only:
        return True
    return any(kind in ("", KIND.value) for kind in (getattr(one, "value", one) for one in only))
