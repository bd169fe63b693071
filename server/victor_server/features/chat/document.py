"""A chat held in a markdown document: for editors that have nothing else to chat in."""

import re

YOU = "## You"
VICTOR = "## Victor"
_HEADING = re.compile(r"^## (You|Victor)[ \t]*$", re.MULTILINE)
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
_LONGEST = re.compile(r"`{3,}")
_HEAD = """\
# Chat with Victor

Write below the last "You", then choose the code action "Send to Victor".
"""


def new_document(question: str = "") -> str:
    """A chat that begins; the question, if there is one, is yet to be sent."""
    return f"{_HEAD}\n{YOU}\n\n{question}\n" if question else f"{_HEAD}\n{YOU}\n\n"


def about_selection(mention: str) -> str:
    """The beginning of a question about what is mentioned."""
    return f"About {mention}: "


def about_text(text: str, language: str) -> str:
    """The beginning of a question about a text that is no file; it is quoted, whatever it holds."""
    longest = max((len(fence) for fence in _LONGEST.findall(text)), default=2)
    fence = "`" * (longest + 1)
    return f"{fence}{language if language.isalnum() else ''}\n{text.rstrip()}\n{fence}\n\n"


def question_in(document: str) -> str:
    """What stands under the last heading "You"; "" if there is nothing, or if Victor had the last word."""
    speaker, lines, fence = "", list[str](), ""
    for line in document.splitlines():
        heading = None if fence else _HEADING.fullmatch(line)
        if heading:
            speaker, lines = heading[1], []
        else:
            fence = _fence_after(fence, line)
            lines.append(line)
    return "\n".join(lines).strip() if speaker == "You" else ""


def answered(answer: str, remarks: list[str]) -> str:
    """What is added behind a question: the answer, remarks of Victor's own, and room for the next question."""
    said = f"{answer.rstrip()}\n\n" if answer.strip() else ""
    if _open_fence(said):
        said = f"{said.rstrip()}\n{_open_fence(said)}\n\n"
    notes = "".join(f"*{' '.join(remark.split())}*\n\n" for remark in remarks if remark.strip())
    return f"\n{VICTOR}\n\n{_without_headings(said)}{notes}{YOU}\n\n"


def fitting_behind(document: str, text: str) -> str:
    """`text` with the line ends of a document that it is added to, beginning on a line of its own."""
    text = text if not document or document.endswith(("\n", "\r")) else f"\n{text}"
    return text.replace("\n", "\r\n") if "\r\n" in document else text


def _without_headings(answer: str) -> str:
    """An answer must not speak for the person."""
    return _HEADING.sub(lambda match: f"#{match[0]}", answer)


def _open_fence(text: str) -> str:
    """The fence that is open at the end of a text; "" if there is none."""
    fence = ""
    for line in text.splitlines():
        fence = _fence_after(fence, line)
    return fence


def _fence_after(fence: str, line: str) -> str:
    """The fence that is open behind a line, `fence` being open before it."""
    match = _FENCE.match(line)
    if match is None:
        return fence
    if not fence:
        return match[1]
    return "" if match[1].startswith(fence) else fence
