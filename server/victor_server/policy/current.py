"""Keeps the policy current: what is restricted while Victor runs holds from the next connection on."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from victor_server.errors import VictorError
from victor_server.policy.policy import Policy
from victor_server.policy.read import close
from victor_server.settings.stamp import GONE, Stamp, stamp_of


class CurrentPolicy:
    """The policy that holds now, read again as soon as one of its files is not what it was. Implements `HoldsPolicy`.

    A file that held something and is gone or empty closes everything but this machine until it is there again: it may
    just be written, and nobody knows what it will say. `changed` is told of each policy but the first.
    """

    def __init__(
        self,
        files: Sequence[Path],
        read: Callable[[], Policy],
        changed: Callable[[Policy], None] | None = None,
    ) -> None:
        self._files = tuple(files)
        self._read = read
        self._changed = changed
        self._held = frozenset[Path]()
        self._known: tuple[tuple[Stamp, ...], Policy] | None = None

    def now(self) -> Policy:
        """The policy. Asks the disk for a few stamps, and reads only what has changed."""
        # First the stamps: what changes while it is read is seen the next time.
        stamps = tuple(map(stamp_of, self._files))
        known = self._known
        if known is not None and known[0] == stamps:
            return known[1]
        there = {file for file, stamp in zip(self._files, stamps, strict=True) if stamp != GONE}
        policy = self._made(sorted(self._held - there), known[1] if known else Policy())
        self._held |= there
        self._known = (stamps, policy)
        if self._changed is not None and known is not None and known[1] != policy:
            self._changed(policy)
        return policy

    def _made(self, lost: Sequence[Path], before: Policy) -> Policy:
        try:
            policy = self._read()
        except VictorError as error:
            policy = close(before, error.message)
        if lost:
            policy = close(policy, f"{lost[0]} is gone or empty, and was not when Victor began")
        # What cannot be read may have named more private files; those that it did name stay so.
        kept = [path for path in before.private_paths if policy.closed and not path.startswith("!")]
        return replace(policy, private_paths=(*policy.private_paths, *kept)) if kept else policy
