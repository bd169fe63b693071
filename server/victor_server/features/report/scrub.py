"""Takes out of a text who wrote it, where, and with which keys: what is known of those, and all that looks like it."""

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import quote

from victor_server.secrets.redaction.session import RedactionSession

_PLACEHOLDER = re.compile(r"\[REDACTED:([a-z0-9-]+)[^\]\n]*\]")
_URL = re.compile(r"\b([a-z][a-z0-9+.-]{1,20})://[^\s'\"<>`|]+", re.IGNORECASE)
_EMAIL = re.compile(r"(?:[\w.+%-]{1,64}|\[REDACTED[^\]\n]{0,80}\]|<user>)@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")
_ADDRESS = re.compile(
    r"(?<![\w.:])(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9a-f]{0,4}(?::[0-9a-f]{0,4}){2,7})(?![\w.:]*\w)", re.IGNORECASE
)
_IN_PATH = r"(?:\[REDACTED[^\]\n]{0,80}\]|[^\s'\"`:;,|()<>\[\]/\\])"
_SPACED = rf"(?: {_IN_PATH}+/(?:{_IN_PATH}|/)+)*"
"""What goes on behind a blank and has a slash is taken for the same path: too much rather than too little."""
_QUOTED_PATH = re.compile(r"(['\"`])(?:/|~|[A-Za-z]:[\\/]|\\\\)[^'\"`\n]*\1")
_PATH = re.compile(
    rf"(?<![\w<>)\]/.~\\-])(?:(?:/{_IN_PATH}+)+/?{_SPACED}|~{_IN_PATH}*/(?:{_IN_PATH}|/)*|[A-Za-z]:[\\/](?:{_IN_PATH}|[\\/])*"
    rf"|\\\\{_IN_PATH}(?:{_IN_PATH}|[\\/])*)"
)
_BELOW = rf"(?:[/\\](?:{_IN_PATH}|[/\\])*{_SPACED})?"
_MIN_NAME = 2


@dataclass(frozen=True, slots=True)
class Known:
    """What is known to be private here. `folders` by what stands for them; the longest is looked for first."""

    secrets: tuple[str, ...] = field(default=(), repr=False)
    folders: Mapping[str, str] = field(default_factory=dict)
    people: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()


def scrub(text: str, known: Known) -> str:
    """The text with names of its own for what is private. Twice is as once."""
    for folder in sorted(known.folders, key=len, reverse=True):
        text = _without_folder(text, folder, known.folders[folder])
    text = _without_secrets(text, known)
    text = _URL.sub(_url, text)
    text = _QUOTED_PATH.sub(r"\1<path>\1", text)
    text = _PATH.sub("<path>", text)
    text = _EMAIL.sub("<email>", text)
    for name in known.hosts:
        text = _without_name(text, name, "<host>")
    for name in known.people:
        text = _without_name(text, name, "<user>")
    return _ADDRESS.sub(_address, text)


def _without_secrets(text: str, known: Known) -> str:
    # Also the short ones, which the redaction of prose leaves alone: here a word too many does no harm.
    for secret in sorted(known.secrets, key=len, reverse=True):
        for form in dict.fromkeys((secret, quote(secret, safe=""))):
            text = text.replace(form, "[REDACTED]")
    with RedactionSession() as session:
        for secret in known.secrets:
            session.remember(secret, "known")
        text = session.redact(text)[0]
    return _PLACEHOLDER.sub(r"[REDACTED:\1]", text)


def _without_folder(text: str, folder: str, name: str) -> str:
    """Below a folder of Victor's own its files keep their names; elsewhere those say what somebody works on."""
    pattern = re.escape(folder)
    if name != "VICTOR_HOME":
        return re.sub(rf"{pattern}(?![\w-]){_BELOW}", name, text)
    return re.sub(rf"{pattern}(?![\w-])", name, text)


def _without_name(text: str, name: str, stand_in: str) -> str:
    if len(name) < _MIN_NAME:
        return text
    return re.sub(rf"(?<![A-Za-z0-9<]){re.escape(name)}(?![A-Za-z0-9>])", stand_in, text, flags=re.IGNORECASE)


def _url(match: "re.Match[str]") -> str:
    scheme = match[1].lower()
    rest = match[0][len(scheme) + 3 :]
    host = re.split(r"[/?#]", rest, maxsplit=1)[0].rpartition("@")[2]
    if scheme in ("http", "https", "ws", "wss") and _is_here(host):
        return f"{scheme}://{host}"
    return f"{scheme}://<host>"


def _is_here(host: str) -> bool:
    return re.fullmatch(r"(?:localhost|127\.0\.0\.1|\[::1\])(?::\d{1,5})?", host) is not None


def _address(match: "re.Match[str]") -> str:
    try:
        address = ipaddress.ip_address(match[0])
    except ValueError:
        return match[0]
    return match[0] if address.is_loopback or address.is_unspecified else "<address>"
