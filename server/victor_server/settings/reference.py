"""Writes docs/settings.md from the schema: `python -m victor_server.settings.reference docs/settings.md`."""

import sys
from pathlib import Path

from victor_server.settings.names import Setting, all_settings, list_of
from victor_server.settings.resolved import default_settings, flatten

_INTRODUCTION = """\
# Settings

Every setting has a default, so there is nothing that must be written. `victor config show` prints what holds and
where it comes from; `victor doctor` says what is wrong.

## Where settings come from

A source further down overrules those above it, setting by setting.

1. The defaults in the table below.
2. `settings.yaml` in `VICTOR_HOME` (`~/.victor` unless the environment says otherwise).
3. `.victor/settings.yaml` of the repository, where its folder is trusted (`victor trust`). It sets no more than an
   editor may. With several folders open in one window, none of theirs counts.
4. Environment variables.
5. The editor: `initializationOptions`, then the section `victor` of its configuration.

```yaml
# ~/.victor/settings.yaml
index:
  exclude: ["*.min.js", "third_party/"]
  workers: 4
secrets:
  on_open: false
```

A wrong value or an unknown name does no harm to the rest: it is reported, with its line, and the source below
decides. Names may also be written with dots (`index.workers: 4`), as editors do.

## What can be set
"""


def reference() -> str:
    """The whole document."""
    values = flatten(default_settings(Path("VICTOR_HOME")))
    return _INTRODUCTION + "".join(_section(setting, values[setting.name]) for setting in all_settings())


def _section(setting: Setting, default: object) -> str:
    shown = "`~/.victor`" if setting.name == "home" else f"`{_as_yaml(default)}`"
    lines = [
        f"\n### `{setting.name}`\n",
        f"{setting.description}\n",
        f"* Values: {_values(setting)}",
        f"* Default: {shown}",
        f"* Environment: `{setting.environment}`",
    ]
    if not setting.by_editor:
        lines.append("* Not from an editor")
    return "\n".join(lines) + "\n"


def _values(setting: Setting) -> str:
    schema = setting.schema
    match schema["type"]:
        case "boolean":
            return "`true`, `false`"
        case "integer":
            upper = f" to {schema['maximum']:,}" if "maximum" in schema else ""
            return f"a whole number from {schema['minimum']:,}{upper}"
        case "number":
            return f"a number from {schema['minimum']:,}"
        case "array":
            return f"a list of {list_of(setting.name)}"
        case _:
            choices = schema.get("enum") or ([schema["const"]] if "const" in schema else [])
            return ", ".join(f"`{choice}`" for choice in choices) or _text(setting.name)


def _text(name: str) -> str:
    return "a name" if name == "sandbox.image" else "a path"


def _as_yaml(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if value is None:
        return "null"
    if isinstance(value, tuple):
        return f"[{', '.join(map(str, value))}]"
    return value.as_posix() if isinstance(value, Path) else str(value)


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(reference(), encoding="utf-8")
