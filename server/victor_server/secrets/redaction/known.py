"""Finds values that are known to be secret wherever they stand, also encoded."""

import base64
import html
import json
import quopri
import re
import urllib.parse
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from victor_server.secrets.judge.classify import is_wordy

MIN_ANYWHERE = 12
"""Characters of a value that is masked even inside a longer word. Shorter ones stand there by chance."""
MIN_AS_WORD = 8
"""Characters of a value that is masked where it stands as a word of its own. Shorter ones only where they are found."""
MAX_ENCODED_VALUES = 2_000
"""Of a session; each has about ten forms, and a text made of secrets must not fill the memory with them."""
_MAX_ENCODED_LENGTH = 5_000
_ANCHOR = 64
"""Characters of a value by which it is located; the rest is compared. Long ones would take long to compile."""
_MAX_SAME_ANCHOR = 50

_BASE64_BEFORE = re.compile(r"[A-Za-z0-9+/_-]{0,200}+\Z")
_BASE64_AFTER = re.compile(r"[A-Za-z0-9+/_-]{0,200}+={0,2}")
_SURROGATE = re.compile("[\ud800-\udfff]")

_Locate = Callable[[str], list[tuple[int, int, int]]]


class Needle(NamedTuple):
    """A text to look for. `is_core`: part of a run of base64, which goes with it."""

    text: str
    label: str
    as_word: bool
    is_core: bool


class Hit(NamedTuple):
    """`text[start:end]` is a known value, or a form of one."""

    start: int
    end: int
    label: str


@dataclass(frozen=True, slots=True)
class _Generation:
    """Needles that were compiled together, those with the same beginning in one place, the longest first."""

    needles: tuple[Needle, ...]
    anchored: tuple[tuple[Needle, ...], ...]
    locate: _Locate

    def find(self, text: str) -> Iterator[tuple[Needle, int]]:
        """Needles and where they begin."""
        for index, start, _ in self.locate(text):
            for needle in self.anchored[index]:
                if len(needle.text) <= _ANCHOR or text.startswith(needle.text, start):
                    yield needle, start
                    break


class KnownValues:
    """The values that a session has seen. Adding is cheap: what was compiled is compiled again only as it doubles."""

    def __init__(self) -> None:
        self._generations: list[_Generation] = []
        self._seen: set[str] = set()
        self._n_encoded = 0

    def add(self, values: Iterable[tuple[str, str, bool]]) -> "KnownValues":
        """Take up (value, label, whether its encoded forms count too); the new ones alone are returned, searchable."""
        needles = [needle for value, label, encoded in values for needle in self._new(value, label, encoded)]
        if not needles:
            return KnownValues()
        generation = _compiled(needles)
        new = KnownValues()
        new._generations = [generation]
        while self._generations and len(self._generations[-1].needles) < 2 * len(needles):
            needles = [*self._generations.pop().needles, *needles]
            generation = _compiled(needles)
        self._generations.append(generation)
        return new

    def find(self, text: str) -> Iterator[Hit]:
        """Every known value in `text`, in no order; what overlaps another may be left out. Linear in the text."""
        for generation in self._generations:
            for needle, start in generation.find(text):
                end = start + len(needle.text)
                if needle.is_core:
                    yield _whole_run(text, start, end, needle.label)
                elif not needle.as_word or _is_word(text, start, end):
                    yield Hit(start, end, needle.label)

    def forget(self) -> None:
        """Let go of every value."""
        self._generations.clear()
        self._seen.clear()

    def _new(self, value: str, label: str, encoded: bool) -> Iterator[Needle]:
        reach = _reach(value)
        if reach is None or value in self._seen:
            return
        self._seen.add(value)
        yield Needle(value, label, reach, is_core=False)
        if encoded and not reach and self._n_encoded < MAX_ENCODED_VALUES:
            self._n_encoded += 1
            for form, text, is_core in encoded_forms(value):
                if text not in self._seen:
                    self._seen.add(text)
                    yield Needle(text, f"{label}-in-{form}", as_word=False, is_core=is_core)


def is_masked_anywhere(value: str) -> bool:
    """Whether a value, once seen, may stand nowhere in a text, not even inside a word."""
    return _reach(value) is False


def _reach(value: str) -> bool | None:
    """True: as a word of its own; False: anywhere; None: only where it was found."""
    if len(value) < MIN_AS_WORD or value.isalpha() or value.isdigit():
        return None
    return len(value) < MIN_ANYWHERE or is_wordy(value)


