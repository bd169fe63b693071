"""The plugin's help says all that there is, and its tags can be jumped to."""

import re
import shutil
from pathlib import Path

import pytest
from nvim_plugin import Open, leave
from nvim_window import Window

pytestmark = pytest.mark.e2e

PLUGIN = Path(__file__).parents[2] / "clients" / "neovim"
NAMES = {
    "subcommands": "return vim.tbl_keys(require('victor.commands').table)",
    "highlights": "return vim.tbl_keys(require('victor.highlights').links)",
    "options": "return vim.tbl_keys(require('victor.config').KINDS)",
    "mappings": (
        "return vim.tbl_map(function(each) return each.lhs end, vim.tbl_filter(function(each)"
        " return vim.startswith(each.lhs, '<Plug>(victor-') end,"
        " vim.list_extend(vim.api.nvim_get_keymap('n'), vim.api.nvim_get_keymap('x'))))"
    ),
}


def names(window: Window, kind: str) -> set[str]:
    """What the plugin really has of a kind."""
    found = set(window.lua(NAMES[kind]))
    assert found
    return found


def test_the_help_names_all_that_there_is(open_plugin: Open, tmp_path: Path) -> None:
    """Subcommands, mappings, options and highlight groups: none is missing, and none is there that does not exist."""
    window = open_plugin(enabled=False)
    text = (PLUGIN / "doc" / "victor.txt").read_text(encoding="utf-8")
    assert set(re.findall(r"\*:Victor-(\w+)\*", text)) == names(window, "subcommands")
    assert set(re.findall(r"^(<Plug>\S+)", text, re.MULTILINE)) == names(window, "mappings")
    section = text.partition("*victor-highlights*")[2].partition("====")[0]
    assert set(re.findall(r"^(Victor\w+) ", section, re.MULTILINE)) == names(window, "highlights")
    section = text.partition("*victor-options*")[2].partition("====")[0]
    assert set(re.findall(r"^(\w+)  +\S", section, re.MULTILINE)) == names(window, "options")
    shutil.copytree(PLUGIN / "doc", tmp_path / "help" / "doc", ignore=shutil.ignore_patterns("tags"))
    window.lua("vim.cmd.helptags(...)", str(tmp_path / "help" / "doc"))
    tags = {line.split("\t")[0] for line in (tmp_path / "help/doc/tags").read_text().splitlines()}
    links = set(re.findall(r"\|(:?[vV]ictor[-\w.:]+|require\S+?)\|", text))
    assert links - tags == set()
    leave(window)


def test_every_subcommand_is_completed_and_can_be_run(open_plugin: Open) -> None:
    """Completion lists all of them and what follows; each leads to a function that is there."""
    window = open_plugin(enabled=False)
    complete = "return vim.fn.getcompletion(..., 'cmdline')"
    assert set(window.lua(complete, "Victor ")) == names(window, "subcommands")
    assert window.lua(complete, "Victor index re") == ["rebuild", "resume"]
    assert window.lua(complete, "Victor mode ") == ["ask", "build", "plan"]
    assert window.lua(complete, "'<,'>Victor acc") == ["accept"]
    missing = window.lua(
        "return vim.tbl_filter(function(name) local row = require('victor.commands').table[name]"
        " return type(require(row.module)[row.run]) ~= 'function' end, vim.tbl_keys(require('victor.commands').table))"
    )
    assert missing == []
    leave(window)


def test_no_key_is_mapped_and_nothing_is_loaded(open_plugin: Open) -> None:
    """A start costs next to nothing: only what defines the command, and no mapping but <Plug>."""
    window = open_plugin(enabled=False)
    mapped = window.lua(
        "local found = {} for _, mode in ipairs({ 'n', 'x', 'i', 'o', 't', 'c' }) do"
        " for _, each in ipairs(vim.api.nvim_get_keymap(mode)) do"
        " if not vim.startswith(each.lhs, '<Plug>') and (each.desc or ''):find('Victor') then"
        " table.insert(found, each.lhs) end end end return found"
    )
    assert mapped == []
    loaded = window.lua(
        "return vim.tbl_filter(function(name) return vim.startswith(name, 'victor') end, vim.tbl_keys(package.loaded))"
    )
    assert loaded == ["victor.highlights"]
    leave(window)


def test_every_file_compiles_and_says_what_it_is_for(open_plugin: Open) -> None:
    """Each Lua file is valid in this version's Lua, and opens with a sentence."""
    window = open_plugin(enabled=False)
    files = sorted(path for path in PLUGIN.rglob("*.lua"))
    assert len(files) > 30
    assert [path.name for path in files if not path.read_text(encoding="utf-8").startswith("--- ")] == []
    problems = window.lua(
        "local found = {} for _, path in ipairs(...) do local made, why = loadfile(path)"
        " if not made then table.insert(found, why) end end return found",
        [str(path) for path in files],
    )
    assert problems == []
    leave(window)
