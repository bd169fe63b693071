"""Takes secrets out of the texts of one conversation with a model, and puts them back where that is allowed.

Whoever writes a placeholder may get the secret put back. So it must be something that only those can write whom this
session told it, and therefore it carries a nonce: `[REDACTED:aws-access-key:1:k3vq7m2zpa]`. Escaping the look-alikes
in what comes in would do without one, but only as long as every text comes in through `redact`, and it could not tell
a placeholder from a guess: `…:2]` follows from `…:1]`. With the nonce,

* what outside text says by itself (a file, a web page, another session, an older chat) is never ours: it would have
  to guess 50 bits;
* what outside text has from us, because a placeholder was written to a file or given to a tool, is not taken back
  either: `redact` treats a placeholder of ours in its input like a secret, and shows a placeholder for it,
  `[REDACTED:quoted-placeholder:…]`. That is also what makes `restore` the exact inverse of `redact`;
* the model can repeat what it was shown, and nothing else. No placeholder protects from a model that was talked into
  writing one where it should not: there, do not call `restore`.

So `redact` is not idempotent, and no function with an inverse can be. `redact_again` is: it leaves the placeholders of
this session as they are, and is for what the model wrote or what was redacted before. Placeholders of other sessions,
and those in the index, are plain text.
"""

from collections import Counter
from collections.abc import Iterable
from functools import partial
from threading import RLock
from types import TracebackType
from typing import NoReturn, Self

from victor_server.secrets.placeholders import kind_of, new_nonce
from victor_server.secrets.redaction.choosing import Chooser, ChoosingStream
from victor_server.secrets.redaction.known import KnownValues
from victor_server.secrets.redaction.masks import QUOTED, Mask, find_masks, render, trimmed
from victor_server.secrets.redaction.restoring import restore, unfinished
from victor_server.secrets.redaction.streams import WINDOW, Part, RedactStream, RestoreStream, Window
from victor_server.secrets.redaction.vault import TakenOut, Vault


