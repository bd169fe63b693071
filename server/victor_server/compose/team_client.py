"""Builds what commands ask a team's backend with: as whoever is logged in, or with an address and a token."""

import sys
from collections.abc import Mapping
from pathlib import Path

from victor_server.audit.account import account_name
from victor_server.audit.journal import Journal
from victor_server.compose.models import recorder
from victor_server.egress.factory import Egress
from victor_server.errors import NotFound, UsageError
from victor_server.policy.read import read_policy
from victor_server.remote.membership import read_membership
from victor_server.remote.rpc import BackendClient, Credentials, GivenToken
from victor_server.settings.load import resolve
from victor_server.settings.profiles_file import read_profiles
from victor_server.settings.resolved import Settings

_MAX_TOKEN = 8_192


def open_client(environment: Mapping[str, str], url: str | None, token_file: Path | None) -> BackendClient:
    """A client, which connects with the first question. A token that is named goes to the address that is named, or to
    the backend that one is logged in to. Raises UsageError, NotFound, SettingsError.
    """
    settings = resolve(environment=environment).settings
    egress = open_egress(settings, environment)
    if token_file is None and url is not None:
        raise UsageError("--url needs a token.", "Name its file with --token-file; `-` reads it from stdin.")
    if url is None:
        member = read_membership(settings.home)
        if member is None:
            raise NotFound("Nobody is logged in to a team's backend here.", "Log in: victor login URL.")
        url = member.url
    if token_file is not None:
        return BackendClient(egress, url, GivenToken(_token(token_file)))
    return BackendClient(egress, url, _stored(settings, url, egress))


def _stored(settings: Settings, url: str, egress: Egress) -> Credentials:
    from victor_server.remote.login.credentials import stored_credentials

    return stored_credentials(settings.home, url, egress)


def open_egress(settings: Settings, environment: Mapping[str, str]) -> Egress:
    """Connections to a backend, as this person's own policy allows them."""
    read = read_profiles(settings.home, environment)
    decided = read_policy(settings.network, read.profiles, closed=settings.closed or read.closed)
    journal = Journal(settings.audit, account_name())
    return Egress(
        decided.policy, record=recorder(journal), environment=environment, ca_file=settings.network.ca_file
    )


def _token(file: Path) -> str:
    """The token in a file. No message shows what else may stand there."""
    try:
        text = sys.stdin.read(_MAX_TOKEN) if str(file) == "-" else file.read_text(encoding="ascii")
    except (OSError, ValueError):
        raise UsageError(
            f"{file} cannot be read, or holds no token.", "Name a file with the token alone."
        ) from None
    token = text.strip()
    if not token or len(token) > _MAX_TOKEN or any(letter.isspace() for letter in token):
        raise UsageError(f"{file} holds no token.", "Name a file with the token alone.")
    return token
