"""`make generate`: rewrites the documents that are made from code; tests compare them."""

from pathlib import Path

from victor_server.lsp.extensions_doc import to_markdown
from victor_server.settings import profiles_reference
from victor_server.settings.reference import reference

DOCS = Path(__file__).parents[2] / "docs"


def main() -> None:
    """Write them all."""
    (DOCS / "lsp-extensions.md").write_text(to_markdown(), encoding="utf-8")
    (DOCS / "settings.md").write_text(reference(), encoding="utf-8")
    (DOCS / "profiles.md").write_text(profiles_reference.reference(), encoding="utf-8")
    (DOCS / "profiles.schema.json").write_text(profiles_reference.schema(), encoding="utf-8")


if __name__ == "__main__":
    main()
