"""Puts the values of a vault back where their placeholders stand."""

import re
from collections.abc import Callable

from victor_server.secrets.redaction.vault import Vault

_LINE_END = re.compile(r"\r\n|\r|\n")
_LINE_ENDS = re.compile(r"[\r\n]*+")


def restore(text: str, vault: Vault, wanted: Callable[[str], bool] | None = None) -> str:
    """`text` with each placeholder of the vault that is wanted replaced by its value; all other placeholders stay.

    The empty lines that kept the place of a value of several lines go, if all of them are still there.
    """
    if vault.nonce not in text:
        return text
    parts: list[str] = []
    done = 0
    for match in vault.whole.finditer(text):
        value = vault.value(match.group())
        if value is not None and (wanted is None or wanted(match.group())):
            parts += text[done : match.start()], value
            done = _behind_line_ends(text, match.end(), vault.n_line_ends(match.group()))
    return "".join([*parts, text[done:]])


def unfinished(text: str, vault: Vault) -> int:
    """Where the part of `text` begins that `restore` would treat otherwise if more text came; its end if it would not."""
    opening = text.rfind("[")
    if opening < 0:
        return len(text)
    match = vault.whole.match(text, opening)
    if match is None:
        return opening if vault.beginning.match(text, opening) else len(text)
    n_wanted = vault.n_line_ends(match.group())
    ends = _LINE_ENDS.match(text, match.end())
    if not n_wanted or not ends or ends.end() < len(text):
        return len(text)
    n_there = len(_LINE_END.findall(ends.group()))
    is_open = n_there < n_wanted or (n_there == n_wanted and text.endswith("\r"))
    return opening if is_open else len(text)


def _behind_line_ends(text: str, start: int, wanted: int) -> int:
    place = start
    for _ in range(wanted):
        end = _LINE_END.match(text, place)
        if not end:
            return start
        place = end.end()
    return place
