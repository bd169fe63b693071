"""The edits that were offered, and what became of files that the editor changed without opening them for us."""

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from victor_server.features.replacement import replaced
from victor_server.features.secrets_on_save.model import Change, Fix

MAX_OFFERS = 500
_Signature = tuple[int, int, int] | None


@dataclass(frozen=True, slots=True)
class Given:
    """What a file holds in the editor, as long as it is on disk what it was: its signature tells that."""

    signature: _Signature
    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Offer:
    """One edit as it was handed out: what it says once it is taken, and what each file then holds.

    It carries out `fix` in a document of the folder `root`.
    """

    note: str
    files: Mapping[Path, Given]
    fix: Fix
    root: Path | None


class Offers:
    """Editors load a file that an edit changes, but do not tell us of all of them, and save few of them.

    So what was handed out and taken is remembered: the next edit must go on from there.
    """

    def __init__(self) -> None:
        self._n_offers = 0
        self._open: OrderedDict[int, Offer] = OrderedDict()
        self.given: dict[Path, Given] = {}
        self.expected: dict[str, dict[str, int]] = {}
        """By document: the texts that listed edits make of it, and the numbers of their offers."""

    def next_number(self) -> int:
        """A number that no other offer has."""
        self._n_offers += 1
        return self._n_offers

    def put(self, number: int, offer: Offer) -> None:
        """Remember what stands behind a number; the oldest are forgotten."""
        self._open[number] = offer
        if len(self._open) > MAX_OFFERS:
            self._open.popitem(last=False)

    def take(self, number: int) -> Offer | None:
        """What was offered under this number, once."""
        return self._open.pop(number, None)


def offer_of(change: Change, fix: Fix, root: Path | None) -> Offer:
    """Looks at the disk: call it off the event loop."""
    files = {
        each.path: Given(_signature(each.path), replaced(each.before or "", each.replacements))
        for each in change.files
    }
    return Offer(change.note, files, fix, root)


def still_given(given: Mapping[Path, Given]) -> dict[Path, str]:
    """The texts of the files that have not been written since. Looks at the disk: call it off the event loop."""
    return {path: each.text for path, each in given.items() if _signature(path) == each.signature}


def _signature(path: Path) -> _Signature:
    try:
        info = path.stat()
    except (OSError, ValueError):
        return None
    return info.st_mtime_ns, info.st_size, info.st_ino