class RedactionSession:
    """One conversation's secrets. May be used from several threads.

    Hidden are findings of both tiers, allowed ones included; strings that look random; and each value that was found
    once, wherever it stands later, also encoded (`known.encoded_forms`). A value of fewer than 12 characters, or one
    that is made of words, is looked for as a whole word only; a weak one (under 8 characters, or letters or digits
    only) is hidden only where it was found. Everything takes time in proportion to the text.

    After `close` every method raises `Unavailable`.
    """

    def __init__(self) -> None:
        self._vault = Vault(new_nonce())
        self._known = KnownValues()
        self._lock = RLock()

    def redact(self, text: str, path: str = "") -> tuple[str, TakenOut]:
        """`text` from outside as a model may see it, and what was taken out of it; the number of lines stays.

        `path` tells how values are written in it (code, configuration…). `restore` of the result is `text`.
        """
        part = self._redact_part(path, text, 0, len(text))
        return part.shown, TakenOut(self._vault, part.placeholders)

    def redact_again(self, text: str, path: str = "") -> tuple[str, TakenOut]:
        """The same for what the model wrote, or what was redacted before: placeholders of this session stay."""
        return self.redact_rest(text, 0, path)

    def redact_rest(self, text: str, start: int, path: str = "") -> tuple[str, TakenOut]:
        """`redact_again` of `text[start:]`, which is judged by what stands before it; that is left as it is."""
        with self._lock:
            self._vault.check_open()
            given = [
                Mask(*match.span(), None if self._vault.knows(match.group()) else QUOTED)
                for match in self._vault.whole.finditer(text)
            ]
            masks = find_masks(text, path, self._known, given, self._vault.nonce)
            rest = text[start:]
            inside = [
                Mask(max(0, mask.start - start), mask.end - start, mask.label)
                for mask in masks
                if start < mask.end
            ]
            placeholders: list[str] = []
            shown = render(rest, list(trimmed(rest, inside)), partial(self._keep, placeholders))
            return shown, TakenOut(self._vault, placeholders)

    def restore(self, text: str) -> str:
        """`text` with the placeholders of this session replaced by what they stand for; all else as it is."""
        with self._lock:
            self._vault.check_open()
            return restore(text, self._vault)

    def note_origin(self, taken: TakenOut, origin: str) -> None:
        """Remember that what was taken out stands in `origin`: a file's path, "" for what the person wrote."""
        with self._lock:
            for placeholder in taken:
                self._vault.note_origin(placeholder, origin)

    def origins(self, placeholder: str) -> frozenset[str]:
        """Where the value of a placeholder was noted to stand; empty if nowhere, or if it is not ours."""
        with self._lock:
            return self._vault.origins(placeholder)

    def restore_of(self, text: str, origin: str) -> str:
        """`restore`, but only of the values that were noted to stand in `origin`."""
        with self._lock:
            self._vault.check_open()
            return restore(text, self._vault, lambda placeholder: origin in self._vault.origins(placeholder))

    def restore_lines_of(self, text: str, origin: str) -> str:
        """`restore_of` the beginning of a text that goes on: as many whole lines as nothing that follows can change."""
        with self._lock:
            self._vault.check_open()
            end = unfinished(text, self._vault)
        found = self.restore_of(text[: text.rfind("\n", 0, end) + 1], origin)
        return found[: found.rfind("\n") + 1]

    def count(self, texts: Iterable[str]) -> Counter[str]:
        """How many different secrets have placeholders in `texts`, by kind."""
        with self._lock:
            found = {match.group() for text in texts for match in self._vault.whole.finditer(text)}
            return Counter(kind_of(placeholder) for placeholder in found if self._vault.knows(placeholder))

    @property
    def n_values(self) -> int:
        """How many different values have been taken out so far."""
        return len(self._vault)

    def redact_stream(self, path: str = "", window: Window = WINDOW) -> RedactStream:
        """For a text from outside that comes in chunks, such as a tool's output."""
        return RedactStream(partial(self._redact_part, path), self._vault, window)

    def restore_stream(self) -> RestoreStream:
        """For a text of the model that comes in chunks."""
        return RestoreStream(self._vault)

    def choosing_stream(self, chooser: Chooser) -> ChoosingStream:
        """The same, where some placeholders have to stay: `chooser` says which."""
        return ChoosingStream(self._vault, chooser)

    def remember(self, value: str, label: str) -> None:
        """Hide `value` from now on, as if it had been found: for keys that Victor itself was given.

        `label` is what placeholders call it: lower-case letters, digits and dashes.
        """
        with self._lock:
            self._vault.check_open()
            self._known.add([(value, label, True)])

    def close(self) -> None:
        """Overwrite every value kept, and forget them. What Python copied meanwhile is only let go."""
        with self._lock:
            self._vault.wipe()
            self._known.forget()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<RedactionSession with {len(self._vault)} values>"

    def __reduce_ex__(self, _protocol: object) -> NoReturn:
        raise TypeError("a redaction session is not copied or pickled")

    def _redact_part(self, path: str, text: str, start: int, wanted_end: int) -> Part:
        with self._lock:
            self._vault.check_open()
            given = [Mask(*match.span(), None) for match in self._vault.whole.finditer(text, 0, start)]
            given += [Mask(*match.span(), QUOTED) for match in self._vault.whole.finditer(text, start)]
            masks = find_masks(text, path, self._known, given, self._vault.nonce)
            end = max((mask.end for mask in masks if mask.start < wanted_end), default=wanted_end)
            end = max(end, wanted_end)
            part = text[start:end]
            inside = (
                Mask(max(0, mask.start - start), mask.end - start, mask.label)
                for mask in masks
                if start < mask.end <= end
            )
            placeholders: list[str] = []
            shown = render(part, list(trimmed(part, inside)), partial(self._keep, placeholders))
            return Part(shown, end, tuple(placeholders))

    def _keep(self, placeholders: list[str], value: str, label: str) -> str:
        placeholders.append(self._vault.keep(value, label))
        return placeholders[-1]
