"""The plugin's sources set no global, and read none but those of Lua and Neovim."""

import subprocess
from pathlib import Path

import pytest

pytestmark = pytest.mark.e2e

PLUGIN = Path(__file__).parents[2] / "clients" / "neovim"
FILES = sorted(file.relative_to(PLUGIN) for file in PLUGIN.rglob("*.lua"))
KNOWN = {
    "assert",
    "coroutine",
    "debug",
    "error",
    "ipairs",
    "math",
    "next",
    "package",
    "pairs",
    "pcall",
    "rawget",
}
KNOWN |= {"require", "select", "table", "tonumber", "tostring", "type", "unpack", "vim"}
GLOBALS = r"""
local util = require("jit.util")
local GET, SET = 54, 55
local function tell(func, file)
  for at = 1, util.funcinfo(func).bytecodes - 1 do
    local code = util.funcbc(func, at)
    local what = bit.band(code, 0xff)
    if what == GET or what == SET then
      local name = util.funck(func, -bit.rshift(code, 16) - 1)
      io.stdout:write(("%s\t%s\t%s\n"):format(file, what == SET and "set" or "get", name))
    end
  end
  local at = -1
  while util.funck(func, at) ~= nil do
    if type(util.funck(func, at)) == "proto" then
      tell(util.funck(func, at), file)
    end
    at = at - 1
  end
end
for _, file in ipairs(arg) do
  tell(assert(loadfile(file)), file)
end
tell(loadstring("a_global = another_global"), "probe")
"""


def test_nothing_is_set_for_all_to_see(neovim: Path, tmp_path: Path) -> None:
    """A forgotten `local` would share a name with every other plugin; read from what the compiler made of the files."""
    script = tmp_path / "globals.lua"
    script.write_text(GLOBALS, encoding="utf-8")
    command = [str(neovim), "--clean", "-l", str(script), *map(str, FILES)]
    ran = subprocess.run(command, cwd=PLUGIN, check=True, capture_output=True, text=True, timeout=60)
    told = [line.split("\t") for line in ran.stdout.splitlines()]
    probes = [found[1:] for found in told if found[0] == "probe"]
    assert sorted(probes) == [["get", "another_global"], ["set", "a_global"]], "it would find none"
    wrong = [found for found in told if found[0] != "probe" and (found[1] == "set" or found[2] not in KNOWN)]
    assert wrong == []
