"""Writes changes down as patches: for a person to read, and for `git apply` where an editor takes no edits."""

from collections.abc import Iterator, Sequence

from victor_server.features.edits.hunks import hunks_of
from victor_server.features.edits.lines import end_of, split_lines
from victor_server.features.edits.model import FileEdit, Hunk

_CONTEXT = 3
_NO_END = "\\ No newline at end of file\n"


def patch_of(name: str, before: str, after: str) -> str:
    """The unified patch that makes `after` of `before`; "" where they are the same. `name` is relative, with `/`."""
    return _patch(f"a/{name}", f"b/{name}", before, hunks_of(before, after))


def patch_of_edit(edit: FileEdit, name: str, to: str = "") -> str:
    """The patch of one file's edit, whole; `to` is what it is called once it is moved."""
    match edit.kind:
        case "change":
            return _patch(f"a/{name}", f"b/{name}", edit.base or "", edit.hunks)
        case "create":
            return _patch("/dev/null", f"b/{name}", "", edit.hunks)
        case "delete":
            return _patch(f"a/{name}", "/dev/null", edit.base or "", edit.hunks)
        case "move":
            return f"diff --git a/{name} b/{to}\nsimilarity index 100%\nrename from {name}\nrename to {to}\n"


def _patch(old: str, new: str, base: str, hunks: Sequence[Hunk]) -> str:
    if not hunks:
        return ""
    lines = split_lines(base)
    shift, parts = 0, [f"--- {old}\n+++ {new}\n"]
    for group in _groups(hunks):
        first = max(0, group[0].start - _CONTEXT)
        last = min(len(lines), group[-1].end + _CONTEXT)
        body = "".join(_body(lines, group, first, last))
        n_old = last - first
        n_new = n_old + sum(_growth(each) for each in group)
        parts.append(f"@@ -{_span(first, n_old)} +{_span(first + shift, n_new)} @@\n{body}")
        shift += n_new - n_old
    return "".join(parts)


def _groups(hunks: Sequence[Hunk]) -> Iterator[list[Hunk]]:
    """Hunks whose surroundings overlap, together."""
    group: list[Hunk] = []
    for hunk in hunks:
        if group and hunk.start - group[-1].end > 2 * _CONTEXT:
            yield group
            group = []
        group.append(hunk)
    yield group


def _body(lines: Sequence[str], group: Sequence[Hunk], first: int, last: int) -> Iterator[str]:
    at = first
    for hunk in group:
        yield from _marked(" ", lines[at : hunk.start])
        yield from _marked("-", lines[hunk.start : hunk.end])
        yield from _marked("+", split_lines(hunk.after))
        at = hunk.end
    yield from _marked(" ", lines[at:last])


def _marked(mark: str, lines: Sequence[str]) -> Iterator[str]:
    for line in lines:
        end = end_of(line)
        # A carriage return is a part of the line, as in git's own patches.
        yield f"{mark}{line.removesuffix(chr(10))}\n"
        if not end:
            yield _NO_END


def _growth(hunk: Hunk) -> int:
    return len(split_lines(hunk.after)) - (hunk.end - hunk.start)


def _span(first: int, n_lines: int) -> str:
    return f"{first + 1 if n_lines else first},{n_lines}"
