"""What detect-secrets itself makes of a finding: the entries that its own plugins would write for the same secret."""

from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any

from victor_server.secrets.allow.entries import Document, Entry
from victor_server.secrets.allow.equivalents import is_marker
from victor_server.secrets.finding import Finding, fingerprint
from victor_server.secrets.judge.file_kind import FileKind, file_facts

MAX_LINE = 4_000
"""Of a longer line its plugins are not asked: some of their patterns take quadratic time."""

KEYWORD_TYPE = "Secret Keyword"


def new_document() -> Document:
    """An empty baseline with detect-secrets' own settings: its plugins and filters, none of which verifies anything."""
    from detect_secrets.__version__ import VERSION
    from detect_secrets.settings import Settings

    plugins = [{"name": name, **_plugin(name, {}).json()} for name in _classes()]
    filters = [{"path": path} for path in Settings().filters if path not in Settings.DEFAULT_FILTERS]
    filters.append(
        {"path": "detect_secrets.filters.common.is_baseline_file", "filename": ".secrets.baseline"}
    )
    return {
        "version": VERSION,
        "plugins_used": sorted(plugins, key=lambda plugin: str(plugin["name"].lower())),
        "filters_used": sorted(filters, key=lambda each: str(each["path"].lower())),
        "results": {},
    }


def entries_of(
    path: str, finding: Finding, text: str, plugins_used: Sequence[Any]
) -> tuple[list[Entry], bool]:
    """The entries by which detect-secrets knows a finding, and whether its scan finds all of them.

    They are what its plugins find where the finding begins, as far as a baseline uses them; if that is not the whole
    secret, one that its audit finds; else one that only we find. A baseline's custom plugins are files of the
    repository: they are not loaded.
    """
    start = finding.start - finding.start_column
    end = min(at for at in (text.find("\n", start), text.find("\r", start), len(text)) if at >= 0)
    line = text[start:end] if end - start <= MAX_LINE else ""
    place = (finding.start_column, min(finding.end, end) - start)
    used = _settings(plugins_used)
    found = set(_seen(path, line, place, used))
    is_found = any(value == finding.fingerprint or is_marker(kind, value) for kind, value in found)
    if not is_found:
        found.add(_as_audited(path, line, place, used, text[finding.start : finding.end]))
    return [
        Entry(kind, value, finding.line + 1, values=(finding.fingerprint,) if is_marker(kind, value) else ())
        for kind, value in sorted(found)
    ], is_found


def _settings(plugins_used: Sequence[Any]) -> dict[str, dict[str, Any]]:
    """The settings of detect-secrets' own plugins by their names."""
    named = [used for used in plugins_used if isinstance(used, dict) and isinstance(used.get("name"), str)]
    return {used["name"]: used for used in named if used["name"] in _classes()}


def _seen(path: str, line: str, place: tuple[int, int], used: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """(type, hash) of what the scan finds that touches a place in a line."""
    from detect_secrets.filters import heuristic

    if heuristic.is_indirect_reference(line):
        return
    for name, settings in used.items():
        plugin = _plugin(name, settings)
        for shown, (start, end) in _as_shown(path, line, place):
            for secret in plugin.analyze_line(filename=path, line=shown, line_number=1) or ():
                value = secret.secret_value
                if _touches(shown, value, start, end) and not _is_filtered(value, shown, plugin):
                    yield secret.type, fingerprint(value)


def _as_audited(
    path: str, line: str, place: tuple[int, int], used: dict[str, Any], whole: str
) -> tuple[str, str]:
    """(type, hash) of the shortest thing that holds the whole secret and that the audit, which looks harder, finds."""
    from detect_secrets.util.inject import call_function_with_arguments

    found = []
    for name, plugin_class in _classes().items():
        plugin = _plugin(name, used.get(name, {}))
        for shown, (start, end) in _as_shown(path, line, place):
            arguments = {"filename": path, "line": shown, "line_number": 1, "enable_eager_search": True}
            secrets = call_function_with_arguments(plugin.analyze_line, context=None, **arguments) or ()
            values = [secret.secret_value for secret in secrets]
            found += [
                (len(v), plugin_class.secret_type, v)
                for v in values
                if whole in v and _touches(shown, v, start, end)
            ]
    if not found:
        return KEYWORD_TYPE, fingerprint(whole)
    _, kind, value = min(found)
    return kind, fingerprint(value)


def _as_shown(path: str, line: str, place: tuple[int, int]) -> Iterator[tuple[str, tuple[int, int]]]:
    """The line as it is, and as detect-secrets rewrites those of configuration files: with the value in quotes."""
    start, end = place
    yield line, place
    if file_facts(path).kind is FileKind.CONFIG and line[start - 1 : start] not in {'"', "'"}:
        yield f'{line[:start]}"{line[start:end]}"{line[end:]}', (start + 1, end + 1)


def _touches(line: str, value: str, start: int, end: int) -> bool:
    at = line.find(value) if value else -1
    while at >= 0:
        if at < end and start < at + len(value):
            return True
        at = line.find(value, at + 1)
    return False


def _is_filtered(value: str, line: str, plugin: Any) -> bool:
    from detect_secrets.filters import heuristic

    checks = (
        heuristic.is_sequential_string,
        heuristic.is_potential_uuid,
        heuristic.is_templated_secret,
        heuristic.is_prefixed_with_dollar_sign,
        heuristic.is_not_alphanumeric_string,
    )
    return any(check(value) for check in checks) or bool(heuristic.is_likely_id_string(value, line, plugin))


def _plugin(name: str, settings: dict[str, Any]) -> Any:
    """A plugin with the limit that a baseline gives it; patterns in a baseline are not used: they may run for ever."""
    limit = settings.get("limit")
    is_number = isinstance(limit, int | float) and not isinstance(limit, bool)
    return _classes()[name](**({"limit": limit} if is_number and name.endswith("EntropyString") else {}))


@cache
def _classes() -> dict[str, Any]:
    """detect-secrets' own plugins by the names of their classes. Importing them takes a quarter of a second."""
    import detect_secrets.plugins
    from detect_secrets.core.plugins.util import _is_valid_plugin
    from detect_secrets.util.importlib import import_types_from_package

    types = import_types_from_package(detect_secrets.plugins, filter=lambda each: not _is_valid_plugin(each))
    return {plugin.__name__: plugin for plugin in types}
