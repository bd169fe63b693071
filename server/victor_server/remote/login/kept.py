"""Keeps the tokens of a person: in the system's own store, else in a file that only its owner may read."""

import contextlib
import logging
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from victor_server.errors import SettingsError
from victor_server.settings.own_file import read_own, replace_own

FILE_NAME = "team-tokens.json"
SERVICE = "victor"
_MAX_BYTES = 65_536

logger = logging.getLogger(__name__)


class Tokens(BaseModel):
    """What is kept of a login: an API token, or an access token and the refresh token that follows it.

    `retry` is said with the next refresh, and again if its answer is lost. Times are seconds since 1970.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    url: str
    access: str = Field(repr=False)
    expires_s: float | None = None
    refresh: str = Field(default="", repr=False)
    retry: str = Field(default="", repr=False)


class SystemStore(Protocol):
    """The part of `keyring` that is used."""

    def get_password(self, service: str, name: str) -> str | None:
        """What is kept under a name."""
        ...

    def set_password(self, service: str, name: str, value: str) -> None:
        """Keep it."""
        ...

    def delete_password(self, service: str, name: str) -> None:
        """Keep it no more."""
        ...


@dataclass(frozen=True, slots=True)
class Kept:
    """Where the tokens of one VICTOR_HOME are. `store` None: the system has none that could be used."""

    home: Path
    store: SystemStore | None = field(repr=False)

    @property
    def place(self) -> str:
        """What a person is told of it."""
        return "the system's keyring" if self.store is not None else str(self.home / FILE_NAME)

    def read(self) -> Tokens | None:
        """The tokens, None for none. Blocks. Raises SettingsError."""
        text = self._of_file()  # first: where there is one, the store would not take what is newer
        text = self._of_store() if text is None else text
        if text is None:
            return None
        try:
            return Tokens.model_validate_json(text)
        except ValidationError:
            raise SettingsError(
                f"The tokens in {self.place} cannot be read.", "Log in again: victor login URL."
            ) from None

    def read_if_any(self) -> Tokens | None:
        """The same, where what cannot be read counts as none: it is about to be replaced."""
        try:
            return self.read()
        except SettingsError:
            return None

    def write(self, tokens: Tokens) -> "Kept":
        """Keep these instead; returns where they are by now. Blocks. Raises SettingsError."""
        text = tokens.model_dump_json()
        if self.store is not None and _kept_in(self.store, str(self.home), text):
            (self.home / FILE_NAME).unlink(missing_ok=True)
            return self
        replace_own(self.home / FILE_NAME, text + "\n")
        if self.store is not None:
            _forgotten_by(self.store, str(self.home))
        return Kept(self.home, None)

    def forget(self) -> None:
        """Keep none. Blocks."""
        (self.home / FILE_NAME).unlink(missing_ok=True)
        if self.store is not None:
            _forgotten_by(self.store, str(self.home))

    def _of_store(self) -> str | None:
        if self.store is None:
            return None
        try:
            return self.store.get_password(SERVICE, str(self.home))
        except Exception as error:  # noqa: BLE001 - each system's store raises errors of its own
            logger.warning("the system's keyring does not answer: %s", type(error).__name__)
            return None

    def _of_file(self) -> str | None:
        file = self.home / FILE_NAME
        try:
            return read_own(file, _MAX_BYTES).decode("utf-8")
        except FileNotFoundError:
            return None
        except (OSError, UnicodeDecodeError):
            raise SettingsError(
                f"{file} cannot be read, or others may have written it.", "Log in again: victor login URL."
            ) from None


def open_kept(home: Path) -> Kept:
    """Where this home's tokens are. Blocks: it looks for the system's store."""
    return Kept(home, system_store())


def system_store() -> SystemStore | None:
    """The system's own store, None where it has none: a store in a plain file is no better than ours."""
    import keyring
    from keyring.backends.fail import Keyring as NoKeyring
    from keyring.backends.null import Keyring as NullKeyring
    from keyring.errors import KeyringError

    try:
        found = keyring.get_keyring()
    except (KeyringError, RuntimeError, OSError):
        return None
    is_own = type(found).__module__.startswith("keyring.backends.")
    if not is_own or isinstance(found, NoKeyring | NullKeyring) or found.priority < 1:
        return None
    return found


def _kept_in(store: SystemStore, name: str, text: str) -> bool:
    try:
        store.set_password(SERVICE, name, text)
        return store.get_password(SERVICE, name) == text
    except Exception as error:  # noqa: BLE001 - see `Kept`
        logger.warning("the system's keyring does not take the tokens: %s", type(error).__name__)
        return False


def _forgotten_by(store: SystemStore, name: str) -> None:
    with contextlib.suppress(Exception):
        store.delete_password(SERVICE, name)
