"""One pass over a text that finds every keyword of every rule."""

import re
from collections.abc import Callable, Iterable, Sequence
from itertools import groupby
from operator import itemgetter

Hit = tuple[int, int]
"""(index of the keyword, offset in the folded text)"""
Search = Callable[[str], list[Hit]]

_SURROGATE = re.compile("[\ud800-\udfff]")


def fold(text: str) -> str:
    """Lower case, with every character at the offset it had.

    "İ" is the one character whose lower case is longer than itself.
    """
    folded = text.lower()
    return folded if len(folded) == len(text) else text.replace("\u0130", "I").lower()


def build_search(keywords: Sequence[str]) -> Search:
    """A function from folded text to the hits of all keywords, overlapping ones included, by offset."""
    try:
        from ahocorasick_rs import AhoCorasick
    except ImportError:  # no wheel for this platform
        return build_plain_search(keywords)
    automaton = AhoCorasick(keywords)

    def search(folded: str) -> list[Hit]:
        try:
            hits = automaton.find_matches_as_indexes(folded, overlapping=True)
        except UnicodeEncodeError:  # half of a surrogate pair, which Rust's strings cannot hold
            hits = automaton.find_matches_as_indexes(_SURROGATE.sub("?", folded), overlapping=True)
        return _ordered((found[0], found[1]) for found in hits)

    return search


def build_plain_search(keywords: Sequence[str]) -> Search:
    """The same in pure Python: at each offset the longest keyword, and those that begin it."""
    places = {word: place for place, word in enumerate(keywords)}
    prefixes = {
        word: [places[word[:end]] for end in range(1, len(word) + 1) if word[:end] in places]
        for word in keywords
    }
    pattern = re.compile(_trie_pattern(sorted(prefixes)))

    def search(folded: str) -> list[Hit]:
        hits: list[Hit] = []
        found = pattern.search(folded)
        while found:
            hits.extend((index, found.start()) for index in prefixes[found.group()])
            found = pattern.search(folded, found.start() + 1)
        return _ordered(hits)

    return search


def _trie_pattern(ordered: Sequence[str]) -> str:
    """A pattern for the longest of some words, which shares their beginnings: an alternation would try each."""
    branches = [
        re.escape(first) + _trie_pattern([word[1:] for word in group])
        for first, group in groupby(filter(None, ordered), key=itemgetter(0))
    ]
    if not branches:
        return ""
    return f"(?:{'|'.join(branches)})" + ("" if all(ordered) else "?")


def _ordered(hits: Iterable[Hit]) -> list[Hit]:
    return sorted(hits, key=lambda hit: (hit[1], hit[0]))
