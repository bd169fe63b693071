"""Lists what can be done about the secrets in some lines, in the order in which it should be thought of."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from urllib.parse import urlsplit

from victor_server.errors import UsageError
from victor_server.features.environment.files import example_file, file_changes, names_in, said_left
from victor_server.features.environment.move import find_move, replacements
from victor_server.features.environment.moved_names import MovedNames
from victor_server.features.environment.names import unique_name
from victor_server.features.replacement import Replacement
from victor_server.features.secrets_on_save.model import Change, Check, Fix, Source
from victor_server.features.workspace_files import WorkspaceFiles, rewritten
from victor_server.secrets.allow.baseline import baseline_with
from victor_server.secrets.allow.known import BASELINE
from victor_server.secrets.allow.write import AllowEdit, allow_edit_at
from victor_server.secrets.finding import Finding
from victor_server.secrets.lines import line_starts
from victor_server.secrets.revoke_pages import revoke_page

MAX_FIXES = 20
"""Of one kind: more than anybody would look through; each costs a look through the document."""


def list_fixes(
    source: Source, check: Check, first_line: int, last_line: int, files: WorkspaceFiles, moved: MovedNames
) -> list[Fix]:
    """The fixes for the secrets that touch the lines from `first_line` to `last_line`, both included.

    `moved` says where secrets went before.
    """
    touched = [
        finding for finding in check.findings if finding.line <= last_line and finding.end_line >= first_line
    ]
    if not touched:
        return []
    return [
        *_moves(source, touched[:MAX_FIXES], files, moved),
        *_allow_fixes(source, touched),
        *_baseline_fixes(source, touched, files),
        *_revoke_fixes(touched),
        *_baseline_all(source, touched, check.findings, files),
    ]


def change_of(source: Source, fix: Fix, files: WorkspaceFiles) -> Change:
    """All that a fix changes. Raises UsageError if the baseline is none, or cannot be read."""
    match fix.kind:
        case "move":
            return _move_change(source, fix, files)
        case "baseline" | "test-value" | "baseline-all":
            return _baseline_change(source, fix, files)
        case _:
            return Change(fix.replacements)


def _moves(
    source: Source, findings: Sequence[Finding], files: WorkspaceFiles, moved: MovedNames
) -> Iterator[Fix]:
    """One for each secret that can be read from a variable; each gets a name of its own, the same one everywhere."""
    taken = moved.names(source.root)
    if source.root is not None:
        example = example_file(Path(source.name), source.root, files)
        taken |= names_in(example, source.root, files)
    for finding in findings:
        move = find_move(source.text, source.name, source.language_id, finding)
        if move is None:
            continue
        name = moved.name_of(source.root, finding) or unique_name(move.proposed, taken)
        edits = replacements(source.text, move, name)
        if edits is not None:
            which = f"{finding.masked} " if len(findings) > 1 else ""
            # Said here and not afterwards: in some editors a person has to confirm each message.
            title = f"Move {which}to environment variable {name} (set it in .env; revoke it if ever pushed)"
            yield Fix("move", title, (finding,), tuple(edits), name)


def _move_change(source: Source, fix: Fix, files: WorkspaceFiles) -> Change:
    if source.root is None:
        return Change(fix.replacements)
    example = example_file(Path(source.name), source.root, files)
    changes, left = file_changes(fix.subject, example, source.root, files)
    return Change(fix.replacements, tuple(changes), said_left(left))


def _allow_fixes(source: Source, findings: Sequence[Finding]) -> list[Fix]:
    """One for each line, and for all secrets that its comment settles."""
    by_place: dict[tuple[int, int], list[Finding]] = {}
    for finding in findings:
        by_place.setdefault((finding.line, finding.end_line), []).append(finding)
    by_edit: dict[AllowEdit, list[Finding]] = {}
    for together in list(by_place.values())[:MAX_FIXES]:
        edit = allow_edit_at(source.text, together[0], source.name, source.language_id)
        if edit:
            by_edit.setdefault(edit, []).extend(together)
    starts = line_starts(source.text) if by_edit else []
    return [_allow_fix(edit, together, starts) for edit, together in by_edit.items()]


def _allow_fix(edit: AllowEdit, findings: list[Finding], starts: list[int]) -> Fix:
    where = "the line before" if edit.insert_text.endswith(("\n", "\r")) else "this line"
    title = f"Allow {_these(findings)}: add `{edit.comment}` to {where}"
    place = starts[edit.line] + edit.position
    return Fix("allow", title, tuple(findings), (Replacement(place, place, edit.insert_text),))


def _these(findings: Sequence[Finding]) -> str:
    return "this secret" if len(findings) == 1 else f"these {len(findings)} secrets"


def _baseline_fixes(source: Source, findings: Sequence[Finding], files: WorkspaceFiles) -> Iterator[Fix]:
    if _has_baseline(source, files):
        together = tuple(findings)
        yield Fix("baseline", f"Add {_these(findings)} to {BASELINE}", together)
        what = "a test value" if len(findings) == 1 else "test values"
        yield Fix("test-value", f"Mark {_these(findings)} as {what} in {BASELINE}", together)


def _baseline_all(
    source: Source, touched: Sequence[Finding], findings: Sequence[Finding], files: WorkspaceFiles
) -> Iterator[Fix]:
    if len(findings) > len(touched) and _has_baseline(source, files):
        title = f"Add all {len(findings)} secrets of this file to {BASELINE}"
        yield Fix("baseline-all", title, tuple(findings))


def _has_baseline(source: Source, files: WorkspaceFiles) -> bool:
    """Whether there is a baseline for this document, or one can be made."""
    if source.root is None or Path(source.name).name == BASELINE:
        return False
    file = source.root / BASELINE
    return files.creates or file in files.texts or file.is_file()


def _baseline_change(source: Source, fix: Fix, files: WorkspaceFiles) -> Change:
    relative = source.relative
    if source.root is None or relative is None:
        raise UsageError("The document lies in no workspace folder.")
    file = source.root / BASELINE
    before = files.read(file, source.root)
    entries = [(relative, finding, source.text) for finding in fix.findings]
    after = baseline_with(before, entries, is_secret=False if fix.kind == "test-value" else None)
    return Change((), (rewritten(file, before, after),))


def _revoke_fixes(findings: Sequence[Finding]) -> Iterator[Fix]:
    """One for each page, named by whose it is."""
    by_page: dict[str, list[Finding]] = {}
    for finding in findings:
        if page := revoke_page(finding.rule):
            by_page.setdefault(page, []).append(finding)
    for page, together in by_page.items():
        is_one_of_many = len(together) == 1 < len(findings)
        what = together[0].masked if is_one_of_many else _these(together)
        title = f"Open {urlsplit(page).hostname} to revoke {what}"
        yield Fix("revoke", title, tuple(together), (), together[0].rule)
