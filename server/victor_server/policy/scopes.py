"""Decides whether permissions, as roles list them, cover one that is needed."""

from collections.abc import Iterable


def allows(permissions: Iterable[str], needed: str) -> bool:
    """Whether one of `permissions` covers `needed`: itself, `subject:*`, or `*`. Anything else is no wildcard."""
    subject = needed.partition(":")[0]
    return any(permission in ("*", f"{subject}:*", needed) for permission in permissions)


def both(first: Iterable[str], second: Iterable[str]) -> tuple[str, ...]:
    """What both lists cover, as a list: a token never has more than its role."""
    ours, theirs = tuple(first), tuple(second)
    common = [one for one in ours if _covers(theirs, one)] + [one for one in theirs if _covers(ours, one)]
    return tuple(dict.fromkeys(common))


def _covers(permissions: tuple[str, ...], pattern: str) -> bool:
    """Whether everything that `pattern` covers is covered."""
    return "*" in permissions or pattern in permissions or f"{pattern.partition(':')[0]}:*" in permissions
