"""A hunk as a person reads it in a terminal: the old lines, the new ones, and a few around them."""

from victor_server.agent.permissions.question_words import in_line, seen
from victor_server.features.edits.lines import split_lines
from victor_server.features.edits.model import FileEdit, Hunk

_CONTEXT = 3
_KINDS = {"create": "A new file", "delete": "The file is deleted", "move": "The file is moved"}


def printed_hunk(edit: FileEdit, hunk: Hunk, name: str, to: str = "") -> str:
    """Lines that begin with `-`, `+` or a blank, behind one that says where they are. Every character is seen."""
    where = (
        f"{in_line(name)}:{hunk.start + 1}"
        if edit.kind == "change"
        else f"{_KINDS[edit.kind]}: {in_line(name)}"
    )
    head = f"@@ {where}{f' to {in_line(to)}' if to else ''} @@"
    if edit.kind == "move":
        return head
    lines = split_lines(edit.base or "") if edit.kind == "change" else []
    around = lines[max(0, hunk.start - _CONTEXT) : hunk.start], lines[hunk.end : hunk.end + _CONTEXT]
    body = [
        *(f" {line}" for line in around[0]),
        *(f"-{line}" for line in split_lines(hunk.before)),
        *(f"+{line}" for line in split_lines(hunk.after)),
        *(f" {line}" for line in around[1]),
    ]
    return "\n".join([head, *(seen_lines(_without_end(line)) for line in body)])


def seen_lines(text: str) -> str:
    """A text of others in which every character is seen; line feeds and tabs stay."""
    return "\t".join(map(seen, text.split("\t")))


def _without_end(line: str) -> str:
    if line.endswith("\r\n"):
        return line[:-2]
    return line[:-1] if line.endswith(("\n", "\r")) else line
