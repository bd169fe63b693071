"""Words out of text: the one place that decides what a search can meet.

Text and query pass through the same function, so both sides meet at the same tokens. A word is split where an
identifier is split (`HTTPServer`, `parse_config`, `base64`), lower-cased and stemmed; a compound identifier is
also kept whole, without its underscores, so that `parseConfig`, `parse_config` and `parseconfig` are one name.
"""

import re
import threading
import unicodedata
from collections.abc import Iterator
from itertools import pairwise

import Stemmer

# English function words, and the keywords that stand in nearly every block of code. They tell no chunk from
# another, yet they are a fifth of all words and so a fifth of the postings. Keywords that people ask for
# ("import cycle", "async", "null", "class") stay; BM25 weighs those down by itself.
_STOPPED = (
    "a an and are as at be been but by can do does for from had has have how i if in into is it its no not of on or"
    " so such than that the their them then there these they this to was we were what when where which who why"
    " will with would you your"
    " const def elif else end endif esac fi fn func let return self then var void"
)
STOP_WORDS = frozenset(_STOPPED.split())

_MAX_WORD = 100
"""Longer words are data (hashes, base64), not names."""

_MAX_CACHED_WORDS = 80_000
"""About 14 MB. Words repeat so much that this answers more than nineteen of twenty."""

# Cutting at spaces is three times as fast as matching words.
_TO_SPACES = "".join(chr(code) if chr(code).isalnum() or code == ord("_") else " " for code in range(128))
# \w has no combining marks, which would tear words of many scripts apart.
_MARKS = "\u0300-\u036f\u0483-\u0487\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06ed"
_MARKED_SCRIPTS = (
    "\u0900-\u0963\u0970-\u0dff\u0e00-\u0e4e\u0e80-\u0eff\u0f40-\u0fbc\u1000-\u1049\u1780-\u17d3"
)
_WORDS = re.compile(rf"[\w{_MARKS}{_MARKED_SCRIPTS}]+")
# Scripts written without spaces (and Hangul, whose words carry endings): every character and pair is a token.
_UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u1100-\u11ff\u3040-\u30ff\u3130-\u318f\u31f0-\u31ff"
    "\u3400-\u4dbf\u4e00-\u9fff\ua960-\ua97f\uac00-\ud7ff\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003fffd]+"
)
_PARTS = re.compile(r"[A-Z]{2,}s(?![a-z])|[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|[0-9]+")
_NAMES = re.compile(r"\w+(?:(?:\.|::|->|#)\w+)*")
_SEPARATORS = re.compile(r"::|->|#")


def tokenize(text: str) -> list[str]:
    """Return every token of `text` in order, repeated as often as its word stands there."""
    return token_line(text).split()


def token_line(text: str) -> str:
    """Return the tokens of `text` separated by one space, as a chunk stores them."""
    if text.isascii():
        words = text.translate(_TO_SPACES).split()
    else:
        words = _WORDS.findall(unicodedata.normalize("NFC", text))
    return " ".join(filter(None, map(_tokens_of.__getitem__, words)))


def query_terms(query: str) -> tuple[str, ...]:
    """Return the distinct tokens of a query in the order of their first appearance."""
    return tuple(dict.fromkeys(tokenize(query)))


def query_names(query: str) -> tuple[str, ...]:
    """Return the words of a query as typed, dotted ones whole (`Foo::bar` and `Foo#bar` become `Foo.bar`)."""
    names = (_SEPARATORS.sub(".", name) for name in _NAMES.findall(query))
    return tuple(dict.fromkeys(names))


def split_identifier(name: str) -> list[str]:
    """Split a name where its case, digits, underscores or other marks do: `HTTPServer2` → `http`, `server`, `2`."""
    if name.isascii():
        return [part.lower() for part in _PARTS.findall(name)]
    return [part.lower() for word in _WORDS.findall(name) for part in _split_by_class(word)]


def _split_by_class(word: str) -> Iterator[str]:
    """Split a word outside ASCII by the same rules as `_PARTS`, character by character."""
    start = 0
    classes = [_class_of(character) for character in word]
    for index in range(1, len(word)):
        before, here = classes[index - 1], classes[index]
        after = classes[index + 1] if index + 1 < len(word) else here
        ends_acronym = before == here == "upper" and after == "lower"
        if ends_acronym or (before != here and (before, here) != ("upper", "lower")):
            yield from _named(word[start:index])
            start = index
    yield from _named(word[start:])


def _named(part: str) -> Iterator[str]:
    if part.strip("_"):
        yield part


def _class_of(character: str) -> str:
    if character == "_":
        return "gap"
    if character.isdigit():
        return "digit"
    return "upper" if character.isupper() else "lower"


class _TokensOf(dict[str, str]):
    """word → its tokens, joined by one space; a plain look-up for words seen lately.

    When it is full the older half goes; a word that is asked for again in time moves to the younger half.
    """

    def __init__(self) -> None:
        super().__init__()
        self._older: dict[str, str] = {}

    def __missing__(self, word: str) -> str:
        tokens = self._older.get(word)
        if tokens is None:
            if len(word) > _MAX_WORD:
                return _tokens_of_long(word)
            tokens = _compound(word)
        if len(self) >= _MAX_CACHED_WORDS // 2:
            self._older = dict(self)
            self.clear()
        self[word] = tokens
        return tokens


_tokens_of = _TokensOf()
_stemmer = Stemmer.Stemmer("english", 0)  # its own cache costs more than it saves: ours is in front of it
_stemmer_lock = threading.Lock()  # a stemmer works in a buffer of its own


def _tokens_of_long(word: str) -> str:
    """Take long runs of unspaced script apart; anything else of that length is data, not a name."""
    return "" if word.isascii() or not _UNSPACED.search(word) else _compound(word)


def _compound(word: str) -> str:
    """Return the tokens of any word, each once, joined by one space."""
    if word.isascii():
        if word.islower() and word.isalpha():
            return _stemmed(word) if len(word) > 1 and word not in STOP_WORDS else ""
    elif _UNSPACED.search(word):
        return " ".join(filter(None, _mixed_tokens(word)))
    parts = split_identifier(word)
    if len(word) >= 20 and len(word) < 3 * len(
        parts
    ):  # changes its class every other character: encoded data
        return ""
    words = _words_of(parts)
    if len(parts) > 1:
        words.append("".join(parts))
    with _stemmer_lock:
        return " ".join(dict.fromkeys(_stemmer.stemWords(words)))


def _stemmed(word: str) -> str:
    with _stemmer_lock:
        stem: str = _stemmer.stemWord(word)
    return stem


def _mixed_tokens(word: str) -> Iterator[str]:
    """Yield the tokens of a word that holds unspaced script: its characters, their pairs, the rest as words."""
    last = 0
    for run in _UNSPACED.finditer(word):
        yield _compound(word[last : run.start()])
        yield from run.group()
        yield from (first + second for first, second in pairwise(run.group()))
        last = run.end()
    yield _compound(word[last:])


def _words_of(parts: list[str]) -> list[str]:
    """Return the words worth a token among an identifier's parts: `base 64` also as `base64`, `o auth` as `oauth`."""
    words: list[str] = []
    before = ""
    for part in parts:
        if part.isdigit():
            if before:
                words.append(before + part)
            if len(part) > 2 or (not before and len(part) > 1):
                words.append(part)
            before = ""
            continue
        if len(before) == 1:
            words.append(before + part)
        if part not in STOP_WORDS and (len(part) > 1 or not part.isascii()):
            words.append(part)
        before = part
    return words
