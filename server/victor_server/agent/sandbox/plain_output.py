"""Makes text that can be shown anywhere of the bytes that a program prints."""

import codecs
import re

_STRING = "(?:\x1b[\\]PX^_]|[\x90\x98\x9d\x9e\x9f])"
"""What a title, a link or a clipboard begins with."""
_SAID = "[^\x07\x1b\x80-\x9f]"
"""A string that holds the beginning of another is none: so each character is looked at for one beginning only."""

_ESCAPE = re.compile(
    "\x1b\\[[0-?]*+[ -/]*+[@-~]"  # colours, cursor
    "|\x9b[0-?]*+[ -/]*+[@-~]"
    f"|{_STRING}{_SAID}{{0,4000}}+(?:\x07|\x1b\\\\|\x9c)"
    "|\x1b[ -/]*+[0-OQ-WYZ\\\\`-~]"
)
_UNFINISHED = re.compile(
    f"(?:\x1b\\[[0-?]*+[ -/]*+|\x9b[0-?]*+[ -/]*+|{_STRING}{_SAID}*+\x1b?|\x1b[ -/]*+)\\Z"
)
_LINE_END = re.compile("\r\n?|[\x0b\x0c\x85\u2028\u2029]")
_CONTROL = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f]")
_LONGEST_HELD = 4096


class PlainOutput:
    """Takes bytes as they come and gives text: UTF-8 with U+FFFD for what is none, ends of lines as "\\n", and nothing
    that a terminal would take for a command.

    What may be the beginning of a character or of an escape sequence waits for the rest.
    """

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._held = ""
        self._has_returned = False

    def feed(self, data: bytes) -> str:
        """What can be told now; "" for nothing yet."""
        text = self._held + self._decoder.decode(data)
        end = max((found.end() for found in _ESCAPE.finditer(text)), default=0)
        unfinished = _UNFINISHED.search(text, end)  # what taking out others brings together is no sequence
        at = unfinished.start() if unfinished else len(text)
        if len(text) - at > _LONGEST_HELD:
            at = len(text)
        self._held = text[at:]
        return self._plain(text[:at])

    def finish(self) -> str:
        """What is left: nothing comes any more."""
        text, self._held = self._held + self._decoder.decode(b"", final=True), ""
        return self._plain(text)

    def _plain(self, text: str) -> str:
        text = _ESCAPE.sub("", text)
        told = text[1:] if self._has_returned and text.startswith("\n") else text
        self._has_returned = text.endswith("\r") if text else self._has_returned
        return _CONTROL.sub("", _LINE_END.sub("\n", told))


def plain_line(data: bytes) -> str:
    """The last line of what a program complained, "" for none."""
    output = PlainOutput()
    lines = (output.feed(data) + output.finish()).strip().splitlines()
    return lines[-1] if lines else ""
