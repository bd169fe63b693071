"""Text of others as a terminal may be sent it: nothing in it can order the terminal about, or hide."""


def neutral(text: str) -> str:
    """`text` with every character shown that a terminal would obey, and every one that would not be seen.

    Line feeds and tabs stay, carriage returns go (their lines end by the line feed). Each character is looked at
    alone, so the pieces of a stream may be cut anywhere: `neutral(a) + neutral(b) == neutral(a + b)`.
    """
    return text if text.isascii() and text.isprintable() else text.translate(_SHOWN)


def _shown() -> dict[int, str]:
    table = {code: chr(0x2400 + code) for code in range(0x20)}  # ESC becomes U+241B, its picture
    table |= {ord("\n"): "\n", ord("\t"): "\t", ord("\r"): "", 0x7F: "\u2421"}
    hidden = [*range(0x80, 0xA0), 0x2028, 0x2029, 0xFEFF, 0x200B, *range(0x2060, 0x2070)]
    hidden += [*range(0x202A, 0x202F), *range(0xFFF9, 0xFFFC), *range(0xE0000, 0xE0080)]
    hidden += range(0xD800, 0xE000)  # halves of pairs, which no encoding can write
    return table | {code: f"\\u{{{code:x}}}" for code in hidden}


_SHOWN = _shown()
