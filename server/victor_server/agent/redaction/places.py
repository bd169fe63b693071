"""Says of each placeholder in an answer whether the person may see the secret there, or whether it could leak there.

What a person copies from a chat they paste into a shell, click on or save. So a placeholder stays in code blocks that
are not of the file which the secret came from, in commands, in URLs and links, and wherever it is not a word of its
own. In doubt it stays.
"""

import re
from collections.abc import Callable

from victor_server.agent.redaction.fences import Fence, opened

MAX_PARAGRAPH = 8_000
"""Characters of a paragraph that are looked at; in a longer one placeholders stay."""
MAX_AHEAD = 64
"""Characters behind a placeholder that are waited for."""

_LINE_END = re.compile(r"\r\n|\r|\n")
_BEFORE = re.compile(r"(?:\A|(?<=\s))(?P<word>(?:[\w.\-]+[=:])?)[\"'(\[{*_\u201c\u2018\u00ab]*\Z")
_CLOSING = r"[\"')\]}*_\u201d\u2019\u00bb.,;:!?]*+"
_AFTER = re.compile(rf"{_CLOSING}(?=\s|\Z)")
_UNDECIDED = re.compile(rf"[\"']?`*+{_CLOSING}\Z")
_CODE = re.compile(r"`+")
_SPAN_START = re.compile(r"(`+)[\"']?\Z")
_LINK_TARGET = re.compile(r"\][ \t]*\([^()]*\Z|^[ \t>]*\[[^\]\n]*\]:\s*+[^\n]*+\Z", re.MULTILINE)
_TAG = re.compile(r"<[A-Za-z/!?]")
_SCHEME = re.compile(
    r"www\.|(?:mailto|data|javascript|tel|sms|file|vscode|command|ssh|https?|ftp):", re.IGNORECASE
)
_ADDRESS = re.compile(r"://|\bwww\.", re.IGNORECASE)
_PROGRAMS = (
    r"(?:curl|wget|https?|xh|ssh|scp|sftp|rsync|nc|ncat|netcat|telnet|ftp|socat|git|docker|podman|kubectl|helm|aws"
    r"|gcloud|az|psql|mysql|redis-cli|mongo(?:sh)?|export|set|setx|env|echo|printf|cat|tee|bash|sh|zsh|eval|python3?|node"
    r"|npm|npx|pip|uvx?|ping|dig|nslookup|openssl|base64|xargs|sed|awk|sendmail|mail|Invoke-\w+|iwr|irm|certutil"
    r"|powershell|pwsh|cmd(?:\.exe)?)"
)
_COMMAND = re.compile(
    r"\A[\s>]*(?:(?:[-*+]|\d{1,9}[.)])\s+)*(?:[$%]|PS[^>]*>|[A-Za-z]:\\[^>]*>)\s"  # a prompt
    rf"|(?:\A|[|;&:]|\bsudo|\b[A-Z_]{1, 60}=\S{0, 200})(?:[\s>*+-]|\d{1, 9}[.)])*{_PROGRAMS}\s"  # where a command begins
    rf"|\b{_PROGRAMS}\s+-",  # anywhere, with an option
)


class Places:
    """Implements `Chooser` for one answer in Markdown. `origins` tells where a placeholder's value stands."""

    def __init__(self, origins: Callable[[str], frozenset[str]]) -> None:
        self._origins = origins
        self._fence: Fence | None = None
        self._paragraph = ""
        self._is_indented = False
        self._line: list[str] = []
        self._line_length = 0
        self._was_cr = False

    def passed(self, text: str) -> None:
        """More of the answer."""
        if self._was_cr and text.startswith("\n"):
            text = text[1:]
        self._was_cr = text.endswith("\r")
        *lines, rest = _LINE_END.split(text) if "\n" in text or "\r" in text else (text,)
        for line in lines:
            self._add(line)
            self._end_line("".join(self._line))
            self._line, self._line_length = [], 0
        self._add(rest)

    def choose(self, text: str, start: int, end: int, *, is_all: bool) -> bool | None:
        """Whether the secret may be seen here."""
        line = "".join(self._line)
        self._line = [line]
        if self._fence:
            return self._fence.is_of(self._origins(text[start:end])) and not _ADDRESS.search(line)
        before = f"{self._paragraph}{line}"
        if len(before) > MAX_PARAGRAPH:
            return False
        ahead = text[end : end + MAX_AHEAD]
        if _UNDECIDED.match(ahead):
            if len(ahead) == MAX_AHEAD:
                return False
            if not is_all:
                return None
        return self._is_prose(before, line, ahead)

    def _is_prose(self, before: str, line: str, ahead: str) -> bool:
        if span := _SPAN_START.search(before):  # a code span that holds the secret and nothing else
            end = before[span.start() :][::-1]
            if not ahead.startswith(end) or ahead.startswith(f"{end}`"):
                return False
            before, line, ahead = before[: span.start()], line[: -len(end)], ahead[len(end) :]
        word = _BEFORE.search(line)
        if word is None or _SCHEME.match(word["word"]) or not _AFTER.match(ahead):
            return False
        return not (
            self._is_code_by_indent(line)
            or _is_in_code(before)
            or _LINK_TARGET.search(before)
            or _TAG.search(before, before.rfind(">") + 1)
            or _COMMAND.search(line)
        )

    def _is_code_by_indent(self, line: str) -> bool:
        return (self._is_indented or not self._paragraph) and line.startswith(("    ", "\t"))

    def _add(self, text: str) -> None:
        if self._line_length <= MAX_PARAGRAPH:
            self._line.append(text)
            self._line_length += len(text)

    def _end_line(self, line: str) -> None:
        fence = opened(line)
        if self._fence:
            self._fence = _within(self._fence, fence, line)
        elif fence:
            self._fence = fence
        elif line.strip(" \t>"):
            self._is_indented = self._is_code_by_indent(line)
            self._paragraph = f"{self._paragraph}{line}\n"[: MAX_PARAGRAPH + 1]
            return
        self._paragraph, self._is_indented = "", False


def _within(open_fence: Fence, fence: Fence | None, line: str) -> Fence | None:
    """What is open behind a line of a block."""
    if open_fence.closes_at(line):
        return None
    if fence is None or not line.strip(" \t>`~"):
        return open_fence
    # Another reader may see this line open a block of its own, so that what follows is neither's.
    return Fence(open_fence.marks, open_fence.margin, "", ())


def _is_in_code(before: str) -> bool:
    """Whether a code span is open at the end; one that is never closed counts as well."""
    opening = ""
    for match in _CODE.finditer(before):
        if not opening:
            opening = match.group()
        elif match.group() == opening:
            opening = ""
    return bool(opening)
