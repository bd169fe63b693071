"""One pass over a text that finds every keyword of every rule."""

import re
from collections.abc import Callable, Iterable, Sequence

Hit = tuple[int, int]
"""(index of the keyword, offset in the folded text)"""
Search = Callable[[str], list[Hit]]


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
        return _ordered(
            (found[0], found[1]) for found in automaton.find_matches_as_indexes(folded, overlapping=True)
        )

    return search


def build_plain_search(keywords: Sequence[str]) -> Search:
    """The same in pure Python: at each offset the longest keyword, and those that begin it."""
    prefixes = {word: [i for i, other in enumerate(keywords) if word.startswith(other)] for word in keywords}
    longest_first = sorted(prefixes, key=lambda word: (-len(word), word))
    pattern = re.compile("|".join(map(re.escape, longest_first)))

    def search(folded: str) -> list[Hit]:
        hits: list[Hit] = []
        found = pattern.search(folded)
        while found:
            hits.extend((index, found.start()) for index in prefixes[found.group()])
            found = pattern.search(folded, found.start() + 1)
        return _ordered(hits)

    return search


def _ordered(hits: Iterable[Hit]) -> list[Hit]:
    return sorted(hits, key=lambda hit: (hit[1], hit[0]))
