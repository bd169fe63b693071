"""Makes text that can be shown anywhere of the bytes that a program prints."""

import codecs
import re

_ESCAPE = re.compile(
    "\x1b\\[[0-?]*[ -/]*[@-~]"  # colours, cursor
    "|\x9b[0-?]*[ -/]*[@-~]"
    "|(?:\x1b[\\]PX^_]|[\x90\x98\x9d\x9e\x9f])[^\x07\x1b\x9c]{0,4096}(?:\x07|\x1b\\\\|\x9c)"  # titles, links, clipboards
    "|\x1b[ -/]*[0-OQ-WYZ\\\\`-~]"
)
_UNFINISHED = re.compile(
    "(?:\x1b\\[[0-?]*[ -/]*|\x9b[0-?]*[ -/]*"
    "|(?:\x1b[\\]PX^_]|[\x90\x98\x9d\x9e\x9f])[^\x07\x1b\x9c]*\x1b?"
    "|\x1b[ -/]*|\r)\\Z"
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

    def feed(self, data: bytes) -> str:
        """What can be told now; "" for nothing yet."""
        text = _ESCAPE.sub("", self._held + self._decoder.decode(data))
        unfinished = _UNFINISHED.search(text)
        at = (
            unfinished.start()
            if unfinished and len(text) - unfinished.start() <= _LONGEST_HELD
            else len(text)
        )
        text, self._held = text[:at], text[at:]
        return _plain(text)

    def finish(self) -> str:
        """What is left: nothing comes any more."""
        text, self._held = _ESCAPE.sub("", self._held + self._decoder.decode(b"", final=True)), ""
        return _plain(text)


def _plain(text: str) -> str:
    return _CONTROL.sub("", _LINE_END.sub("\n", text))
