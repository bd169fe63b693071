"""Property: whatever is private is never shown, by whichever way it comes."""

import asyncio
import sys
from collections.abc import Sequence
from dataclasses import replace

import pytest
from context_sources import MemoryEditor, MemoryIndex, context_of, definition, sources_of
from hypothesis import given, settings
from hypothesis import strategies as st
from repositories import make_repository, run_git, scratch_folder, write_tree

from victor_server.agent.context.sources import Buffer, Note, RankedSymbol, Selection
from victor_server.policy.private_files import PrivateFiles

MARK = "never-to-be-shown"
PRIVATE = (".env", "conf/.env.local", "keys/server.pem", "home/.ssh/config", "vault/plan.md", "VAULT/Plan.md")
PLAIN = ("app.py", "conf/app.yaml", "notes.md")
TASKS = ("chat", "explanation", "code_review", "commit_message")
paths = st.sampled_from([*PRIVATE, *PLAIN, "link.txt"])


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights on Windows")
@settings(deadline=None, max_examples=20)
@given(
    mentioned=st.lists(paths, max_size=4),
    opened=st.lists(paths, max_size=4, unique=True),
    selected=st.none() | paths,
    changed=st.sets(st.sampled_from([*PRIVATE, *PLAIN])),
    task=st.sampled_from(TASKS),
    trusted=st.booleans(),
)
def test_nothing_private_is_ever_shown(
    mentioned: Sequence[str],
    opened: Sequence[str],
    selected: str | None,
    changed: set[str],
    task: str,
    trusted: bool,
) -> None:
    """Mentioned, open, selected, reported, found, mapped or changed; behind a link, in other letters, by settings."""
    with scratch_folder() as folder:
        root = make_repository(
            folder / "work", {path: text_of(path) for path in (*PRIVATE, *PLAIN)}, tracked=(".",)
        )
        run_git(root, "commit", "-q", "-m", "x")
        write_tree(root, {path: text_of(path) + "changed\n" for path in changed})
        (root / "link.txt").symlink_to(root / ".env")
        (root / "AGENTS.md").symlink_to(root / "vault/plan.md")
        buffers = [
            Buffer(root / path, text_of(path), in_front=number == 0) for number, path in enumerate(opened)
        ]
        selection = None if selected is None else Selection(root / selected, 0, 1, text_of(selected))
        every = [*PRIVATE, *PLAIN, "link.txt"]
        editor = MemoryEditor(
            selection, buffers, [Note(root / path, 0, 0, "error", text_of(path)) for path in every]
        )
        index = MemoryIndex(
            {path: text_of(path) for path in every},
            [definition(path, "start", 0, 0) for path in every],
            [
                RankedSymbol(path, f"name of {path.rpartition('/')[2]}", "function", 0, 1.0)
                for path in PRIVATE
            ],
        )
        sources = replace(sources_of(editor, index, trusted=trusted), private=PrivateFiles(["vault/"]))
        prompt = " ".join(
            [*(f"@{path}" for path in mentioned), "@start @selection @diagnostics @diff never shown"]
        )
        context = asyncio.run(context_of(prompt, root, sources, task=task, budget=50_000))
    for piece in context.pieces:
        assert MARK not in piece.text
        assert piece.path not in (*PRIVATE, "link.txt")
        assert not any(path in piece.text for path in PRIVATE)


def text_of(path: str) -> str:
    """A file's text; a private one bears the mark."""
    return f"value = '{MARK}'\n" * 3 if path not in PLAIN else "def start(): pass\n" * 3


def test_a_folder_in_a_private_place() -> None:
    """A pattern that names folders above the one that is open counts in each part, the map of names too."""
    with scratch_folder() as folder:
        root = folder / "srv" / "customers"
        write_tree(root, {"acme/plan.py": text_of(".env"), "app.py": text_of("app.py")})
        index = MemoryIndex(
            {"acme/plan.py": text_of(".env")},
            [definition("acme/plan.py", "start", 0, 0)],
            [RankedSymbol("acme/plan.py", "start", "function", 0, 1.0)],
        )
        sources = replace(sources_of(MemoryEditor(), index), private=PrivateFiles(["/srv/customers/acme/"]))
        context = asyncio.run(context_of("start @acme/plan.py @start", root, sources, budget=50_000))
    assert not any(MARK in piece.text or "plan.py" in piece.text for piece in context.pieces)
    assert {out.kind for out in context.left_out if "private paths" in out.reason} >= {"file", "repo_map"}
