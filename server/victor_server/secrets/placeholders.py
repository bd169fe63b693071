"""How what was taken out is written: `[REDACTED:aws-access-key]` in the index, `[REDACTED:…:1:k3vq7m2zpa]` in sessions."""

import re
import secrets

OPENING = "[REDACTED:"
"""How all of them begin."""
_ANY = re.compile(r"\[REDACTED:[a-z0-9-]{1,80}(?::[0-9]{1,9}(?::[a-z0-9]{1,20})?)?\]")
_NONCE_ALPHABET = "abcdefghijkmnpqrstuvwxyz23456789"
_NONCE_LENGTH = 10


def new_nonce() -> str:
    """Fifty bits that nobody can guess, without letters and digits that look alike."""
    return "".join(secrets.choice(_NONCE_ALPHABET) for _ in range(_NONCE_LENGTH))


def write(label: str, number: int, nonce: str) -> str:
    """The placeholder of a session's `number`th value of this kind."""
    return f"{OPENING}{label}:{number}:{nonce}]"


def kind_of(placeholder: str) -> str:
    """The label that it was written with."""
    return placeholder[len(OPENING) :].split(":", 1)[0].rstrip("]")


def written_in(text: str) -> frozenset[str]:
    """All that reads like a placeholder in `text`, of whatever session, and of the index."""
    return frozenset(_ANY.findall(text)) if OPENING in text else frozenset()


def pattern(nonce: str) -> re.Pattern[str]:
    """What matches the placeholders of the session with this nonce, also ones that it never gave out."""
    return re.compile(rf"\[REDACTED:[a-z0-9-]{{1,80}}:[0-9]{{1,9}}:{nonce}\]")


def open_end(nonce: str) -> re.Pattern[str]:
    """What matches the beginning of a placeholder at the end of a text, which the next chunk may complete."""
    tail = r"\]?"
    for char in reversed(nonce):
        tail = rf"(?:{char}{tail})?"
    after_opening = rf"[a-z0-9-]{{0,80}}+(?::[0-9]{{0,9}}+(?::{tail})?)?"
    opening = after_opening
    for char in reversed(OPENING[1:]):
        opening = rf"(?:{re.escape(char)}{opening})?"
    return re.compile(rf"\[{opening}\Z")


def opaque(text: str) -> str:
    """`text` with stars inside all placeholders, nothing moved: their words are no names, their nonces no values."""
    if OPENING not in text:
        return text
    return _ANY.sub(lambda match: "[REDACTED" + "*" * (len(match.group()) - len(OPENING)) + "]", text)
