"""Says of each placeholder in an answer whether the person may see the secret there, or whether it could leak there.

What a person copies from a chat they paste into a shell, click on or save. So a placeholder stays in code blocks that
are not of the file which the secret came from, in commands, in URLs and links, and wherever it is not a word of its
own. In doubt it stays.
"""

import re
from collections.abc import Callable
from dataclasses import replace

from victor_server.agent.redaction.fences import LEAD, Fence, is_plain, opened

MAX_PARAGRAPH = 8_000
"""Characters of a paragraph that are looked at; in a longer one placeholders stay."""
MAX_AHEAD = 64
"""Characters behind a placeholder that are waited for."""
MAX_CODE_MARKS = 200
"""Runs of backticks of a paragraph that are looked at; in one with more placeholders stay."""

_LINE_END = re.compile(r"\r\n|\r|\n")
_BEFORE = re.compile(r"(?:\A|(?<=\s))(?P<word>(?:[\w.\-]+[=:])?)[\"'(\[{*_\u201c\u2018\u00ab]*\Z")
_CLOSING = r"[\"')\]}*_\u201d\u2019\u00bb.,;:!?]*+"
_AFTER = re.compile(rf"{_CLOSING}(?=\s|\Z)")
_UNDECIDED = re.compile(rf"[\"']?`*+{_CLOSING}\Z")
_CODE = re.compile(r"`+")
_SPAN_START = re.compile(r"(`+)[\"']?\Z")
_LINK_TARGET = re.compile(rf"\][ \t]*\([^()]*\Z|^{LEAD}\[[^\]\n]*\]:", re.MULTILINE)
_TAG = re.compile(r"<[A-Za-z/!?]")
_INDENT = re.compile(r"[ >*+\-\d.)]*(?:    |\t)")
_HTML = re.compile(rf"^{LEAD}<", re.MULTILINE)
_RAW = re.compile(rf"{LEAD}<(?:pre|script|style|textarea|[!?])", re.IGNORECASE)
"""What may go on over empty lines; where it ends, readers differ."""
_SCHEME = re.compile(
    r"www\.|(?:mailto|data|javascript|tel|sms|file|vscode|command|ssh|https?|ftp):", re.IGNORECASE
)
_ADDRESS = re.compile(r"://|\bwww\.", re.IGNORECASE)
_PROGRAMS = (
    r"(?:curl|wget|https?|xh|ssh|scp|sftp|rsync|nc|ncat|netcat|telnet|ftp|socat|git|docker|podman|kubectl|helm|aws"
    r"|gcloud|az|psql|mysql|redis-cli|mongo(?:sh)?|export|set|setx|env|echo|printf|cat|tee|bash|sh|zsh|eval|python3?|node"
    r"|npm|npx|pip|uvx?|ping|dig|nslookup|openssl|base64|xargs|sed|awk|sendmail|mail|Invoke-\w+|iwr|irm|certutil"
    r"|powershell|pwsh|cmd(?:\.exe)?|gh|glab|vault|terraform|tofu|pulumi|heroku|flyctl|doctl|gpg|sshpass|expect|lftp|tftp"
    r"|rclone|s3cmd|aria2c|lynx|httpie|websocat|ldapsearch|smbclient|bitsadmin|osascript|deno|bun|yarn|pnpm|cargo|perl|ruby"
    r"|php|nmap|dd|net|reg|setx|sudo|doas|runas)"
)
_COMMAND = re.compile(
    r"\A[\s>]*(?:(?:[-*+]|\d{1,9}[.)])\s+)*(?:[$%]|PS[^>]*>|[A-Za-z]:\\[^>]*>)\s"  # a prompt
    rf"|(?:\A|[|;&:]|\bsudo|\b[A-Z_]{1, 60}=\S{0, 200})(?:[\s>*+-]|\d{1, 9}[.)])*{_PROGRAMS}\s"  # where a command begins
    r"|(?:\A|\s)--?[A-Za-z][\w-]*(?:[=\s]|\Z)"  # an option, anywhere
    r"|(?:\A|[|;&])[\s>*+-]*(?:\d{1,9}[.)]\s+)?(?:[A-Z][A-Z0-9_]+=|\$env:\w+\s*=)"  # a variable for a command
)
_TEX = re.compile(r"\\[A-Za-z]+\*?\s*[{\[]")
"""A command of TeX: where formulas are drawn, some of them are links."""
_ATTRIBUTE = re.compile(r"<[A-Za-z][^<>]*=")
"""A tag whose attribute might take in all that follows: readers of HTML do not end it with the paragraph."""


class Places:
    """Implements `Chooser` for one answer in Markdown. `origins` tells where a placeholder's value stands."""

    def __init__(self, origins: Callable[[str], frozenset[str]]) -> None:
        self._origins = origins
        self._fence: Fence | None = None
        self._paragraph = ""
        self._has_tag = self._is_lost = False
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
        if self._is_lost:
            return False
        if self._fence:
            if self._fence.is_left_at(line):
                return False
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
            _INDENT.match(line)
            or _is_in_code(before)
            or _LINK_TARGET.search(before)
            or _TAG.search(before)
            or _TEX.search(before)
            or _COMMAND.search(line)
        )

    def _add(self, text: str) -> None:
        if self._line_length <= MAX_PARAGRAPH:
            self._line.append(text)
            self._line_length += len(text)

    def _end_line(self, line: str) -> None:
        if self._fence:
            self._is_lost = self._is_lost or self._fence.is_left_at(line)
            self._fence = _within(self._fence, line)
        elif fence := opened(line):
            # Readers differ in what is inside a block of a list, of a quotation, or in HTML: from then on all stays.
            self._is_lost = self._is_lost or not is_plain(line) or _HTML.search(self._paragraph) is not None
            self._end_paragraph()
            self._fence = fence
        elif line.strip(" \t"):
            self._is_lost = self._is_lost or _RAW.match(line) is not None
            self._has_tag = self._has_tag or "<" in line
            self._paragraph = f"{self._paragraph}{line}\n"[: MAX_PARAGRAPH + 1]
        else:
            self._end_paragraph()

    def _end_paragraph(self) -> None:
        is_unseen = self._has_tag and len(self._paragraph) > MAX_PARAGRAPH
        self._is_lost = self._is_lost or is_unseen or _ATTRIBUTE.search(self._paragraph) is not None
        self._paragraph, self._has_tag = "", False


def _within(fence: Fence, line: str) -> Fence | None:
    """What is open behind a line of a block."""
    if fence.closes_at(line):
        return None
    other = opened(line)
    if other is None or not line.strip(" \t>`~"):
        return fence
    # A careless reader may see this line open a block of its own, so that what follows is neither's.
    return replace(fence, language="")


def _is_in_code(before: str) -> bool:
    """Whether a code span may be open at the end: counted from any line on, since a heading or a list ends spans."""
    runs = list(_CODE.finditer(before))
    if len(runs) > MAX_CODE_MARKS:
        return True
    lines = [before.count("\n", 0, run.start()) for run in runs]
    firsts = [place for place, line in enumerate(lines) if not place or line != lines[place - 1]]
    return any(_is_open([run.group() for run in runs[first:]]) for first in firsts)


def _is_open(marks: list[str]) -> bool:
    """Whether code marks leave a span open; one that is never closed counts as well."""
    opening = ""
    for mark in marks:
        if not opening:
            opening = mark
        elif mark == opening:
            opening = ""
    return bool(opening)
