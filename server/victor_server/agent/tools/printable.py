"""Names that somebody else gave, so that they can be told in a line."""

MAX_CHARACTERS = 250


def one_line(text: str) -> str:
    """The beginning of a text with a question mark for whatever is no printable character."""
    shown = printable(text[: MAX_CHARACTERS + 1])
    return shown if len(shown) <= MAX_CHARACTERS else f"{shown[: MAX_CHARACTERS - 1]}…"


def printable(text: str) -> str:
    """All of it."""
    return text if text.isprintable() else "".join(char if char.isprintable() else "?" for char in text)
