"""Says of a connection that could not be made whom it did not get to, and what helps."""

import ssl

from victor_server.errors import Unavailable

_UNKNOWN_AUTHORITY = (18, 19, 20, 21)
"""OpenSSL's codes of a certificate that nobody whom this system trusts has signed."""


def unreachable(server: str, error: BaseException) -> Unavailable:
    """The error to tell of a connection to `server` that failed with `error`."""
    link: BaseException | None = error
    while link is not None:
        if isinstance(link, ssl.SSLCertVerificationError):
            return _disbelieved(server, link)
        link = link.__cause__ or link.__context__
    return Unavailable(f"{server} cannot be reached ({type(error).__name__}).", "Try again.")


def _disbelieved(server: str, error: ssl.SSLCertVerificationError) -> Unavailable:
    if error.verify_code in _UNKNOWN_AUTHORITY:
        return Unavailable(
            f"The certificate of {server} is of no authority that this machine trusts.",
            "If it is your company's own, name its file in `network.ca_file` or SSL_CERT_FILE.",
        )
    reason = error.verify_message.rstrip(".")
    return Unavailable(f"The certificate of {server} is not right: {reason}.", "Tell whoever runs it.")