def encoded_forms(value: str) -> Iterator[tuple[str, str, bool]]:
    """(name of the form, text, whether it is the core of a longer run) for each way in which texts carry a value.

    Base64 at any place of the three in which the value may begin, hexadecimal, URL, JSON and HTML escapes,
    quoted-printable, the other line end. Not base64 that is broken into lines.
    """
    if len(value) > _MAX_ENCODED_LENGTH:
        return
    data = value.encode("utf-8", "surrogatepass")
    seen = {value}
    for form, text, is_core in (*_escapes(value, data), *_base64_cores(data)):
        if text not in seen and len(text) >= MIN_ANYWHERE:
            seen.add(text)
            yield form, text, is_core


def _escapes(value: str, data: bytes) -> Iterator[tuple[str, str, bool]]:
    yield "hex", data.hex(), False
    yield "hex", data.hex().upper(), False
    for safe in ("", "/"):
        quoted = urllib.parse.quote(data, safe=safe)
        yield "url", quoted, False
        yield "url", quoted.replace("%20", "+"), False
        yield "url", re.sub("%[0-9A-F]{2}", lambda match: match.group().lower(), quoted), False
    as_json = json.dumps(value)[1:-1]
    yield "json", as_json, False
    yield "json", as_json.replace("/", "\\/"), False
    yield "json", re.sub("[&<>]", lambda match: f"\\u{ord(match.group()):04x}", as_json), False
    if not _SURROGATE.search(value):
        yield "json", json.dumps(value, ensure_ascii=False)[1:-1], False
    yield "html", html.escape(value), False
    yield "html", html.escape(value, quote=False), False
    yield "quoted-printable", quopri.encodestring(data).decode("ascii").replace("=\n", ""), False
    if "\n" in value:
        lines = value.replace("\r\n", "\n")
        yield "other-lines", lines, False
        yield "other-lines", lines.replace("\n", "\r\n"), False


def _base64_cores(data: bytes) -> Iterator[tuple[str, str, bool]]:
    """What does not depend on the bytes before and after."""
    for n_before in range(3):
        encoded = base64.b64encode(bytes(n_before) + data).decode("ascii")
        core = encoded[(n_before * 8 + 5) // 6 : (n_before + len(data)) * 8 // 6]
        yield "base64", core, True
        yield "base64", core.replace("+", "-").replace("/", "_"), True


def _whole_run(text: str, start: int, end: int, label: str) -> Hit:
    before = _BASE64_BEFORE.search(text, max(0, start - 200), start)
    after = _BASE64_AFTER.match(text, end)
    return Hit(before.start() if before else start, after.end() if after else end, label)


def _is_word(text: str, start: int, end: int) -> bool:
    return not (start and _in_word(text[start - 1]) and _in_word(text[start])) and not (
        end < len(text) and _in_word(text[end]) and _in_word(text[end - 1])
    )


def _in_word(char: str) -> bool:
    return char.isalnum() or char == "_"


def _compiled(needles: list[Needle]) -> _Generation:
    by_anchor: dict[str, list[Needle]] = {}
    for needle in sorted(needles, key=lambda needle: -len(needle.text)):
        same = by_anchor.setdefault(needle.text[:_ANCHOR], [])
        if len(same) < _MAX_SAME_ANCHOR:
            same.append(needle)
    return _Generation(tuple(needles), tuple(map(tuple, by_anchor.values())), _locator(list(by_anchor)))


def _locator(texts: list[str]) -> _Locate:
    """(index, start, end) of the texts, the leftmost and longest first, none overlapping another."""
    try:
        from ahocorasick_rs import AhoCorasick, MatchKind
    except ImportError:  # no wheel for this platform
        return plain_locator(texts)
    automaton = AhoCorasick(
        [_SURROGATE.sub("\uffff", text) for text in texts], MatchKind.LeftmostLongest, store_patterns=False
    )

    def locate(text: str) -> list[tuple[int, int, int]]:
        try:
            return automaton.find_matches_as_indexes(text)
        except UnicodeEncodeError:  # half of a surrogate pair, which Rust's strings cannot hold
            return automaton.find_matches_as_indexes(_SURROGATE.sub("\uffff", text))

    return locate


def plain_locator(texts: list[str]) -> _Locate:
    """The same in pure Python, overlapping ones included: one pass over a text for each of `texts`."""

    def locate(text: str) -> list[tuple[int, int, int]]:
        hits: list[tuple[int, int, int]] = []
        for index, wanted in enumerate(texts):
            start = text.find(wanted)
            while start >= 0:
                hits.append((index, start, start + len(wanted)))
                start = text.find(wanted, start + len(wanted))
        return hits

    return locate
