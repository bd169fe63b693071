"""How paths answer a name being typed: the file's name before its folders, whole words before scattered letters."""

from collections.abc import Iterable

NO_MATCH = 9
_MAX_SCATTERED = 60


def match_paths(query: str, paths: Iterable[str], limit: int) -> list[str]:
    """Return those of `paths` that answer what is being typed, best first; shorter ones first among equals."""
    wanted = query.strip().lower().replace("\\", "/").removeprefix("./")
    ranked = []
    for path in paths:
        rank = _rank(wanted, path.lower())
        if rank < NO_MATCH:
            ranked.append((rank, path.count("/"), len(path), path))
    return [path for *_, path in sorted(ranked)[: max(limit, 0)]]


def _rank(wanted: str, path: str) -> int:
    name = path[path.rfind("/") + 1 :]
    if wanted in (path, name):
        return 0
    if path.endswith(f"/{wanted}"):
        return 1
    if name.startswith(wanted):
        return 2
    at = name.find(wanted)
    if at > 0:
        return 4 if name[at - 1].isalnum() else 3
    if path.startswith(wanted) or f"/{wanted}" in path:
        return 5
    if wanted in path:
        return 6
    if len(wanted) > _MAX_SCATTERED:
        return NO_MATCH
    return 7 if _scattered(wanted, name) else 8 if _scattered(wanted, path) else NO_MATCH


def _scattered(letters: str, text: str) -> bool:
    rest = iter(text)
    return all(letter in rest for letter in letters)
