"""Loads the certificate and the key that the backend shows, without ever asking a terminal for a passphrase."""

import ssl
from pathlib import Path


def load_pair(certificate: Path, key: Path | None) -> ssl.SSLContext:
    """TLS 1.3 and nothing older. Raises OSError (`ssl.SSLError` is one) where the files are no pair that can be used."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.options |= ssl.OP_NO_COMPRESSION
    context.load_cert_chain(certificate, key, password=lambda: b"")
    return context
