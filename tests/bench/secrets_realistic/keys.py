"""Private and public keys and certificates: blocks that have their shape and open nothing."""

import base64
from collections.abc import Callable
from random import Random

from bench.secrets_realistic import words

OPENSSH = "b3BlbnNzaC1rZXkt" + "djEAAAAABG5vbmUAAAAE"
PKCS8 = "MIIEvQIBADAN" + "BgkqhkiG9w0BAQEFAASC"


def pem(label: str, first: str) -> Callable[[Random, str], str]:
    """A writer of PEM blocks of `label`, whose base64 begins with `first`; its argument indents all lines but one."""

    def write(rng: Random, indent: str) -> str:
        body = _block(rng, rng.randint(10, 25), first=first)
        lines = [f"-----BEGIN {label}-----", *body, f"-----END {label}-----"]
        return ("\n" + " " * int(indent or 0)).join(lines)

    return write


def pem_escaped(rng: Random, _: str) -> str:
    """A private key as it stands inside a JSON string."""
    return pem("PRIVATE " + "KEY", PKCS8)(rng, "").replace("\n", "\\n") + "\\n"


def certificate_data(rng: Random, _: str) -> str:
    """A PEM certificate in base64, as in a kubeconfig."""
    return base64.b64encode(pem("CERTIFICATE", "MIID")(rng, "").encode()).decode()


def key_data(rng: Random, _: str) -> str:
    """A PEM private key in base64, as in a kubeconfig."""
    return base64.b64encode(pem("RSA PRIVATE " + "KEY", "MIIEow")(rng, "").encode()).decode()


def public_ssh(rng: Random, _: str) -> str:
    """A line of an authorized_keys file."""
    kind, head, n = rng.choice(
        [("ssh-rsa", "AAAAB3NzaC1yc2EAAAADAQAB", 270), ("ssh-ed25519", "AAAAC3NzaC1lZDI1NTE5AAAAI", 33)]
    )
    return f"{kind} {head}{base64.b64encode(rng.randbytes(n)).decode().rstrip('=')} {rng.choice(words.USERS)}@laptop"


def _block(rng: Random, n_lines: int, width: int = 64, first: str = "") -> list[str]:
    text = first + base64.b64encode(rng.randbytes(n_lines * width)).decode()
    return [text[start : start + width] for start in range(0, n_lines * width, width)] + [
        text[-rng.randint(20, 50) :] + "="
    ]
