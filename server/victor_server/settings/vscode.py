"""Writes the settings that an editor may set into VS Code's manifest, `clients/vscode/package.json`."""

import json
from typing import Any

from victor_server.settings.names import Setting, all_settings

TITLE = "Victor: server"
"""The group in the settings editor that is generated; the others belong to the extension."""


def with_settings(manifest: str) -> str:
    """The manifest's text with the generated group as the schema says it, and all else as it was.

    A folder that the person does not trust sets none of the settings, of whichever group.
    """
    whole = json.loads(manifest)
    groups = whole["contributes"]["configuration"]
    mine = {"title": TITLE, "properties": properties()}
    groups = [each for each in groups if each["title"] != TITLE] + [mine]
    whole["contributes"]["configuration"] = groups
    limits = whole["capabilities"]["untrustedWorkspaces"]
    limits["restrictedConfigurations"] = [name for group in groups for name in group["properties"]]
    return json.dumps(whole, indent=2, ensure_ascii=False) + "\n"


def properties() -> dict[str, Any]:
    """Setting → what VS Code is told of it. No defaults: what is not set is the server's to decide, or settings.yaml's."""
    return {f"victor.{each.name}": _property(each) for each in all_settings() if each.by_editor}


def _property(setting: Setting) -> dict[str, Any]:
    schema = {name: value for name, value in setting.schema.items() if name not in ("title", "default")}
    if "const" in schema:
        schema["enum"] = [schema.pop("const")]
    return {
        **schema,
        "type": [schema["type"], "null"],
        "default": None,
        "scope": "window",
        "markdownDescription": setting.description,
    }
