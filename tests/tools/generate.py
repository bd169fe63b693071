"""`make generate`: rewrites the files that are made from code; tests compare them."""

import sys
from collections.abc import Callable, Mapping
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from tools.protocol_doc import protocol_document

from victor_server.lsp.extensions_doc import to_markdown
from victor_server.lsp.mirrors.lua import to_lua
from victor_server.lsp.mirrors.typescript import to_typescript
from victor_server.settings import profiles_reference
from victor_server.settings.reference import reference
from victor_server.settings.vscode import with_settings
from victor_server.team.configuration import reference as team_reference

ROOT = Path(__file__).parents[2]
MANIFEST = ROOT / "clients/vscode/package.json"

GENERATED: Mapping[str, Callable[[], str]] = {
    "docs/lsp-extensions.md": to_markdown,
    "docs/settings.md": reference,
    "docs/profiles.md": profiles_reference.reference,
    "docs/profiles.schema.json": profiles_reference.schema,
    "docs/protocol.md": protocol_document,
    "docs/team-config.md": team_reference.reference,
    "docs/team-config.schema.json": team_reference.schema,
    "clients/vscode/src/protocol.ts": to_typescript,
    "clients/vscode/package.json": lambda: with_settings(MANIFEST.read_text(encoding="utf-8")),
    "clients/neovim/lua/victor/protocol.lua": to_lua,
}
"""Path in the repository → what it holds."""


def main() -> None:
    """Write them all."""
    for path, content in GENERATED.items():
        (ROOT / path).parent.mkdir(parents=True, exist_ok=True)
        (ROOT / path).write_text(content(), encoding="utf-8")


if __name__ == "__main__":
    main()
