"""The door to detect-secrets: its plugins' own patterns, loaded when a line first needs one."""

import re
from collections.abc import Iterator
from functools import cache
from importlib import import_module

from victor_server.secrets.judge.classify import judge_token
from victor_server.secrets.rule import Candidate, Rule, Span


def plugin_rule(rule_id: str, title: str, keywords: str, plugin: str, *, at_least: str) -> Rule:
    """A rule that goes by a plugin's patterns, `plugin` being `module.Class` below `detect_secrets.plugins`.

    For plugins whose patterns take linear time and match the secret and nothing else; few do. Importing
    detect-secrets takes a quarter of a second and 25 MB, so that it is asked only about a line with a match of
    `at_least`, which must match wherever the plugin would: documents about a format name its prefix often enough.
    """
    worth_asking = re.compile(at_least)

    def find(candidate: Candidate) -> Iterator[Span]:
        if not worth_asking.search(candidate.text, candidate.start, candidate.end):
            return
        for pattern in plugin_patterns(plugin):
            for match in pattern.finditer(candidate.text, candidate.start, candidate.end):
                tier = judge_token(match.group())
                if tier:
                    yield Span(match.start(), match.end(), tier)

    return Rule(rule_id, title, tuple(keywords.split()), plugin, find)


@cache
def plugin_patterns(plugin: str) -> tuple[re.Pattern[str], ...]:
    """The compiled patterns of one plugin. Nothing is verified: that is where plugins use the network."""
    import detect_secrets.plugins

    module, _, name = plugin.rpartition(".")
    return tuple(getattr(import_module(f"{detect_secrets.plugins.__name__}.{module}"), name).denylist)
