"""Each type of secret as a plugin of detect-secrets.

Where detect-secrets has the type too, ours stands in its place under the same name and finds what both find. Nothing
is verified over the network for ours.
"""

import re
from collections.abc import Iterable, Iterator
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import detect_secrets.plugins
from detect_secrets.core.potential_secret import PotentialSecret
from detect_secrets.plugins.base import RegexBasedDetector
from detect_secrets.settings import get_settings
from detect_secrets.util.importlib import import_types_from_package

from victor_server.secrets.allow.companion import FromWholeFile
from victor_server.secrets.allow.named_file import read_named
from victor_server.secrets.rules.table import RULES
from victor_server.secrets.scanner import scan, scan_with_allowed

_ALLOW_FILTER = "detect_secrets.filters.allowlist.is_line_allowlisted"

Found = tuple[str, str, int]
"""(type, value, line from 1)"""


@cache
def plugin_classes() -> dict[str, Any]:
    """The classes by their names."""
    own = _own_plugins()
    classes = [_plugin_class(title, own.get(title)) for title in sorted({rule.title for rule in RULES})]
    return {plugin.__name__: plugin for plugin in classes}


class _Rules(FromWholeFile):
    """Finds the secrets of one type."""

    secret_type = ""

    def analyze_line(
        self,
        filename: str,
        line: str,
        line_number: int = 0,
        context: Any = None,
        enable_eager_search: bool = False,
    ) -> set[PotentialSecret]:
        """What to report with a line, see `FromWholeFile`; of a text without a file what stands in the line."""
        if not _in_file(filename) and not Path(filename).is_file():
            found = [each for each in _in_text(line, "", is_allowed_too=False) if each[0] == self.secret_type]
            return {PotentialSecret(kind, filename, value, line_number) for kind, value, _ in found}
        return self.secrets_of(filename, line_number, is_by_line=enable_eager_search or _is_about_allowed())

    def find(self, filename: str) -> Iterator[Found]:
        return (found for found in _in_file(filename) if found[0] == self.secret_type)


def _is_about_allowed() -> bool:
    """Whether lines with allow comments, and only those, are looked at: `--only-allowlisted`."""
    return _ALLOW_FILTER not in get_settings().filters


@lru_cache(maxsize=4)
def _in_file(filename: str) -> tuple[Found, ...]:
    text, _ = read_named(Path(filename))
    return tuple(_in_text(text or "", filename, is_allowed_too=_is_about_allowed()))


def _in_text(text: str, path: str, *, is_allowed_too: bool) -> Iterable[Found]:
    findings = scan_with_allowed(text, path) if is_allowed_too else scan(text, path)
    return [(finding.title, text[finding.start : finding.end], finding.line + 1) for finding in findings]


def _own_plugins() -> dict[str, Any]:
    """detect-secrets' plugins by the type that they find."""
    from detect_secrets.core.plugins.util import _is_valid_plugin

    found = import_types_from_package(detect_secrets.plugins, filter=lambda each: not _is_valid_plugin(each))
    return {plugin.secret_type: plugin for plugin in found}


def _plugin_class(title: str, own: Any) -> Any:
    if own is None:
        # That it goes by regular expressions tells detect-secrets that what it finds is no mere identifier.
        return type(_class_name(title), (_Rules, RegexBasedDetector), {"secret_type": title, "denylist": ()})

    takes_eager = "enable_eager_search" in own.analyze_line.__code__.co_varnames

    def analyze_line(
        self: Any,
        filename: str,
        line: str,
        line_number: int = 0,
        context: Any = None,
        enable_eager_search: bool = False,
    ) -> set[PotentialSecret]:
        eager = {"enable_eager_search": enable_eager_search} if takes_eager else {}
        found = own.analyze_line(self, filename, line, line_number, context, **eager) or set()
        return set(found) | _Rules.analyze_line(
            self, filename, line, line_number, context, enable_eager_search
        )

    return type(own.__name__, (own, _Rules), {"analyze_line": analyze_line})


def _class_name(title: str) -> str:
    return "Victor" + "".join(word[:1].upper() + word[1:] for word in re.findall(r"[A-Za-z0-9]+", title))
