"""How names of symbols answer a name being typed: exact, prefix, start of a word, inside, scattered letters."""

from collections.abc import Iterator

from victor_indexer.model import LocatedSymbol


def symbol_filters(wanted: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield conditions on `lower`, strict ones first: the first two walk the index, the others all names."""
    yield "lower = ?", (wanted,)
    yield "lower >= ? and lower < ?", (wanted, wanted + "\U0010ffff")
    yield "instr(lower, ?) > 0", (wanted,)
    if 1 < len(wanted) <= _MAX_SCATTERED:
        letters = (f"\\{letter}" if letter in "%_\\" else letter for letter in wanted)
        yield "lower like ? escape '\\'", ("%" + "%".join(letters) + "%",)


_MAX_SCATTERED = 40
"""Longer names are pasted, not abbreviated, and a pattern of many gaps is slow."""


NO_MATCH = 7


def name_parts(query: str) -> tuple[str, str]:
    """Split `Foo.bar` into the container asked for, in lower case, and the name."""
    container, _, name = query.strip().replace("::", ".").rpartition(".")
    return container.lower(), name


def symbol_order(wanted: str, located: LocatedSymbol) -> tuple[int, int, int, str, int]:
    """Return a key by which better answers to `wanted` come first."""
    name = located.symbol.name
    return (
        match_class(wanted, name),
        len(name),
        located.path.count("/"),
        located.path,
        located.symbol.name_line,
    )


def match_class(wanted: str, name: str) -> int:
    """Return how well a name answers: 0 as typed … 6 letters scattered, 7 not at all."""
    lower, query = name.lower(), wanted.lower()
    if lower == query:
        return 0 if name == wanted else 1
    if lower.startswith(query):
        return 2 if name.startswith(wanted) else 3
    at = lower.find(query)
    if at < 0:
        return 6 if 1 < len(query) <= _MAX_SCATTERED and _scattered(query, lower) else NO_MATCH
    starts_word = len(lower) == len(name) and (name[at].isupper() or not name[at - 1].isalnum())
    return 4 if starts_word else 5


def _scattered(letters: str, text: str) -> bool:
    rest = iter(text)
    return all(letter in rest for letter in letters)
