"""Whom to believe about who a server is: the system's authorities and those that the person adds."""

import contextlib
import os
import ssl
import sys
from collections.abc import Mapping
from pathlib import Path

from victor_server.errors import SettingsError


def tls_context(ca_file: Path | None, environment: Mapping[str, str]) -> ssl.SSLContext:
    """A context that checks certificates and names, with TLS 1.2 or newer.

    Authorities: those of the system, of `ca_file` and of SSL_CERT_FILE and SSL_CERT_DIR. Raises SettingsError where a
    file that is named cannot be read: silence about it would end in errors that nobody understands.
    """
    # Loaded here: most sessions of an editor make no connection.
    import truststore

    context: ssl.SSLContext = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if ca_file is not None:
        _load(context, "network.ca_file", ca_file)
    written = environment.get("SSL_CERT_FILE", "").strip()
    if written:
        _load(context, "SSL_CERT_FILE", Path(written))
        _load_system(context)
    folders = environment.get("SSL_CERT_DIR", "").strip()
    for folder in folders.split(os.pathsep) if folders else ():
        context.load_verify_locations(capath=folder)
    return context


_BUNDLES = (
    ssl.get_default_verify_paths().openssl_cafile,
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
)
"""Where Linux keeps the authorities of the system; the first that is there counts."""


def _load_system(context: ssl.SSLContext) -> None:
    """OpenSSL takes SSL_CERT_FILE in the place of the system's authorities; here it is one more."""
    if sys.platform in ("darwin", "win32"):
        return  # there the system itself is asked
    found = next((file for file in _BUNDLES if Path(file).is_file()), None)
    if found is not None:
        with contextlib.suppress(OSError):
            context.load_verify_locations(cafile=found)


def _load(context: ssl.SSLContext, name: str, file: Path) -> None:
    try:
        context.load_verify_locations(cafile=file)
    except ssl.SSLError:
        raise SettingsError(f"{name}: {file} holds no certificates.", "Name a PEM file.") from None
    except OSError as error:
        fix = "Name a PEM file that can be read, or leave it out."
        raise SettingsError(f"{name}: {file} cannot be read: {error.strerror}.", fix) from None
