"""Decides which files never leave this machine, by their paths."""

import posixpath
import re
from collections.abc import Iterator, Sequence

from victor_indexer.scan.gitignore import Rules, rules_from_patterns

ALWAYS_PRIVATE = (
    "id_rsa*",
    "id_dsa*",
    "id_ecdsa*",
    "id_ed25519*",
    "!*.pub",
    ".env",
    ".env.*",
    "*.env",
    ".envrc",
    "!.env.example",
    "!.env.sample",
    "!.env.template",
    "!.env.dist",
    "!example.env",
    "!sample.env",
    "*.pem",
    "*.key",
    "*.p8",
    "*.p12",
    "*.pfx",
    "*.pkcs12",
    "*.jks",
    "*.jceks",
    "*.keystore",
    "*.bks",
    "*.ppk",
    "*.kdb",
    "*.kdbx",
    "*.keychain",
    "*.keychain-db",
    "*.ovpn",
    "*.gpg",
    "*.pgp",
    "*.tfstate",
    "*.tfstate.*",
    "*.tfvars",
    "*.publishsettings",
    ".netrc",
    "_netrc",
    ".pgpass",
    "pgpass.conf",
    ".my.cnf",
    ".mylogin.cnf",
    ".pypirc",
    ".npmrc",
    ".yarnrc.yml",
    ".htpasswd",
    ".git-credentials",
    ".dockercfg",
    ".s3cfg",
    ".boto",
    ".vault-token",
    ".vault_pass*",
    "kubeconfig",
    "*.kubeconfig",
    "credentials.json",
    "client_secret*.json",
    "service-account*.json",
    "service_account*.json",
    "application_default_credentials.json",
    "**/.docker/config.json",
    "**/.kube/config",
    "**/.cargo/credentials.toml",
    "**/.gem/credentials",
    "**/.config/gh/hosts.yml",
    "**/gcloud/credentials.db",
    "**/gcloud/access_tokens.db",
    "wallet.dat",
)
"""Files that hold keys and passwords by what they are. Nobody's settings take one back."""

ALWAYS_PRIVATE_FOLDERS = (".ssh", ".gnupg", ".secrets", ".aws", ".azure")
"""Folders in which every file is one of those."""

_STREAM = re.compile(r":.*", re.DOTALL)


class PrivateFiles:
    """The files that are private by `ALWAYS_PRIVATE` or by `patterns`, in the syntax of `.gitignore`.

    Letters of either case count as the same, because on many systems they are. `patterns` may take back what stands
    before them among themselves. Immutable; a question takes time that grows with the length of the path.
    """

    def __init__(self, patterns: Sequence[str] = ()) -> None:
        self._always = _rules(ALWAYS_PRIVATE)
        self._folders = _rules(ALWAYS_PRIVATE_FOLDERS)
        self._patterns = _rules(patterns)
        self._anywhere = _rules(list(_from_any_folder(patterns)))

    def why(self, path: str) -> str:
        """Why the file must not be sent, as the end of a sentence; "" if it may be.

        `path` is relative to the workspace, with `/`, or absolute: then every folder on the way may be the workspace.
        Links are the caller's to follow: ask for the path as it is written and as it is on disk.
        """
        patterns = self._anywhere if _is_absolute(path) else self._patterns
        for candidate in _spellings(path):
            always = _match_file(self._always, candidate) or _match_folder(self._folders, candidate)
            if always:
                return f"files like `{always}` never leave this machine"
            found = _match_folder(patterns, candidate) or _match_file(patterns, candidate)
            if found:
                return f"`{found}` in the private paths covers it"
        return ""


def _rules(patterns: Sequence[str]) -> Rules | None:
    # A class of capitals must go on to match when all letters are small.
    lowered = [pattern.lower().replace("[:upper:]", "[:alpha:]") for pattern in patterns]
    return rules_from_patterns(lowered, "")


def _from_any_folder(patterns: Sequence[str]) -> Iterator[str]:
    """The patterns for a path of which nobody knows where the workspace begins: what they cover below any folder.

    What takes something back in one place only is left out: it is that place in one workspace and not in another.
    """
    for pattern in patterns:
        is_anchored = "/" in pattern.rstrip("/")
        if not is_anchored:
            yield pattern
        elif not pattern.startswith("!"):
            yield f"**/{pattern.lstrip('/')}"


def _is_absolute(path: str) -> bool:
    plain = posixpath.normpath(path.replace("\\", "/"))
    return plain.startswith(("/", "..")) or plain[1:2] == ":"


def _spellings(path: str) -> dict[str, None]:
    """Every path that `path` may mean on some system, as a set with an order."""
    found: dict[str, None] = {}
    text = path.lower()
    for written in (text, text.replace("\\", "/")):
        parts = [part for part in posixpath.normpath(written).split("/") if part not in ("", ".", "..")]
        # What a system takes for the same name: Windows drops dots and spaces at the end, and what follows a colon.
        bare = [_STREAM.sub("", part).rstrip(". ") or part for part in parts]
        found |= dict.fromkeys(("/".join(parts), "/".join(bare)))
    return found


def _match_folder(rules: Rules | None, path: str) -> str:
    """The pattern that covers a folder on the way to a file, and so the file; "" for none."""
    ends = (at for at, char in enumerate(path) if char == "/")
    return next((found for end in ends if (found := _match(rules, path[:end], is_dir=True))), "")


def _match_file(rules: Rules | None, path: str) -> str:
    return _match(rules, path, is_dir=False)


def _match(rules: Rules | None, path: str, *, is_dir: bool) -> str:
    rule = rules.match(path, is_dir=is_dir) if rules is not None else None
    return rule.text if rule is not None and not rule.negated else ""
