"""Mends text that cannot be encoded: servers written in JavaScript may cut an answer in the middle of a character."""


def encodable(text: str) -> str:
    """`text` with halves of a character that stand side by side joined, and each lone one as U+FFFD."""
    try:
        text.encode()  # many times faster than to search
    except UnicodeEncodeError:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text


class WholeCharacters:
    """Joins what comes in pieces: a half at the end of one waits for the next."""

    def __init__(self) -> None:
        self._half = ""

    def feed(self, piece: str) -> str:
        """What can be told now; "" for nothing yet."""
        text, self._half = self._half + piece, ""
        if "\ud800" <= text[-1:] <= "\udbff":
            text, self._half = text[:-1], text[-1]
        return encodable(text)

    def finish(self) -> str:
        """What is left: nothing comes any more."""
        left, self._half = self._half, ""
        return encodable(left)
